/** Records of a CRM by REST: its JSON as our records by the objects of the settings, and back. Ids have their object in front: `Person:12`. */
import type { CrmRecord, FieldMeta, FieldValue, ObjectMeta } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { RecordRef } from '../../../protocol/facts.ts';
import type { CrmCall, Found, NumberHit } from '../connector.ts';
import type { NumberQuery } from '../number-query.ts';
import { namesOf, objectOf, textAt, valueAt, valuesAt } from './json-path.ts';
import { type Exchange, pageUrl, type RestClient } from './rest-client.ts';
import type { RestField, RestFinding, RestObject, RestSettings } from './rest-settings.ts';
import { type Json, namesIn, type Values } from './template.ts';

/** Ways of writing a number that are asked for one by one. */
const MAX_SPELLINGS = 12;
const LETTERS_OR_DIGITS = /[\p{L}\p{N}].*[\p{L}\p{N}]/u;

export class RestRecords {
  readonly #client: RestClient;
  readonly #settings: RestSettings;

  constructor(client: RestClient, settings: RestSettings) {
    this.#client = client;
    this.#settings = settings;
  }

  objects(): ObjectMeta[] {
    return this.#settings.objects.map(toObjectMeta);
  }

  async match(
    call: CrmCall,
    finding: RestFinding,
    query: NumberQuery,
    limit: number,
    note?: (exchange: Exchange) => void,
  ): Promise<Found<NumberHit>> {
    const { e164, digits, national, spellings } = query;
    const values = { number: e164 ?? digits, digits, national, spellings: [...spellings], limit };
    const oneByOne = namesIn(finding).includes('spelling');
    const answers = await Promise.all(
      (oneByOne ? spellings.slice(0, MAX_SPELLINGS) : ['']).map((spelling) =>
        this.#client.send(call, finding, { ...values, spelling }, note),
      ),
    );
    const found = answers.map((answer) => this.#found(finding, answer));
    const all = found.flatMap(({ records }) => records);
    const once = all.filter(
      ({ record }, index) => all.findIndex((one) => one.record.id === record.id) === index,
    );
    return { records: once, more: found.some(({ more }) => more) };
  }

  async search(
    call: CrmCall,
    finding: RestFinding,
    text: string,
    { objects, limit }: { objects?: readonly string[]; limit: number },
  ): Promise<Found<RecordRef>> {
    if (!LETTERS_OR_DIGITS.test(text)) return { records: [], more: false };
    const asked = objects ? [...objects] : null;
    const answer = await this.#client.send(call, finding, { text: text.trim(), limit, objects: asked });
    const { records, more } = this.#found(finding, answer);
    const wanted = records.filter(({ record }) => !objects || objects.includes(record.object));
    return { records: wanted.map(({ record }) => record), more };
  }

  async read(call: CrmCall, id: string): Promise<CrmRecord> {
    const { object, values } = this.addressOf(id);
    const { read } = this.#settings;
    if (!read) throw new CodedError('not-found', { what: 'record in the CRM' });
    return this.#record(object, read.record, await this.#client.send(call, read, values));
  }

  async create(call: CrmCall, objectName: string, fields: Record<string, FieldValue>): Promise<CrmRecord> {
    const object = this.#object(objectName, 'bad-input');
    const { create } = this.#settings;
    if (!create) throw new CodedError('not-found', { what: 'object in the CRM' });
    const values = { ...namesOfObject(object), fields: written(object, fields) };
    return await this.#fieldNamed(object, async () =>
      this.#record(object, create.record, await this.#client.send(call, create, values)),
    );
  }

