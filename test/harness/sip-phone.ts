import { createSocket, type Socket } from 'node:dgram';
import { RtpEar } from './rtp-ear.ts';
import { SipCall } from './sip-call.ts';
import {
  digestAnswer,
  formatSip,
  headerOf,
  headersOf,
  methodOf,
  parseSip,
  type SipMessage,
  statusOf,
} from './sip-message.ts';

export interface SipPhoneOptions {
  /** Where the switch takes SIP by UDP. */
  server: { host: string; port: number };
  user: string;
  password?: string;
  /** Address that we bind and say in SDP; default 127.0.0.1. */
  host?: string;
  /** UDP port that we bind; default a free one. */
  port?: number;
}

interface Pending {
  branch: string;
  /** A CANCEL has the branch of the INVITE that it ends (RFC 3261, 9.1): only the method tells their answers apart. */
  method: string;
  onResponse: (response: SipMessage) => void;
}

/**
 * A plain SIP phone over UDP for tests: registers with a password, calls, is called, speaks a tone and measures what it
 * hears. It retransmits nothing: it is for loopback.
 */
export class SipPhone {
  readonly options: SipPhoneOptions;
  readonly host: string;
  readonly #socket: Socket;
  readonly #calls = new Map<string, SipCall>();
  readonly #pending = new Set<Pending>();
  readonly #waiting: ((call: SipCall) => void)[] = [];
  readonly #arrived: SipCall[] = [];
  #serial = 0;
  #closed = false;
  /** What happens with an INVITE that nobody awaits: false leaves it to `nextCall`. */
  onInvite: ((call: SipCall) => void) | undefined;

  private constructor(options: SipPhoneOptions, socket: Socket) {
    this.options = options;
    this.host = options.host ?? '127.0.0.1';
    this.#socket = socket;
    socket.on('message', (data) => this.#receive(parseSip(data.toString())));
  }

  static async open(options: SipPhoneOptions): Promise<SipPhone> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) =>
      socket.bind(options.port ?? 0, options.host ?? '127.0.0.1', resolve),
    );
    return new SipPhone(options, socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get contact(): string {
    return `<sip:${this.options.user}@${this.host}:${this.port}>`;
  }

  /** Registers for `expires` seconds (0: goes away). Resolves with the final status. */
  async register(expires = 300): Promise<number> {
    const uri = `sip:${this.options.server.host}:${this.options.server.port}`;
    const id = this.newToken('reg');
    const base = (sequence: number, more: [string, string][]): SipMessage => ({
      first: `REGISTER ${uri} SIP/2.0`,
      headers: [
        ['Via', this.via()],
        ['From', `<sip:${this.options.user}@${this.host}>;tag=${id}`],
        ['To', `<sip:${this.options.user}@${this.host}>`],
        ['Call-ID', id],
        ['CSeq', `${sequence} REGISTER`],
        ['Contact', `${this.contact};expires=${expires}`],
        ['Max-Forwards', '70'],
        ...more,
      ],
      body: '',
    });
    const first = await this.request(base(1, []));
    if (statusOf(first) !== 401) return statusOf(first);
    return statusOf(await this.request(base(2, [this.authorize(first, 'REGISTER', uri)])));
  }

  /** Calls `target` (a number at the switch). Resolves when the INVITE is on its way; see SipCall for what follows. */
  async call(
    target: string,
    from: { number?: string; name?: string; headers?: [string, string][] } = {},
  ): Promise<SipCall> {
    const ear = await RtpEar.open(this.host);
    const call = SipCall.outgoing(this, ear, target, from);
    this.#calls.set(call.callId, call);
    call.invite();
    return call;
  }

  /** The next INVITE that reaches us, at most `ms` from now. */
  nextCall(ms = 3000): Promise<SipCall> {
    const here = this.#arrived.shift();
    if (here) return Promise.resolve(here);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no INVITE within ${ms} ms`)), ms);
      this.#waiting.push((call) => {
        clearTimeout(timer);
        resolve(call);
      });
    });
  }

  /** Calls that nobody has taken up are none of the next test's. */
  forget(): void {
    this.#arrived.length = 0;
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const call of this.#calls.values()) call.ear.close();
    this.#calls.clear();
    this.#socket.close();
  }

  via(): string {
    return `SIP/2.0/UDP ${this.host}:${this.port};branch=z9hG4bK${this.newToken('b')};rport`;
  }

  newToken(prefix: string): string {
    return `${prefix}${this.port}x${++this.#serial}x${Math.random().toString(36).slice(2, 8)}`;
  }

  authorize(challenge: SipMessage, method: string, uri: string): [string, string] {
    const proxy = headerOf(challenge, 'proxy-authenticate');
    const text = proxy || headerOf(challenge, 'www-authenticate');
    const answer = digestAnswer(text, method, uri, this.options.user, this.options.password ?? '');
    return [proxy ? 'Proxy-Authorization' : 'Authorization', answer];
  }

  send(message: SipMessage): void {
    if (this.#closed) return;
    this.#socket.send(formatSip(message), this.options.server.port, this.options.server.host);
  }

  /** Sends a request; `onResponse` sees every response of its transaction. */
  transact(message: SipMessage, onResponse: (response: SipMessage) => void): void {
    this.#pending.add({ branch: branchOf(message), method: methodOf(message), onResponse });
    this.send(message);
  }

  /** Sends a request and resolves with its final response, or rejects after 3 s. */
  request(message: SipMessage): Promise<SipMessage> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${message.first}`)), 3000);
      this.transact(message, (response) => {
        if (statusOf(response) < 200) return;
        clearTimeout(timer);
        resolve(response);
      });
    });
  }

  respond(
    request: SipMessage,
    status: string,
    toTag: string,
    more: [string, string][] = [],
    body = '',
  ): void {
    const to = headerOf(request, 'to');
    this.send({
      first: `SIP/2.0 ${status}`,
      headers: [
        ...headersOf(request, 'via').map((value): [string, string] => ['Via', value]),
        ...headersOf(request, 'record-route').map((value): [string, string] => ['Record-Route', value]),
        ['From', headerOf(request, 'from')],
        ['To', to.includes(';tag=') ? to : `${to};tag=${toTag}`],
        ['Call-ID', headerOf(request, 'call-id')],
        ['CSeq', headerOf(request, 'cseq')],
        ['Contact', this.contact],
        ...more,
      ],
      body,
    });
  }

  #receive(message: SipMessage): void {
    if (statusOf(message) > 0) {
      const [branch, method] = [branchOf(message), methodOf(message)];
      for (const pending of this.#pending) {
        if (pending.branch !== branch || pending.method !== method) continue;
        if (statusOf(message) >= 200 && method !== 'INVITE') this.#pending.delete(pending);
        pending.onResponse(message);
      }
      return;
    }
    const call = this.#calls.get(headerOf(message, 'call-id'));
    if (call) call.receive(message);
    else if (methodOf(message) === 'INVITE') void this.#admit(message);
    else if (methodOf(message) !== 'ACK') this.respond(message, '200 OK', this.newToken('t'));
  }

  async #admit(invite: SipMessage): Promise<void> {
    const ear = await RtpEar.open(this.host);
    const call = SipCall.incoming(this, ear, invite);
    this.#calls.set(call.callId, call);
    if (this.onInvite) this.onInvite(call);
    const waiter = this.#waiting.shift();
    if (waiter) waiter(call);
    else if (!this.onInvite) this.#arrived.push(call);
  }
}

function branchOf(message: SipMessage): string {
  return /branch=([^;\s]+)/.exec(headerOf(message, 'via'))?.[1] ?? '';
}
