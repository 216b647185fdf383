/** Properties of the HubSpot double: those that an account begins with, made anew, unique ones, and what they refuse. */
export interface HubSpotAnswer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface StoredRow {
  id: string;
  properties: Record<string, string>;
  createdAt: string;
  updatedAt: string;
}

export interface Filter {
  propertyName: string;
  operator: string;
  value?: string;
  values?: string[];
}

interface Property {
  name: string;
  label: string;
  type: string;
  fieldType: string;
  hidden?: boolean;
  hasUniqueValue?: boolean;
  groupName?: string;
}

function texts(...names: string[]): Property[] {
  return names.map((name) => ({ name, label: name, type: 'string', fieldType: 'text' }));
}

function phones(...names: string[]): Property[] {
  return names.map((name) => ({ name, label: name, type: 'string', fieldType: 'phonenumber' }));
}

export class HubSpotProperties {
  readonly #groups = new Set<string>();
  readonly #all = new Map<string, Property[]>([
    [
      'contacts',
      [
        ...texts('firstname', 'lastname', 'email', 'company'),
        ...phones(
          'phone',
          'mobilephone',
          'hs_searchable_calculated_phone_number',
          'hs_searchable_calculated_mobile_number',
        ),
      ],
    ],
    [
      'companies',
      [...texts('name', 'domain', 'city'), ...phones('phone', 'hs_searchable_calculated_phone_number')],
    ],
    [
      'deals',
      [...texts('dealname'), { name: 'amount', label: 'Amount', type: 'number', fieldType: 'number' }],
    ],
    [
      'calls',
      texts(
        'hs_timestamp',
        'hs_call_title',
        'hs_call_body',
        'hs_call_duration',
        'hs_call_from_number',
        'hs_call_to_number',
        'hs_call_status',
        'hs_call_disposition',
        'hs_call_direction',
        'hs_call_recording_url',
        'hubspot_owner_id',
      ),
    ],
    [
      'p_call_figures',
      [
        ...texts('answered'),
        { name: 'key', label: 'Key', type: 'string', fieldType: 'text', hasUniqueValue: true },
      ],
    ],
  ]);

  has(object: string): boolean {
    return this.#all.has(object);
  }

  find(object: string, name: string): Property | undefined {
    return this.#all.get(object)?.find((one) => one.name === name);
  }

  isUnique(object: string, name: string): boolean {
    return this.find(object, name)?.hasUniqueValue ?? false;
  }

  answer(
    { method, body }: { method: string; body: Record<string, unknown> },
    object: string,
    what?: string,
  ): HubSpotAnswer {
    const all = this.#all.get(object);
    if (!all) return refusal(400, 'VALIDATION_ERROR', `Unable to infer object type from: ${object}`);
    if (method === 'GET') return { status: 200, body: { results: all } };
    if (what === 'groups') {
      this.#groups.add(String(body['name']));
      return { status: 201, body };
    }
    const property = body as unknown as Property;
    if (this.find(object, property.name))
      return refusal(409, 'CONFLICT', `Property ${property.name} already exists`);
    if (!this.#groups.has(property.groupName ?? ''))
      return refusal(400, 'VALIDATION_ERROR', 'Group does not exist');
    all.push(property);
    return { status: 201, body: property };
  }

  /** As HubSpot refuses properties that it does not have and values that they do not take. */
  refused(object: string, values: [string, string][]): HubSpotAnswer | undefined {
    for (const [name, value] of values) {
      if (!this.find(object, name))
        return refusal(
          400,
          'VALIDATION_ERROR',
          `Property "${name}" does not exist`,
          'PROPERTY_DOESNT_EXIST',
          name,
        );
      if (name === 'email' && value !== '' && !value.includes('@'))
        return refusal(400, 'VALIDATION_ERROR', `Email address ${value} is invalid`, 'INVALID_EMAIL', name);
      if (value.length > 65_536)
        return refusal(400, 'VALIDATION_ERROR', `${name} is too long`, 'PROPERTY_TOO_LONG', name);
    }
    return undefined;
  }
}

export function matches(
  { propertyName, operator, value, values }: Filter,
  properties: Record<string, string>,
): boolean {
  const has = properties[propertyName]?.toLowerCase();
  if (has === undefined) return false;
  // Values of IN are compared as they are: only small letters can be met.
  if (operator === 'IN') return (values ?? []).includes(has);
  return operator === 'EQ' && has === value?.toLowerCase();
}

export function refusal(
  status: number,
  category: string,
  message: string,
  code?: string,
  property?: string,
): HubSpotAnswer {
  const errors = code ? [{ message, code, context: { propertyName: [property] } }] : undefined;
  return { status, body: { status: 'error', message, category, correlationId: 'aeb5f871', errors } };
}
