import { backoff } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { unreachable } from '../../lib/must.ts';
import type { CallLogEntry } from '../../protocol/crm.ts';
import type { JoinedHost } from '../../protocol/crm-hosts.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import {
  type Downstream,
  HEARTBEAT_TIMEOUT_MS,
  type PhoneCredentials,
  PROTOCOL_VERSION,
  type Upstream,
} from '../../protocol/socket.ts';
import type { SoftphoneState } from '../../protocol/softphone.ts';
import { patchState } from './mirror.ts';
import { type CommandInput, PendingCommands, reviveError } from './pending-commands.ts';
import { ServerClock } from './server-clock.ts';
import type { SocketLike } from './socket-like.ts';

/**
 * - `connecting`: no connection was ever there.
 * - `online`: the state is live.
 * - `lost`: it was online; the last state stays, a new connection is on its way.
 * - `refused`: the server said why it does not want this page (`refusal`); nothing is tried until `connect()`.
 */
export type ClientStatus = 'connecting' | 'online' | 'lost' | 'refused' | 'closed';

/** What a page renders. A new object whenever something changed, so it can be compared by identity. */
export interface ClientView {
  status: ClientStatus;
  state: SoftphoneState | undefined;
  refusal: CodedError | undefined;
}

export interface ClientOptions {
  /** Absolute address of `/api/socket`. */
  url: string;
  tabId: string;
  canAudio: boolean;
  canPop: boolean;
  /** Origin of the CRM's page around this one, in a frame of another site. */
  hostOrigin?: string;
  /** Legs whose SIP session lives in this page now: after a reload there are none, and the server re-attaches them. */
  legs(): string[];
  openSocket(url: string): SocketLike;
  clock: Clock;
  onListenerError(error: unknown): void;
  /** For the jitter between tries. Default Math.random. */
  random?: () => number;
}

export type ClientEvents = {
  /** Something in the view changed. */
  change: [];
  /** This tab has the audio (credentials) or has it no more (null). */
  phone: [PhoneCredentials | null];
  /** Answer the SIP session with this leg id. */
  'phone.answer': [string];
  /** A connection failed before the server said anything: perhaps the sign-in is over. */
  unreachable: [];
  /** The server knows the CRM around this page, or none. */
  host: [JoinedHost | undefined];
  /** Save this log in the CRM around this page. */
  'log.write': [key: string, entry: CallLogEntry];
};

/** A connection that is not open, or a server that says nothing, is given up after this many milliseconds. */
const OPEN_DEADLINE_MS = 8_000;
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 5_000;

/**
 * The live mirror of the signed-in user's softphone state over the page's one WebSocket (protocol/socket.ts).
 *
 *     connecting ── snapshot ──► online ── closed, silent, or a gap in the revisions ──► lost ── snapshot ──► online
 *         any ── bye ──► refused ── connect() ──► connecting           any ── close() ──► closed
 */
