/** Checks and normalises the values of a record by its object's metadata. Every refusal names the field. */
import type { FieldMeta, FieldValue, ObjectMeta } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import { keptPhone, readPhoneNumber } from './phone-number.ts';

export type Fields = Record<string, FieldValue>;

const RECORD_ID = /^[0-9A-Za-z]{15}$/;

/** A `bad-input` that names the field in its data and its sentence. */
export function refuse(field: string, detail: string): CodedError {
  return new CodedError('bad-input', { field, detail });
}

/**
 * The values to store for what somebody gave: trimmed, phones in E.164, instants in UTC, empty ones null. A read-only
 * field is refused unless it is given as it is, or is among `writable`.
 */
export function checkFields(
  meta: ObjectMeta,
  given: Fields,
  current: Fields,
  country: string,
  writable: readonly string[] = [],
): Fields {
  const checked: Fields = {};
  for (const [name, value] of Object.entries(given)) {
    const field = meta.fields.find((f) => f.name === name);
    if (!field) throw refuse(name, `${meta.label} has no field ${name}`);
    if (!field.readOnly || writable.includes(name)) checked[name] = checkValue(field, value, country);
    else if (value !== (current[name] ?? null)) throw refuse(name, `${field.label} cannot be changed`);
  }
  return checked;
}

/** Throws for a required field that has no value. */
export function checkRequired(meta: ObjectMeta, data: Fields): void {
  for (const field of meta.fields) {
    if (field.required && (data[field.name] ?? null) === null) {
      throw refuse(field.name, `${field.label} is required`);
    }
  }
}

/** What a new record has where nothing is given: the first option of its required picklists. */
export function defaultsOf(meta: ObjectMeta): Fields {
  const lists = meta.fields.filter((f) => f.required && f.type === 'picklist');
  return Object.fromEntries(lists.map((f) => [f.name, f.options?.[0] ?? null]));
}

/** One value, normalised for its field; null for an empty one. */
function checkValue(field: FieldMeta, value: FieldValue, country: string): FieldValue {
  const given = typeof value === 'string' ? value.trim() : value;
  if (given === null || given === '') return null;
  if (field.type === 'number') return checkNumber(field, given);
  if (field.type === 'boolean') return checkBoolean(field, given);
  if (typeof given !== 'string') throw refuse(field.name, `${field.label} must be text`);
  const text = checkText(field, given, country);
  if (field.maxLength !== undefined && text.length > field.maxLength) {
    throw refuse(field.name, `${field.label} is longer than ${field.maxLength} characters`);
  }
  return text;
}

function checkNumber(field: FieldMeta, value: FieldValue): number {
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) {
    throw refuse(field.name, `${field.label} must be a number`);
  }
  return number;
}

function checkBoolean(field: FieldMeta, value: FieldValue): boolean {
  if (typeof value !== 'boolean') throw refuse(field.name, `${field.label} must be true or false`);
  return value;
}

function checkText(field: FieldMeta, text: string, country: string): string {
  // PostgreSQL has no place for this character.
  if (text.includes('\u0000')) throw refuse(field.name, `${field.label} holds a character that is no text`);
  switch (field.type) {
    case 'phone':
      return checkPhone(field, text, country);
    case 'email':
      if (!/^[^\s@]+@[^\s@]+$/.test(text))
        throw refuse(field.name, `${field.label} is not an e-mail address`);
      return text;
    case 'url':
      return checkUrl(field, text);
    case 'picklist':
      if (!field.options?.includes(text)) {
        throw refuse(field.name, `${field.label} must be one of ${field.options?.join(', ')}`);
      }
      return text;
    case 'date':
      return checkDate(field, text);
    case 'datetime':
      return checkInstant(field, text);
    case 'reference':
      if (!RECORD_ID.test(text)) throw refuse(field.name, `${field.label} is not the id of a record`);
      return text;
    default:
      return text;
  }
}

function checkPhone(field: FieldMeta, text: string, country: string): string {
  const read = readPhoneNumber(text, country);
  if (!read || read.digits.length < 3) throw refuse(field.name, `${field.label} is not a telephone number`);
  return keptPhone(read, text);
}

/** Only addresses that are safe behind a link. */
function checkUrl(field: FieldMeta, text: string): string {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw refuse(field.name, `${field.label} is not a web address`);
  }
  return text;
}

function checkDate(field: FieldMeta, text: string): string {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // February 30 parses as March: only a date that comes back the same is one.
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text) {
    throw refuse(field.name, `${field.label} must be a date such as 2026-03-01`);
  }
  return text;
}

function checkInstant(field: FieldMeta, text: string): string {
  const at = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw refuse(field.name, `${field.label} must be a time such as 2026-03-01T09:30:00Z`);
  return new Date(at).toISOString();
}
