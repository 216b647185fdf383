/**
 * One page's WebSocket: its parsing, its heartbeat, its limits. What the messages mean is the softphone's business.
 *
 *     opened ── hello within 5 s ──► handed to the door ── page closes it, 12 s of silence, sign-out, bad message ──► closed
 *        └── anything else, or nothing ──► bye, closed
 */
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { CodedError } from '../../protocol/errors.ts';
import {
  type Downstream,
  HEARTBEAT_MS,
  HEARTBEAT_TIMEOUT_MS,
  PROTOCOL_VERSION,
  Upstream,
} from '../../protocol/socket.ts';
import type { SoftphoneState } from '../../protocol/softphone.ts';
import type { SoftphoneDoor, TabHandle } from '../softphone/ports.ts';

/** How long a page may take to say hello, in milliseconds. */
const HELLO_MS = 5_000;
/** The largest message of a page, in bytes: a log's comments are the longest thing in it. */
const MAX_MESSAGE = 128 * 1024;
/** A page that takes in nothing while this many bytes wait for it is cut off; it comes back for a snapshot. */
const MAX_WAITING = 4 * 1024 * 1024;
/** Messages that a page may send within so many milliseconds: far above any hand, far below what would keep us busy. */
const MAX_MESSAGES = 500;
const MESSAGES_MS = 10_000;
const POLICY_VIOLATION = 1008;
const OPEN = 1;

/** What is used of a `ws` socket. */
export interface Wire {
  readonly readyState: number;
  readonly bufferedAmount: number;
  on(event: 'message', listener: (data: Buffer | ArrayBuffer | Buffer[], binary: boolean) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  send(text: string): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

export interface PageSocketOptions {
  userId: string;
  sessionId: string;
  clock: Clock;
  door: SoftphoneDoor;
  /** Whether the sign-in still holds; asked at each heartbeat. */
  keepSession: () => boolean;
  /** Set when state goes out as XML. */
  xml?: (state: SoftphoneState) => string;
  onClosed: () => void;
}

type Hello = Extract<Upstream, { type: 'hello' }>;

export class PageSocket {
  readonly sessionId: string;
  readonly userId: string;
  readonly #wire: Wire;
  readonly #options: PageSocketOptions;
  readonly #life: Lifecycle;
  #handle: TabHandle | undefined;
  #cancelDeadline: () => void;
  #counted = { since: 0, messages: 0 };

  constructor(wire: Wire, options: PageSocketOptions) {
    this.sessionId = options.sessionId;
    this.userId = options.userId;
    this.#wire = wire;
    this.#options = options;
    this.#life = new Lifecycle(options.clock);
    wire.on('message', (data, binary) => this.#received(data, binary));
    wire.on('close', () => this.#closed());
    wire.on('error', () => wire.terminate());
    this.#cancelDeadline = this.#life.after(HELLO_MS, () =>
      this.#bye(new CodedError('timeout', { what: 'The page' })),
    );
  }

  /** The sign-in has ended: the page may stay no longer. */
  signedOut(): void {
    this.#bye(new CodedError('not-signed-in'));
  }

  #received(data: Buffer | ArrayBuffer | Buffer[], binary: boolean): void {
    if (this.#life.closed) return;
    if (this.#floods())
      return this.#bye(new CodedError('too-many-attempts', { seconds: MESSAGES_MS / 1_000 }));
    const text = textOf(data);
    if (binary)
      return this.#bye(new CodedError('bad-input', { detail: 'binary messages are not understood' }));
    if (text.length > MAX_MESSAGE)
      return this.#bye(new CodedError('too-large', { limit: `${MAX_MESSAGE} bytes` }));
    const raw = parse(text);
    const message = Upstream.safeParse(raw);
    if (!message.success) return this.#refuse(raw, message.error);
    if (this.#handle) this.#heard(this.#handle, message.data);
    else if (message.data.type === 'hello') this.#hello(message.data);
    else this.#bye(new CodedError('bad-input', { detail: 'the first message must be hello' }));
  }

  #floods(): boolean {
    const now = this.#options.clock.now();
    if (now - this.#counted.since >= MESSAGES_MS) this.#counted = { since: now, messages: 0 };
    return ++this.#counted.messages > MAX_MESSAGES;
  }

  #hello({ protocol, tabId, canAudio, canPop, legs, hostOrigin }: Hello): void {
    if (protocol !== PROTOCOL_VERSION)
      return this.#bye(new CodedError('bad-input', { detail: 'this page is of another version: reload it' }));
    const { door, userId, sessionId } = this.#options;
    this.#handle = door.open({
      userId,
      sessionId,
      tabId,
      canAudio,
      canPop,
      legs,
      ...(hostOrigin === undefined ? {} : { hostOrigin }),
      send: (message) => this.#send(message),
    });
    this.#life.every(HEARTBEAT_MS, () => this.#beat());
    this.#renewDeadline();
  }

  #heard(handle: TabHandle, message: Upstream): void {
    this.#renewDeadline();
    if (message.type === 'hello')
      return this.#bye(new CodedError('bad-input', { detail: 'hello was said before' }));
    if (message.type !== 'pong') handle.receive(message);
  }

  #beat(): void {
    if (this.#options.keepSession()) this.#send({ type: 'ping' });
    else this.signedOut();
  }

  #renewDeadline(): void {
    this.#cancelDeadline();
    this.#cancelDeadline = this.#life.after(HEARTBEAT_TIMEOUT_MS, () => {
      this.#closed();
      this.#wire.terminate();
    });
  }

  /** A command that cannot be read is answered by its id; anything else that cannot be read ends the connection. */
  #refuse(raw: unknown, problem: z.ZodError): void {
    const issue = problem.issues[0];
    const error = new CodedError('bad-input', {
      detail: `${issue?.path.join('.') || 'message'}: ${issue?.message ?? 'not valid'}`,
    });
    const command = CommandId.safeParse(raw);
    if (!command.success || !this.#handle) return this.#bye(error);
    this.#renewDeadline();
    this.#send({
      type: 'result',
      commandId: command.data.command.commandId,
      ok: false,
      error: error.toBody(),
    });
  }

  #send(message: Downstream): void {
    if (this.#life.closed || this.#wire.readyState !== OPEN) return;
    if (this.#wire.bufferedAmount > MAX_WAITING) return this.#wire.terminate();
    this.#wire.send(this.#options.xml ? this.#asXml(message, this.#options.xml) : JSON.stringify(message));
  }

  /** Snapshots and patches both go out as the whole state: an old toolkit cannot apply a patch. */
  #asXml(message: Downstream, xml: (state: SoftphoneState) => string): string {
    const { door, userId } = this.#options;
    const state =
      message.type === 'snapshot' ? message.state : message.type === 'patch' ? door.state(userId) : undefined;
    return state ? xml(state) : JSON.stringify(message);
  }

  #bye(error: CodedError): void {
    this.#send({ type: 'bye', error: error.toBody() });
    this.#closed();
    this.#wire.close(POLICY_VIOLATION, error.code);
  }

  #closed(): void {
    if (this.#life.closed) return;
    void this.#life.close();
    this.#handle?.close();
    this.#options.onClosed();
  }
}

const CommandId = z.object({
  type: z.literal('command'),
  command: z.object({ commandId: z.string().min(1).max(64) }),
});

function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
