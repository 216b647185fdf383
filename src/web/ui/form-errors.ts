import type { z } from 'zod';
import { CodedError } from '../../protocol/errors.ts';

/** What is wrong, by the field's name; a part of a field has its path behind a dot. */
export type FieldErrors = Record<string, string>;

/** What the schema finds wrong with the values: the first complaint of each field, in the order of the values. */
export function issuesOf(schema: z.ZodType, values: object): FieldErrors {
  const parsed = schema.safeParse(values);
  if (parsed.success) return {};
  const found: FieldErrors = {};
  for (const { path, message } of parsed.error.issues) {
    const name = path.join('.');
    found[name] ??= asSentence(message);
  }
  const order = Object.keys(values);
  const place = (name: string) => order.indexOf(name.split('.')[0] ?? '');
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => place(a) - place(b)));
}

/** The field that the server refused and why, when it said so. `names` translates the server's names. */
export function fieldErrorsOf(error: unknown, names: Record<string, string> = {}): FieldErrors {
  if (!(error instanceof CodedError) || typeof error.data.field !== 'string') return {};
  const field = names[error.data.field] ?? error.data.field;
  const detail = error.data.detail === undefined ? error.message : String(error.data.detail);
  return { [field]: asSentence(detail.replace(/^[\w.]+: /, '')) };
}

/** Names of the values that differ from `base`. An empty text and nothing are the same. */
export function changedNames<T extends object>(base: T, values: T): (keyof T)[] {
  const names = Object.keys(values) as (keyof T)[];
  return names.filter((name) => normal(values[name]) !== normal(base[name]));
}

function normal(value: unknown): string {
  const trimmed = typeof value === 'string' ? value.trim() : value;
  return JSON.stringify(trimmed === '' || trimmed === undefined ? null : trimmed);
}

function asSentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
