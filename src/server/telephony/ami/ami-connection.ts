/**
 * One session of AMI.
 *
 *     connecting ── banner ──► challenged ── login ──► open ── socket gone, Logoff, silence ──► closed (`onClosed` once)
 *
 * Actions are answered in any order and told apart by ActionID; a list is its response, its events and the event that says
 * `EventList: Complete`. Whatever waits when the session closes is refused with `switch-down`.
 */
import { createHash } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../../lib/clock.ts';
import { DeadlineError, withDeadline } from '../../../lib/deadline.ts';
import { CodedError } from '../../../protocol/errors.ts';
import { type AmiFields, type AmiMessage, AmiParser, formatAction } from './ami-message.ts';

export interface AmiAddress {
  host: string;
  /** Asterisk's default: 5038, with TLS 5039. */
  port: number;
  user: string;
  secret: string;
  /** TLS; `ca` (PEM) in place of the system's authorities, for a certificate of the company's own. */
  tls?: { ca?: string };
}

export interface AmiConnectionOptions {
  address: AmiAddress;
  clock: Clock;
  onEvent(message: AmiMessage): void;
  /** Once, after it was open. */
  onClosed(reason: string): void;
}

/** An action that Asterisk refused, in its own words. */
export class AmiRefusal extends Error {
  constructor(
    readonly action: string,
    readonly reason: string,
  ) {
    super(`${action}: ${reason}`);
    this.name = 'AmiRefusal';
  }
}

/** An answer and, for a list, what it lists. */
export interface AmiAnswer {
  response: AmiMessage;
  events: AmiMessage[];
}

interface Waiting {
  action: string;
  list: boolean;
  response?: AmiMessage;
  events: AmiMessage[];
  resolve: (answer: AmiAnswer) => void;
  reject: (error: Error) => void;
}

/** How long connecting and logging in may take together, and an action by default, in milliseconds. */
const OPEN_DEADLINE_MS = 10_000;
export const ACTION_DEADLINE_MS = 5_000;

export class AmiConnection {
  readonly #o: AmiConnectionOptions;
  readonly #socket: Socket;
  readonly #parser = new AmiParser();
  readonly #waiting = new Map<string, Waiting>();
  #serial = 0;
  #open = false;
  #closed: string | undefined;
  #onBanner: () => void = () => undefined;
  #onFailed: (error: Error) => void = () => undefined;

  private constructor(options: AmiConnectionOptions) {
    this.#o = options;
    const { host, port, tls } = options.address;
    this.#socket = tls
      ? connectTls({ host, port, ...(tls.ca ? { ca: tls.ca } : {}) })
      : connectTcp({ host, port });
    this.#socket.setEncoding('utf8');
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk: string) => this.#receive(chunk));
    this.#socket.on('error', (error) => this.#end(error.message));
    this.#socket.on('close', () => this.#end('the connection was closed'));
  }

  /**
   * Connects and logs in; the secret itself is never sent (challenge and MD5).
   * @param events which classes of events to get, such as `call,agent,system`; `off` for none.
   * @throws AmiRefusal for a wrong user or secret, Error when nobody answers or it is no AMI, DeadlineError.
   */
  static async open(options: AmiConnectionOptions, events: string): Promise<AmiConnection> {
    const connection = new AmiConnection(options);
    try {
      await withDeadline(options.clock, OPEN_DEADLINE_MS, 'AMI login', connection.#login(events));
    } catch (error) {
      connection.close();
      throw error;
    }
    connection.#open = true;
    return connection;
  }

  /** What Asterisk says it is, such as `Asterisk Call Manager/11.0.0`. */
  get banner(): string {
    return this.#parser.banner ?? '';
  }

  /**
   * @throws AmiRefusal what Asterisk says, CodedError `bad-input` for a value with line ends, `switch-down` when the session
   * closed, `timeout` after `deadlineMs` (default 5,000).
   */
  async send(action: string, fields: AmiFields = {}, deadlineMs = ACTION_DEADLINE_MS): Promise<AmiMessage> {
    return (await this.#ask(action, fields, false, deadlineMs)).response;
  }

  /** A list action: the events between its response and `EventList: Complete`, without the latter. */
  async list(
    action: string,
    fields: AmiFields = {},
    deadlineMs = 2 * ACTION_DEADLINE_MS,
  ): Promise<AmiMessage[]> {
    return (await this.#ask(action, fields, true, deadlineMs)).events;
  }

  /** Idempotent. */
  close(): void {
    this.#socket.destroy();
    this.#end('closed by us');
  }

  async #login(events: string): Promise<void> {
    const { user, secret } = this.#o.address;
    await new Promise<void>((resolve, reject) => {
      this.#onBanner = resolve;
      this.#onFailed = reject;
    });
    const challenge = (await this.send('Challenge', { AuthType: 'MD5' })).get('Challenge');
    const key = createHash('md5').update(challenge).update(secret).digest('hex');
    await this.send('Login', { AuthType: 'MD5', Username: user, Key: key, Events: events });
  }

  async #ask(action: string, fields: AmiFields, list: boolean, deadlineMs: number): Promise<AmiAnswer> {
    if (this.#closed !== undefined) throw new CodedError('switch-down');
    const id = `cp${++this.#serial}`;
    const text = formatAction(action, id, fields);
    const answer = new Promise<AmiAnswer>((resolve, reject) =>
      this.#waiting.set(id, { action, list, events: [], resolve, reject }),
    );
    this.#socket.write(text);
    try {
      return await withDeadline(this.#o.clock, deadlineMs, action, answer);
    } catch (error) {
      if (error instanceof DeadlineError) throw new CodedError('timeout', { what: 'The telephone system' });
      throw error;
    } finally {
      this.#waiting.delete(id);
    }
  }

  #receive(chunk: string): void {
    if (this.#closed !== undefined) return;
    const greeted = this.#parser.banner !== undefined;
    try {
      const messages = this.#parser.feed(chunk);
      if (!greeted && this.#parser.banner !== undefined) this.#onBanner();
      for (const message of messages) this.#take(message);
    } catch (error) {
      this.#socket.destroy();
      this.#end(error instanceof Error ? error.message : String(error));
    }
  }

  #take(message: AmiMessage): void {
    const waiting = this.#waiting.get(message.get('ActionID'));
    // OriginateResponse is an event that has a key of this name, too.
    if (message.has('Response') && !message.has('Event')) {
      if (waiting) this.#answered(waiting, message);
      return;
    }
    if (!waiting?.list) return this.#o.onEvent(message);
    if (message.get('EventList') === 'Complete')
      return waiting.resolve({ response: waiting.response ?? message, events: waiting.events });
    waiting.events.push(message);
  }

  #answered(waiting: Waiting, response: AmiMessage): void {
    if (response.get('Response') === 'Error') {
      const reason = response.get('Message');
      // An empty list is an error for some actions.
      if (waiting.list && /^no\b.*(active|found|exist)/i.test(reason))
        return waiting.resolve({ response, events: [] });
      return waiting.reject(new AmiRefusal(waiting.action, reason));
    }
    if (!waiting.list) return waiting.resolve({ response, events: [] });
    waiting.response = response;
  }

  #end(reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.#onFailed(new Error(reason));
    for (const waiting of this.#waiting.values()) waiting.reject(new CodedError('switch-down'));
    this.#waiting.clear();
    if (this.#open) this.#o.onClosed(reason);
  }
}
