import { Button, Modal } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { z } from 'zod';
import type { FieldMeta, FieldType } from '../../protocol/crm.ts';
import { apiNameOf, FieldChange, NewField, type RecordCount } from '../../protocol/crm-objects.ts';
import { api } from '../ui/api.ts';
import { useMe } from '../ui/me-context.ts';
import { useForm } from '../ui/use-form.ts';
import { FieldGrid, NumberField, SelectField, SwitchField, TextField } from './fields.tsx';
import { type Removal, RemoveButton } from './form-page.tsx';
import { MultiSelectField } from './multi-select-field.tsx';
import { lostRecords, type NamedObject, useCrmObjects } from './crm-objects.ts';
import { OrderedList } from './ordered-list.tsx';
import { Section } from './page.tsx';
import { RecordTable } from './record-table.tsx';
import { useAnswer, useChange } from './resource.ts';
import { SelfSaving } from './self-saving.tsx';

const TYPE_LABELS: Record<FieldType, string> = {
  text: 'Text',
  textarea: 'Long text',
  number: 'Number',
  date: 'Date',
  datetime: 'Date and time',
  boolean: 'Checkbox',
  picklist: 'Picklist',
  phone: 'Phone',
  email: 'E-mail',
  url: 'Web address',
  reference: 'Reference to a record',
};

/** The fields of an object; each is changed in a dialogue and saved by itself. */
export function FieldsOfObject({ meta }: { meta: NamedObject }) {
  const mayChange = useMe().roles.includes('administrator');
  const [opened, setOpened] = useState<FieldMeta | 'new'>();
  const close = () => setOpened(undefined);
  return (
    <Section
      title="Fields"
      flush
      actions={
        mayChange && (
          <Button
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => setOpened('new')}
            data-testid="new-field"
          >
            New field
          </Button>
        )
      }
    >
      <RecordTable
        caption="Fields"
        records={meta.fields.map((field) => ({ ...field, id: field.name }))}
        columns={[
          { label: 'Name', show: (field) => field.label },
          { label: 'API name', show: (field) => <code>{field.name}</code> },
          { label: 'Type', show: (field) => typeOf(field) },
          { label: 'Needed', show: (field) => (field.required ? 'Yes' : '–') },
          {
            label: 'Change',
            show: (field) =>
              mayChange &&
              !field.readOnly && (
                <Button
                  variant="subtle"
                  size="compact-xs"
                  onClick={() => setOpened(field)}
                  aria-label={`Change ${field.label}`}
                >
                  Change
                </Button>
              ),
          },
        ]}
      />
      <Modal
        opened={opened !== undefined}
        onClose={close}
        title={opened === 'new' ? `New field of ${meta.labelPlural}` : opened?.label}
        size="lg"
      >
        {opened === 'new' && <NewFieldForm object={meta.name} onDone={close} />}
        {opened !== undefined && opened !== 'new' && (
          <KnownField object={meta.name} field={opened} onDone={close} />
        )}
      </Modal>
    </Section>
  );
}

function typeOf({ type, refersTo, maxLength }: FieldMeta): string {
  if (type === 'reference') return `Reference to ${refersTo?.join(' or ')}`;
  return type === 'text' && maxLength !== undefined ? `Text, up to ${maxLength}` : TYPE_LABELS[type];
}

const Checked = NewField.extend({
  name: z.union([z.literal(''), NewField.shape.name]),
  options: z.array(z.string()),
  refersTo: z.array(z.string()),
})
  .refine(({ type, options }) => type !== 'picklist' || options.some((one) => one.trim() !== ''), {
    path: ['options'],
    message: 'one at least',
  })
  .refine(({ type, refersTo }) => type !== 'reference' || refersTo.length > 0, {
    path: ['refersTo'],
    message: 'choose one at least',
  });

