/**
 * The agents of this process: what each requested, does and whether he is there. Every change goes through `change`, which
 * journals it when the shown state differs and tells the listeners; there is no other way to alter an agent.
 */
import type { Clock } from '../../lib/clock.ts';
import type { Emitter } from '../../lib/emitter.ts';
import type { AgentShown, RequestedState } from '../../protocol/softphone.ts';
import type { Database } from '../store/database.ts';
import type { StreamWriter } from '../store/journal.ts';
import { isEligible, shownState } from './agent-state.ts';
import type { AcdEvents, AgentView, WorkState } from './ports.ts';
import { loadAgents, saveAgent } from './store.ts';

export interface LiveOffer {
  offerId: string;
  itemId: string;
  conversationId: string;
  callId: string;
  legId: string;
  queueId: string;
  deadline: number;
  cancelTimer: () => void;
}

interface Wrap {
  conversationId: string;
  callId: string;
  endsAt?: number;
  cancelTimer: () => void;
}

export interface Agent {
  readonly userId: string;
  requested: RequestedState;
  reason?: string;
  online: boolean;
  offer?: LiveOffer;
  /** Conversations in which he talks, or that he is dialling. */
  readonly talking: Set<string>;
  /** Legs that ring him directly: a colleague's call, a transfer, one that comes back. He gets no offer meanwhile. */
  readonly ringing: Set<string>;
  wrap?: Wrap;
  shown: AgentShown;
  since: number;
  /** Since when he waits for a call: keeps his place over an offer that the caller gave up. */
  idleSince: number;
}

export class Agents {
  readonly #agents = new Map<string, Agent>();
  readonly #journal: StreamWriter;
  readonly #clock: Clock;
  readonly #events: Emitter<AcdEvents>;
  /** Those whose stream exists: nothing is journalled of somebody who never chose a state. */
  readonly #journalled = new Set<string>();

  constructor(journal: StreamWriter, clock: Clock, events: Emitter<AcdEvents>) {
    this.#journal = journal;
    this.#clock = clock;
    this.#events = events;
  }

  async restore(db: Database): Promise<void> {
    for (const stored of await loadAgents(db)) {
      const agent = this.get(stored.userId);
      agent.requested = stored.requested;
      if (stored.reason) agent.reason = stored.reason;
      agent.shown = shownState(partsOf(agent));
      agent.since = stored.since;
      agent.idleSince = stored.since;
      await this.#journal.open(streamOf(stored.userId));
      this.#journalled.add(stored.userId);
    }
  }

  all(): Agent[] {
    return [...this.#agents.values()];
  }

  /** Undefined for somebody who never was here nor chose a state. */
  known(userId: string): Agent | undefined {
    return this.#agents.get(userId);
  }

  get(userId: string): Agent {
    const known = this.#agents.get(userId);
    if (known) return known;
    const now = this.#clock.now();
    const agent: Agent = {
      userId,
      requested: 'logged-out',
      online: false,
      talking: new Set(),
      ringing: new Set(),
      shown: 'logged-out',
      since: now,
      idleSince: now,
    };
    this.#agents.set(userId, agent);
    return agent;
  }

  view(userId: string): AgentView {
    const agent = this.get(userId);
    const { offer, wrap } = agent;
    return {
      userId,
      requested: { state: agent.requested, ...(agent.reason ? { reason: agent.reason } : {}) },
      work: workOf(agent),
      online: agent.online,
      shown: agent.shown,
      since: agent.since,
      ...(offer
        ? {
            offer: {
              offerId: offer.offerId,
              conversationId: offer.conversationId,
              callId: offer.callId,
              legId: offer.legId,
              queueId: offer.queueId,
              deadline: offer.deadline,
            },
          }
        : {}),
      ...(wrap
        ? {
            wrap: {
              conversationId: wrap.conversationId,
              callId: wrap.callId,
              ...(wrap.endsAt === undefined ? {} : { endsAt: wrap.endsAt }),
            },
          }
        : {}),
    };
  }

  /** Alters the agent by `edit`, then journals and tells what is different. */
  change(userId: string, edit: (agent: Agent) => void): void {
    const agent = this.get(userId);
    const before = agent.shown;
    edit(agent);
    const now = this.#clock.now();
    agent.shown = shownState(partsOf(agent));
    if (agent.shown !== before) {
      agent.since = now;
      if (agent.shown === 'ready' && before !== 'offered') agent.idleSince = now;
      this.#note(agent, now);
    }
    this.#events.emit('agent', this.view(userId));
  }

  /** What the agent asked for: durable before it counts. Choosing anew, even the same with another reason, begins a new time. */
  async request(
    userId: string,
    state: RequestedState,
    reason: string | undefined,
    by: string,
  ): Promise<void> {
    const since = this.#clock.now();
    const stream = streamOf(userId);
    this.#journalled.add(userId);
    const event = {
      stream,
      type: 'agent.requested' as const,
      body: { state, by, ...(reason ? { reason } : {}) },
      at: since,
    };
    const { durable } = this.#journal.commit([event], (sql) =>
      saveAgent(sql, { userId, requested: state, since, ...(reason ? { reason } : {}) }),
    );
    this.change(userId, (agent) => {
      if (agent.requested !== state || agent.reason !== reason) agent.since = since;
      agent.requested = state;
      if (reason) agent.reason = reason;
      else delete agent.reason;
    });
    await durable;
  }

  #note(agent: Agent, at: number): void {
    if (!this.#journalled.has(agent.userId)) return;
    this.#journal.append([
      {
        stream: streamOf(agent.userId),
        type: 'agent.changed',
        at,
        body: {
          shown: agent.shown,
          requested: agent.requested,
          work: workOf(agent),
          online: agent.online,
          ...(agent.reason ? { reason: agent.reason } : {}),
        },
      },
    ]);
  }
}

export function isReady(agent: Agent): boolean {
  return isEligible(partsOf(agent));
}

function workOf(agent: Agent): WorkState {
  if (agent.talking.size > 0) return 'talking';
  if (agent.offer || agent.ringing.size > 0) return 'offered';
  return agent.wrap ? 'wrap-up' : 'idle';
}

function partsOf(agent: Agent): { requested: RequestedState; work: WorkState; online: boolean } {
  return { requested: agent.requested, work: workOf(agent), online: agent.online };
}

function streamOf(userId: string): string {
  return `agent:${userId}`;
}
