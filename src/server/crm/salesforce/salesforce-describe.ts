/** What objects and fields an account sees, its field-level security included: as Salesforce describes them to it. */
import type { Clock } from '../../../lib/clock.ts';
import type { FieldMeta, FieldType, ObjectMeta } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import { Brief } from '../brief.ts';
import type { AccountOwner, CrmCall } from '../connector.ts';
import type { SalesforceSession } from './salesforce-session.ts';

export interface DescribedField {
  name: string;
  label: string;
  type: string;
  length: number;
  nillable: boolean;
  defaultedOnCreate: boolean;
  createable: boolean;
  updateable: boolean;
  nameField: boolean;
  relationshipName: string | null;
  referenceTo: readonly string[];
  picklistValues: readonly { value: string; active: boolean }[];
}

export interface Described {
  name: string;
  label: string;
  labelPlural: string;
  keyPrefix: string | null;
  fields: readonly DescribedField[];
}

const AGE_MS = 300_000;

const TYPES: Record<string, FieldType> = {
  phone: 'phone',
  email: 'email',
  url: 'url',
  textarea: 'textarea',
  picklist: 'picklist',
  date: 'date',
  datetime: 'datetime',
  boolean: 'boolean',
  reference: 'reference',
  int: 'number',
  double: 'number',
  currency: 'number',
  percent: 'number',
};

/** Ids begin with these; others are looked up. */
const PREFIXES: Record<string, string> = {
  '001': 'Account',
  '003': 'Contact',
  '00Q': 'Lead',
  '500': 'Case',
  '006': 'Opportunity',
  '00T': 'Task',
  '005': 'User',
};

export class SalesforceDescriber {
  readonly #session: SalesforceSession;
  readonly #described: Brief<Described>;
  readonly #prefixes: Brief<Map<string, string>>;

  constructor(session: SalesforceSession, clock: Clock) {
    this.#session = session;
    this.#described = new Brief({ clock, ageMs: AGE_MS, max: 500 });
    this.#prefixes = new Brief({ clock, ageMs: AGE_MS, max: 100 });
  }

  /** @throws `not-found` for an object that the account does not see. */
  describe(owner: AccountOwner, call: CrmCall, object: string): Promise<Described> {
    return this.#described.get(`${JSON.stringify(owner)} ${object}`, () =>
      this.#session.request<Described>(owner, call, {
        method: 'GET',
        path: `/sobjects/${encodeURIComponent(object)}/describe`,
      }),
    );
  }

  /** Those of these objects that the account sees, in their order. */
  async visible(owner: AccountOwner, call: CrmCall, objects: readonly string[]): Promise<Described[]> {
    const described = await Promise.all(
      objects.map((object) =>
        this.describe(owner, call, object).catch((error: unknown) => {
          if (error instanceof CodedError && error.code === 'not-found') return undefined;
          throw error;
        }),
      ),
    );
    return described.filter((one) => one !== undefined);
  }

  /** The object of an id. @throws `not-found`. */
  async objectOf(owner: AccountOwner, call: CrmCall, id: string): Promise<string> {
    const prefix = id.slice(0, 3);
    const known = PREFIXES[prefix] ?? (await this.#prefixesOf(owner, call)).get(prefix);
    if (known === undefined || !/^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(id))
      throw new CodedError('not-found', { what: 'record in Salesforce' });
    return known;
  }

  #prefixesOf(owner: AccountOwner, call: CrmCall): Promise<Map<string, string>> {
    return this.#prefixes.get(JSON.stringify(owner), async () => {
      const { sobjects } = await this.#session.request<{ sobjects: Described[] }>(owner, call, {
        method: 'GET',
        path: '/sobjects',
      });
      return new Map(sobjects.flatMap(({ keyPrefix, name }) => (keyPrefix ? [[keyPrefix, name]] : [])));
    });
  }
}

export function nameFieldOf({ fields }: Described): string {
  return fields.find(({ nameField }) => nameField)?.name ?? 'Id';
}

export function phoneFieldsOf({ fields }: Described): string[] {
  return fields.filter(({ type }) => type === 'phone').map(({ name }) => name);
}

export function toObjectMeta(described: Described): ObjectMeta {
  const { name, label, labelPlural, keyPrefix, fields } = described;
  return {
    name,
    label,
    labelPlural,
    prefix: keyPrefix ?? '',
    nameField: nameFieldOf(described),
    fields: fields.filter((field) => field.name !== 'Id').map(toFieldMeta),
    related: [],
  };
}

function toFieldMeta(field: DescribedField): FieldMeta {
  const { name, label, length, nillable, defaultedOnCreate, createable, updateable } = field;
  const type = TYPES[field.type] ?? 'text';
  return {
    name,
    label,
    type,
    required: createable && !nillable && !defaultedOnCreate && type !== 'boolean',
    readOnly: !updateable,
    inList: field.nameField || type === 'phone' || type === 'email',
    ...(length > 0 ? { maxLength: length } : {}),
    ...(type === 'picklist'
      ? { options: field.picklistValues.filter(({ active }) => active).map(({ value }) => value) }
      : {}),
    ...(type === 'reference' ? { refersTo: [...field.referenceTo] } : {}),
  };
}
