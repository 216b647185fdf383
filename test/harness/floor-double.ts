/** The live floor of a call center without calls: agents' states are what a test says they are. */
import { pino } from 'pino';
import type { VirtualClock } from '../../src/lib/clock.ts';
import { Emitter } from '../../src/lib/emitter.ts';
import type { AgentShown, RequestedState } from '../../src/protocol/softphone.ts';
import type { CallCenter } from '../../src/server/callcenter/call-center.ts';
import { createFloor, type FloorServer, type FloorSettings } from '../../src/server/floor-server.ts';
import type { AcdEvents, AgentView } from '../../src/server/routing/ports.ts';
import type { Database } from '../../src/server/store/database.ts';
import type { ConversationEvents } from '../../src/server/telephony/conversations.ts';

const fail = (error: unknown) => {
  throw error;
};

export class FloorDouble {
  server!: FloorServer;
  readonly #views = new Map<string, AgentView>();
  readonly #events = new Emitter<AcdEvents>(fail);

  static async create(options: {
    db: Database;
    clock: VirtualClock;
    callCenter: CallCenter;
    settings: FloorSettings;
  }): Promise<FloorDouble> {
    const double = new FloorDouble();
    const { clock } = options;
    double.server = await createFloor({
      ...options,
      log: pino({ level: 'silent' }),
      zone: 'Europe/London',
      conversations: {
        events: new Emitter<ConversationEvents>(fail),
        all: () => [],
        get: () => undefined,
        find: () => undefined,
      },
      states: {
        events: double.#events,
        agent: (userId) => double.#view(userId, clock.now()),
        setRequested: async (userId, state, reason) =>
          double.set(userId, state, clock.now(), reason === undefined ? {} : { reason }),
        finishWrap: async () => undefined,
        reserve: async () => undefined,
        release: () => undefined,
      },
      queues: { enqueue: async () => undefined, leave: async () => undefined },
      attend: () => undefined,
      calls: {
        supervise: async () => 'leg_1',
        changeSupervision: async () => undefined,
        supervisionOf: () => undefined,
        dropLeg: async () => undefined,
      },
      device: () => undefined,
      onEntered: () => undefined,
    });
    return double;
  }

  set(userId: string, shown: AgentShown, now: number, { reason }: { reason?: string } = {}): void {
    const view = this.#view(userId, now);
    const state: RequestedState =
      shown === 'not-ready' || shown === 'logged-out' ? shown : view.requested.state;
    this.#views.set(userId, {
      ...view,
      shown,
      since: now,
      requested: { state, ...(reason === undefined ? {} : { reason }) },
    });
    this.#events.emit('agent', this.#view(userId, now));
  }

  #view(userId: string, now: number): AgentView {
    const known = this.#views.get(userId);
    if (known) return known;
    const view: AgentView = {
      userId,
      requested: { state: 'logged-out' },
      work: 'idle',
      online: false,
      shown: 'logged-out',
      since: now,
    };
    this.#views.set(userId, view);
    return view;
  }
}
