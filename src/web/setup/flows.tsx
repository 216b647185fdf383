import { Badge, Radio } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { Flow, FlowFields, type FlowSummary } from '../../protocol/flows.ts';
import type { BusinessHours } from '../../protocol/hours.ts';
import type { ShownQueue } from '../../protocol/setup.ts';
import { api } from '../ui/api.ts';
import { useMe } from '../ui/me-context.ts';
import { DateTime } from '../ui/time.tsx';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid, TextField } from './fields.tsx';
import { FlowRecordingsPart, FlowSecretsPart } from './flow-materials.tsx';
import { FLOW_TEMPLATES } from './flow-templates.ts';
import classes from './flows.module.css';
import { FormPage } from './form-page.tsx';
import { Loaded, Loading, Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { useRecords, useSaveRecord } from './resource.ts';

const NOUN = 'flows';

/** The canvas and its library come with the first flow that is opened: no other page of Setup pays for them. */
const FlowEditorPage = lazy(() =>
  import('./flow-editor/editor.tsx').then((module) => ({ default: module.FlowEditorPage })),
);

/** The dialogues that callers have before somebody answers. */
export function FlowsPage() {
  const mayChange = useMe().roles.includes('administrator');
  return (
    <ListPage
      title="Flows"
      one="flow"
      intro="What a caller hears and is asked before somebody answers: greetings, menus, account numbers, opening hours."
      query={useRecords<FlowSummary>(NOUN)}
      path={(flow) => `/${NOUN}/${flow.id}`}
      newPath={`/${NOUN}/new`}
      words={(flow) => `${flow.label} ${flow.description}`}
      empty="A flow is drawn, tried here without a telephone, and published; then a number leads to it."
      columns={[
        { label: 'Name', show: (flow) => flow.label },
        { label: 'State', show: (flow) => <State flow={flow} /> },
        { label: 'Used by', show: (flow) => flow.usedBy.join(', ') || '–' },
        { label: 'Changed', show: (flow) => <DateTime at={flow.changedAt} /> },
      ]}
      below={
        mayChange && (
          <>
            <FlowRecordingsPart />
            <FlowSecretsPart />
          </>
        )
      }
    />
  );
}

function State({ flow: { published, edited } }: { flow: FlowSummary }) {
  const text =
    published === null ? 'Draft' : edited ? `Version ${published}, newer draft` : `Version ${published}`;
  return (
    <Badge variant="light" color={published === null ? 'gray' : edited ? 'warn' : 'ok'}>
      {text}
    </Badge>
  );
}

/** One flow: on the canvas where it is there, begun from a template where it is new. */
export function FlowForm({ id }: { id: string | undefined }) {
  return id === undefined ? <BeginFlow /> : <DrawFlow id={id} />;
}

/** Read once and never out of a cache: from then on the editor knows better. */
function DrawFlow({ id }: { id: string }) {
  const flow = useQuery({
    queryKey: ['flow', id],
    queryFn: ({ signal }) => api<Flow>(`/api/${NOUN}/${encodeURIComponent(id)}`, { signal, schema: Flow }),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Loaded query={flow}>
      {(loaded) => (
        <Suspense fallback={<Loading />}>
          <FlowEditorPage flow={loaded} />
        </Suspense>
      )}
    </Loaded>
  );
}

function BeginFlow() {
  const save = useSaveRecord<Flow>(NOUN, undefined);
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  const hours = useRecords<BusinessHours>('business-hours', { field: 'hours' }).data ?? [];
  const [chosen, setChosen] = useState('empty');
  const form = useForm({
    base: { label: '', description: '' },
    schema: FlowFields,
    save: (values) => {
      const template = FLOW_TEMPLATES.find(({ name }) => name === chosen);
      const named = { queues: queues.map(({ id }) => id), hours: hours.map(({ id }) => id) };
      return save.mutateAsync({ ...values, document: template?.make(named) });
    },
  });
  return (
    <Page title="New flow" parent={{ label: 'Flows', path: `/${NOUN}` }}>
      <FormPage
        form={form}
        what="this flow"
        back={`/setup/${NOUN}`}
        createdAt={`/setup/${NOUN}`}
        saveLabel="Create and draw"
      >
        <Section title="The flow">
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus />
            <TextField form={form} name="description" label="Description" />
          </FieldGrid>
        </Section>
        <Section
          title="Begin with"
          intro="A beginning to change as you like: everything in it can be taken out again."
        >
          <Radio.Group value={chosen} onChange={setChosen} aria-label="Begin with">
            <div className={classes.templates}>
              {FLOW_TEMPLATES.map(({ name, label, what }) => (
                <Radio.Card
                  key={name}
                  value={name}
                  className={classes.template}
                  data-testid={`template-${name}`}
                >
                  <Radio.Indicator />
                  <span>
                    <span className={classes.name}>{label}</span>
                    <span className={classes.what}>{what}</span>
                  </span>
                </Radio.Card>
              ))}
            </div>
          </Radio.Group>
        </Section>
      </FormPage>
    </Page>
  );
}
