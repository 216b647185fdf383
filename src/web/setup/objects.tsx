import { Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { z } from 'zod';
import { type FieldMeta, listFields, type ObjectMeta, pageFields } from '../../protocol/crm.ts';
import { apiNameOf, NewObject, ObjectChange, type RecordCount } from '../../protocol/crm-objects.ts';
import { api } from '../ui/api.ts';
import { type Form, useForm } from '../ui/use-form.ts';
import { FieldGrid, TextField } from './fields.tsx';
import { FormPage, type Removal } from './form-page.tsx';
import { FieldsOfObject } from './object-fields.tsx';
import { OneRecord } from './one-record.tsx';
import { Page, Section } from './page.tsx';
import { ListPage } from './record-table.tsx';
import { CRM_OBJECTS as NOUN, lostRecords, type NamedObject, useCrmObjects } from './crm-objects.ts';
import { useAnswer, useChange, useSaveRecord } from './resource.ts';
import { SortableList } from './sortable-list.tsx';

const PATH = '/objects';

/** What the CRM keeps: standard objects and our own. */
export function ObjectsPage() {
  return (
    <ListPage
      title="Objects and fields"
      one="object"
      intro="What the CRM keeps about customers. Own objects with telephone numbers are found by a caller’s number, searched and popped like the standard ones."
      query={useCrmObjects()}
      path={(meta) => `${PATH}/${meta.name}`}
      newPath={`${PATH}/new`}
      words={(meta) => `${meta.labelPlural} ${meta.label} ${meta.name}`}
      empty="There is no object."
      columns={[
        { label: 'Name', show: (meta) => meta.labelPlural },
        { label: 'API name', show: (meta) => <code>{meta.name}</code> },
        { label: 'Kind', show: (meta) => (meta.custom ? 'Own' : 'Standard') },
        { label: 'Fields', align: 'right', show: (meta) => meta.fields.length },
        {
          label: 'Phone fields',
          align: 'right',
          show: (meta) => meta.fields.filter((field) => field.type === 'phone').length,
        },
      ]}
    />
  );
}

/** One object with its fields, its record page and its list. */
export function ObjectForm({ id }: { id: string | undefined }) {
  if (id === undefined) return <NewObjectForm />;
  return <KnownObject name={id} />;
}

function KnownObject({ name }: { name: string }) {
  return (
    <OneRecord query={useCrmObjects()} id={name} what="object">
      {(meta) => meta && <Editor meta={meta} />}
    </OneRecord>
  );
}

const PARENT = { label: 'Objects and fields', path: PATH };
const Naming = NewObject.extend({ name: z.union([z.literal(''), NewObject.shape.name]) });

function NewObjectForm() {
  const save = useChange<ObjectMeta, object>((body) => api<ObjectMeta>(`/api/${NOUN}`, { body }));
  const form = useForm({
    base: { label: '', labelPlural: '', name: '' },
    schema: Naming,
    save: async ({ name, ...labels }) => {
      const made = await save.mutateAsync(name === '' ? labels : { ...labels, name });
      return { id: made.name };
    },
  });
  return (
    <Page title="New object" parent={PARENT}>
      <FormPage form={form} what="this object" back={`/setup${PATH}`} createdAt={`/setup${PATH}`}>
        <Section title="The object" intro="It begins with a name and an owner; its other fields come next.">
          <FieldGrid>
            <Labels form={form} isNew />
            <TextField
              form={form}
              name="name"
              label="API name"
              placeholder={apiNameOf(form.values.label) ?? 'Vehicle__c'}
              help="By which programs and adapters know it; it stays."
            />
          </FieldGrid>
        </Section>
      </FormPage>
    </Page>
  );
}

function Labels<T extends { label: string; labelPlural: string }>({
  form,
  isNew,
}: {
  form: Form<T>;
  isNew: boolean;
}) {
  // A form of more fields is one of these two as well.
  const labels = form as unknown as Form<{ label: string; labelPlural: string }>;
  return (
    <>
      <TextField
        form={labels}
        name="label"
        label="Name"
        placeholder="Vehicle"
        help="Of one."
        required
        autoFocus={isNew}
      />
      <TextField
        form={labels}
        name="labelPlural"
        label="Plural"
        placeholder="Vehicles"
        help="Of its list."
        required
      />
    </>
  );
}

function Editor({ meta }: { meta: NamedObject }) {
  const save = useSaveRecord<ObjectMeta>(NOUN, meta.name);
  const form = useForm({
    base: {
      label: meta.label,
      labelPlural: meta.labelPlural,
      page: pageFields(meta).map((field) => field.name),
      list: listFields(meta)
        .map((field) => field.name)
        .filter((name) => name !== meta.nameField),
    },
    schema: ObjectChange,
    save: (_, changed) => save.mutateAsync(changed),
  });
  const shown = (names: string[]) =>
    names.flatMap((name) => meta.fields.find((field) => field.name === name) ?? []);
  return (
    <Page title={meta.labelPlural} parent={PARENT} intro={<code>{meta.name}</code>}>
      <FormPage
        form={form}
        what="this object"
        back={`/setup${PATH}`}
        removal={useRemoval(meta)}
        below={<FieldsOfObject meta={meta} />}
      >
        <Section title="The object">
          <FieldGrid>
            <Labels form={form} isNew={false} />
          </FieldGrid>
        </Section>
        <Section title="The record’s page" intro="Its fields, in their order.">
          <FieldOrder
            label="Fields of the page"
            fields={meta.fields}
            chosen={shown(form.values.page)}
            error={form.error('page')}
            onChange={(fields) =>
              form.set(
                'page',
                fields.map((field) => field.name),
              )
            }
          />
        </Section>
        <Section title="The list" intro="Its columns behind the name.">
          <FieldOrder
            label="Columns of the list"
            fields={meta.fields.filter((field) => field.name !== meta.nameField)}
            chosen={shown(form.values.list)}
            error={form.error('list')}
            onChange={(fields) =>
              form.set(
                'list',
                fields.map((field) => field.name),
              )
            }
          />
        </Section>
      </FormPage>
    </Page>
  );
}

interface FieldOrderProps {
  label: string;
  fields: readonly FieldMeta[];
  chosen: readonly FieldMeta[];
  error: string | undefined;
  onChange: (fields: FieldMeta[]) => void;
}

/** Which fields, in which order. */
function FieldOrder({ label, fields, chosen, error, onChange }: FieldOrderProps) {
  const left = fields.filter((field) => !chosen.includes(field));
  return (
    <Stack gap={8}>
      <SortableList
        label={label}
        items={chosen}
        keyOf={(field) => field.name}
        nameOf={(field) => field.label}
        onChange={onChange}
        removable
      />
      {chosen.length === 0 && <Text size="sm">None yet.</Text>}
      {error && (
        <Text size="xs" c="stop" role="alert">
          {error}
        </Text>
      )}
      {left.length > 0 && (
        <Select
          size="xs"
          w={260}
          aria-label={`Add to: ${label}`}
          placeholder="Add a field"
          searchable
          data={left.map((field) => ({ value: field.name, label: field.label }))}
          value={null}
          onChange={(name) => onChange([...chosen, ...left.filter((field) => field.name === name)])}
        />
      )}
    </Stack>
  );
}

function useRemoval(meta: NamedObject): Removal | undefined {
  const [agreed, setAgreed] = useState<number>();
  const count = useAnswer<RecordCount>(`/api/${NOUN}/${encodeURIComponent(meta.name)}/count`).data?.records;
  const remove = useChange<void, number>((records) =>
    api<void>(`/api/${NOUN}/${encodeURIComponent(meta.name)}?records=${records}`, { method: 'DELETE' }),
  );
  if (!meta.custom) return undefined;
  const records = agreed ?? count;
  return {
    what: `the object “${meta.label}”`,
    blocked: records === undefined && 'The records are being counted.',
    consequences: [
      records === 0
        ? 'It has no records.'
        : `Its ${records} ${records === 1 ? 'record goes' : 'records go'} with it.`,
      'Tasks and call logs about them stay.',
    ],
    run: async () => {
      await remove.mutateAsync(records ?? 0).catch((error: unknown) => {
        setAgreed(lostRecords(error));
        throw error;
      });
    },
  };
}
