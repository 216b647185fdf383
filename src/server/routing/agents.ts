/**
 * The agents of this process: what each requested, does and whether he is there. Every change goes through `change`, which
 * journals it when what is shown or asked for differs, and tells the listeners; there is no other way to alter an agent.
 */
import type { Clock } from '../../lib/clock.ts';
import type { Emitter } from '../../lib/emitter.ts';
import type { AgentShown, RequestedState } from '../../protocol/softphone.ts';
import type { Database } from '../store/database.ts';
import type { StreamWriter } from '../store/journal.ts';
import { isEligible, shownState } from './agent-state.ts';
import type { AcdEvents, AgentView, WorkState } from './ports.ts';
import { loadAgents, type NextState, saveAgent, type StoredAgent } from './store.ts';

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
  queueId?: string;
  endsAt?: number;
  cancelTimer: () => void;
}

export interface Agent {
  readonly userId: string;
  requested: RequestedState;
  reason?: string;
  /** Chosen while he was busy: takes effect when he is not any more. */
  next?: NextState;
  online: boolean;
  offer?: LiveOffer;
  /** How many offers rang out at him in a row. */
  unanswered: number;
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

export interface AgentsOptions {
  journal: StreamWriter;
  clock: Clock;
  events: Emitter<AcdEvents>;
  /** What is written meanwhile; errors are the caller's to report. */
  run(what: string, ids: Record<string, string>, work: Promise<unknown>): void;
}

export class Agents {
  readonly #agents = new Map<string, Agent>();
  readonly #o: AgentsOptions;
  /** Those whose stream exists: nothing is journalled of somebody who never chose a state. */
  readonly #journalled = new Set<string>();
  /** What was chosen last, and what of it is durable: a choice that the database refused is taken back to that. */
  readonly #chosen = new Map<string, StoredAgent>();
  readonly #durable = new Map<string, StoredAgent>();

  constructor(options: AgentsOptions) {
    this.#o = options;
  }

  async restore(db: Database): Promise<void> {
    for (const stored of await loadAgents(db)) {
      const agent = this.get(stored.userId);
      assign(agent, stored);
      agent.shown = shownState(partsOf(agent));
      agent.since = stored.since;
      agent.idleSince = stored.since;
      await this.#o.journal.open(streamOf(stored.userId));
      this.#journalled.add(stored.userId);
      this.#durable.set(stored.userId, stored);
    }
  }

  /** Their work has been found again: from now on they are what they are, and what was pending until it was done may be due. */
  restored(): void {
    for (const agent of this.#agents.values()) {
      this.change(agent.userId, () => undefined);
      this.#note(agent, this.#o.clock.now());
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
    const now = this.#o.clock.now();
    const agent: Agent = {
      userId,
      requested: 'logged-out',
      online: false,
      unanswered: 0,
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
    const { offer, wrap, next } = agent;
    return {
      userId,
      requested: { state: agent.requested, ...(agent.reason ? { reason: agent.reason } : {}) },
      work: workOf(agent),
      online: agent.online,
      shown: agent.shown,
      since: agent.since,
      ...(next
        ? {
            pending: {
              state: next.state,
              since: next.since,
              ...(next.reason ? { reason: next.reason } : {}),
            },
          }
        : {}),
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
    const { shown, requested, reason } = agent;
    edit(agent);
    const now = this.#o.clock.now();
    if (agent.next && !isBusy(agent)) this.#takeEffect(agent, agent.next, now);
    agent.shown = shownState(partsOf(agent));
    if (agent.shown !== shown) {
      agent.since = now;
      if (agent.shown === 'ready' && shown !== 'offered') agent.idleSince = now;
    }
    if (agent.shown !== shown || agent.requested !== requested || agent.reason !== reason)
      this.#note(agent, now);
    this.#o.events.emit('agent', this.view(userId));
  }

  /**
   * What the agent asks for. Who is busy gets it afterwards; what holds already, chosen again, takes back what was to come then.
   * Choosing anew, even the same with another reason, begins a new time. Resolves when it is durable; what the database refuses
   * is taken back, unless something else was chosen meanwhile.
   */
  async request(
    userId: string,
    state: RequestedState,
    reason: string | undefined,
    by: string,
  ): Promise<void> {
    const agent = this.get(userId);
    const since = this.#o.clock.now();
    const { requested, reason: current } = agent;
    const asked = { state, ...(reason ? { reason } : {}) };
    const holds = { userId, requested, since: agent.since, ...(current ? { reason: current } : {}) };
    if (!isBusy(agent))
      return this.#choose(
        { userId, requested: state, since, ...(reason ? { reason } : {}) },
        { type: 'agent.requested', body: { ...asked, by } },
      );
    if (state !== requested || reason !== current)
      return this.#choose(
        { ...holds, next: { ...asked, since, by } },
        { type: 'agent.pending', body: { ...asked, by } },
      );
    if (agent.next) return this.#choose(holds, { type: 'agent.pending', body: { by } });
  }

  async #choose(chosen: StoredAgent, event: Choice): Promise<void> {
    const { userId } = chosen;
    const agent = this.get(userId);
    const durable = this.#write(chosen, event);
    this.change(userId, () => {
      if (agent.requested !== chosen.requested || agent.reason !== chosen.reason) agent.since = chosen.since;
      assign(agent, chosen);
    });
    try {
      await durable;
    } catch (error) {
      const before = this.#durable.get(userId) ?? { userId, requested: 'logged-out', since: chosen.since };
      if (this.#chosen.get(userId) === chosen) this.change(userId, () => assign(agent, before));
      throw error;
    }
  }

  /** He is free: what was pending is what he requested. */
  #takeEffect(agent: Agent, next: NextState, now: number): void {
    const { userId } = agent;
    const { state, reason, by } = next;
    const chosen = { userId, requested: state, since: now, ...(reason ? { reason } : {}) };
    const body = { state, by, ...(reason ? { reason } : {}) };
    assign(agent, chosen);
    agent.since = now;
    this.#o.run('a state takes effect', { userId }, this.#write(chosen, { type: 'agent.requested', body }));
  }

  #write(chosen: StoredAgent, event: Choice): Promise<void> {
    const { userId } = chosen;
    this.#journalled.add(userId);
    this.#chosen.set(userId, chosen);
    const { durable } = this.#o.journal.commit(
      [{ stream: streamOf(userId), at: this.#o.clock.now(), ...event }],
      (sql) => saveAgent(sql, chosen),
    );
    return durable.then(() => void this.#durable.set(userId, chosen));
  }

  #note(agent: Agent, at: number): void {
    if (!this.#journalled.has(agent.userId)) return;
    this.#o.journal.append([
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

type Choice = { type: 'agent.requested' | 'agent.pending'; body: Record<string, string> };

function assign(agent: Agent, { requested, reason, next }: StoredAgent): void {
  agent.requested = requested;
  if (reason) agent.reason = reason;
  else delete agent.reason;
  if (next) agent.next = next;
  else delete agent.next;
}

/** He has a call, is rung directly or wraps up: another state waits until that is over. An offer does not: it is declined. */
export function isBusy(agent: Agent): boolean {
  return agent.talking.size > 0 || agent.ringing.size > 0 || agent.wrap !== undefined;
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
