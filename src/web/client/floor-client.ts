/**
 * The live mirror of the floor over a socket of its own (protocol/floor.ts).
 *
 *     connecting ── snapshot ──► online ── closed, or silent ──► lost ── snapshot ──► online        any ── stopped ──► (over)
 */
import { backoff } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import type { ActiveAlarm } from '../../protocol/alarms.ts';
import type { FloorAgent, FloorMessage, FloorPatch, FloorQueue, QueueMinute } from '../../protocol/floor.ts';
import { HEARTBEAT_TIMEOUT_MS } from '../../protocol/socket.ts';
import { ServerClock } from './server-clock.ts';
import type { SocketLike } from './socket-like.ts';

/** A new object whenever something changed, so that it can be compared by identity. */
export interface FloorView {
  status: 'connecting' | 'online' | 'lost';
  agents: ReadonlyMap<string, FloorAgent>;
  queues: ReadonlyMap<string, FloorQueue>;
  teams: readonly { id: string; label: string }[];
  alarms: readonly ActiveAlarm[];
  /** By queue: the last hour, the oldest minute first. */
  history: ReadonlyMap<string, readonly QueueMinute[]>;
}

export interface FloorClientOptions {
  openSocket(): SocketLike;
  clock: Clock;
  /** A connection failed before the server said anything: perhaps nobody may see this any more. */
  onRefused(): void;
  /** For the jitter between tries. Default Math.random. */
  random?: () => number;
}

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 10_000;
const MINUTES = 60;

/** Connects by `start()`; shows by `getView()`, and tells `subscribe()` of each change. */
export class FloorClient {
  readonly serverClock: ServerClock;
  readonly #o: FloorClientOptions;
  readonly #listeners = new Set<() => void>();
  #view: FloorView = {
    status: 'connecting',
    agents: new Map(),
    queues: new Map(),
    teams: [],
    alarms: [],
    history: new Map(),
  };
  #socket: SocketLike | undefined;
  #attempt = 0;
  #heard = false;
  #cancelWatch = () => {};

  constructor(options: FloorClientOptions) {
    this.#o = options;
    this.serverClock = new ServerClock(() => options.clock.now());
  }

  getView = (): FloorView => this.#view;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Connects, and keeps connecting until the function that it gives is called; then it may be started anew. */
  start(): () => void {
    const life = new Lifecycle(this.#o.clock);
    this.#connect(life);
    return () => {
      void life.close();
      this.#socket?.close();
      this.#socket = undefined;
    };
  }

  #connect(life: Lifecycle): void {
    const socket = this.#o.openSocket();
    this.#socket = socket;
    this.#heard = false;
    socket.onmessage = ({ data }) => this.#received(life, socket, data);
    socket.onclose = () => this.#lost(life, socket);
    this.#watch(life, socket);
  }

  #received(life: Lifecycle, socket: SocketLike, data: unknown): void {
    if (socket !== this.#socket) return;
    this.#watch(life, socket);
    const message = JSON.parse(String(data)) as FloorMessage;
    if (message.type === 'ping') return socket.send('{"type":"pong"}');
    this.#heard = true;
    this.#attempt = 0;
    if (message.type === 'snapshot') {
      const { serverNow, agents, queues, teams, alarms, history } = message.floor;
      this.serverClock.learn(serverNow);
      this.#show({
        status: 'online',
        agents: new Map(agents.map((agent) => [agent.id, agent])),
        queues: new Map(queues.map((queue) => [queue.id, queue])),
        teams,
        alarms,
        history: new Map(Object.entries(history)),
      });
    } else {
      this.serverClock.learn(message.patch.serverNow);
      this.#show(patched(this.#view, message.patch));
    }
  }

  /** A server that says nothing is given up. */
  #watch(life: Lifecycle, socket: SocketLike): void {
    this.#cancelWatch();
    this.#cancelWatch = life.after(HEARTBEAT_TIMEOUT_MS, () => {
      socket.close();
      this.#lost(life, socket);
    });
  }

  #lost(life: Lifecycle, socket: SocketLike): void {
    if (socket !== this.#socket || life.closed) return;
    this.#socket = undefined;
    this.#cancelWatch();
    if (!this.#heard) this.#o.onRefused();
    if (this.#view.status === 'online') this.#show({ ...this.#view, status: 'lost' });
    const wait = backoff(this.#attempt++, RETRY_FIRST_MS, RETRY_MAX_MS, this.#o.random);
    life.after(wait, () => this.#connect(life));
  }

  #show(view: FloorView): void {
    this.#view = view;
    for (const listener of this.#listeners) listener();
  }
}

/** The floor with what has changed. */
function patched(view: FloorView, patch: FloorPatch): FloorView {
  return {
    ...view,
    agents: withRows(view.agents, patch.agents),
    queues: withRows(view.queues, patch.queues),
    alarms: patch.alarms ?? view.alarms,
    history: patch.minutes ? withMinutes(view.history, patch.minutes) : view.history,
  };
}

function withRows<T extends { id: string }>(
  before: ReadonlyMap<string, T>,
  rows: readonly T[] | undefined,
): ReadonlyMap<string, T> {
  if (!rows) return before;
  const after = new Map(before);
  for (const row of rows) after.set(row.id, row);
  return after;
}

function withMinutes(
  before: FloorView['history'],
  minutes: Readonly<Record<string, QueueMinute>>,
): FloorView['history'] {
  const after = new Map(before);
  for (const [queueId, minute] of Object.entries(minutes)) {
    const known = after.get(queueId) ?? [];
    const last = known.at(-1);
    // It comes with every change of its queue: what is drawn of it stays while it says the same.
    if (last && JSON.stringify(last) === JSON.stringify(minute)) continue;
    const earlier = last?.at === minute.at ? known.slice(0, -1) : known;
    after.set(queueId, [...earlier, minute].slice(-MINUTES));
  }
  return after;
}
