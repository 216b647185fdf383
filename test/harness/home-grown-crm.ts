/**
 * A CRM as a company writes it for itself: people, companies and calls behind an API key, numbers found by their last digits, errors of its own
 * shape. The double for the connector by REST.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const API_KEY = 'k3y-of-the-crm';

type Row = Record<string, unknown> & { id: number };
interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
}
interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export class HomeGrownCrm {
  readonly people: Row[] = [];
  readonly calls: (Row & { links: string[] })[] = [];
  readonly figures = new Map<string, Record<string, unknown>>();
  /** Every request that came in. */
  readonly asked: Asked[] = [];
  /** What each request is answered with instead. */
  instead: Answer | undefined;
  /** Answers nothing at all. */
  silent = false;
  /** Enforces that keys are unique, as a database does. */
  uniqueKeys = true;
  #loseNext = false;
  #lastId = 100;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<HomeGrownCrm> {
    const crm = new HomeGrownCrm();
    await new Promise<void>((done) => crm.#server.listen(0, '127.0.0.1', done));
    return crm;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  person(values: Record<string, unknown>): Row {
    const row = { id: ++this.#lastId, ...values };
    this.people.push(row);
    return row;
  }

  /** The next write is carried out, and the connection breaks before its answer. */
  loseNextAnswer(): void {
    this.#loseNext = true;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const url = new URL(request.url ?? '/', this.url);
    const method = request.method ?? 'GET';
    const asked: Asked = {
      method,
      path: decodeURIComponent(url.pathname).replace(/^\/api\/?/, ''),
      query: url.searchParams,
      headers: request.headers,
      body: bodyOf(request, Buffer.concat(parts).toString('utf8')),
    };
    this.asked.push(asked);
    if (this.silent) return;
    const { status, body, headers } = this.instead ?? this.#answer(asked);
    if (this.#loseNext && method !== 'GET') {
      this.#loseNext = false;
      request.socket.destroy();
      return;
    }
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body));
  }

  #answer(asked: Asked): Answer {
    if (asked.headers['x-api-key'] !== API_KEY)
      return { status: 401, body: { error: { message: 'The key is not known' } } };
    const [first = '', second, third] = asked.path.split('/');
    const { method } = asked;
    if (first === 'status') return { status: 200, body: { ok: true } };
    if (first === 'people' && second === undefined)
      return method === 'POST' ? this.#addPerson(asked) : this.#findPeople(asked);
    if (first === 'people') return this.#onePerson(asked, Number(second));
    if (first === 'calls' && second === undefined)
      return method === 'POST' ? this.#addCall(asked) : this.#findCalls(asked);
    if (first === 'calls' && third === 'links') return this.#link(asked, Number(second));
    if (first === 'calls') return this.#changeCall(asked, Number(second));
    if (first === 'figures' && method === 'PUT') {
      this.figures.set(second ?? '', asked.body);
      return { status: 204 };
    }
    return gone();
  }

  #findPeople({ query }: Asked): Answer {
    const digits = query.get('digits');
    const words = (query.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    const limit = Number(query.get('limit') ?? 10) + 1;
    const found = this.people.filter((person) =>
      digits !== null
        ? numbersOf(person).some((number) => number.replace(/\D/g, '').includes(digits))
        : words.length > 0 && words.every((word) => namesOf(person).some((name) => name.startsWith(word))),
    );
    return { status: 200, body: { items: found.slice(0, limit), more: found.length > limit } };
  }

  #addPerson({ body }: Asked): Answer {
    const refusal = refusedPerson(body);
    return refusal ?? { status: 201, body: { person: this.person(body) } };
  }

  #onePerson({ method, body }: Asked, id: number): Answer {
    const person = this.people.find((one) => one.id === id);
    if (!person) return gone();
    if (method === 'PATCH') {
      const refusal = refusedPerson(body);
      if (refusal) return refusal;
      Object.assign(person, body);
    }
    return { status: 200, body: { person } };
  }

  #findCalls({ query }: Asked): Answer {
    return { status: 200, body: { items: this.calls.filter((one) => one['key'] === query.get('key')) } };
  }

  #addCall({ body }: Asked): Answer {
    if (this.uniqueKeys && this.calls.some(({ key }) => key === body['key']))
      return { status: 409, body: { error: { message: 'There is a call with this key' } } };
    const refusal = this.#refusedCall(body);
    if (refusal) return refusal;
    const call = { id: ++this.#lastId, links: [], ...body };
    this.calls.push(call);
    return { status: 201, body: call };
  }

  #changeCall({ body }: Asked, id: number): Answer {
    const call = this.calls.find((one) => one.id === id);
    if (!call) return gone();
    const refusal = this.#refusedCall(body);
    if (refusal) return refusal;
    Object.assign(call, body);
    return { status: 200, body: call };
  }

  #refusedCall({ person }: Record<string, unknown>): Answer | undefined {
    if (person === null || person === undefined) return undefined;
    if (this.people.some(({ id }) => String(id) === String(person))) return undefined;
    return {
      status: 422,
      body: { error: { message: `There is no person ${String(person)}`, field: 'person' } },
    };
  }

  #link({ body }: Asked, id: number): Answer {
    const call = this.calls.find((one) => one.id === id);
    if (!call) return gone();
    call.links.push(String(body['url']));
    return { status: 201, body: call };
  }
}

function gone(): Answer {
  return { status: 404, body: { error: { message: 'Not there' } } };
}

function refusedPerson(body: Record<string, unknown>): Answer | undefined {
  const { email } = (body['contact'] ?? {}) as { email?: string };
  if (email === undefined || email.includes('@')) return undefined;
  return { status: 422, body: { error: { message: 'An address has an @', field: 'contact.email' } } };
}

function numbersOf(person: Row): string[] {
  const { phones } = (person['contact'] ?? {}) as { phones?: Record<string, string> };
  return Object.values(phones ?? {});
}

function namesOf(person: Row): string[] {
  return [person['first'], person['last']].map((name) => String(name ?? '').toLowerCase());
}

function bodyOf(request: IncomingMessage, text: string): Record<string, unknown> {
  if (text === '') return {};
  if (request.headers['content-type']?.includes('form'))
    return Object.fromEntries(new URLSearchParams(text)) as Record<string, unknown>;
  return JSON.parse(text) as Record<string, unknown>;
}