  async update(
    call: CrmCall,
    id: string,
    fields: Record<string, FieldValue>,
    rev: number | undefined,
  ): Promise<CrmRecord> {
    const { object, values } = this.addressOf(id);
    const { update } = this.#settings;
    if (!update) throw new CodedError('not-found', { what: 'object in the CRM' });
    const all = { ...values, fields: written(object, fields), revision: rev ?? null };
    return await this.#fieldNamed(object, async () =>
      this.#record(object, update.record, await this.#client.send(call, update, all)),
    );
  }

  /** What stands for it in addresses. @throws `not-found` for an id that is none of ours. */
  addressOf(id: string): { object: RestObject; values: { id: string; object: string; collection: string } } {
    const at = id.indexOf(':');
    const object = this.#object(id.slice(0, Math.max(0, at)), 'not-found');
    return { object, values: { id: id.slice(at + 1), ...namesOfObject(object) } };
  }

  // ── Pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #object(name: string, code: 'not-found' | 'bad-input'): RestObject {
    const object = this.#settings.objects.find((one) => one.name === name);
    if (object) return object;
    throw code === 'not-found'
      ? new CodedError('not-found', { what: 'record in the CRM' })
      : new CodedError('bad-input', { field: 'object', detail: `object: there is no "${name}"` });
  }

  #found({ records, more }: RestFinding, answer: Json): Found<NumberHit> {
    const hits = Object.entries(records).flatMap(([name, path]) => {
      const object = this.#object(name, 'bad-input');
      return valuesAt(path, answer).flatMap((json) => {
        const record = toRef(object, json);
        return record ? [{ record, numbers: numbersOf(object, json) }] : [];
      });
    });
    return { records: hits, more: valueAt(more, answer) === true };
  }

  #record(object: RestObject, path: string, answer: Json): CrmRecord {
    const json = valueAt(path, answer) ?? null;
    const ref = toRef(object, json);
    if (!ref)
      throw new CodedError('crm-refused', {
        crm: '',
        detail: `there is no ${object.name} with an id at ${path} of its answer: look at the settings.`,
      });
    const fields = Object.entries(object.fields).map(([name, { path: at, type }]) => [
      name,
      fieldValue(type, valueAt(at, json)),
    ]);
    return {
      id: ref.id,
      object: object.name,
      name: ref.name,
      fields: Object.fromEntries(fields) as CrmRecord['fields'],
      names: {},
      createdAt: instantAt(object.createdAt, json),
      updatedAt: instantAt(object.updatedAt, json),
      rev: Number(valueAt(object.revision, json) ?? 0) || 0,
    };
  }

  /** Its error names its own field: ours has another name. */
  async #fieldNamed<T>(object: RestObject, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const theirs = error instanceof CodedError ? error.data['field'] : undefined;
      if (!(error instanceof CodedError) || typeof theirs !== 'string') throw error;
      const ours = Object.entries(object.fields).find(([, { path }]) => namesOf(path)?.join('.') === theirs);
      throw new CodedError(error.code, { ...error.data, field: ours?.[0] ?? theirs });
    }
  }
}

function namesOfObject({ name, collection }: RestObject): { object: string; collection: string } {
  return { object: name, collection: collection ?? name };
}

/** Undefined for what has no id. */
function toRef(object: RestObject, json: Json): RecordRef | undefined {
  const id = textAt(object.id, json);
  if (id === undefined) return undefined;
  const { nameField, detailField, fields } = object;
  const detail = detailField === undefined ? undefined : textAt(fields[detailField]?.path, json);
  const values: Values = { id, ...namesOfObject(object) };
  const url = pageUrl(object.page, values);
  return {
    id: `${object.name}:${id}`,
    object: object.name,
    name: textAt(fields[nameField]?.path, json) ?? id,
    ...(detail === undefined ? {} : { detail }),
    ...(url === undefined ? {} : { url }),
  };
}

function numbersOf({ fields }: RestObject, json: Json): string[] {
  return Object.values(fields)
    .filter(({ type }) => type === 'phone')
    .flatMap(({ path }) => valuesAt(path, json))
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .map(String);
}

/** @throws `bad-input` for a field that there is not, or that is only read. */
function written(object: RestObject, fields: Record<string, FieldValue>): Json {
  return objectOf(
    Object.entries(fields).map(([name, value]) => {
      const field = object.fields[name];
      if (!field || field.readOnly)
        throw new CodedError('bad-input', {
          field: name,
          detail: `${name}: ${field ? 'it is only read' : 'there is no such field'}`,
        });
      return [field.path, value] as const;
    }),
  );
}

function fieldValue(type: RestField['type'], value: Json | undefined): FieldValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'object') return JSON.stringify(value);
  if (type === 'number') return Number.isFinite(Number(value)) ? Number(value) : null;
  if (type === 'boolean') return value === true || value === 'true' || value === 1;
  return typeof value === 'boolean' || typeof value === 'number' ? String(value) : value;
}

/** UTC milliseconds; 0 where it is not said. Seconds since 1970 are below 10^11 until the year 5138. */
function instantAt(path: string | undefined, json: Json): number {
  const value = valueAt(path, json);
  if (typeof value === 'number') return value < 1e11 ? value * 1_000 : value;
  const instant = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(instant) ? 0 : instant;
}

function toObjectMeta(object: RestObject): ObjectMeta {
  const { name, label = name, labelPlural = label, nameField, fields } = object;
  return {
    name,
    label,
    labelPlural,
    prefix: '',
    nameField,
    fields: Object.entries(fields).map(([fieldName, field]) => toFieldMeta(fieldName, field, nameField)),
    related: [],
  };
}

function toFieldMeta(name: string, field: RestField, nameField: string): FieldMeta {
  const { label = name, type, required, readOnly, options } = field;
  const inList = name === nameField || type === 'phone' || type === 'email';
  return { name, label, type, required, readOnly, inList, ...(options ? { options } : {}) };
}