function NewFieldForm({ object, onDone }: { object: string; onDone: () => void }) {
  const objects = useCrmObjects().data ?? [];
  const add = useChange<FieldMeta, NewField>((body) =>
    api<FieldMeta>(`/api/crm-objects/${encodeURIComponent(object)}/fields`, { body }),
  );
  const form = useForm({
    base: {
      label: '',
      type: 'text' as FieldType,
      name: '',
      required: false,
      options: [''],
      refersTo: [] as string[],
      maxLength: 255 as number | null,
    },
    schema: Checked,
    save: async ({ label, type, name, required, options, refersTo, maxLength }) => {
      await add.mutateAsync({
        label,
        type,
        required,
        ...(name === '' ? {} : { name }),
        ...(type === 'picklist' ? { options: options.filter((one) => one.trim() !== '') } : {}),
        ...(type === 'reference' ? { refersTo } : {}),
        ...(type === 'text' && maxLength !== null ? { maxLength } : {}),
      });
      onDone();
    },
  });
  const { type } = form.values;
  return (
    <SelfSaving form={form} what="the field">
      <FieldGrid>
        <TextField form={form} name="label" label="Name" placeholder="Number plate" required autoFocus />
        <SelectField
          form={form}
          name="type"
          label="Type"
          choices={Object.entries(TYPE_LABELS).map(([value, label]) => ({ value, label }))}
          help="It stays: values of one type are none of another."
        />
        <TextField
          form={form}
          name="name"
          label="API name"
          placeholder={apiNameOf(form.values.label) ?? 'Number_plate__c'}
          help="By which programs and adapters know it; it stays."
        />
        {type === 'text' && (
          <NumberField form={form} name="maxLength" label="Length" unit="characters" min={1} max={255} />
        )}
        {type === 'reference' && (
          <MultiSelectField
            form={form}
            name="refersTo"
            label="Points at"
            required
            choices={objects.map((meta) => ({ value: meta.name, label: meta.labelPlural }))}
          />
        )}
        <SwitchField
          form={form}
          name="required"
          label="Needed"
          help="No record is saved without it. Records that have none get one when they are edited next."
        />
      </FieldGrid>
      {type === 'picklist' && (
        <OrderedList
          label="Options"
          name="options"
          one="option"
          help="Enter adds, Alt ↑ ↓ moves."
          values={form.values.options}
          error={() => form.error('options')}
          onChange={(options) => form.set('options', options)}
        />
      )}
    </SelfSaving>
  );
}

interface KnownFieldProps {
  object: string;
  field: FieldMeta;
  onDone: () => void;
}

function KnownField({ object, field, onDone }: KnownFieldProps) {
  const path = `/api/crm-objects/${encodeURIComponent(object)}/fields/${encodeURIComponent(field.name)}`;
  const save = useChange<FieldMeta, FieldChange>((body) => api<FieldMeta>(path, { method: 'PUT', body }));
  const mayList = field.type === 'picklist' && object !== 'Task';
  const form = useForm({
    base: { label: field.label, required: field.required, options: field.options ?? [] },
    schema: FieldChange.extend({ options: z.array(z.string()) }),
    save: async (_, { options, ...changed }) => {
      await save.mutateAsync({
        ...changed,
        ...(options ? { options: options.filter((one) => one.trim() !== '') } : {}),
      });
      onDone();
    },
  });
  return (
    <>
      <SelfSaving form={form} what="the field">
        <FieldGrid>
          <TextField form={form} name="label" label="Name" required autoFocus />
          {field.custom && (
            <SwitchField form={form} name="required" label="Needed" help="No record is saved without it." />
          )}
        </FieldGrid>
        {mayList && (
          <OrderedList
            label="Options"
            name="options"
            one="option"
            help="Records that have an option that goes keep it. Enter adds, Alt ↑ ↓ moves."
            values={form.values.options}
            error={() => form.error('options')}
            onChange={(options) => form.set('options', options)}
          />
        )}
      </SelfSaving>
      {field.custom && <RemoveField path={path} field={field} onDone={onDone} />}
    </>
  );
}

function RemoveField({ path, field, onDone }: { path: string; field: FieldMeta; onDone: () => void }) {
  const [agreed, setAgreed] = useState<number>();
  const count = useAnswer<RecordCount>(`${path}/count`).data?.records;
  const remove = useChange<void, number>((records) =>
    api<void>(`${path}?records=${records}`, { method: 'DELETE' }),
  );
  const records = agreed ?? count;
  const removal: Removal = {
    what: `the field “${field.label}”`,
    blocked: records === undefined && 'The records are being counted.',
    consequences: [
      records === 0
        ? 'No record has a value in it.'
        : `${records} ${records === 1 ? 'record loses its value' : 'records lose their values'}; they cannot be had back.`,
    ],
    run: () =>
      remove.mutateAsync(records ?? 0).catch((error: unknown) => {
        setAgreed(lostRecords(error));
        throw error;
      }),
  };
  return (
    <div style={{ marginTop: 16 }}>
      <RemoveButton removal={removal} onRemoved={onDone} />
    </div>
  );
}
