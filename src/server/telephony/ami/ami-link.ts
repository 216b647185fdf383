/**
 * Keeps a session of AMI: connects, brings the mirror up to date, and does both again whenever the session is lost.
 *
 *     down ── logged in ──► reconciling ── synchronised ──► up
 *       ▲                        │                          │
 *       └── waits (backoff) ◄────┴── closed, or no Pong ◄───┘
 *
 * Events that come while it is reconciling are given on in their order after what was listed: each states what is so now, and
 * what they say of things that are gone is ignored, so that nothing is missed between listing and listening.
 */
import type { Logger } from 'pino';
import { backoff } from '../../../lib/backoff.ts';
import type { Clock } from '../../../lib/clock.ts';
import { Emitter } from '../../../lib/emitter.ts';
import { Lifecycle } from '../../../lib/lifecycle.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { LinkState } from '../ports.ts';
import { type AmiAddress, AmiConnection } from './ami-connection.ts';
import type { AmiFields, AmiMessage } from './ami-message.ts';

export interface AmiLinkOptions {
  /** Asked at each connection. */
  address(): AmiAddress;
  clock: Clock;
  log: Pick<Logger, 'info' | 'warn'>;
  /** Reads what exists; the link is up when it has resolved. */
  synchronise(link: AmiLink): Promise<void>;
}

export type AmiLinkEvents = { event: [message: AmiMessage]; link: [link: LinkState] };

/** Classes of events: calls, bridges and devices; queues and their members. Others (dialplan, RTCP) would be a flood. */
const EVENT_CLASSES = 'call,agent';
const PING_EVERY_MS = 10_000;
/** A connection that was good for so long begins anew with the shortest wait. */
const STEADY_MS = 30_000;

export class AmiLink {
  readonly events: Emitter<AmiLinkEvents>;
  readonly #o: AmiLinkOptions;
  readonly #life: Lifecycle;
  #connection: AmiConnection | undefined;
  #link: LinkState = 'down';
  #attempt = 0;
  #upSince = 0;
  #held: AmiMessage[] | undefined;
  #stopPing: () => void = () => undefined;
  /** Why it is not up: for the setup check. */
  problem: Error | undefined;

  constructor(options: AmiLinkOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
    this.events = new Emitter((err, event) => options.log.warn({ err, event }, 'a listener of AMI failed'));
    this.#life.add(() => this.#connection?.close());
  }

  get state(): LinkState {
    return this.#link;
  }

  get banner(): string {
    return this.#connection?.banner ?? '';
  }

  /** Connects now and keeps connecting. Whether it came up is told by `link`. */
  start(): void {
    void this.#connect();
  }

  /** Idempotent. What goes on in the PBX goes on. */
  async close(): Promise<void> {
    await this.#life.close();
    this.#to('down');
  }

  /** See AmiConnection. @throws CodedError `switch-down` while there is no session. */
  async send(action: string, fields: AmiFields = {}, deadlineMs?: number): Promise<AmiMessage> {
    return this.#mustBeConnected().send(action, fields, deadlineMs);
  }

  async list(action: string, fields: AmiFields = {}, deadlineMs?: number): Promise<AmiMessage[]> {
    return this.#mustBeConnected().list(action, fields, deadlineMs);
  }

  #mustBeConnected(): AmiConnection {
    if (!this.#connection) throw new CodedError('switch-down');
    return this.#connection;
  }

  async #connect(): Promise<void> {
    const { clock, log } = this.#o;
    try {
      this.#held = [];
      const connection = await AmiConnection.open(
        {
          address: this.#o.address(),
          clock,
          onEvent: (message) => this.#onEvent(message),
          onClosed: (reason) => this.#lost(connection, reason),
        },
        EVENT_CLASSES,
      );
      if (this.#life.closed) return connection.close();
      this.#connection = connection;
      this.#to('reconciling');
      await this.#o.synchronise(this);
      if (this.#connection !== connection) return;
      this.problem = undefined;
      this.#upSince = clock.now();
      this.#stopPing = this.#life.every(PING_EVERY_MS, () => this.#ping(connection));
      log.info({ banner: connection.banner }, 'AMI is connected');
      const held = this.#held;
      this.#held = undefined;
      this.#to('up');
      for (const message of held) this.events.emit('event', message);
    } catch (error) {
      if (this.#life.closed) return;
      this.problem = error instanceof Error ? error : new Error(String(error));
      log.warn({ reason: this.problem.message }, 'AMI could not be connected');
      if (this.#connection) this.#connection.close();
      else this.#again();
    }
  }

  #onEvent(message: AmiMessage): void {
    if (this.#held) this.#held.push(message);
    else this.events.emit('event', message);
  }

  #ping(connection: AmiConnection): void {
    connection.send('Ping').catch(() => connection.close());
  }

  #lost(connection: AmiConnection, reason: string): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#stopPing();
    this.problem ??= new Error(reason);
    if (this.#life.closed) return;
    this.#o.log.warn({ reason }, 'AMI was lost');
    if (this.#upSince > 0 && this.#o.clock.now() - this.#upSince > STEADY_MS) this.#attempt = 0;
    this.#to('down');
    this.#again();
  }

  #again(): void {
    this.#life.after(backoff(this.#attempt++, 200, 5_000), () => void this.#connect());
  }

  #to(link: LinkState): void {
    if (this.#link === link) return;
    this.#link = link;
    this.events.emit('link', link);
  }
}
