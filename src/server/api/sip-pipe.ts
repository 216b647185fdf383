/**
 * One browser phone's SIP WebSocket, joined to the switch's.
 *
 *     opened ── upstream opens ──► joined ── either end closes ──► closed
 *       │ (messages wait, a bounded number)      └── too many wrong passwords ──► closed with `too-many-attempts`
 *       └── upstream refuses, or 5 s pass ──► closed with `switch-down`
 */
import { rootCertificates } from 'node:tls';
import { WebSocket } from 'ws';
import type { Clock } from '../../lib/clock.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import type { SipUpstream } from '../platforms/kind.ts';
import { SipWatch } from './sip-watch.ts';

/** The largest SIP message, in bytes. */
const MAX_SIP_MESSAGE = 64 * 1024;
const MAX_WAITING = 64;
const MAX_BUFFERED = 1024 * 1024;
const CONNECT_MS = 5_000;
/** A browser that answers no WebSocket ping for this many milliseconds is gone. */
const PING_MS = 20_000;
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
const TRY_LATER = 1013;

export interface SipPipeOptions {
  /** Where the switch's SIP WebSocket is. */
  upstream: SipUpstream;
  clock: Clock;
  /** A password was wrong; true ends the connection. */
  onWrongPassword: () => boolean;
  onClosed: () => void;
}

export class SipPipe {
  readonly #client: WebSocket;
  readonly #switch: WebSocket;
  readonly #options: SipPipeOptions;
  readonly #life: Lifecycle;
  readonly #watch = new SipWatch();
  #waiting: { data: WebSocket.RawData; binary: boolean }[] | undefined = [];
  #answered = true;

  constructor(client: WebSocket, options: SipPipeOptions) {
    this.#client = client;
    this.#options = options;
    const { ca } = options.upstream;
    this.#life = new Lifecycle(options.clock);
    this.#switch = new WebSocket(options.upstream.url, 'sip', {
      ...(ca ? { ca: [...rootCertificates, ca] } : {}),
      perMessageDeflate: false,
      handshakeTimeout: CONNECT_MS,
      maxPayload: MAX_SIP_MESSAGE,
    });
    this.#listenToClient();
    this.#listenToSwitch();
    this.#life.every(PING_MS, () => this.#ping());
  }

  /** Ends both connections. Idempotent. */
  close(code = GOING_AWAY, reason = 'draining'): void {
    if (this.#life.closed) return;
    void this.#life.close();
    this.#client.close(code, reason);
    if (this.#switch.readyState === WebSocket.OPEN) this.#switch.close(1000);
    else this.#switch.terminate();
    this.#options.onClosed();
  }

  #listenToClient(): void {
    this.#client.on('message', (data, binary) => this.#fromClient(data, binary));
    this.#client.on('pong', () => {
      this.#answered = true;
    });
    this.#client.on('close', () => this.close());
    this.#client.on('error', () => this.close(POLICY_VIOLATION, 'bad-input'));
  }

  #listenToSwitch(): void {
    this.#switch.on('open', () => {
      for (const { data, binary } of this.#waiting ?? []) this.#switch.send(data, { binary });
      this.#waiting = undefined;
    });
    this.#switch.on('message', (data, binary) => this.#fromSwitch(data, binary));
    this.#switch.on('close', () => this.close(TRY_LATER, 'switch-down'));
    this.#switch.on('error', () => this.close(TRY_LATER, 'switch-down'));
  }

  #fromClient(data: WebSocket.RawData, binary: boolean): void {
    this.#answered = true;
    const text = textOf(data);
    if (text.length > MAX_SIP_MESSAGE) return this.close(POLICY_VIOLATION, 'too-large');
    this.#watch.sent(text);
    if (!this.#waiting) return this.#forward(this.#switch, data, binary);
    this.#waiting.push({ data, binary });
    if (this.#waiting.length > MAX_WAITING) this.close(TRY_LATER, 'switch-down');
  }

  #fromSwitch(data: WebSocket.RawData, binary: boolean): void {
    this.#forward(this.#client, data, binary);
    if (this.#watch.received(textOf(data)) && this.#options.onWrongPassword())
      this.close(POLICY_VIOLATION, 'too-many-attempts');
  }

  #forward(to: WebSocket, data: WebSocket.RawData, binary: boolean): void {
    if (to.readyState !== WebSocket.OPEN) return;
    if (to.bufferedAmount > MAX_BUFFERED) return this.close(POLICY_VIOLATION, 'too-large');
    to.send(data, { binary });
  }

  #ping(): void {
    if (!this.#answered) {
      this.#client.terminate();
      return this.close();
    }
    this.#answered = false;
    this.#client.ping();
  }
}

function textOf(data: WebSocket.RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
