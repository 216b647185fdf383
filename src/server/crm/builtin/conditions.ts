/**
 * The conditions of a list view as SQL over the table `record`. What words, references and numbers say is looked up in the
 * indexes first and checked then; other conditions are checked record by record.
 */
import { callingCode } from '../../../protocol/address.ts';
import type { FieldMeta, ObjectMeta } from '../../../protocol/crm.ts';
import {
  type ListCondition,
  ME,
  OPERATORS_OF,
  type Period,
  PERIODS,
  RECORD_TIMES,
  WITHOUT_VALUE,
} from '../../../protocol/list-views.ts';
import type { Filter } from './list.ts';
import { beginningWith } from './match.ts';
import { readPhoneNumber, reverse } from './phone-number.ts';
import { beginningsOf, typedDigits } from './search.ts';
import { referenceTermQuery, wordsQuery } from './terms.ts';
import { refuse } from './validate.ts';

/** Who reads the list, when and where: what `me`, `today` and a number without a country mean. */
export interface Reader {
  userId: string;
  /** UTC milliseconds. */
  now: number;
  /** IANA zone whose days are meant. */
  zone: string;
  /** ISO 3166 code. */
  country: string;
}

/** The filter with conditions added. Throws `bad-input` for one that its field does not have. */
export function withConditions(
  filter: Filter,
  meta: ObjectMeta,
  conditions: readonly ListCondition[],
  reader: Reader,
): Filter {
  const params = [...filter.params];
  const parts = conditions.map((condition) => {
    const field = fieldNamed(meta, condition.field);
    return partOf({
      field,
      condition: checked(field, condition),
      reader,
      param: (v) => `$${params.push(v)}`,
    });
  });
  return {
    where: [filter.where, ...parts.map((part) => `(${part.where})`)].join(' AND '),
    params,
    way: wayOf(filter, parts),
  };
}

function wayOf({ way }: Filter, parts: readonly Part[]): Filter['way'] {
  if (way === 'indexed' || parts.some((part) => part.indexed)) return 'indexed';
  return parts.length > 0 ? 'scanned' : way;
}

interface Part {
  where: string;
  /** An index finds what can meet it. */
  indexed: boolean;
}

interface Place {
  field: FieldMeta;
  condition: ListCondition;
  reader: Reader;
  /** Adds a parameter; its placeholder. */
  param(value: unknown): string;
}

function fieldNamed(meta: ObjectMeta, name: string): FieldMeta {
  const time = Object.hasOwn(RECORD_TIMES, name)
    ? RECORD_TIMES[name as keyof typeof RECORD_TIMES]
    : undefined;
  if (time) return { name, label: time, type: 'datetime', required: true, readOnly: true, inList: false };
  const field = meta.fields.find((f) => f.name === name);
  if (!field) throw refuse(name, `${meta.label} has no field ${name}`);
  return field;
}

function checked(field: FieldMeta, condition: ListCondition): ListCondition {
  const { operator, values } = condition;
  if (!OPERATORS_OF[field.type].includes(operator)) {
    throw refuse(field.name, `${field.label} cannot be asked for “${operator}”`);
  }
  if (values.length === 0 && !WITHOUT_VALUE.includes(operator)) {
    throw refuse(field.name, `${field.label}: a value is missing`);
  }
  return condition;
}

function partOf(place: Place): Part {
  const { field, condition } = place;
  if (condition.operator === 'empty') return plain(`${valueOf(field)} IS NULL`);
  if (condition.operator === 'notEmpty') return plain(`${valueOf(field)} IS NOT NULL`);
  switch (field.type) {
    case 'phone':
      return phonePart(place);
    case 'picklist':
      return plain(anyOf(place, `${valueOf(field)} = ANY(${place.param(condition.values)})`));
    case 'boolean':
      return plain(`coalesce(${valueOf(field)}, 'false') = ${place.param(booleanOf(place))}`);
    case 'number':
      return numberPart(place);
    case 'date':
    case 'datetime':
      return timePart(place);
    case 'reference':
      return referencePart(place);
    default:
      return textPart(place);
  }
}

