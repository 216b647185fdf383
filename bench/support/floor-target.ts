/** What `bench floor` loads: agents' sockets, routing, floor and feed as the product joins them; and a bare relay beside it. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { realClock } from '../../src/lib/clock.ts';
import { Emitter } from '../../src/lib/emitter.ts';
import { DEFAULT_AGENT_RULES } from '../../src/protocol/agent-rules.ts';
import { PLAIN_RULE } from '../../src/protocol/queue-rules.ts';
import { DEFAULT_SERVICE_LEVEL } from '../../src/protocol/service-levels.ts';
import { FloorSocket } from '../../src/server/api/floor-socket.ts';
import { PageSocket } from '../../src/server/api/page-socket.ts';
import type { CallCenterEvents } from '../../src/server/callcenter/call-center.ts';
import type { Queue, User } from '../../src/server/callcenter/model.ts';
import { FloorFeed } from '../../src/server/floor/feed.ts';
import { Floor } from '../../src/server/floor/floor.ts';
import { EVERYTHING } from '../../src/server/floor/scope.ts';
import { Routing } from '../../src/server/routing/routing.ts';
import type { SoftphoneDoor } from '../../src/server/softphone/ports.ts';
import { ScratchJournal } from '../../src/server/store/scratch-journal.ts';
import { Conversations } from '../../src/server/telephony/conversations.ts';

const clock = realClock;
const fail = (error: unknown): never => {
  throw error;
};
const MEMBERS = 50;

export class FloorTarget {
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #closers: (() => Promise<void>)[] = [];
  #relay: WebSocket | undefined;

  private constructor() {
    this.#http = createServer();
    this.#sockets = new WebSocketServer({ server: this.#http, perMessageDeflate: false });
  }

  static async open(agents: number): Promise<FloorTarget> {
    const target = new FloorTarget();
    target.#serve(agents);
    target.#http.listen(0, '127.0.0.1');
    await once(target.#http, 'listening');
    return target;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    for (const close of this.#closers) await close();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #serve(agents: number): void {
    const { feed, door } = this.#product(agents);
    this.#sockets.on('connection', (socket, request) => {
      const [, way = '', userId = ''] = (request.url ?? '').split('/');
      switch (way) {
        case 'agent':
          return void new PageSocket(socket, {
            userId,
            sessionId: userId,
            clock,
            door,
            keepSession: () => true,
            onClosed: () => undefined,
          });
        case 'supervisor':
          return void new FloorSocket(socket, {
            who: 'supervisor',
            clock,
            feed,
            scope: () => EVERYTHING,
            keep: () => true,
            onClosed: () => undefined,
          });
        case 'relay-supervisor':
          this.#relay = socket;
          return;
        default:
          socket.on('message', (data) => this.#passOn(userId, String(data)));
      }
    });
  }

  /** The shortest program that tells a supervisor: no coalescing, no state, no checks. */
  #passOn(id: string, text: string): void {
    const message = JSON.parse(text) as { command?: { state: string } };
    if (message.command && this.#relay?.readyState === WebSocket.OPEN)
      this.#relay.send(JSON.stringify({ id, state: message.command.state }));
  }

  #product(agents: number): { feed: FloorFeed; door: SoftphoneDoor } {
    const users = Array.from({ length: agents }, (_, index) => userOf(index));
    const byId = new Map(users.map((user) => [user.id, user]));
    const queues = Array.from({ length: agents / MEMBERS }, (_, index) => queueOf(index, users));
    const queuesById = new Map(queues.map((queue) => [queue.id, queue]));
    const journal = new ScratchJournal();
    const onError = (_what: string, error: unknown) => fail(error);
    const conversations = new Conversations({ journal, clock, onListenerError: fail });
    const routing = new Routing({
      conversations,
      journal,
      clock,
      calls: {
        ringAgent: () => Promise.resolve(),
        connectAgent: () => Promise.resolve(),
        dropLeg: () => Promise.resolve(),
        cancelUnmadeLeg: () => undefined,
      },
      directory: { device: () => undefined },
      queue: (id) => queuesById.get(id),
      queues: () => queues,
      skills: { skillLevel: () => 0 },
      outboundWrapMs: 0,
      onError,
    });
    const sources = {
      clock,
      acd: routing,
      conversations,
      callCenter: {
        user: (id: string) => byId.get(id),
        users: () => users,
        takesCalls: () => true,
        queue: (id: string) => queuesById.get(id),
        queues: () => queues,
        reasons: () => [],
        events: new Emitter<CallCenterEvents>(fail),
      },
      teams: { all: () => [], events: new Emitter<{ changed: [string] }>(fail) },
      serviceLevels: {
        of: () => DEFAULT_SERVICE_LEVEL,
        events: new Emitter<{ changed: [string] }>(fail),
      },
      zone: 'Europe/London',
      onError,
    };
    const floor = new Floor(sources, []);
    const noAlarms = { active: () => [], events: new Emitter<{ changed: [] }>(fail) };
    const feed = new FloorFeed(floor, noAlarms, sources);
    this.#closers.push(
      () => floor.close(),
      () => routing.close(),
    );
    const door: SoftphoneDoor = {
      open: ({ userId }) => {
        routing.setOnline(userId, true);
        return {
          receive: (message) => {
            if (message.type !== 'command' || message.command.verb !== 'agent.state') return;
            routing.setRequested(userId, message.command.state, undefined, userId).catch(fail);
          },
          close: () => undefined,
        };
      },
      state: () => undefined,
    };
    return { feed, door };
  }
}

function userOf(index: number): User {
  return {
    id: `user_${index}`,
    username: `agent${index}`,
    name: `Agent Number ${index}`,
    roles: ['agent'],
    locale: 'en-GB',
    zone: 'Europe/London',
    country: 'GB',
    extension: null,
    deviceId: null,
    platformId: 'private',
    profileId: null,
    skills: [],
    disabled: false,
    demoPassword: false,
    email: null,
    queueOrder: [],
  };
}

function queueOf(index: number, users: readonly User[]): Queue {
  const memberIds = users.slice(index * MEMBERS, (index + 1) * MEMBERS).map(({ id }) => id);
  return {
    id: `queue_${index}`,
    label: `Queue ${index}`,
    ringMs: 20_000,
    wrapMs: 0,
    dispositionRequired: false,
    greeting: '',
    memberIds,
    requirements: [],
    agentRules: DEFAULT_AGENT_RULES,
    rule: PLAIN_RULE,
  };
}
