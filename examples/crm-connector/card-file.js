/**
 * The toy CRM: a box of cards behind HTTP. It knows persons and calls, and nothing else:
 *
 *     GET    /persons?number=…|text=…     GET, POST, PATCH /persons[/ID]     PUT, GET /calls/KEY
 *
 * Yours is somewhere else and has its own API; this one is here so that the example can be run.
 */
import { createServer } from 'node:http';

export class CardFile {
  persons = new Map();
  calls = new Map();
  /** Answers 503 to everything. */
  away = false;
  /** Carries the next write out, and never answers it. */
  loseNext = false;
  #ids = 0;
  #server = createServer((request, response) => void this.#serve(request, response));

  async listen() {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  close() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  add(person) {
    const id = `P${++this.#ids}`;
    this.persons.set(id, { id, name: '', phone: '', mobile: '', note: '', ...person });
    return id;
  }

  async #serve(request, response) {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { pathname, searchParams } = new URL(request.url, 'http://card-file');
    const [, noun, key] = pathname.split('/').map(decodeURIComponent);
    const [status, body] = this.away
      ? [503, { error: 'the box is closed' }]
      : this.#answer(request.method, noun, key, text ? JSON.parse(text) : {}, searchParams);
    if (this.loseNext && request.method !== 'GET') {
      this.loseNext = false;
      request.socket.destroy();
      return;
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #answer(method, noun, key, body, asked) {
    if (noun === 'calls' && method === 'PUT') {
      const about = this.persons.has(body.person) ? body.person : null;
      this.calls.set(key, { ...body, person: about });
      return [200, { id: key }];
    }
    if (noun !== 'persons') return [404, { error: 'no such thing' }];
    const all = [...this.persons.values()];
    if (method === 'GET' && key === undefined) {
      const digits = (number) => number.replace(/\D/g, '');
      const ending = asked.get('ending');
      const words = (asked.get('text') ?? '').toLowerCase();
      const found = ending
        ? all.filter(({ phone, mobile }) => [phone, mobile].some((one) => digits(one).includes(ending)))
        : all.filter(({ name }) => words !== '' && name.toLowerCase().startsWith(words));
      return [200, found];
    }
    if (body.phone !== undefined && /[a-wyz]/i.test(body.phone))
      return [422, { error: 'a phone number has no letters', field: 'phone' }];
    if (method === 'POST') return [201, this.persons.get(this.add(body))];
    const person = this.persons.get(key);
    if (!person) return [404, { error: 'there is no such card' }];
    if (method === 'PATCH') Object.assign(person, body);
    return [200, person];
  }
}
