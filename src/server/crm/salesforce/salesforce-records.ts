/** Records of Salesforce: found by SOSL, read by SOQL, written over sObjects, each as the account that acts. */
import type { CrmRecord, FieldValue } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { RecordRef } from '../../../protocol/facts.ts';
import type { AccountOwner, CrmCall, Found, NumberHit } from '../connector.ts';
import type { NumberQuery } from '../number-query.ts';
import {
  type Described,
  nameFieldOf,
  phoneFieldsOf,
  type SalesforceDescriber,
} from './salesforce-describe.ts';
import type { SalesforceSession } from './salesforce-session.ts';
import { anyPhrase, soqlText, wordBeginnings } from './salesforce-text.ts';

type Row = Record<string, unknown> & { Id: string; attributes: { type: string } };

/** Fields of one record that are asked for at most: longer statements are refused. */
const MAX_FIELDS = 150;
/** Of one search in one object. */
const MAX_FOUND = 50;

/** A line that tells namesakes apart, by object, where the account sees the field. */
const DETAILS: Record<string, readonly string[]> = {
  Contact: ['Account.Name', 'Title'],
  Lead: ['Company', 'Status'],
  Account: ['BillingCity', 'Industry'],
  Case: ['Subject', 'Status'],
};

export class SalesforceRecords {
  readonly #session: SalesforceSession;
  readonly #describer: SalesforceDescriber;

  constructor(session: SalesforceSession, describer: SalesforceDescriber) {
    this.#session = session;
    this.#describer = describer;
  }

  async match(
    owner: AccountOwner,
    call: CrmCall,
    { spellings }: NumberQuery,
    objects: readonly string[],
  ): Promise<Found<NumberHit>> {
    const visible = await this.#describer.visible(owner, call, objects);
    const asked = visible.filter((described) => phoneFieldsOf(described).length > 0);
    const found = await this.#find(owner, call, `{${anyPhrase(spellings)}} IN PHONE FIELDS`, asked, true);
    const base = await this.#session.instanceUrl(owner);
    return {
      records: found.rows.map((row) => {
        const described = asked.find(({ name }) => name === row.attributes.type);
        const fields = described ? phoneFieldsOf(described) : [];
        const numbers = fields.flatMap((field) => (typeof row[field] === 'string' ? [row[field]] : []));
        return { record: toRef(row, described, base), numbers };
      }),
      more: found.more,
    };
  }

  async search(
    owner: AccountOwner,
    call: CrmCall,
    text: string,
    objects: readonly string[],
  ): Promise<Found<RecordRef>> {
    const words = wordBeginnings(text);
    if (words === undefined) return { records: [], more: false };
    const asked = await this.#describer.visible(owner, call, objects);
    const found = await this.#find(owner, call, `{${words}} IN ALL FIELDS`, asked, false);
    const base = await this.#session.instanceUrl(owner);
    const records = found.rows.map((row) =>
      toRef(
        row,
        asked.find(({ name }) => name === row.attributes.type),
        base,
      ),
    );
    return { records, more: found.more };
  }