function plain(where: string): Part {
  return { where, indexed: false };
}

/** Names come from the metadata, never from the request. */
function valueOf({ name, type }: FieldMeta): string {
  if (name === 'OwnerId') return "nullif(owner, '')";
  if (name === 'createdAt') return 'created_at';
  if (name === 'updatedAt') return 'updated_at';
  return type === 'number' ? `(data->>'${name}')::numeric` : `data->>'${name}'`;
}

/** The condition, or for `not…` its opposite, which an empty field meets. */
function anyOf({ condition }: Place, where: string): string {
  return condition.operator.startsWith('not') ? `(${where}) IS NOT TRUE` : where;
}

function textPart(place: Place): Part {
  const { field, condition, param } = place;
  const { operator, values } = condition;
  const [before, after] = { contains: ['%', '%'], notContains: ['%', '%'], startsWith: ['', '%'] }[
    operator as string
  ] ?? ['', ''];
  const patterns = values.flatMap(spellings).map((text) => `${before}${escapeLike(text)}${after}`);
  const where = anyOf(place, `lower(${valueOf(field)}) LIKE ANY(${param(patterns)})`);
  const words = field.type === 'textarea' ? undefined : wordsOfAll(operator, values);
  if (words === undefined) return plain(where);
  return { where: `terms @@ ${param(words)}::tsquery AND ${where}`, indexed: true };
}

/** A query that every record meets that meets the condition; undefined where words say nothing of it. */
function wordsOfAll(operator: ListCondition['operator'], values: readonly string[]): string | undefined {
  if (operator !== 'equals' && operator !== 'startsWith') return undefined;
  const queries = values.map((value) => {
    const query = wordsQuery(undefined, value);
    return operator === 'equals' ? query?.replaceAll(':*', '') : query;
  });
  return queries.some((query) => query === undefined)
    ? undefined
    : queries.map((query) => `(${query})`).join(' | ');
}

/** As the database lowers only plain letters where its locale is C: the text in each way that people write one. */
function spellings(text: string): string[] {
  const lowerPlain = (one: string) => one.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const title = text.toLowerCase().replace(/(^|[^\p{L}])\p{L}/gu, (start) => start.toUpperCase());
  return [...new Set([text, text.toLowerCase(), text.toUpperCase(), title].map(lowerPlain))];
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (c) => `\\${c}`);
}

function phonePart(place: Place): Part {
  const { field, condition, param } = place;
  const { operator, values } = condition;
  const name = param(field.name);
  const found = values.map((value) => {
    const digits = value.normalize('NFKC').replace(/\D/g, '');
    if (digits === '') throw refuse(field.name, `${field.label}: “${value}” is not a telephone number`);
    if (operator === 'contains') return `digits_reversed LIKE ${param(`%${reverse(digits)}%`)}`;
    return operator === 'startsWith' ? beginsWith(place, value) : isNumber(place, value);
  });
  const where = `id IN (SELECT record_id FROM phone_index WHERE field = ${name} AND (${found.join(' OR ')}))`;
  return { where, indexed: operator !== 'contains' };
}

function isNumber({ reader, param }: Place, value: string): string {
  const number = readPhoneNumber(value, reader.country);
  if (number?.e164) return `e164 = ${param(number.e164)}`;
  return `digits_reversed = ${param(reverse(number?.digits ?? ''))}`;
}

/** By the beginning of a number as it is dialled from the reader's country. */
function beginsWith({ reader, param }: Place, value: string): string {
  const beginnings = beginningsOf(typedDigits(value), callingCode(reader.country)).map((digits) => {
    const [from, to] = beginningWith(`+${digits}`);
    return `(e164 >= ${param(from)} AND e164 < ${param(to)})`;
  });
  return `(${beginnings.join(' OR ')})`;
}

