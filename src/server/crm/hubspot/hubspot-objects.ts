/** HubSpot's objects, and their properties as the account has them ("Properties API"). */
import type { Clock } from '../../../lib/clock.ts';
import type { CrmRecord, FieldMeta, FieldType, FieldValue, ObjectMeta } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { RecordRef } from '../../../protocol/facts.ts';
import { Brief } from '../brief.ts';
import type { CrmCall } from '../connector.ts';
import type { HubSpotClient } from './hubspot-client.ts';

interface KnownObject {
  label: string;
  labelPlural: string;
  /** Stands in the address of its pages. */
  typeId: string;
  /** Properties that name it, the first that are filled. */
  names: readonly (readonly string[])[];
  /** A property that tells namesakes apart. */
  detail: string;
}

export const OBJECTS = {
  contacts: {
    label: 'Contact',
    labelPlural: 'Contacts',
    typeId: '0-1',
    names: [['firstname', 'lastname'], ['email']],
    detail: 'company',
  },
  companies: {
    label: 'Company',
    labelPlural: 'Companies',
    typeId: '0-2',
    names: [['name'], ['domain']],
    detail: 'city',
  },
  deals: { label: 'Deal', labelPlural: 'Deals', typeId: '0-3', names: [['dealname']], detail: 'amount' },
  tickets: {
    label: 'Ticket',
    labelPlural: 'Tickets',
    typeId: '0-5',
    names: [['subject']],
    detail: 'hs_ticket_priority',
  },
} as const satisfies Record<string, KnownObject>;
export type HubSpotObject = keyof typeof OBJECTS;

export interface Property {
  name: string;
  label: string;
  type: string;
  fieldType: string;
  hidden?: boolean;
  calculated?: boolean;
  options?: readonly { label: string; value: string; hidden?: boolean }[];
  modificationMetadata?: { readOnlyValue: boolean };
}

export interface Row {
  id: string;
  properties: Record<string, string | null>;
  createdAt?: string;
  updatedAt?: string;
}

const AGE_MS = 300_000;
/** Asked for by name in an address, which must not become too long. */
const MAX_PROPERTIES = 150;

export class HubSpotObjects {
  readonly #client: HubSpotClient;
  readonly #properties: Brief<Property[]>;
  readonly #portal: Brief<{ portalId: number; uiDomain: string }>;

  constructor(client: HubSpotClient, clock: Clock) {
    this.#client = client;
    this.#properties = new Brief({ clock, ageMs: AGE_MS, max: 20 });
    this.#portal = new Brief({ clock, ageMs: AGE_MS, max: 1 });
  }

  properties(call: CrmCall, object: string): Promise<Property[]> {
    return this.#properties.get(object, async () => {
      const path = `/crm/v3/properties/${encodeURIComponent(object)}`;
      const { results } = await this.#client.request<{ results: Property[] }>(call, { method: 'GET', path });
      return results;
    });
  }

  /** What people look at: HubSpot keeps hundreds beside these. */
  async shown(call: CrmCall, object: HubSpotObject): Promise<Property[]> {
    const all = await this.properties(call, object);
    return all.filter(({ name, hidden }) => !hidden && !name.startsWith('hs_')).slice(0, MAX_PROPERTIES);
  }

  async meta(call: CrmCall, object: HubSpotObject): Promise<ObjectMeta> {
    const { label, labelPlural, names } = OBJECTS[object];
    const properties = await this.shown(call, object);
    const nameField = names[0].at(-1) ?? '';
    const fields = properties.map((property) => toFieldMeta(property, nameField));
    return { name: object, label, labelPlural, prefix: '', nameField, fields, related: [] };
  }

  /** Where the account's pages are. */
  portal(call: CrmCall): Promise<{ portalId: number; uiDomain: string }> {
    return this.#portal.get('', () =>
      this.#client.request(call, { method: 'GET', path: '/account-info/v3/details' }),
    );
  }

  async pageUrl(call: CrmCall, typeId: string, id: string): Promise<string> {
    const { portalId, uiDomain } = await this.portal(call);
    return `https://${uiDomain}/contacts/${portalId}/record/${typeId}/${id}`;
  }

  async toRef(call: CrmCall, object: HubSpotObject, { id, properties }: Row): Promise<RecordRef> {
    const { names, detail, typeId } = OBJECTS[object];
    const found = names.map((parts) => parts.flatMap((part) => properties[part] || []).join(' '));
    const more = properties[detail];
    return {
      id: `${object}:${id}`,
      object,
      name: found.find((name) => name !== '') ?? id,
      ...(more ? { detail: more } : {}),
      url: await this.pageUrl(call, typeId, id),
    };
  }

  async toRecord(call: CrmCall, object: HubSpotObject, row: Row): Promise<CrmRecord> {
    const shown = await this.shown(call, object);
    const { id, name } = await this.toRef(call, object, row);
    return {
      id,
      object,
      name,
      fields: Object.fromEntries(shown.map((property) => [property.name, valueOf(property, row)])),
      names: {},
      createdAt: instantOf(row.createdAt),
      updatedAt: instantOf(row.updatedAt),
      rev: instantOf(row.updatedAt),
    };
  }
}

/** @throws `not-found` for an id that is none of HubSpot's here. */
export function addressOf(id: string): { object: HubSpotObject; id: string } {
  const [object = '', own = '', ...rest] = id.split(':');
  if (!isObject(object) || !/^\d{1,20}$/.test(own) || rest.length > 0)
    throw new CodedError('not-found', { what: 'record in HubSpot' });
  return { object, id: own };
}

export function isObject(name: string): name is HubSpotObject {
  return Object.hasOwn(OBJECTS, name);
}

/** What a search answers with. */
export function refProperties(object: HubSpotObject): string[] {
  const { names, detail } = OBJECTS[object];
  return [...names.flat(), detail];
}

function typeOf({ type, fieldType }: Property): FieldType {
  if (fieldType === 'phonenumber') return 'phone';
  if (fieldType === 'textarea' || fieldType === 'html') return 'textarea';
  switch (type) {
    case 'number':
    case 'date':
    case 'datetime':
      return type;
    case 'bool':
      return 'boolean';
    case 'enumeration':
      return fieldType === 'checkbox' ? 'text' : 'picklist';
    case 'phone_number':
      return 'phone';
    default:
      return 'text';
  }
}

function toFieldMeta(property: Property, nameField: string): FieldMeta {
  const { name, label, options, calculated, modificationMetadata } = property;
  const type = name === 'email' ? 'email' : typeOf(property);
  return {
    name,
    label,
    type,
    required: false,
    readOnly: (calculated ?? false) || (modificationMetadata?.readOnlyValue ?? false),
    inList: name === nameField || type === 'phone' || type === 'email',
    ...(type === 'picklist'
      ? { options: (options ?? []).filter(({ hidden }) => !hidden).map(({ value }) => value) }
      : {}),
  };
}

/** HubSpot gives each value as a text. */
function valueOf(property: Property, { properties }: Row): FieldValue {
  const text = properties[property.name];
  if (text === null || text === undefined || text === '') return null;
  const type = typeOf(property);
  if (type === 'number') return Number.isFinite(Number(text)) ? Number(text) : null;
  return type === 'boolean' ? text === 'true' : text;
}

function instantOf(text: string | undefined): number {
  const instant = Date.parse(text ?? '');
  return Number.isNaN(instant) ? 0 : instant;
}
