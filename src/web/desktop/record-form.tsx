import { Alert, Button, Group } from '@mantine/core';
import { type FormEvent, type KeyboardEvent, useState } from 'react';
import type { FieldMeta, FieldValue, ObjectMeta } from '../../protocol/crm.ts';
import { FieldInput } from '../ui/field.tsx';
import { KeyHint } from '../ui/key-hint.tsx';
import { errorText } from '../ui/states.tsx';
import type { Fields } from './data.ts';
import { changedFields, fieldErrors, findMissing } from './form-state.ts';
import { editableFields, thisObject } from './objects-context.tsx';
import classes from './record-form.module.css';
import { ReferenceInput } from './reference-input.tsx';
import { useUnsaved } from './tab-context.tsx';

interface RecordFormProps {
  meta: ObjectMeta;
  /** The stored values; empty for a new record. */
  base: Fields;
  /** Values to begin with, where they differ from the stored ones. */
  start?: Fields;
  /** Names of the records that fields point at, by id. */
  names?: Record<string, string>;
  /** The field that has the focus at first. */
  focus?: string;
  saving: boolean;
  error: unknown;
  onSubmit: (changed: Fields) => void;
  onCancel: () => void;
}

/** A record's fields for editing, by its metadata; refusals are shown at their field. Ctrl+Enter saves, Escape cancels. */
export function RecordForm({
  meta,
  base,
  start,
  names,
  focus,
  saving,
  error,
  onSubmit,
  onCancel,
}: RecordFormProps) {
  const fields = editableFields(meta);
  const [values, setValues] = useState<Fields>({ ...base, ...start });
  const [based, setBased] = useState(base);
  if (based !== base) {
    // The record was read anew under the form: what was not typed here follows it.
    setBased(base);
    setValues({ ...base, ...changedFields(based, pick(values, fields)) });
  }
  const [missing, setMissing] = useState<Record<string, string>>({});
  const changed = changedFields(base, pick(values, fields));
  const dirty = Object.keys(changedFields({ ...base, ...start }, pick(values, fields))).length > 0;
  useUnsaved(dirty ? thisObject(meta) : undefined);
  const errors = { ...fieldErrors(error), ...missing };
  const first = focus ?? fields[0]?.name;

  const set = (name: string, value: FieldValue) => {
    setValues((now) => ({ ...now, [name]: value }));
    setMissing((now) => Object.fromEntries(Object.entries(now).filter(([field]) => field !== name)));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = findMissing(fields, values);
    setMissing(found);
    const firstMissing = Object.keys(found)[0];
    if (firstMissing === undefined) return onSubmit(changed);
    const form = event.currentTarget as HTMLFormElement;
    form.querySelector<HTMLElement>(`[data-testid="field-${firstMissing}"]`)?.focus();
  };
  const key = (event: KeyboardEvent<HTMLFormElement>) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
    if (event.key === 'Escape' && !dirty && !event.defaultPrevented) onCancel();
  };

  return (
    <form onSubmit={submit} onKeyDown={key} noValidate data-testid="record-form">
      {Boolean(error) && Object.keys(fieldErrors(error)).length === 0 && (
        <Alert color="stop" variant="light" mb="sm" p="xs" role="alert">
          {errorText(error)}
        </Alert>
      )}
      <div className={classes.fields}>
        {fields.map((field) => {
          const input = {
            meta: field,
            value: values[field.name] ?? null,
            onChange: (value: FieldValue) => set(field.name, value),
            error: errors[field.name],
          };
          return (
            <div key={field.name} className={field.type === 'textarea' ? classes.wide : undefined}>
              {field.type === 'reference' ? (
                <ReferenceInput {...input} name={names?.[String(input.value)]} />
              ) : (
                <FieldInput {...input} autoFocus={field.name === first} />
              )}
            </div>
          );
        })}
      </div>
      <Group gap="xs" mt="md" className={classes.buttons}>
        <Button type="submit" loading={saving} data-testid="save">
          Save
        </Button>
        <Button variant="default" onClick={onCancel} data-testid="cancel">
          Cancel
        </Button>
        <span className={classes.hint}>
          <KeyHint keys="Ctrl ↵" /> saves
        </span>
      </Group>
    </form>
  );
}

function pick(values: Fields, fields: FieldMeta[]): Fields {
  return Object.fromEntries(fields.map((field) => [field.name, values[field.name] ?? null]));
}