  async #find(
    owner: AccountOwner,
    call: CrmCall,
    what: string,
    objects: readonly Described[],
    phones: boolean,
  ): Promise<{ rows: Row[]; more: boolean }> {
    if (objects.length === 0) return { rows: [], more: false };
    const returning = objects.map((described) => {
      const fields = ['Id', nameFieldOf(described), ...detailsOf(described)];
      const all = [...new Set([...fields, ...(phones ? phoneFieldsOf(described) : [])])];
      // The contact inside of a person account is that account's.
      const where =
        described.name === 'Contact' && hasField(described, 'IsPersonAccount')
          ? ' WHERE IsPersonAccount = false'
          : '';
      return `${described.name}(${all.join(', ')}${where} LIMIT ${MAX_FOUND + 1})`;
    });
    const sosl = `FIND ${what} RETURNING ${returning.join(', ')}`;
    const { searchRecords } = await this.#session.request<{ searchRecords: Row[] }>(owner, call, {
      method: 'GET',
      path: `/search?q=${encodeURIComponent(sosl)}`,
    });
    const order = objects.map(({ name }) => name);
    const rows = [...searchRecords].sort(
      (a, b) => order.indexOf(a.attributes.type) - order.indexOf(b.attributes.type),
    );
    return { rows, more: rows.length > MAX_FOUND };
  }

  async read(owner: AccountOwner, call: CrmCall, id: string): Promise<CrmRecord> {
    const object = await this.#describer.objectOf(owner, call, id);
    const described = await this.#describer.describe(owner, call, object);
    const fields = described.fields.slice(0, MAX_FIELDS);
    const related = fields.flatMap(({ relationshipName, referenceTo }) =>
      relationshipName && referenceTo.some(isNamed) ? [`${relationshipName}.Name`] : [],
    );
    const columns = [...new Set(['Id', ...fields.map(({ name }) => name), ...related])];
    const soql = `SELECT ${columns.join(', ')} FROM ${object} WHERE Id = ${soqlText(id)} LIMIT 1`;
    const [row] = await this.query<Row>(owner, call, soql);
    if (!row) throw new CodedError('not-found', { what: 'record in Salesforce' });
    return toRecord(row, { ...described, fields });
  }

  async query<T>(owner: AccountOwner, call: CrmCall, soql: string): Promise<T[]> {
    const path = `/query?q=${encodeURIComponent(soql)}`;
    return (await this.#session.request<{ records: T[] }>(owner, call, { method: 'GET', path })).records;
  }

  /** The id. */
  async create(owner: AccountOwner, call: CrmCall, object: string, body: object): Promise<string> {
    const path = `/sobjects/${encodeURIComponent(object)}`;
    return (await this.#session.request<{ id: string }>(owner, call, { method: 'POST', path, body })).id;
  }

  /** @throws `conflict` when it was changed since `rev`. */
  async change(
    owner: AccountOwner,
    call: CrmCall,
    id: string,
    fields: Record<string, FieldValue>,
    rev: number | undefined,
  ): Promise<void> {
    const object = await this.#describer.objectOf(owner, call, id);
    if (rev !== undefined) {
      const current = await this.read(owner, call, id);
      if (current.rev !== rev) throw new CodedError('conflict', { rev: current.rev });
    }
    await this.update(owner, call, { object, id }, fields);
  }

  async update(
    owner: AccountOwner,
    call: CrmCall,
    { object, id }: { object: string; id: string },
    body: object,
  ): Promise<void> {
    const path = `/sobjects/${encodeURIComponent(object)}/${encodeURIComponent(id)}`;
    await this.#session.request(owner, call, { method: 'PATCH', path, body });
  }
}

/** Objects whose records have a `Name` that can be asked for through a reference. */
function isNamed(object: string): boolean {
  return object !== 'Case' && object !== 'Task';
}

function hasField({ fields }: Described, name: string): boolean {
  return fields.some((field) => field.name === name);
}

function detailsOf(described: Described): string[] {
  return (DETAILS[described.name] ?? []).filter((path) => {
    const [first = '', second] = path.split('.');
    return hasField(described, second === undefined ? first : `${first}Id`);
  });
}

export function recordUrl(base: string, object: string, id: string): string {
  return `${base.replace(/\/$/, '')}/lightning/r/${object}/${id}/view`;
}

function toRef(row: Row, described: Described | undefined, base: string): RecordRef {
  const object = row.attributes.type;
  const detail = (described ? detailsOf(described) : []).map((path) => valueAt(row, path)).find(Boolean);
  return {
    id: row.Id,
    object,
    name: String(row[described ? nameFieldOf(described) : 'Name'] ?? row.Id),
    ...(detail ? { detail } : {}),
    url: recordUrl(base, object, row.Id),
  };
}

function valueAt(row: Row, path: string): string | undefined {
  const [first = '', second] = path.split('.');
  const value = row[first];
  const found = second === undefined ? value : (value as Record<string, unknown> | null)?.[second];
  return typeof found === 'string' ? found : undefined;
}

function toRecord(row: Row, described: Described): CrmRecord {
  const { fields } = described;
  const values = fields.map(({ name }): [string, FieldValue] => [name, toValue(row[name])]);
  const names = fields.flatMap(({ name, relationshipName }): [string, string][] => {
    const id = row[name];
    const label = relationshipName ? valueAt(row, `${relationshipName}.Name`) : undefined;
    return typeof id === 'string' && label !== undefined ? [[id, label]] : [];
  });
  const updatedAt = instantOf(row['SystemModstamp'] ?? row['LastModifiedDate']);
  return {
    id: row.Id,
    object: described.name,
    name: String(row[nameFieldOf(described)] ?? row.Id),
    fields: Object.fromEntries(values),
    names: Object.fromEntries(names),
    createdAt: instantOf(row['CreatedDate']),
    updatedAt,
    rev: updatedAt,
  };
}

/** Compound values (addresses, places) are their parts' business. */
function toValue(value: unknown): FieldValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function instantOf(value: unknown): number {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? 0 : at;
}
