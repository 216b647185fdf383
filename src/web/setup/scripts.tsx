import { Alert, Badge, Button, Modal } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import type { ObjectMeta } from '../../protocol/crm.ts';
import { scriptProblems, type ScriptSurroundings } from '../../protocol/script-check.ts';
import { type Script, ScriptInput, ScriptRun, type ScriptStep } from '../../protocol/scripts.ts';
import { api } from '../ui/api.ts';
import { ScriptRunView } from '../ui/script-run.tsx';
import { errorText } from '../ui/states.tsx';
import { DateTime } from '../ui/time.tsx';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid, SwitchField, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { OneRecord } from './one-record.tsx';
import { Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { useAnswer, useChange, useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';
import { ScriptSteps } from './script-steps.tsx';

const NOUN = 'scripts';

function useScripts() {
  return useRecords<Script>(NOUN);
}

/** What agents are led through while they talk. */
export function ScriptsPage() {
  return (
    <ListPage
      title="Agent scripts"
      one="script"
      intro="What an agent says and asks, screen by screen, beside the caller’s record. A softphone layout makes a script pop."
      query={useScripts()}
      path={(script) => `/${NOUN}/${script.id}`}
      newPath={`/${NOUN}/new`}
      words={(script) => `${script.label} ${script.name} ${script.description}`}
      empty="A script leads agents through a call: what to say, what to ask, what to write down. Its answers are kept with the call."
      columns={[
        { label: 'Name', show: (script) => script.label },
        { label: 'State', show: (script) => <State script={script} /> },
        { label: 'Steps', align: 'right', show: (script) => script.steps.length },
        { label: 'Changed', show: (script) => <DateTime at={script.changedAt} /> },
      ]}
    />
  );
}

function State({ script: { active, problems } }: { script: Script }) {
  const wrong = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return (
    <Badge variant="light" color={problems.length > 0 ? 'warn' : active ? 'ok' : 'gray'}>
      {problems.length > 0 ? `${active ? 'Active' : 'Draft'}, ${wrong}` : active ? 'Active' : 'Draft'}
    </Badge>
  );
}

/** One script. */
export function ScriptForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useScripts()} id={id} what="script">
      {(script) => <Editor script={script} />}
    </OneRecord>
  );
}

const FIRST: ScriptStep[] = [
  {
    id: 'welcome',
    kind: 'screen',
    title: 'Welcome',
    text: 'Hello {record:caller.Name}, how can I help you?',
    fields: [],
    next: null,
  },
];

function Editor({ script }: { script: Script | undefined }) {
  const save = useSaveRecord<Script>(NOUN, script?.id);
  const objects = useAnswer<ObjectMeta[]>('/api/crm/objects').data;
  const { label, name, description, active, steps } = script ?? {
    label: '',
    name: '',
    description: '',
    active: false,
    steps: FIRST,
  };
  const form = useForm<ScriptInput>({
    base: { label, name, description, active, steps },
    schema: ScriptInput,
    save: (values) => save.mutateAsync(values),
  });
  const problems = scriptProblems(form.values, surroundings(objects));
  return (
    <Page
      title={script?.label ?? 'New script'}
      parent={{ label: 'Agent scripts', path: `/${NOUN}` }}
      badge={script && <State script={{ ...script, problems }} />}
    >
      <FormPage
        form={form}
        what="this script"
        back={`/setup/${NOUN}`}
        createdAt={script ? undefined : `/setup/${NOUN}`}
        removal={useRemoval(script)}
        actions={script && <Try script={script} dirty={form.dirty} />}
      >
        <Section title="The script">
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus={!script} />
            <TextField
              form={form}
              name="name"
              label="API name"
              required
              help="By which Open CTI adapters name it: letters, digits and _."
            />
            <TextField form={form} name="description" label="Description" />
            <SwitchField
              form={form}
              name="active"
              label="Active"
              help={
                problems.length > 0
                  ? 'Mend what is marked below first; as a draft it can be saved as it is.'
                  : 'Calls that begin from then on get it; who is in it goes on with the version he began with.'
              }
            />
          </FieldGrid>
        </Section>
        <Section
          title="Steps"
          intro="The first step begins. Texts may have placeholders: {ANI}, {data:key}, {answer:name}, {record:caller.Phone}."
        >
          <ScriptSteps
            steps={form.values.steps}
            objects={objects ?? []}
            problems={problems}
            error={(path) => form.error(`steps.${path}`)}
            onChange={(next) => form.set('steps', next)}
          />
        </Section>
      </FormPage>
    </Page>
  );
}

function surroundings(objects: ObjectMeta[] | undefined): ScriptSurroundings {
  if (!objects) return {};
  return {
    fieldsOf: (object) => {
      const meta = objects.find(({ name }) => name === object);
      return meta && new Set(meta.fields.map(({ name }) => name));
    },
  };
}

/** Runs the script as it is saved, without a call. */
function Try({ script, dirty }: { script: Script; dirty: boolean }) {
  const [run, setRun] = useState<ScriptRun>();
  const begin = useChange(() =>
    api<ScriptRun>(`/api/scripts/${script.id}/try`, { method: 'POST', schema: ScriptRun }),
  );
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconPlayerPlay size={14} />}
        disabled={dirty}
        title={dirty ? 'Save it first: what is saved is tried.' : undefined}
        loading={begin.isPending}
        onClick={() => begin.mutate(undefined, { onSuccess: setRun })}
        data-testid="try"
      >
        Try it
      </Button>
      {begin.isError && (
        <Alert color="stop" variant="light" p="xs" role="alert">
          {errorText(begin.error)}
        </Alert>
      )}
      <Modal
        opened={run !== undefined}
        onClose={() => setRun(undefined)}
        title={`${script.label}, without a call`}
      >
        {run && <ScriptRunView run={run} onRun={setRun} />}
      </Modal>
    </>
  );
}

function useRemoval(script: Script | undefined): Removal | undefined {
  const remove = useRemoveRecord(NOUN);
  return (
    script && {
      what: `the script “${script.label}”`,
      blocked: script.active && 'It is active. Make it a draft and save it first.',
      consequences: ['Agents who are in it can finish it.', 'What was answered stays with its calls.'],
      run: () => remove.mutateAsync(script.id),
    }
  );
}