function numberPart(place: Place): Part {
  const { field, condition, param } = place;
  const values = condition.values.map((value) => {
    const number = Number(value);
    if (!Number.isFinite(number)) throw refuse(field.name, `${field.label}: “${value}” is not a number`);
    return number;
  });
  if (condition.operator === 'lessThan') return plain(`${valueOf(field)} < ${param(values[0])}::numeric`);
  if (condition.operator === 'greaterThan') return plain(`${valueOf(field)} > ${param(values[0])}::numeric`);
  return plain(anyOf(place, `${valueOf(field)} = ANY(${param(values)}::numeric[])`));
}

function booleanOf({ field, condition }: Place): string {
  const [value = ''] = condition.values;
  if (value !== 'true' && value !== 'false') throw refuse(field.name, `${field.label} must be true or false`);
  return value;
}

function referencePart(place: Place): Part {
  const { field, condition, reader, param } = place;
  const ids = condition.values.map((value) => (value === ME ? reader.userId : value));
  // Owners have an index of their own (schema.ts).
  if (field.name === 'OwnerId' && condition.operator === 'equals') {
    return { where: `owner = ANY(${param(ids)})`, indexed: true };
  }
  const where = anyOf(place, `${valueOf(field)} = ANY(${param(ids)})`);
  if (condition.operator !== 'equals') return plain(where);
  const terms = ids.map((id) => referenceTermQuery(field.name, id)).join(' | ');
  return { where: `terms @@ ${param(terms)}::tsquery AND ${where}`, indexed: true };
}

const DAY_MS = 86_400_000;

function timePart(place: Place): Part {
  const { field, condition, reader } = place;
  const spans = condition.values.map((value) => {
    if (condition.operator === 'within') return periodOf(field, value, reader);
    const day = dayOf(field, value);
    const next = addDays(day, 1);
    if (condition.operator === 'lessThan') return [undefined, day] as const;
    return condition.operator === 'greaterThan' ? ([next, undefined] as const) : ([day, next] as const);
  });
  const where = spans.map(([from, to]) => {
    const since = from === undefined ? [] : [`${valueOf(field)} >= ${boundary(place, from)}`];
    const until = to === undefined ? [] : [`${valueOf(field)} < ${boundary(place, to)}`];
    return `(${[...since, ...until].join(' AND ')})`;
  });
  return plain(where.join(' OR '));
}

/** The beginning of a day, as the field keeps its values: a day, an instant in ISO 8601, or milliseconds. */
function boundary({ field, reader, param }: Place, day: string): string {
  if (field.type === 'date') return param(day);
  const instant = `(${param(day)}::timestamp AT TIME ZONE ${param(reader.zone)})`;
  if (Object.hasOwn(RECORD_TIMES, field.name)) return `(extract(epoch FROM ${instant}) * 1000)::bigint`;
  return `to_char(${instant} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

function dayOf(field: FieldMeta, value: string): string {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at)) throw refuse(field.name, `${field.label} must be a date such as 2026-03-01`);
  return value;
}

type Span = readonly [from: string | undefined, to: string | undefined];

const DAYS: Partial<Record<Period, readonly [number | undefined, number | undefined]>> = {
  today: [0, 1],
  yesterday: [-1, 0],
  tomorrow: [1, 2],
  'last-7-days': [-6, 1],
  'last-30-days': [-29, 1],
  'next-7-days': [0, 7],
  'next-30-days': [0, 30],
  'before-today': [undefined, 0],
  'after-today': [1, undefined],
};

/** From the beginning of one day to that of another. */
function periodOf(field: FieldMeta, value: string, { now, zone }: Reader): Span {
  const period = PERIODS.find((one) => one === value);
  if (!period) throw refuse(field.name, `${field.label}: there is no period “${value}”`);
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(now);
  const days = DAYS[period];
  if (days) return [dayFrom(today, days[0]), dayFrom(today, days[1])];
  const first = `${today.slice(0, 7)}-01`;
  return period === 'this-month' ? [first, monthFrom(first, 1)] : [monthFrom(first, -1), first];
}

function dayFrom(today: string, days: number | undefined): string | undefined {
  return days === undefined ? undefined : addDays(today, days);
}

function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

function monthFrom(first: string, months: number): string {
  const date = new Date(`${first}T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + months);
  return date.toISOString().slice(0, 10);
}
