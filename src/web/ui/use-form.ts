import { useState } from 'react';
import type { z } from 'zod';
import { CodedError } from '../../protocol/errors.ts';
import { changedNames, fieldErrorsOf, type FieldErrors, issuesOf } from './form-errors.ts';

export interface FormOptions<T extends object> {
  /** The stored values, as plain data; of a new object, what it begins with. */
  base: T;
  /** What the server checks too. */
  schema: z.ZodType;
  /** Resolves when it is stored. @throws CodedError, shown at the field that its data names. */
  save: (values: T, changed: Partial<T>) => Promise<unknown>;
  /** Names that the server has for fields that are called otherwise here. */
  serverNames?: Record<string, string>;
}

export interface Form<T extends object> {
  values: T;
  set: <K extends keyof T>(name: K, value: T[K]) => void;
  /** What is wrong with a field or with a part of it. */
  error: (name: string) => string | undefined;
  /** A refusal that belongs to no field. */
  refusal: unknown;
  dirty: boolean;
  saving: boolean;
  /** Checks and saves. Resolves to what `save` gave, or to undefined; the first wrong field's name goes to `onWrong`. */
  submit: (onWrong?: (name: string) => void) => Promise<{ saved: unknown } | undefined>;
  reset: () => void;
}

/**
 * A form over an object: values, errors of our own check and of the server by field, and whether something is unsaved. When
 * the object is read anew under the form, what was not typed here follows it.
 */
export function useForm<T extends object>({ base, schema, save, serverNames = {} }: FormOptions<T>): Form<T> {
  const [values, setValues] = useState(base);
  const [based, setBased] = useState(base);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [refusal, setRefusal] = useState<unknown>();
  const [saving, setSaving] = useState(false);
  if (JSON.stringify(based) !== JSON.stringify(base)) {
    setBased(base);
    setValues({ ...base, ...pick(values, changedNames(based, values)) });
  }
  const changed = changedNames(base, values);

  const set = <K extends keyof T>(name: K, value: T[K]) => {
    setValues((now) => ({ ...now, [name]: value }));
    setErrors((now) =>
      Object.fromEntries(Object.entries(now).filter(([key]) => !belongs(key, String(name)))),
    );
    setRefusal(undefined);
  };
  const submit: Form<T>['submit'] = async (onWrong) => {
    const wrong = issuesOf(schema, values);
    setErrors(wrong);
    setRefusal(undefined);
    const first = Object.keys(wrong)[0];
    if (first !== undefined) {
      onWrong?.(first);
      return undefined;
    }
    setSaving(true);
    try {
      return { saved: await save(values, pick(values, changed)) };
    } catch (error) {
      const refused = fieldErrorsOf(error, serverNames);
      const field = Object.keys(refused)[0];
      setErrors(refused);
      const known = field !== undefined && Object.keys(values).some((name) => belongs(field, name));
      setRefusal(known ? undefined : (error ?? new CodedError('internal', { id: 'form' })));
      if (known) onWrong?.(field);
      return undefined;
    } finally {
      setSaving(false);
    }
  };
  return {
    values,
    set,
    error: (name) => Object.entries(errors).find(([key]) => belongs(key, name))?.[1],
    refusal,
    dirty: changed.length > 0,
    saving,
    submit,
    reset: () => {
      setValues(base);
      setErrors({});
      setRefusal(undefined);
    },
  };
}

function belongs(key: string, name: string): boolean {
  return key === name || key.startsWith(`${name}.`);
}

function pick<T extends object>(values: T, names: (keyof T)[]): Partial<T> {
  return Object.fromEntries(names.map((name) => [name, values[name]])) as Partial<T>;
}
