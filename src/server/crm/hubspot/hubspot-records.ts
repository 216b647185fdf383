/** Records of HubSpot: found by its search, which learns of changes some seconds late; read and written by id, at once. */
import type { CrmRecord, FieldValue } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { RecordRef } from '../../../protocol/facts.ts';
import type { CrmCall, Found, NumberHit } from '../connector.ts';
import type { NumberQuery } from '../number-query.ts';
import type { HubSpotClient } from './hubspot-client.ts';
import {
  addressOf,
  type HubSpotObject,
  type HubSpotObjects,
  isObject,
  refProperties,
  type Row,
} from './hubspot-objects.ts';

interface Page {
  results: Row[];
  paging?: { next?: { after: string } };
}

/** Objects whose people and companies have numbers, in the order to show. */
const WITH_NUMBERS: readonly HubSpotObject[] = ['contacts', 'companies'];
/** A number without country and formatting, which HubSpot keeps for its search ("Search the CRM", phone numbers). */
const CALCULATED = /^hs_searchable_calculated_(?:phone|mobile)_number$/;
/** Of one search. */
const MAX_GROUPS = 5;
const MAX_WORDS = 8;

export class HubSpotRecords {
  readonly #client: HubSpotClient;
  readonly #objects: HubSpotObjects;

  constructor(client: HubSpotClient, objects: HubSpotObjects) {
    this.#client = client;
    this.#objects = objects;
  }

  async match(call: CrmCall, query: NumberQuery, limit: number): Promise<Found<NumberHit>> {
    const found = await Promise.all(WITH_NUMBERS.map((object) => this.#matchIn(call, object, query, limit)));
    return { records: found.flatMap(({ records }) => records), more: found.some(({ more }) => more) };
  }

  async #matchIn(
    call: CrmCall,
    object: HubSpotObject,
    query: NumberQuery,
    limit: number,
  ): Promise<Found<NumberHit>> {
    const all = await this.#objects.properties(call, object);
    const phones = all.filter(
      ({ name, fieldType }) => fieldType === 'phonenumber' && !name.startsWith('hs_'),
    );
    const names = phones.map(({ name }) => name);
    const calculated = all.filter(({ name }) => CALCULATED.test(name)).map(({ name }) => name);
    const plain = [query.national, `0${query.national}`, query.digits];
    const groups = [
      ...calculated.map((name) => isIn(name, plain)),
      ...names.map((name) => isIn(name, query.spellings)),
    ];
    const searches: Promise<Page>[] = [];
    for (let done = 0; done < groups.length; done += MAX_GROUPS)
      searches.push(
        this.#search(call, object, limit + 1, [...refProperties(object), ...names], {
          filterGroups: groups.slice(done, done + MAX_GROUPS),
        }),
      );
    const pages = await Promise.all(searches);
    const rows = pages.flatMap(({ results }) => results);
    const once = rows.filter(({ id }, index) => rows.findIndex((row) => row.id === id) === index);
    const records = once.map(async (row) => ({
      record: await this.#objects.toRef(call, object, row),
      numbers: names.flatMap((name) => row.properties[name] || []),
    }));
    return {
      records: await Promise.all(records),
      more: pages.some(({ paging }) => paging?.next !== undefined),
    };
  }

  async search(
    call: CrmCall,
    text: string,
    objects: readonly HubSpotObject[],
    limit: number,
  ): Promise<Found<RecordRef>> {
    const words = wordsOf(text);
    if (words === '') return { records: [], more: false };
    const found = await Promise.all(
      objects.map(async (object) => {
        const page = await this.#search(call, object, limit, refProperties(object), { query: words });
        const records = await Promise.all(page.results.map((row) => this.#objects.toRef(call, object, row)));
        return { records, more: page.paging?.next !== undefined };
      }),
    );
    return { records: found.flatMap(({ records }) => records), more: found.some(({ more }) => more) };
  }

  #search(
    call: CrmCall,
    object: HubSpotObject,
    limit: number,
    properties: readonly string[],
    what: object,
  ): Promise<Page> {
    return this.#client.request<Page>(call, {
      method: 'POST',
      path: `/crm/v3/objects/${object}/search`,
      body: { ...what, properties: [...new Set(properties)], limit },
      search: true,
    });
  }

  async read(call: CrmCall, recordId: string): Promise<CrmRecord> {
    const { object, id } = addressOf(recordId);
    const shown = await this.#objects.shown(call, object);
    const names = shown.map(({ name }) => name).join(',');
    const row = await this.#client.request<Row>(call, {
      method: 'GET',
      path: `/crm/v3/objects/${object}/${id}?properties=${encodeURIComponent(names)}`,
    });
    return await this.#objects.toRecord(call, object, row);
  }

  async create(call: CrmCall, object: string, fields: Record<string, FieldValue>): Promise<CrmRecord> {
    if (!isObject(object))
      throw new CodedError('bad-input', { field: 'object', detail: `object: there is no "${object}"` });
    const { id } = await this.#client.request<Row>(call, {
      method: 'POST',
      path: `/crm/v3/objects/${object}`,
      body: { properties: textsOf(fields) },
    });
    return await this.read(call, `${object}:${id}`);
  }

  /** HubSpot knows no conditional change: an older revision is found out just before. */
  async update(
    call: CrmCall,
    recordId: string,
    fields: Record<string, FieldValue>,
    rev: number | undefined,
  ): Promise<CrmRecord> {
    const { object, id } = addressOf(recordId);
    if (rev !== undefined && (await this.read(call, recordId)).rev !== rev)
      throw new CodedError('conflict', { what: 'record' });
    await this.#client.request<Row>(call, {
      method: 'PATCH',
      path: `/crm/v3/objects/${object}/${id}`,
      body: { properties: textsOf(fields) },
    });
    return await this.read(call, recordId);
  }
}

/** `IN` compares texts that are in small letters. */
function isIn(propertyName: string, values: readonly string[]): object {
  return { filters: [{ propertyName, operator: 'IN', values: values.map((value) => value.toLowerCase()) }] };
}

/** Its search reads words; other characters would mean something to it, or nothing. */
function wordsOf(text: string): string {
  const words = text.split(/[^\p{L}\p{N}@.'-]+/u).filter((word) => /[\p{L}\p{N}].*[\p{L}\p{N}]/u.test(word));
  return words.slice(0, MAX_WORDS).join(' ');
}

/** The empty text takes a value away. */
function textsOf(fields: Record<string, FieldValue>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value === null ? '' : String(value)]),
  );
}
