/**
 * Salesforce as its documentation says it is (REST API Developer Guide; OAuth 2.0 Web Server Flow with PKCE; SOQL and SOSL
 * Reference): sign-in, refresh tokens that rotate, describe with field-level security, query, search, sObject rows and
 * collections, limits, and its error bodies. Each user sees what was not hidden from him.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type DoubleField, type DoubleObject, doubleObjects } from './salesforce-objects.ts';
import { parseSoql, parseSosl, QueryError, type Row } from './salesforce-query.ts';

export const SALESFORCE_CLIENT = { id: 'client-1', secret: 'client-secret-1' };

class Refused extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {
    super(JSON.stringify(body));
  }
}

function refuse(status: number, errorCode: string, message: string, fields?: string[]): Refused {
  return new Refused(status, [{ message, errorCode, ...(fields ? { fields } : {}) }]);
}

const EXPIRED = () => refuse(401, 'INVALID_SESSION_ID', 'Session expired or invalid');

interface Session {
  username: string;
  refreshToken: string;
}

export class SalesforceDouble {
  readonly objects = doubleObjects();
  readonly rows = new Map<string, Map<string, Row>>();
  /** Paths that were asked for. */
  readonly requests: string[] = [];
  /** Ids that a user does not see. */
  readonly #hidden = new Map<string, Set<string>>();
  /** Fields that a user neither sees nor writes, as `Object.Field`. */
  readonly #hiddenFields = new Map<string, Set<string>>();
  readonly #codes = new Map<string, { username: string; challenge: string; redirectUri: string }>();
  readonly #sessions = new Map<string, Session>();
  readonly #refresh = new Map<string, string>();
  readonly #server: Server;
  /** Such as 503 with a page of HTML: maintenance. */
  maintenance = false;
  limit = 100_000;
  used = 0;
  #loseNext = false;
  #ids = 0;
  #clock = Date.UTC(2026, 0, 1);

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        const { status, body } =
          error instanceof Refused
            ? error
            : new Refused(500, [{ message: String(error), errorCode: 'UNKNOWN_EXCEPTION' }]);
        send(response, status, body);
      });
    });
  }

  static async start(): Promise<SalesforceDouble> {
    const double = new SalesforceDouble();
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  // ── For tests ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Tokens of this user, as after a sign-in. */
  signIn(username: string): { accessToken: string; refreshToken: string; instanceUrl: string } {
    const { access_token, refresh_token, instance_url } = this.#tokens(username);
    return { accessToken: access_token, refreshToken: refresh_token, instanceUrl: instance_url };
  }

  /** Every session ends, as at its time-out. */
  expireSessions(): void {
    this.#sessions.clear();
  }

  /** An administrator there takes the sign-ins away. */
  revoke(): void {
    this.expireSessions();
    this.#refresh.clear();
  }

  /** The next write is carried out, and its answer never sent. */
  loseNextAnswer(): void {
    this.#loseNext = true;
  }

  hide(id: string, username: string): void {
    this.#hidden.set(username, (this.#hidden.get(username) ?? new Set()).add(id));
  }

  /** Field-level security: `Task.CallDisposition` is not there for this user. */
  hideField(name: string, username: string): void {
    this.#hiddenFields.set(username, (this.#hiddenFields.get(username) ?? new Set()).add(name));
  }

  add(object: string, fields: Row): string {
    return this.#insert(this.#object(object), fields);
  }

  remove(id: string): void {
    for (const rows of this.rows.values()) rows.delete(id);
  }

  all(object: string): Row[] {
    return [...(this.rows.get(object)?.values() ?? [])];
  }

  // ── HTTP ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const body = await read(request);
    this.requests.push(`${request.method} ${url.pathname}`);
    if (this.maintenance) {
      response
        .writeHead(503, { 'content-type': 'text/html' })
        .end('<html>We are down for maintenance.</html>');
      return;
    }
    if (url.pathname === '/services/oauth2/authorize') return this.#authorize(url, response);
    if (url.pathname === '/services/oauth2/token') return this.#token(new URLSearchParams(body), response);
    const username = this.#user(request);
    response.setHeader('Sforce-Limit-Info', `api-usage=${this.used}/${this.limit}`);
    if (url.pathname.startsWith('/id/'))
      return send(response, 200, {
        username,
        display_name: nameOf(username),
        user_id: this.#userId(username),
      });
    if (this.used >= this.limit) throw refuse(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
    this.used += 1;
    const path = /^\/services\/data\/v\d+\.0(\/.*)$/.exec(url.pathname)?.[1];
    if (path === undefined) throw refuse(404, 'NOT_FOUND', 'The requested resource does not exist');
    const { status, answer } = this.#answer(request.method ?? 'GET', path, url, body, username);
    if (this.#loseNext && request.method !== 'GET') {
      this.#loseNext = false;
      request.socket.destroy();
      return;
    }
    send(response, status, answer);
  }

  #answer(
    method: string,
    path: string,
    url: URL,
    text: string,
    username: string,
  ): { status: number; answer?: unknown } {
    const body = text === '' ? {} : (JSON.parse(text) as Row);
    const [, first, name = '', id = '', value = ''] = path.split('/').map(decodeURIComponent);
    if (first === 'limits')
      return {
        status: 200,
        answer: { DailyApiRequests: { Max: this.limit, Remaining: this.limit - this.used } },
      };
    if (first === 'query')
      return { status: 200, answer: this.#query(url.searchParams.get('q') ?? '', username) };
    if (first === 'search')
      return { status: 200, answer: this.#search(url.searchParams.get('q') ?? '', username) };
    if (path.startsWith('/composite/sobjects/') && method === 'PATCH')
      return { status: 200, answer: this.#upsertAll(id, value, body, username) };
    if (first === 'sobjects' && name === '')
      return { status: 200, answer: { sobjects: this.objects.map(({ fields: _fields, ...rest }) => rest) } };
    if (first !== 'sobjects') throw refuse(404, 'NOT_FOUND', 'The requested resource does not exist');
    const object = this.#object(name);
    if (id === 'describe')
      return { status: 200, answer: { ...object, fields: this.#fields(object, username) } };
    if (id === '' && method === 'POST') {
      this.#check(object, body, username, true);
      return {
        status: 201,
        answer: {
          id: this.#insert(object, { OwnerId: this.#userId(username), ...body }),
          success: true,
          errors: [],
        },
      };
    }
    return this.#row(method, object, id, body, username);
  }

  #row(
    method: string,
    object: DoubleObject,
    id: string,
    body: Row,
    username: string,
  ): { status: number; answer?: unknown } {
    const row = this.#visible(object, username).find(
      (one) => String(one['Id']).slice(0, 15) === id.slice(0, 15),
    );
    if (!row) throw refuse(404, 'NOT_FOUND', 'The requested resource does not exist');
    if (method === 'GET') return { status: 200, answer: { attributes: { type: object.name }, ...row } };
    if (method === 'DELETE') {
      this.remove(String(row['Id']));
      return { status: 204 };
    }
    this.#check(object, body, username, false);
    Object.assign(row, body, { SystemModstamp: this.#now() });
    named(object, row);
    return { status: 204 };
  }

  // ── OAuth ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whoever comes is signed in as `login_hint` says, and allows it. */
  #authorize({ searchParams: asked }: URL, response: ServerResponse): void {
    const redirectUri = asked.get('redirect_uri') ?? '';
    if (asked.get('client_id') !== SALESFORCE_CLIENT.id || asked.get('response_type') !== 'code')
      throw new Refused(400, { error: 'invalid_client_id', error_description: 'client identifier invalid' });
    if (asked.get('code_challenge_method') !== 'S256' || !asked.get('code_challenge'))
      throw new Refused(400, {
        error: 'invalid_request',
        error_description: 'missing required code challenge',
      });
    const code = token();
    this.#codes.set(code, {
      username: asked.get('login_hint') ?? 'admin@acme.example',
      challenge: asked.get('code_challenge') ?? '',
      redirectUri,
    });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', asked.get('state') ?? '');
    response.writeHead(302, { location: back.href }).end();
  }

  #token(form: URLSearchParams, response: ServerResponse): void {
    if (
      form.get('client_id') !== SALESFORCE_CLIENT.id ||
      form.get('client_secret') !== SALESFORCE_CLIENT.secret
    )
      throw new Refused(400, { error: 'invalid_client', error_description: 'invalid client credentials' });
    if (form.get('grant_type') === 'refresh_token') {
      const old = form.get('refresh_token') ?? '';
      const username = this.#refresh.get(old);
      if (!username)
        throw new Refused(400, { error: 'invalid_grant', error_description: 'expired access/refresh token' });
      this.#refresh.delete(old);
      return send(response, 200, this.#tokens(username));
    }
    const begun = this.#codes.get(form.get('code') ?? '');
    this.#codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (!begun || begun.challenge !== challenge || begun.redirectUri !== form.get('redirect_uri'))
      throw new Refused(400, { error: 'invalid_grant', error_description: 'invalid code verifier' });
    send(response, 200, this.#tokens(begun.username));
  }

  #tokens(username: string) {
    const [accessToken, refreshToken] = [token(), token()];
    this.#sessions.set(accessToken, { username, refreshToken });
    this.#refresh.set(refreshToken, username);
    return {
      access_token: accessToken,
      refresh_token: refreshToken,
      instance_url: this.url,
      id: `${this.url}/id/00D000000000001AAA/${this.#userId(username)}`,
      token_type: 'Bearer',
    };
  }

  #user(request: IncomingMessage): string {
    const session = this.#sessions.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
    if (!session) throw EXPIRED();
    return session.username;
  }

  // ── Records ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #query(soql: string, username: string): object {
    const { fields, object: name, where, asked, order, limit } = understood(() => parseSoql(soql));
    if (name === 'TaskStatus') return { records: [{ ApiName: 'Done' }], totalSize: 1, done: true };
    const object = this.#object(name);
    for (const field of [...fields, ...asked]) this.#mustHave(object, field, username);
    const found = this.#visible(object, username).filter(where);
    if (order) found.sort((a, b) => (String(a[order]) < String(b[order]) ? -1 : 1));
    const records = found.slice(0, limit).map((row) => this.#pick(object, row, fields));
    return { records, totalSize: records.length, done: true };
  }

  #search(sosl: string, username: string): object {
    const { scope, matches, returning } = understood(() => parseSosl(sosl));
    const searchRecords = returning.flatMap(({ object: name, fields, where, limit }) => {
      const object = this.#object(name);
      for (const field of fields) this.#mustHave(object, field, username);
      const searched = this.#fields(object, username).filter(({ type }) =>
        scope === 'PHONE' ? type === 'phone' : true,
      );
      return this.#visible(object, username)
        .filter(where)
        .filter((row) =>
          matches(
            searched.flatMap((one) => (typeof row[one.name] === 'string' ? [row[one.name] as string] : [])),
          ),
        )
        .slice(0, limit)
        .map((row) => this.#pick(object, row, fields));
    });
    return { searchRecords };
  }

  #upsertAll(name: string, keyField: string, body: Row, username: string): object {
    const object = this.#object(name);
    const records = body['records'] as Row[];
    if (records.length > 200) throw refuse(400, 'LIMIT_EXCEEDED', 'record limit reached');
    return records.map(({ attributes: _attributes, ...given }) => {
      try {
        this.#check(object, given, username, true);
        const there = this.all(name).find((row) => row[keyField] === given[keyField]);
        if (there) Object.assign(there, given);
        const id = there ? there['Id'] : this.#insert(object, given);
        return { id, success: true, created: !there, errors: [] };
      } catch (error) {
        const [first] = (error as Refused).body as {
          message: string;
          errorCode: string;
          fields?: string[];
        }[];
        return {
          success: false,
          errors: [{ statusCode: first?.errorCode, message: first?.message, fields: first?.fields ?? [] }],
        };
      }
    });
  }

  #object(name: string): DoubleObject {
    const object = this.objects.find((one) => one.name === name);
    if (!object) throw refuse(404, 'NOT_FOUND', 'The requested resource does not exist');
    return object;
  }

  #fields({ name, fields }: DoubleObject, username: string): DoubleField[] {
    const hidden = this.#hiddenFields.get(username);
    return fields.filter((field) => !hidden?.has(`${name}.${field.name}`));
  }

  #visible({ name }: DoubleObject, username: string): Row[] {
    const hidden = this.#hidden.get(username);
    return this.all(name).filter((row) => !hidden?.has(String(row['Id'])));
  }

  #mustHave(object: DoubleObject, path: string, username: string): void {
    const [first = '', second] = path.split('.');
    const fields = this.#fields(object, username);
    const there =
      second === undefined
        ? fields.some(({ name }) => name === first)
        : fields.some(({ relationshipName }) => relationshipName === first);
    if (!there) throw refuse(400, 'INVALID_FIELD', `No such column '${path}' on entity '${object.name}'.`);
  }

  #pick(object: DoubleObject, row: Row, fields: readonly string[]): Row {
    const picked: Row = {
      attributes: {
        type: object.name,
        url: `/services/data/v62.0/sobjects/${object.name}/${String(row['Id'])}`,
      },
    };
    for (const path of fields) {
      const [first = '', second] = path.split('.');
      if (second === undefined) picked[first] = row[first] ?? null;
      else {
        const through = object.fields.find(({ relationshipName }) => relationshipName === first)?.name ?? '';
        const other = [...this.rows.values()].map((rows) => rows.get(String(row[through]))).find(Boolean);
        picked[first] = other ? { [second]: other[second] ?? null } : null;
      }
    }
    return picked;
  }

  /** What Salesforce refuses to save. */
  #check(object: DoubleObject, body: Row, username: string, isNew: boolean): void {
    const fields = this.#fields(object, username);
    for (const [name, value] of Object.entries(body)) {
      const field = fields.find((one) => one.name === name);
      if (!field || !(isNew ? field.createable : field.updateable))
        throw refuse(
          400,
          'INVALID_FIELD_FOR_INSERT_UPDATE',
          `Unable to create/update fields: ${name}. Please check the security settings of this field`,
          [name],
        );
      this.#checkValue(field, value);
    }
    if (isNew)
      for (const { name, nillable, defaultedOnCreate, createable } of fields)
        if (createable && !nillable && !defaultedOnCreate && !body[name])
          throw refuse(400, 'REQUIRED_FIELD_MISSING', `Required fields are missing: [${name}]`, [name]);
    if (object.name === 'Task' && String(body['WhoId'] ?? '').startsWith('00Q') && body['WhatId'])
      throw refuse(400, 'FIELD_INTEGRITY_EXCEPTION', 'You cannot relate a lead and another record: WhatId', [
        'WhatId',
      ]);
  }

  #checkValue(
    { name, type, length, restrictedPicklist, picklistValues, referenceTo }: DoubleField,
    value: unknown,
  ): void {
    if (value === null) return;
    if (typeof value === 'string' && value.length > length)
      throw refuse(400, 'STRING_TOO_LONG', `${name}: data value too large: (max length=${length})`, [name]);
    if (type === 'email' && !/^\S+@\S+\.\S+$/.test(String(value)))
      throw refuse(400, 'INVALID_EMAIL_ADDRESS', `${name}: invalid email address: ${String(value)}`, [name]);
    if (restrictedPicklist && !picklistValues.some((one) => one.value === value))
      throw refuse(
        400,
        'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
        `${name}: bad value for restricted picklist field: ${String(value)}`,
        [name],
      );
    const there = [...this.rows.values()].some((rows) => rows.has(String(value)));
    if (type === 'reference' && !referenceTo.includes('User') && !there)
      throw refuse(400, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', []);
  }

  #insert(object: DoubleObject, fields: Row): string {
    this.#ids += 1;
    const id = `${object.keyPrefix}${String(this.#ids).padStart(12, '0')}AAA`;
    const row: Row = {
      Id: id,
      IsDeleted: false,
      CreatedDate: this.#now(),
      SystemModstamp: this.#now(),
      ...fields,
    };
    named(object, row);
    this.rows.set(object.name, (this.rows.get(object.name) ?? new Map<string, Row>()).set(id, row));
    return id;
  }

  #userId(username: string): string {
    return `005${createHash('sha256').update(username).digest('hex').slice(0, 12)}AAA`;
  }

  #now(): string {
    this.#clock += 1_000;
    return new Date(this.#clock).toISOString().replace('Z', '+0000');
  }
}

function named(object: DoubleObject, row: Row): void {
  if (object.fields.some(({ name }) => name === 'LastName'))
    row['Name'] = [row['FirstName'], row['LastName']].filter(Boolean).join(' ');
}

function nameOf(username: string): string {
  return username.split('@')[0] ?? username;
}

function token(): string {
  return randomBytes(16).toString('hex');
}

function understood<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof QueryError) throw refuse(400, error.errorCode, error.message);
    throw error;
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8' });
  response.end(body === undefined ? '' : JSON.stringify(body));
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