export class SoftphoneClient {
  readonly #options: ClientOptions;
  readonly #life: Lifecycle;
  readonly #emitter: Emitter<ClientEvents>;
  readonly #commands: PendingCommands;
  readonly serverClock: ServerClock;
  #socket: SocketLike | undefined;
  #view: ClientView = { status: 'connecting', state: undefined, refusal: undefined };
  #attempt = 0;
  #welcome = false;
  #cancelRetry = () => {};
  #cancelWatch = () => {};
  #phone: Upstream | undefined;
  #focus: Upstream | undefined;
  #can: { canAudio: boolean; canPop: boolean };

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#can = { canAudio: options.canAudio, canPop: options.canPop };
    this.#life = new Lifecycle(options.clock);
    this.#emitter = new Emitter((error) => options.onListenerError(error));
    this.#commands = new PendingCommands(options.clock);
    this.serverClock = new ServerClock(() => options.clock.now());
    this.#life.add(this.#commands);
  }

  get view(): ClientView {
    return this.#view;
  }

  get tabId(): string {
    return this.#options.tabId;
  }

  on<K extends keyof ClientEvents>(event: K, listener: (...args: ClientEvents[K]) => unknown): () => void {
    return this.#emitter.on(event, listener);
  }

  /** Opens the connection now, also when a retry was waiting or the server had refused. */
  connect(): void {
    if (this.#life.closed) return;
    this.#cancelRetry();
    this.#drop();
    if (this.#view.status === 'refused') this.#show({ status: 'connecting', refusal: undefined });
    const socket = this.#options.openSocket(this.#options.url);
    this.#socket = socket;
    this.#welcome = false;
    socket.onopen = () => this.#hello();
    socket.onmessage = (event) => this.#receive(socket, event.data);
    socket.onclose = () => this.#lost(socket);
    this.#watch(OPEN_DEADLINE_MS);
  }

  /** Ends the connection until `connect()`: after a sign-out. The state is forgotten. */
  disconnect(): void {
    this.#cancelRetry();
    this.#drop();
    this.#phone = undefined;
    if (!this.#life.closed) this.#show({ status: 'connecting', state: undefined, refusal: undefined });
  }

  /**
   * Sends a command; resolves when the server accepted it (its effect comes through the state) and rejects with a
   * CodedError: the server's, or `timeout` after 10 s, or at once `server-unreachable` when there is no connection.
   */
  command(input: CommandInput): Promise<void> {
    if (this.#view.status !== 'online') return Promise.reject(new CodedError('server-unreachable'));
    const { command, done } = this.#commands.add(input);
    this.#send({ type: 'command', command });
    return done;
  }

  /** How this tab's browser phone is; said again on every new connection. */
  reportPhone(registered: boolean, problem?: string): void {
    this.#phone = { type: 'phone', registered, problem: problem?.slice(0, 200) };
    if (this.#view.status === 'online') this.#send(this.#phone);
  }

  /** What the agent has in front of him; said again on every new connection. */
  reportFocus(focused: boolean, record?: RecordRef | null): void {
    this.#focus = { type: 'focus', focused, record };
    if (this.#view.status === 'online') this.#send(this.#focus);
  }

  /** From now on this page can carry audio and pop, or cannot; the server hears it by a new hello. */
  change(can: { canAudio: boolean; canPop: boolean }): void {
    if (can.canAudio === this.#can.canAudio && can.canPop === this.#can.canPop) return;
    this.#can = can;
    if (this.#socket) this.connect();
  }

  /** What became of a log that the server asked this page to write. */
  reportLog(key: string, outcome: { ref: RecordRef } | { problem: string }): void {
    if (this.#view.status === 'online') this.#send({ type: 'log.written', key, ...outcome });
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#life.closed) return;
    this.#drop();
    this.#show({ status: 'closed' });
    await this.#life.close();
  }

  #hello(): void {
    const { tabId, hostOrigin } = this.#options;
    const legs = this.#options.legs().slice(0, 20);
    this.#send({ type: 'hello', protocol: PROTOCOL_VERSION, tabId, ...this.#can, legs, hostOrigin });
  }

  #send(message: Upstream): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #receive(socket: SocketLike, data: unknown): void {
    if (socket !== this.#socket) return;
    this.#watch(HEARTBEAT_TIMEOUT_MS);
    const message = parse(data);
    if (message) this.#handle(message);
  }

  #handle(message: Downstream): void {
    switch (message.type) {
      case 'welcome':
        this.#welcome = true;
        return this.#emitter.emit('host', message.host);
      case 'snapshot':
        return this.#snapshot(message.state);
      case 'patch':
        return this.#patch(message);
      case 'result':
        return this.#commands.settle(message.commandId, message.ok ? undefined : message.error);
      case 'phone':
        return this.#emitter.emit('phone', message.credentials);
      case 'phone.answer':
        return this.#emitter.emit('phone.answer', message.legId);
      case 'log.write':
        return this.#emitter.emit('log.write', message.key, message.entry);
      case 'ping':
        return this.#send({ type: 'pong' });
      case 'bye':
        return this.#refused(reviveError(message.error));
      default:
        return unreachable(message);
    }
  }

  #snapshot(state: SoftphoneState): void {
    this.serverClock.learn(state.serverNow);
    this.#attempt = 0;
    const first = this.#view.status !== 'online';
    this.#show({ status: 'online', state });
    if (first) this.#resume();
  }

  /** On a new connection: say what the server must know, then what it has not answered. */
  #resume(): void {
    for (const message of [this.#focus, this.#phone]) if (message) this.#send(message);
    for (const command of this.#commands.unanswered()) this.#send({ type: 'command', command });
  }

  #patch(message: Extract<Downstream, { type: 'patch' }>): void {
    const state = this.#view.state && patchState(this.#view.state, message);
    if (!state) return this.#again();
    this.serverClock.learn(message.serverNow);
    this.#show({ state });
  }

  /** The mirror does not fit any more: a new connection brings a new snapshot. */
  #again(): void {
    if (this.#view.status === 'online') this.#show({ status: 'lost' });
    this.connect();
  }

  #refused(error: CodedError): void {
    this.#drop();
    if (error.code === 'draining') return this.#retry();
    this.#show({ status: 'refused', refusal: error });
  }

  #lost(socket: SocketLike): void {
    if (socket !== this.#socket) return;
    const silent = !this.#welcome;
    this.#drop();
    this.#retry();
    if (silent) this.#emitter.emit('unreachable');
  }

  #retry(): void {
    if (this.#life.closed) return;
    if (this.#view.status === 'online') this.#show({ status: 'lost' });
    const wait = backoff(this.#attempt++, RETRY_FIRST_MS, RETRY_MAX_MS, this.#options.random);
    this.#cancelRetry = this.#life.after(wait, () => this.connect());
  }

  /** A server that is silent for `ms` is gone, even if the browser still believes in the connection. */
  #watch(ms: number): void {
    this.#cancelWatch();
    const socket = this.#socket;
    if (socket) this.#cancelWatch = this.#life.after(ms, () => this.#lost(socket));
  }

  #drop(): void {
    this.#cancelWatch();
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #show(change: Partial<ClientView>): void {
    this.#view = { ...this.#view, ...change };
    this.#emitter.emit('change');
  }
}

/** A frame that is no JSON object with a type is not of this protocol and is passed over. */
function parse(data: unknown): Downstream | undefined {
  try {
    const message: unknown = JSON.parse(String(data));
    const known = typeof message === 'object' && message !== null && 'type' in message;
    return known && KNOWN.has(String(message.type)) ? (message as Downstream) : undefined;
  } catch {
    return undefined;
  }
}

const KNOWN = new Set<string>([
  'welcome',
  'snapshot',
  'patch',
  'result',
  'phone',
  'phone.answer',
  'log.write',
  'ping',
  'bye',
] satisfies Downstream['type'][]);
