import { Alert, Button, Group, Select, Stack, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { ObjectMeta } from '../../protocol/crm.ts';
import {
  type Directory,
  type DirectoryEntryPage,
  DirectoryInput,
  DirectorySource,
} from '../../protocol/directories.ts';
import { CodedError } from '../../protocol/errors.ts';
import { api } from '../ui/api.ts';
import { useMe } from '../ui/me-context.ts';
import { errorText } from '../ui/states.tsx';
import { useForm } from '../ui/use-form.ts';
import { EntryButton } from './directory-entry.tsx';
import { FieldGrid, SelectField, TextField } from './fields.tsx';
import { FormPage, RemoveButton, type Removal } from './form-page.tsx';
import { MultiSelectField } from './multi-select-field.tsx';
import { OneRecord } from './one-record.tsx';
import { Loaded, Page, Section } from './page.tsx';
import { ListPage, RecordTable } from './record-table.tsx';
import { SelfSaving } from './self-saving.tsx';
import { useAnswer, useChange, useRecords, useRemoveRecord, useSaveRecord } from './resource.ts';

const NOUN = 'directories';

/** Numbers that agents find beside those of users and records. */
export function DirectoriesPage() {
  return (
    <ListPage
      title="Directories"
      one="directory"
      intro="Numbers that agents find when they dial, transfer or ask: partners, rooms, other offices. Users and the CRM’s phone fields are found by themselves."
      query={useRecords<Directory>(NOUN)}
      path={(directory) => `/${NOUN}/${directory.id}`}
      newPath={`/${NOUN}/new`}
      empty="There is no directory."
      columns={[
        { label: 'Name', show: (directory) => directory.label },
        {
          label: 'Entries',
          show: ({ standard, entries }) => (standard ? 'Made by itself' : entries),
          align: 'right',
        },
      ]}
    />
  );
}

/** One directory with its entries. */
export function DirectoryForm({ id }: { id: string | undefined }) {
  return (
    <OneRecord query={useRecords<Directory>(NOUN)} id={id} what="directory">
      {(directory) => (directory?.standard ? <Standard {...directory} /> : <Editor directory={directory} />)}
    </OneRecord>
  );
}

const PARENT = { label: 'Directories', path: `/${NOUN}` };

function Standard({ label, standard }: Directory) {
  return (
    <Page title={label} parent={PARENT}>
      {standard === 'crm' ? (
        <RecordSource />
      ) : (
        <Text size="sm">All users who take calls, with their extensions. Nothing needs to be set here.</Text>
      )}
    </Page>
  );
}

const SOURCE = '/api/directory-source';

/** Which phone fields of the CRM agents find, own objects' among them. */
function RecordSource() {
  const source = useAnswer<DirectorySource>(SOURCE);
  const objects = useAnswer<ObjectMeta[]>('/api/crm/objects');
  return (
    <Section
      title="What agents find"
      intro="Records of the CRM that have a telephone number, each as the agent may see it."
    >
      <Loaded query={source}>
        {(now) => <Loaded query={objects}>{(metas) => <SourceForm source={now} objects={metas} />}</Loaded>}
      </Loaded>
    </Section>
  );
}

function SourceForm({ source, objects }: { source: DirectorySource; objects: ObjectMeta[] }) {
  const save = useChange<DirectorySource, DirectorySource>((body) => api(SOURCE, { method: 'PUT', body }));
  const form = useForm({
    base: source,
    schema: DirectorySource,
    save: (values) => save.mutateAsync(values),
  });
  const choices = objects.flatMap(({ name, label, fields }) =>
    fields
      .filter(({ type }) => type === 'phone')
      .map((field) => ({ value: `${name}.${field.name}`, label: `${label}: ${field.label}` })),
  );
  return (
    <SelfSaving form={form} what="what agents find">
      <FieldGrid>
        <MultiSelectField
          form={form}
          name="fields"
          label="Phone fields"
          help="None: every phone field of every object."
          placeholder="Every phone field"
          choices={choices}
        />
      </FieldGrid>
    </SelfSaving>
  );
}

function Editor({ directory }: { directory: Directory | undefined }) {
  const centers = useRecords<{ id: string; displayName: string }>('call-centers');
  const save = useSaveRecord<Directory>(NOUN, directory?.id);
  const remove = useRemoveRecord(NOUN);
  const form = useForm({
    base: { label: directory?.label ?? '', callCenterId: directory?.callCenterId ?? null },
    schema: DirectoryInput,
    save: (values, changed) => save.mutateAsync(directory ? changed : values),
  });
  const removal: Removal | undefined = directory && {
    what: `the directory “${directory.label}”`,
    consequences: [`Its entries (${directory.entries}) go with it.`],
    run: () => remove.mutateAsync(directory.id),
  };
  return (
    <Page title={directory?.label ?? 'New directory'} parent={PARENT}>
      <FormPage
        form={form}
        what="this directory"
        back={`/setup/${NOUN}`}
        createdAt={directory ? undefined : `/setup/${NOUN}`}
        removal={removal}
        below={directory && <Entries id={directory.id} />}
      >
        <Section title="The directory">
          <FieldGrid>
            <TextField form={form} name="label" label="Name" required autoFocus={!directory} />
            <SelectField
              form={form}
              name="callCenterId"
              label="Call center"
              nullable
              placeholder="All"
              help="Only its agents find these numbers."
              choices={(centers.data ?? []).map((center) => ({
                value: center.id,
                label: center.displayName,
              }))}
            />
          </FieldGrid>
        </Section>
      </FormPage>
    </Page>
  );
}

function Entries({ id }: { id: string }) {
  const page = useAnswer<DirectoryEntryPage>(`/api/${NOUN}/${encodeURIComponent(id)}/entries?limit=200`);
  const mayChange = useMe().roles.includes('administrator');
  const remove = useChange<void, string>((entry) =>
    api<void>(`/api/${NOUN}/${encodeURIComponent(id)}/entries/${encodeURIComponent(entry)}`, {
      method: 'DELETE',
    }),
  );
  return (
    <Section title="Entries" actions={mayChange && <EntryButton directoryId={id} />}>
      {mayChange && <Import id={id} />}
      <Loaded query={page}>
        {({ entries, total }) =>
          total === 0 ? (
            <Text size="sm">There are no entries yet: write one, or paste a table.</Text>
          ) : (
            <>
              <RecordTable
                caption="Entries"
                records={entries}
                columns={[
                  { label: 'Name', show: (entry) => entry.name },
                  {
                    label: 'Numbers',
                    show: ({ numbers }) =>
                      numbers.map(({ label, phone }) => (label ? `${label} ${phone}` : phone)).join(', '),
                  },
                  { label: 'Description', show: (entry) => entry.description },
                  {
                    label: 'Change',
                    show: (entry) =>
                      mayChange && (
                        <Group gap={4} wrap="nowrap">
                          <EntryButton directoryId={id} entry={entry} />
                          <RemoveButton
                            compact
                            removal={{
                              what: entry.name,
                              consequences: ['Agents do not find it any more.'],
                              run: () => remove.mutateAsync(entry.id),
                            }}
                          />
                        </Group>
                      ),
                  },
                ]}
              />
              {total > entries.length && (
                <Text size="xs">
                  The first {entries.length} of {total}.
                </Text>
              )}
            </>
          )
        }
      </Loaded>
    </Section>
  );
}

/** A pasted table: all of it is taken, or the wrong rows are named and nothing is. */
function Import({ id }: { id: string }) {
  const [csv, setCsv] = useState('');
  const [mode, setMode] = useState('add');
  const [refusal, setRefusal] = useState<unknown>();
  const send = useChange<{ imported: number }>(() =>
    api(`/api/${NOUN}/${encodeURIComponent(id)}/import`, { body: { csv, mode } }),
  );
  const run = async () => {
    setRefusal(undefined);
    try {
      const { imported } = await send.mutateAsync();
      notifications.show({
        color: 'ok',
        message: `${imported === 1 ? '1 entry' : `${imported} entries`} imported.`,
      });
      setCsv('');
    } catch (error) {
      setRefusal(error);
    }
  };
  const problems = refusal instanceof CodedError ? refusal.data.problems : undefined;
  return (
    <Stack gap="xs" mb="md">
      <Textarea
        size="xs"
        label="Paste a table"
        description="From a spreadsheet or as CSV. The first row names the columns: name, description, and one per number, such as phone or mobile."
        placeholder={'name,phone,mobile,description\nDora Dean,020 7946 0001,07700 900001,Acme'}
        autosize
        minRows={3}
        maxRows={12}
        value={csv}
        onChange={({ currentTarget }) => setCsv(currentTarget.value)}
        data-testid="import-csv"
      />
      {Boolean(refusal) && (
        <Alert color="stop" variant="light" p="xs" role="alert" data-testid="import-error">
          {problems ? (
            <>
              Nothing was imported.
              {String(problems)
                .split('\n')
                .map((problem) => (
                  <div key={problem}>{problem}</div>
                ))}
            </>
          ) : (
            errorText(refusal)
          )}
        </Alert>
      )}
      <Group gap="xs" align="end">
        <Select
          size="xs"
          aria-label="What is there already"
          data={[
            { value: 'add', label: 'Beside what is there' },
            { value: 'replace', label: 'In place of what is there' },
          ]}
          allowDeselect={false}
          value={mode}
          onChange={(value) => setMode(value ?? 'add')}
        />
        <Button
          size="xs"
          variant="default"
          disabled={csv.trim() === ''}
          loading={send.isPending}
          onClick={() => void run()}
          data-testid="import"
        >
          Import
        </Button>
      </Group>
    </Stack>
  );
}
