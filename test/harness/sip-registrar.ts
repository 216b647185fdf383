import { createSocket, type Socket } from 'node:dgram';
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

/** A provider's registrar for tests: challenges REGISTER with a digest, remembers the contact, answers OPTIONS. UDP. */
export class SipRegistrar {
  readonly host: string;
  readonly user: string;
  /** What is registered now. */
  contact: string | undefined;
  /** Answers to its challenges that were wrong. */
  refused = 0;
  /** Registrations that were right. */
  accepted = 0;
  readonly #password: string;
  readonly #socket: Socket;
  readonly #waiting = new Set<() => void>();

  private constructor(host: string, user: string, password: string, socket: Socket) {
    this.host = host;
    this.user = user;
    this.#password = password;
    this.#socket = socket;
    socket.on('message', (data, from) => {
      const message = parseSip(data.toString());
      if (statusOf(message) === 0) this.#answer(message, from.port, from.address);
      for (const look of this.#waiting) look();
    });
  }

  static async open(host: string, user: string, password: string): Promise<SipRegistrar> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, host, resolve));
    return new SipRegistrar(host, user, password, socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async until(when: () => boolean, ms: number): Promise<void> {
    if (when()) return;
    await new Promise<void>((resolve, reject) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      const timer = setTimeout(() => {
        done();
        reject(new Error(`the registrar waited ${ms} ms in vain`));
      }, ms);
      const look = () => {
        if (!when()) return;
        done();
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  close(): void {
    this.#socket.close();
  }

  #answer(request: SipMessage, port: number, host: string): void {
    if (methodOf(request) !== 'REGISTER') return this.#respond(request, '200 OK', port, host);
    const given = headerOf(request, 'authorization');
    if (!given) return this.#challenge(request, port, host);
    if (!this.#isRight(given, request)) {
      this.refused++;
      return this.#respond(request, '403 Forbidden', port, host);
    }
    const contact = headerOf(request, 'contact');
    const gone = headerOf(request, 'expires') === '0' || contact.includes('expires=0') || contact === '*';
    this.contact = gone ? undefined : contact;
    if (!gone) this.accepted++;
    this.#respond(request, '200 OK', port, host, gone ? [] : [['Contact', `${contact};expires=60`]]);
  }

  #challenge(request: SipMessage, port: number, host: string): void {
    this.#respond(request, '401 Unauthorized', port, host, [
      ['WWW-Authenticate', 'Digest realm="provider.example", nonce="abc123", algorithm=MD5'],
    ]);
  }

  #isRight(given: string, request: SipMessage): boolean {
    const uri = /uri="([^"]+)"/.exec(given)?.[1] ?? '';
    const challenge = 'Digest realm="provider.example", nonce="abc123"';
    const expected = digestAnswer(challenge, methodOf(request), uri, this.user, this.#password);
    const response = (text: string) => /response="([0-9a-f]+)"/.exec(text)?.[1];
    return response(given) === response(expected) && given.includes(`username="${this.user}"`);
  }

  #respond(
    request: SipMessage,
    status: string,
    port: number,
    host: string,
    more: [string, string][] = [],
  ): void {
    const message: SipMessage = {
      first: `SIP/2.0 ${status}`,
      headers: [
        ...headersOf(request, 'via').map((value): [string, string] => ['Via', value]),
        ['From', headerOf(request, 'from')],
        ['To', `${headerOf(request, 'to')};tag=registrar`],
        ['Call-ID', headerOf(request, 'call-id')],
        ['CSeq', headerOf(request, 'cseq')],
        ...more,
      ],
      body: '',
    };
    this.#socket.send(formatSip(message), port, host);
  }
}
