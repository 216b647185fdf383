import type { FieldMeta, FieldValue } from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Fields } from './data.ts';

/** What was changed: the values that differ from `base`. An empty text and nothing are the same. */
export function changedFields(base: Fields, values: Fields): Fields {
  const changed = Object.entries(values).filter(([name, value]) => normal(value) !== normal(base[name]));
  return Object.fromEntries(changed.map(([name, value]) => [name, normal(value)]));
}

/** What stands in the way of saving, by field; the server checks the rest. */
export function findMissing(fields: FieldMeta[], values: Fields): Record<string, string> {
  const missing = fields.filter(
    (field) => field.required && field.type !== 'boolean' && normal(values[field.name]) === null,
  );
  return Object.fromEntries(missing.map((field) => [field.name, `${field.label} is required`]));
}

/** The field that the server refused and why, when it said so. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof CodedError) || typeof error.data.field !== 'string') return {};
  return { [error.data.field]: String(error.data.detail ?? error.message) };
}

/** First values of a new record: what the address names, and the first choice of each required picklist. */
export function initialFields(fields: FieldMeta[], query: URLSearchParams): Fields {
  const values: Fields = {};
  for (const field of fields) {
    const given = query.get(field.name);
    if (given !== null) values[field.name] = given.slice(0, field.maxLength);
    else if (field.required && field.type === 'picklist') values[field.name] = field.options?.[0] ?? null;
  }
  return values;
}

function normal(value: FieldValue | undefined): FieldValue {
  const trimmed = typeof value === 'string' ? value.trim() : value;
  return trimmed === undefined || trimmed === '' ? null : trimmed;
}
