import { WebSocket } from 'ws';
import { backoff } from '../../../lib/backoff.ts';
import type { Clock } from '../../../lib/clock.ts';
import { DeadlineError, withDeadline } from '../../../lib/deadline.ts';
import { Emitter } from '../../../lib/emitter.ts';
import { newId } from '../../../lib/ids.ts';
import { Lifecycle } from '../../../lib/lifecycle.ts';
import { gatherWrites } from '../../store/gather-writes.ts';
import type { LinkState } from '../ports.ts';
import type { HttpDownload } from './ari-http.ts';
import { ariRequest, type Operation, type Values } from './ari-operations.ts';
import {
  type AriAddress,
  AriGoneError,
  type AriRest,
  authorization,
  HttpRest,
  type RestResponse,
  SocketRest,
  trusting,
} from './ari-rest.ts';
import { type AriEvent, EVENT_TYPES } from './ari-types.ts';

/** What we write to the log: a pino logger has it. */
export interface AriLog {
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

export interface AriLinkOptions {
  /** Asked at every connection, since a restarted Asterisk may be somewhere else. */
  address: () => AriAddress;
  /** Name of the Stasis application. */
  app: string;
  clock: Clock;
  log: AriLog;
  /** `auto` (default): REST over the event WebSocket where Asterisk answers there, else by HTTP. */
  rest?: 'auto' | 'http';
}

export type AriLinkEvents = {
  event: [event: AriEvent];
  link: [link: LinkState];
};

const HANDSHAKE_MS = 4_000;
/** How long an Asterisk that may not know REST over WebSocket is waited for. */
const PROBE_MS = 2_000;
const PREPARE_MS = 10_000;
const HEARTBEAT_MS = 5_000;
/** How long our own event may take through Asterisk and back. */
const ECHO_MS = 4_000;
/** By the real clock: it bounds a wait for the network while the program ends. */
const GOODBYE_MS = 1_000;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;
/** Our two subscriptions overlap, so most events come twice, at most this many apart. */
const REMEMBERED_EVENTS = 500;

interface Connection {
  socket: WebSocket;
  rest: AriRest;
  socketRest: SocketRest;
  /** Events that came before the link was up, in order; undefined once it is. */
  held: AriEvent[] | undefined;
  /** Told the name of every event of ours that has come back. */
  echoed: (eventName: string) => void;
  lost: boolean;
}

/**
 * One connection to ARI that is made anew when it breaks.
 *
 *     down ── socket open ──► reconciling ── prepare() done ──► up
 *       ▲                          │ it fails                   │ socket closed, or no answer to the heartbeat
 *       └──── after a back-off ────┴────────────────────────────┘
 *       └──── for good, when another process has registered our application (ApplicationReplaced)
 *
 * Answers to requests do not prove that events come: an Asterisk that tears the socket before ours down a moment too late
 * takes the application from the one that has it now, which then is deaf. So the link is up, and stays up, only while an
 * event that we send to our own application comes back.
 *
 * Events that come while we reconcile are held and delivered after `up`, in order. An event is delivered once.
 */
export class AriLink {
  readonly events: Emitter<AriLinkEvents>;
  readonly #options: AriLinkOptions;
  readonly #prepare: () => Promise<void>;
  readonly #life: Lifecycle;
  readonly #recent = new Set<string>();
  #connection: Connection | undefined;
  #link: LinkState = 'down';
  #attempt = 0;
  #started = false;

  /** @param prepare what has to be done on every new connection before it is up. */
  constructor(options: AriLinkOptions, prepare: () => Promise<void>) {
    this.#options = options;
    this.#prepare = prepare;
    this.#life = new Lifecycle(options.clock);
    this.events = new Emitter((error, event) =>
      options.log.error({ err: error, event }, 'a listener of ARI failed'),
    );
    this.#life.every(HEARTBEAT_MS, () => void this.#heartbeat());
  }

  get link(): LinkState {
    return this.#link;
  }

  get app(): string {
    return this.#options.app;
  }

