/**
 * HubSpot as its documentation describes it: objects with properties, a search that learns late and takes five requests a second, unique
 * properties and upserts by them, associations, owners, call outcomes, OAuth, limits. The double for its connector.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import parsePhoneNumber from 'libphonenumber-js/max';
import {
  type Filter,
  type HubSpotAnswer,
  HubSpotProperties,
  matches,
  refusal,
  type StoredRow,
} from './hubspot-properties.ts';

export const HUBSPOT_TOKEN = 'pat-eu1-token';
export const HUBSPOT_APP = { id: 'app-id', secret: 'app-secret' };
const PORTAL = 4711;
/** The second of its limit, less what the network may take from it. */
const SECOND_MS = 950;

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
  form: URLSearchParams;
}

export class HubSpotDouble {
  /** More than these are refused as too many. */
  searchesPerSecond = 5;
  readonly properties = new HubSpotProperties();
  readonly rows = new Map<string, StoredRow[]>();
  /** `calls/1` to `contacts/2`. */
  readonly associations = new Set<string>();
  readonly asked: string[] = [];
  readonly owners = [
    { id: '71', email: 'ann@acme.example' },
    { id: '72', email: 'bob@acme.example' },
  ];
  readonly outcomes = [
    { id: 'f240bbac-87c9-4f6e-bf70-924b57d47db7', label: 'Connected' },
    { id: '11111111-2222-3333-4444-555555555555', label: 'Sold' },
  ];
  /** What everything is answered with instead. */
  instead: HubSpotAnswer | undefined;
  /** Tokens that are good. */
  readonly tokens = new Set([HUBSPOT_TOKEN]);
  readonly #searchedAt: number[] = [];
  #loseNext = false;
  #lastId = 500;
  #lastToken = 0;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<HubSpotDouble> {
    const double = new HubSpotDouble();
    await new Promise<void>((done) => double.#server.listen(0, '127.0.0.1', done));
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  all(object: string): StoredRow[] {
    return this.rows.get(object) ?? [];
  }

  add(object: string, properties: Record<string, string>): StoredRow {
    const now = new Date().toISOString();
    const row = { id: String(++this.#lastId), properties, createdAt: now, updatedAt: now };
    this.rows.set(object, [...this.all(object), row]);
    this.#calculate(row);
    return row;
  }

  remove(object: string, id: string): void {
    this.rows.set(
      object,
      this.all(object).filter((row) => row.id !== id),
    );
  }

  /** The next write is carried out, and the connection breaks before its answer. */
  loseNextAnswer(): void {
    this.#loseNext = true;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString('utf8');
    const url = new URL(request.url ?? '/', this.url);
    const method = request.method ?? 'GET';
    const json = request.headers['content-type']?.includes('json') ?? false;
    const asked: Asked = {
      method,
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      body: (json ? JSON.parse(text) : {}) as Record<string, unknown>,
      form: new URLSearchParams(json ? '' : text),
    };
    this.asked.push(`${method} ${asked.path}`);
    const { status, body, headers } = this.instead ?? this.#answer(asked, request.headers.authorization);
    const writes = method !== 'GET' && /^\/crm\/v3\/objects\/.*(?<!\/search)$/.test(asked.path);
    if (this.#loseNext && writes && status < 300) {
      this.#loseNext = false;
      request.socket.destroy();
      return;
    }
    response.writeHead(status, {
      'content-type': 'application/json;charset=utf-8',
      'x-hubspot-ratelimit-daily': '250000',
      'x-hubspot-ratelimit-daily-remaining': String(250_000 - this.asked.length),
      ...headers,
    });
    response.end(body === undefined ? '' : JSON.stringify(body));
  }

  #answer(asked: Asked, authorization: string | undefined): HubSpotAnswer {
    if (asked.path === '/oauth/v3/token') return this.#token(asked.form);
    if (!this.tokens.has(authorization?.replace(/^Bearer /, '') ?? ''))
      return refusal(401, 'EXPIRED_AUTHENTICATION', 'The OAuth token used to make this call expired.');
    const { path } = asked;
    if (path === '/account-info/v3/details')
      return {
        status: 200,
        body: { portalId: PORTAL, uiDomain: 'app-eu1.hubspot.com', timeZone: 'Europe/London' },
      };
    if (path === '/calling/v1/dispositions') return { status: 200, body: this.outcomes };
    if (path === '/crm/v3/owners') {
      const results = this.owners.filter(({ email }) => email === asked.query.get('email'));
      return { status: 200, body: { results } };
    }
    const [, crm, version, kind, object = '', ...rest] = path.split('/');
    if (crm === 'crm' && version === 'v3' && kind === 'properties')
      return this.properties.answer(asked, object, rest[0]);
    if (crm === 'crm' && version === 'v4') return this.#associate(object, rest);
    if (crm === 'crm' && kind === 'objects') return this.#objects(asked, object, rest);
    return refusal(404, 'OBJECT_NOT_FOUND', 'resource not found');
  }

  #token(form: URLSearchParams): HubSpotAnswer {
    const known =
      form.get('client_id') === HUBSPOT_APP.id && form.get('client_secret') === HUBSPOT_APP.secret;
    const code = form.get('grant_type') === 'authorization_code' && form.get('code') === 'good-code';
    const refresh = form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === 'refresh';
    if (!known || !(code || refresh))
      return {
        status: 400,
        body: { status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid refresh token' },
      };
    const access_token = `oauth-${++this.#lastToken}`;
    this.tokens.add(access_token);
    return {
      status: 200,
      body: { access_token, refresh_token: 'refresh', expires_in: 1_800, hub_id: PORTAL },
    };
  }

  #objects(asked: Asked, object: string, [id, action]: string[]): HubSpotAnswer {
    if (!this.properties.has(object))
      return refusal(400, 'VALIDATION_ERROR', `Unable to infer object type from: ${object}`);
    if (id === 'search') return this.#search(asked, object);
    if (id === 'batch' && action === 'upsert') return this.#upsert(asked, object);
    const values = (asked.body['properties'] ?? {}) as Record<string, string>;
    const refused = this.properties.refused(object, Object.entries(values));
    if (refused) return refused;
    if (id === undefined) return { status: 201, body: this.add(object, values) };
    const by = asked.query.get('idProperty');
    if (by !== null && !this.properties.isUnique(object, by))
      return refusal(400, 'VALIDATION_ERROR', `Property ${by} is not a unique property of ${object}`);
    const row = this.all(object).find((one) => (by === null ? one.id : one.properties[by]) === id);
    if (!row) return refusal(404, 'OBJECT_NOT_FOUND', 'Object not found.  objectId are usually numeric.');
    if (asked.method === 'PATCH') this.#change(row, values);
    return { status: 200, body: row };
  }

  #change(row: StoredRow, values: Record<string, string>): void {
    Object.assign(row.properties, values);
    row.updatedAt = new Date(Date.parse(row.updatedAt) + 1).toISOString();
    this.#calculate(row);
  }

