/** One row of a file as the values of a record, by the plan that says which column is which field. */
import type { FieldMeta, FieldValue, ObjectMeta } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import { type ColumnPlan, ID_KEY, type ImportPlan, KEY_TYPES } from '../../../protocol/imports.ts';
import { readPhoneNumber } from '../builtin/phone-number.ts';
import { checkFields, type Fields, refuse } from '../builtin/validate.ts';
import { sortName } from '../builtin/write.ts';

/** How rows are read. */
export interface Reading {
  meta: ObjectMeta;
  plan: ImportPlan;
  /** ISO 3166: how numbers without a country are meant. */
  country: string;
}

export interface ReadRow {
  given: Fields;
  /** What finds an existing record. */
  key: string | null;
  /** For each reference by name, the name as names are compared. */
  names: Record<string, string>;
  problems: { field: string; error: string }[];
}

/** A column may hold a person's whole name; it is taken apart. */
export const WHOLE_NAME = 'Name';

/** The fields that a column can go to. Tasks are what was done, and come from the work itself. */
export function importable(meta: ObjectMeta): FieldMeta[] {
  return meta.name === 'Task'
    ? []
    : meta.fields.filter((field) => !field.readOnly || isWholeName(meta, field));
}

function isWholeName(meta: ObjectMeta, { name, readOnly }: FieldMeta): boolean {
  return name === WHOLE_NAME && readOnly && meta.nameField === WHOLE_NAME;
}

/** @throws CodedError `bad-input` for a plan that this object or this file cannot have. */
export function checkPlan(meta: ObjectMeta, plan: ImportPlan, width: number): void {
  const fields = new Map(importable(meta).map((field) => [field.name, field]));
  if (fields.size === 0) throw refuse('object', `${meta.labelPlural} cannot be imported`);
  for (const column of plan.columns) {
    if (column.column >= width) throw refuse('columns', `the file has no column ${column.column + 1}`);
    if (column.field === ID_KEY && plan.key === ID_KEY) continue;
    const field = fields.get(column.field);
    if (!field)
      throw refuse('columns', `${meta.labelPlural} have no field ${column.field} that can be written`);
    if (column.by === 'name' && field.type !== 'reference') {
      throw refuse('columns', `${field.label} points at no other record`);
    }
  }
  checkKey(fields, plan);
  if (plan.mode !== 'update') checkComplete(meta, plan);
}

function checkKey(fields: ReadonlyMap<string, FieldMeta>, { mode, key }: ImportPlan): void {
  if (mode === 'insert' || key === null || key === ID_KEY) return;
  const field = fields.get(key);
  if (!field || field.readOnly || !KEY_TYPES.includes(field.type)) {
    throw refuse('key', `records cannot be found by ${field?.label ?? key}`);
  }
}

/** A new record needs its required fields; a picklist begins with its first option. */
function checkComplete(meta: ObjectMeta, { columns }: ImportPlan): void {
  const mapped = new Set(columns.map(({ field }) => field));
  if (mapped.has(WHOLE_NAME)) mapped.add('LastName');
  const missing = meta.fields.find(
    (field) => field.required && !field.readOnly && field.type !== 'picklist' && !mapped.has(field.name),
  );
  if (missing) throw refuse('columns', `no column goes to ${missing.label}, which every new record needs`);
}

/** Reads a row. What is wrong is said field by field; an empty cell says nothing. */
export function readRow(reading: Reading, cells: readonly string[]): ReadRow {
  const row: ReadRow = { given: {}, key: null, names: {}, problems: [] };
  for (const column of reading.plan.columns) {
    const text = cells[column.column]?.trim() ?? '';
    if (text === '') continue;
    try {
      readCell(reading, column, text, row);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      row.problems.push({ field: column.field, error: String(error.data.detail ?? error.message) });
    }
  }
  const { key } = reading.plan;
  if (key !== null) row.key = keyOf(reading, key, cells, row);
  return row;
}

function readCell(
  { meta, country }: Reading,
  { field: name, by }: ColumnPlan,
  text: string,
  row: ReadRow,
): void {
  if (name === ID_KEY) return;
  const field = meta.fields.find((one) => one.name === name);
  if (!field) throw refuse(name, `there is no field ${name}`);
  if (isWholeName(meta, field)) Object.assign(row.given, checkFields(meta, namesOf(text), {}, country));
  else if (by === 'name') row.names[name] = sortName(text);
  else Object.assign(row.given, checkFields(meta, { [name]: valueOf(field, text) }, {}, country));
}

const YES = ['true', 'yes', 'y', '1', 'x'];
const NO = ['false', 'no', 'n', '0'];

/** As files write it: choices in any case, yes and no in words. */
function valueOf(field: FieldMeta, text: string): FieldValue {
  const lower = text.toLowerCase();
  if (field.type === 'picklist')
    return field.options?.find((option) => option.toLowerCase() === lower) ?? text;
  if (field.type !== 'boolean') return text;
  if (YES.includes(lower)) return true;
  return NO.includes(lower) ? false : text;
}

/** `Ada King` and `King, Ada`: the last word is the last name. */
function namesOf(whole: string): Fields {
  const comma = whole.indexOf(',');
  if (comma > 0) return { FirstName: whole.slice(comma + 1).trim(), LastName: whole.slice(0, comma).trim() };
  const space = whole.lastIndexOf(' ');
  return { FirstName: space < 0 ? '' : whole.slice(0, space).trim(), LastName: whole.slice(space + 1) };
}

/** The key as it is compared: a number in E.164, other texts without case. */
function keyOf(
  { meta, plan, country }: Reading,
  key: string,
  cells: readonly string[],
  row: ReadRow,
): string | null {
  const column = plan.columns.find(({ field }) => field === key)?.column ?? -1;
  const text = cells[column]?.trim() ?? '';
  const label = meta.fields.find(({ name }) => name === key)?.label ?? 'the record’s id';
  if (text === '') {
    row.problems.push({ field: key, error: `without ${label} the record cannot be found` });
    return null;
  }
  if (key === ID_KEY) return text;
  const field = meta.fields.find(({ name }) => name === key);
  if (field?.type !== 'phone') return text.toLowerCase();
  const number = readPhoneNumber(text, country);
  return number?.e164 ?? number?.digits ?? null;
}