  /** Whether requests go over the event WebSocket. */
  get restOverSocket(): boolean {
    return this.#connection !== undefined && this.#connection.rest === this.#connection.socketRest;
  }

  /**
   * Connects and keeps connecting. Resolves when the link is up, rejects with a DeadlineError after `deadlineMs`, or with
   * AriGoneError when this is closed. Called again it waits again.
   */
  async start(deadlineMs: number): Promise<void> {
    if (this.#life.closed) throw new AriGoneError();
    if (this.#link === 'up') return;
    const up = new Promise<void>((resolve) => {
      const stop = this.events.on('link', (link) => {
        if (link !== 'up') return;
        stop();
        resolve();
      });
    });
    if (!this.#started) this.#connect();
    this.#started = true;
    await withDeadline(this.#options.clock, deadlineMs, 'the connection to Asterisk', up);
  }

  /** Ends our end and waits until Asterisk has let go of it too; calls go on. Idempotent. */
  async close(): Promise<void> {
    await this.#life.close();
    const connection = this.#connection;
    if (!connection) return;
    this.#lost(connection);
    await bothEndsClosed(connection.socket);
  }

  /** Carries an operation out on the present connection. Rejects with AriError, AriGoneError or DeadlineError. */
  async request<O extends Operation>(operation: O, values: Values<O>, deadlineMs: number): Promise<unknown> {
    if (!this.#connection) throw new AriGoneError();
    return this.#connection.rest.send(ariRequest(operation, values), deadlineMs);
  }

  /** Where ARI is now. */
  get address(): AriAddress {
    return this.#options.address();
  }

  /** The answer to a GET by HTTP, for what is large: its body has not been read. Rejects with AriError or DeadlineError. */
  download(uri: string, deadlineMs: number): Promise<HttpDownload> {
    return new HttpRest(this.address, this.#options.clock).open(uri, deadlineMs);
  }

  #connect(): void {
    if (this.#life.closed) return;
    const address = this.#options.address();
    const socket = new WebSocket(eventUrl(address, this.app), {
      headers: { authorization: authorization(address) },
      handshakeTimeout: HANDSHAKE_MS,
      ...trusting(address.ca),
      perMessageDeflate: false,
    });
    socket.on('upgrade', (response) => gatherWrites(response.socket));
    const socketRest = new SocketRest(socket, this.#options.clock);
    const connection: Connection = {
      socket,
      socketRest,
      rest: socketRest,
      held: [],
      echoed: () => undefined,
      lost: false,
    };
    socket.on('message', (data) => this.#receive(connection, String(data)));
    socket.on('error', (error) =>
      this.#options.log.warn({ reason: error.message }, 'the connection to Asterisk failed'),
    );
    socket.on('close', () => this.#lost(connection));
    socket.on('open', () => void this.#opened(connection, address));
  }

  async #opened(connection: Connection, address: AriAddress): Promise<void> {
    if (this.#life.closed) {
      this.#drop(connection);
      return;
    }
    this.#connection = connection;
    this.#recent.clear();
    this.#set('reconciling');
    try {
      connection.rest = await this.#chooseRest(connection, address);
      await this.#listen(connection);
      await this.#echo(connection);
      await withDeadline(this.#options.clock, PREPARE_MS, 'reconciling with Asterisk', this.#prepare());
    } catch (error) {
      this.#options.log.warn({ err: error }, 'Asterisk is connected but cannot be used yet');
      this.#drop(connection);
      return;
    }
    if (this.#connection === connection) this.#up(connection);
  }

  async #chooseRest({ socketRest }: Connection, address: AriAddress): Promise<AriRest> {
    const http = new HttpRest(address, this.#options.clock);
    if (this.#options.rest === 'http') return http;
    try {
      await socketRest.send({ method: 'GET', uri: 'asterisk/ping' }, PROBE_MS);
      return socketRest;
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
      this.#options.log.info({}, 'this Asterisk takes no requests over its WebSocket; they go by HTTP');
      return http;
    }
  }

  /** Lets Asterisk send only what we read; the filter holds for answers on this socket too. */
  async #listen({ rest }: Connection): Promise<void> {
    const filter = { allowed: [...EVENT_TYPES, 'RESTResponse'].map((type) => ({ type })) };
    await rest.send(ariRequest('filterEvents', { applicationName: this.app, filter }), PREPARE_MS);
  }

  #up(connection: Connection): void {
    this.#attempt = 0;
    const held = connection.held ?? [];
    connection.held = undefined;
    this.#set('up');
    for (const event of held) this.events.emit('event', event);
  }

  #receive(connection: Connection, text: string): void {
    if (this.#recent.has(text)) return;
    const message = parseMessage(text);
    if (!message) {
      this.#options.log.warn({ bytes: text.length }, 'Asterisk sent something that is not JSON');
      return;
    }
    if (message.type === 'RESTResponse') connection.socketRest.answered(message);
    else if (!connection.lost) this.#event(connection, text, message);
  }

  #event(connection: Connection, text: string, event: AriEvent): void {
    if (event.type === 'ApplicationReplaced') {
      this.#replaced(connection);
      return;
    }
    if (event.type === 'ChannelUserevent') {
      connection.echoed(event.eventname);
      return;
    }
    this.#recent.add(text);
    for (const oldest of this.#recent) {
      if (this.#recent.size <= REMEMBERED_EVENTS) break;
      this.#recent.delete(oldest);
    }
    if (connection.held) connection.held.push(event);
    else this.events.emit('event', event);
  }

  #replaced(connection: Connection): void {
    this.#options.log.error(
      { app: this.app },
      'another process has taken our application at Asterisk over; this one stays away',
    );
    void this.#life.close();
    this.#drop(connection);
  }

  async #heartbeat(): Promise<void> {
    const connection = this.#connection;
    if (!connection || this.#link !== 'up') return;
    try {
      await this.#echo(connection);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'Asterisk does not answer, or sends us no events');
      this.#drop(connection);
    }
  }

  /** Sends an event to our application and waits until it comes. Rejects when it does not. */
  async #echo(connection: Connection): Promise<void> {
    const eventName = newId('echo');
    const heard = new Promise<void>((resolve) => {
      connection.echoed = (name) => name === eventName && resolve();
    });
    const sent = connection.rest.send(ariRequest('userEvent', { eventName, application: this.app }), ECHO_MS);
    await withDeadline(this.#options.clock, ECHO_MS, 'our own event', Promise.all([sent, heard]));
  }

  /** Ends a connection at once, without waiting for a peer that may be dead. */
  #drop(connection: Connection | undefined): void {
    if (!connection) return;
    connection.socket.terminate();
    this.#lost(connection);
  }

  #lost(connection: Connection): void {
    if (connection.lost) return;
    connection.lost = true;
    connection.socketRest.abandon();
    this.#connection = undefined;
    this.#set('down');
    this.#life.after(backoff(this.#attempt++, RETRY_FIRST_MS, RETRY_MAX_MS), () => this.#connect());
  }

  #set(link: LinkState): void {
    if (link === this.#link) return;
    this.#link = link;
    this.events.emit('link', link);
  }
}

/**
 * Closes a socket orderly, and forcibly after a second. Asterisk ends the connection only after it has given the application
 * up: whoever connects after this cannot lose it to that.
 */
async function bothEndsClosed(socket: WebSocket): Promise<void> {
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const impatience = setTimeout(() => socket.terminate(), GOODBYE_MS);
  socket.close();
  await closed;
  clearTimeout(impatience);
}

function eventUrl({ url }: AriAddress, app: string): string {
  return `${url.replace(/^http/, 'ws')}/events?app=${encodeURIComponent(app)}`;
}

function parseMessage(text: string): AriEvent | RestResponse | undefined {
  try {
    return JSON.parse(text) as AriEvent | RestResponse;
  } catch {
    return undefined;
  }
}
