import type { FieldMeta, ObjectMeta } from '../../protocol/crm.ts';
import { type ColumnPlan, ID_KEY, KEY_TYPES } from '../../protocol/imports.ts';

/** Where a column can go: a field, or what names the record that a field points at. */
export interface ColumnTarget {
  /** `AccountId:name`, or the field's name alone. */
  value: string;
  label: string;
}

/** How files call what we call otherwise; compared without case, spaces and marks. */
const OTHER_NAMES: Record<string, readonly string[]> = {
  FirstName: ['givenname', 'forename', 'vorname', 'prenom'],
  LastName: ['surname', 'familyname', 'nachname', 'nom'],
  Email: ['mail', 'emailaddress', 'email1'],
  Phone: ['tel', 'telephone', 'phonenumber', 'businessphone', 'workphone', 'telefon', 'number'],
  MobilePhone: ['mobile', 'cell', 'cellphone', 'mobilenumber', 'handy'],
  Company: ['companyname', 'account', 'organisation', 'organization', 'firm'],
  'AccountId:name': [
    'account',
    'accountname',
    'company',
    'companyname',
    'organisation',
    'organization',
    'firm',
  ],
  AccountId: ['accountid'],
  Title: ['jobtitle', 'position'],
  Website: ['web', 'url', 'homepage'],
  NumberOfEmployees: ['employees', 'staff'],
  Id: ['id', 'recordid', 'contactid', 'leadid', 'salesforceid'],
};
const WHOLE_NAMES = ['fullname', 'contactname', 'displayname'];
const COMPANY_NAMES = ['accountname', 'company', 'companyname', 'organisation', 'organization', 'firm'];
const CITY = ['city', 'town', 'ort', 'mailingcity', 'billingcity'];

/** The fields that a column can go to. */
export function columnTargets(meta: ObjectMeta): ColumnTarget[] {
  const targets = meta.fields.flatMap((field): ColumnTarget[] => {
    if (field.readOnly && !isWholeName(meta, field)) return [];
    if (isWholeName(meta, field)) return [{ value: field.name, label: 'Whole name (is taken apart)' }];
    if (field.type !== 'reference') return [{ value: field.name, label: field.label }];
    return [
      { value: `${field.name}:name`, label: `${field.label}, by its name` },
      { value: field.name, label: `${field.label}, by its id` },
    ];
  });
  return [...targets, { value: ID_KEY, label: 'Id of the record' }];
}

function isWholeName(meta: ObjectMeta, { name, readOnly }: FieldMeta): boolean {
  return readOnly && name === 'Name' && meta.nameField === 'Name';
}

/** For each column where it probably goes, or an empty text; each field once. */
export function suggestTargets(meta: ObjectMeta, columns: readonly string[]): string[] {
  const targets = columnTargets(meta);
  const taken = new Set<string>();
  return columns.map((column) => {
    const wanted = bare(column);
    const free = targets.filter(({ value }) => !taken.has(fieldOf(value)));
    const found =
      free.find(({ value, label }) => wanted !== '' && (bare(value) === wanted || bare(label) === wanted)) ??
      free.find(({ value }) => namesOf(meta, value).includes(wanted));
    if (found) taken.add(fieldOf(found.value));
    return found?.value ?? '';
  });
}

function namesOf(meta: ObjectMeta, target: string): readonly string[] {
  if (target === 'Name')
    return meta.fields.some((field) => isWholeName(meta, field)) ? WHOLE_NAMES : COMPANY_NAMES;
  if (target.endsWith('City')) return CITY;
  return OTHER_NAMES[target] ?? [];
}

function bare(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/__c$/, '')
    .replace(/[^\p{L}\p{N}]/gu, '');
}

function fieldOf(target: string): string {
  return target.split(':')[0] ?? target;
}

/** The plan's columns for these targets. */
export function columnsOf(targets: readonly string[]): ColumnPlan[] {
  return targets.flatMap((target, column) =>
    target === '' ? [] : [{ column, field: fieldOf(target), by: target.endsWith(':name') ? 'name' : 'id' }],
  );
}

/** The targets that a plan had. */
export function targetsOf(columns: readonly ColumnPlan[], width: number): string[] {
  return Array.from({ length: width }, (_, i) => {
    const plan = columns.find(({ column }) => column === i);
    return plan ? `${plan.field}${plan.by === 'name' ? ':name' : ''}` : '';
  });
}

/** The mapped fields that can find an existing record. */
export function keysOf(meta: ObjectMeta, targets: readonly string[]): ColumnTarget[] {
  const fields = meta.fields.filter(
    ({ name, type, readOnly }) => targets.includes(name) && !readOnly && KEY_TYPES.includes(type),
  );
  const keys = fields.map(({ name, label }) => ({ value: name, label }));
  return targets.includes(ID_KEY) ? [{ value: ID_KEY, label: 'Id of the record' }, ...keys] : keys;
}
