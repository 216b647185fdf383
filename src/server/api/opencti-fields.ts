/**
 * An adapter's fields as the CRM takes them: names in any case, `Status` and the like in any case, dates and times as people
 * write them, durations with fractions, ids of 18 characters. What the object does not have is left out and named.
 */
import type { FieldMeta, FieldValue, ObjectMeta } from '../../protocol/crm.ts';

export interface MappedFields {
  fields: Record<string, FieldValue>;
  /** Given, but the object has no such field. */
  left: string[];
  /** Values that their field cannot hold. */
  wrong: { field: string; message: string }[];
}

/** Read-only fields that are what the CRM makes of the others, or of who writes: given ones are left out. */
const DERIVED = new Set(['OwnerId', 'AccountId', 'Name', 'CaseNumber']);

/** Salesforce's names for fields that have another one here. */
const OTHER_NAMES: Record<string, string> = {
  calldurationinseconds: 'CallDurationInSeconds',
  callduration: 'CallDurationInSeconds',
  comments: 'Description',
};

export function mapFields(meta: ObjectMeta, given: Record<string, unknown>): MappedFields {
  const mapped: MappedFields = { fields: {}, left: [], wrong: [] };
  for (const [name, value] of Object.entries(given)) {
    const field = findField(meta, name);
    if (!field || (field.readOnly && DERIVED.has(field.name))) {
      mapped.left.push(name);
      continue;
    }
    const read = readValue(field, value);
    if ('wrong' in read) mapped.wrong.push({ field: field.name, message: read.wrong });
    else mapped.fields[field.name] = read.value;
  }
  return mapped;
}

function findField(meta: ObjectMeta, name: string): FieldMeta | undefined {
  const wanted = name.trim().toLowerCase();
  const other = OTHER_NAMES[wanted]?.toLowerCase();
  return (
    meta.fields.find((field) => field.name.toLowerCase() === wanted) ??
    meta.fields.find((field) => field.name.toLowerCase() === other)
  );
}

type Read = { value: FieldValue } | { wrong: string };

function readValue(field: FieldMeta, given: unknown): Read {
  if (given === null || given === undefined || given === '') return { value: null };
  if (typeof given !== 'string' && typeof given !== 'number' && typeof given !== 'boolean')
    return { wrong: `${field.name}: a text, number, true, false or null is wanted` };
  const text = String(given).trim();
  switch (field.type) {
    case 'number':
      return readNumber(field, given);
    case 'boolean':
      return readBoolean(field, text);
    case 'date':
      return readDate(field, given, (at) => at.toISOString().slice(0, 10));
    case 'datetime':
      return readDate(field, given, (at) => at.toISOString());
    case 'picklist':
      return { value: field.options?.find((option) => option.toLowerCase() === text.toLowerCase()) ?? text };
    case 'reference':
      return readReference(field, text);
    case 'text':
    case 'textarea':
      return { value: cut(field, text) };
    default:
      return { value: text };
  }
}

/** A subject that is too long is no reason to lose the log of a call. */
function cut({ maxLength }: FieldMeta, text: string): string {
  return maxLength === undefined ? text : text.slice(0, maxLength);
}

function readNumber(field: FieldMeta, given: string | number | boolean): Read {
  const number = typeof given === 'boolean' ? Number.NaN : Number(given);
  if (!Number.isFinite(number)) return { wrong: `${field.name}: "${given}" is no number` };
  // Salesforce's durations are whole seconds; timers give fractions.
  return { value: field.name.endsWith('Seconds') ? Math.max(0, Math.round(number)) : number };
}

function readBoolean(field: FieldMeta, text: string): Read {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === '1') return { value: true };
  if (lower === 'false' || lower === '0') return { value: false };
  return { wrong: `${field.name}: "${text}" is not true or false` };
}

function readReference(field: FieldMeta, text: string): Read {
  const id = shortId(text);
  return id === undefined ? { wrong: `${field.name}: "${text}" is not the id of a record` } : { value: id };
}

function readDate(field: FieldMeta, given: string | number | boolean, write: (at: Date) => string): Read {
  const at = typeof given === 'boolean' ? undefined : readInstant(given);
  return at ? { value: write(at) } : { wrong: `${field.name}: "${given}" is no date such as 2026-03-01` };
}

/** ISO dates and times with or without zone, `3/1/2026` (month first, as Salesforce's users write), milliseconds since 1970. */
export function readInstant(given: string | number): Date | undefined {
  const text = String(given).trim();
  if (/^\d{11,14}$/.test(text)) return valid(new Date(Number(text)));
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](.*))?$/.exec(text);
  if (iso) return ofParts(iso[1], iso[2], iso[3], iso[4]);
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:[, ]+(.*))?$/.exec(text);
  if (american) return ofParts(american[3], american[1], american[2], undefined);
  // `Sun Mar 01 2026 09:30:00 GMT+0100 (CET)`: what a Date says of itself.
  return /[a-z]{3}/i.test(text) && /\d{4}/.test(text) ? valid(new Date(text)) : undefined;
}

/** `time` without a zone is UTC. A day that the month does not have is none. */
function ofParts(year = '', month = '', day = '', time: string | undefined): Date | undefined {
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const midnight = valid(new Date(`${date}T00:00:00Z`));
  if (!midnight || midnight.toISOString().slice(0, 10) !== date) return undefined;
  if (!time) return midnight;
  const zoned = time.trim().replace(/([+-]\d{2})(\d{2})$/, '$1:$2');
  return valid(new Date(`${date}T${/(?:Z|[+-]\d{2}:\d{2})$/i.test(zoned) ? zoned : `${zoned}Z`}`));
}

function valid(at: Date): Date | undefined {
  return Number.isNaN(at.getTime()) ? undefined : at;
}

const CASES = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/**
 * The 15 characters of a record's id. The 18-character form carries the case of its letters in its last three, so that it
 * survives programs that do not keep case; undefined for what is neither.
 */
export function shortId(id: string): string | undefined {
  if (/^[0-9A-Za-z]{15}$/.test(id)) return id;
  if (!/^[0-9A-Za-z]{18}$/.test(id)) return undefined;
  const masks = [...id.slice(15).toUpperCase()].map((letter) => CASES.indexOf(letter));
  if (masks.includes(-1)) return undefined;
  return Array.from(id.slice(0, 15), (letter, at) =>
    ((masks[Math.floor(at / 5)] ?? 0) >> (at % 5)) & 1 ? letter.toUpperCase() : letter.toLowerCase(),
  ).join('');
}