  #upsert({ body }: Asked, object: string): HubSpotAnswer {
    const inputs = body['inputs'] as { idProperty: string; id: string; properties: Record<string, string> }[];
    if (inputs.length > 100) return refusal(400, 'VALIDATION_ERROR', 'The maximum number of inputs is 100');
    for (const { idProperty, properties } of inputs) {
      if (!this.properties.isUnique(object, idProperty))
        return refusal(
          400,
          'VALIDATION_ERROR',
          `Property ${idProperty} is not a unique property of ${object}`,
        );
      const refused = this.properties.refused(object, Object.entries(properties));
      if (refused) return refused;
    }
    const results = inputs.map(({ idProperty, id, properties }) => {
      const row = this.all(object).find((one) => one.properties[idProperty] === id);
      if (!row) return { ...this.add(object, { ...properties, [idProperty]: id }), new: true };
      this.#change(row, properties);
      return { ...row, new: false };
    });
    return { status: 200, body: { status: 'COMPLETE', results } };
  }

  #search({ body }: Asked, object: string): HubSpotAnswer {
    const now = Date.now();
    this.#searchedAt.push(now);
    if (this.#searchedAt.filter((at) => at > now - SECOND_MS).length > this.searchesPerSecond)
      return {
        status: 429,
        body: { status: 'error', message: 'You have reached your secondly limit.', policyName: 'SECONDLY' },
      };
    const {
      filterGroups = [],
      query = '',
      limit = 10,
    } = body as {
      filterGroups?: { filters: Filter[] }[];
      query?: string;
      limit?: number;
    };
    if (filterGroups.length > 5 || limit > 200)
      return refusal(400, 'VALIDATION_ERROR', 'There was a problem with the request.');
    for (const { propertyName } of filterGroups.flatMap(({ filters }) => filters))
      if (!this.properties.find(object, propertyName))
        return refusal(400, 'VALIDATION_ERROR', `Property ${propertyName} does not exist`);
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    // It learns of records some seconds late: of calls, for a test, too late.
    const known = object === 'calls' ? [] : this.all(object);
    const found = known.filter(({ properties }) => {
      const groups =
        filterGroups.length === 0 ||
        filterGroups.some(({ filters }) => filters.every((one) => matches(one, properties)));
      const texts = Object.values(properties).flatMap((value) => value.toLowerCase().split(/\s+/));
      return groups && words.every((word) => texts.some((one) => one.startsWith(word)));
    });
    const paging = found.length > limit ? { next: { after: String(limit) } } : undefined;
    return { status: 200, body: { total: found.length, results: found.slice(0, limit), paging } };
  }

  #associate(object: string, [id, , , toObject = '', toId = '']: string[]): HubSpotAnswer {
    if (!this.all(toObject).some((row) => row.id === toId))
      return refusal(
        400,
        'VALIDATION_ERROR',
        `One or more associations are not valid: ${toObject} ${toId} does not exist`,
      );
    this.associations.add(`${object}/${id} ${toObject}/${toId}`);
    return { status: 200, body: { status: 'COMPLETE', results: [] } };
  }

  /** HubSpot keeps numbers without country and formatting for its search. */
  #calculate({ properties }: StoredRow): void {
    const pairs = [
      ['phone', 'phone'],
      ['mobilephone', 'mobile'],
    ] as const;
    for (const [from, to] of pairs) {
      const text = properties[from];
      if (text === undefined) continue;
      const parsed = parsePhoneNumber(text.replace(/^00/, '+'), 'GB');
      properties[`hs_searchable_calculated_${to}_number`] = parsed?.nationalNumber ?? text.replace(/\D/g, '');
    }
  }
}
