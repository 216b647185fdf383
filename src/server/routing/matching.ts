/**
 * Between routing and its engine: tells the engine what happens to callers, agents and settings, has it decide, and makes
 * the offers. What the engine was told may be old by the time it decides (a device that went without a word), so each pair is
 * looked at once more; one that is none is given back with what is true now.
 */
import type { Lifecycle } from '../../lib/lifecycle.ts';
import { PLAIN_RULE, phasesOf } from '../../protocol/queue-rules.ts';
import { AgentUse } from './agent-use.ts';
import { type Agent, type Agents, isReady } from './agents.ts';
import { Deadlines } from './deadlines.ts';
import { Engine } from './engine.ts';
import type { Item, Items } from './items.ts';
import type { AgentProfile, AgentStanding, Pair } from './match.ts';
import type { Offers } from './offers.ts';
import type { AgentView, SettingsChange } from './ports.ts';
import type { RoutingOptions } from './routing-options.ts';

export interface MatchingOptions {
  routing: RoutingOptions;
  agents: Agents;
  items: Items;
  offers: Offers;
  /** Its timer ends with it. */
  life: Lifecycle;
}

const NOWHERE: ReadonlySet<string> = new Set();

export class Matching {
  readonly #o: MatchingOptions;
  readonly #engine = new Engine();
  readonly #use = new AgentUse();
  readonly #wake: Deadlines;
  /** The queues that a user is in. */
  #memberships = new Map<string, Set<string>>();
  /** Who is logged in and online, with the platforms that the engine was told he reaches. */
  readonly #here = new Map<string, ReadonlySet<string>>();

  constructor(options: MatchingOptions) {
    this.#o = options;
    this.#wake = new Deadlines(options.routing.clock, options.life, () => this.step());
    this.#readQueues();
  }

  /** Before anything else is told: how agents were used before the process began. */
  restore(...past: Parameters<AgentUse['restore']>): void {
    this.#use.restore(...past);
  }

  /** Makes every offer that can be made now. */
  step(): void {
    if (this.#o.life.closed) return;
    const now = this.#o.routing.clock.now();
    for (let pairs = this.#engine.decide(now); pairs.length > 0; pairs = this.#engine.decide(now))
      for (const pair of pairs) this.#offer(pair, now);
    this.#wake.set('', this.#engine.nextChange);
  }

  /** Whether callers of the platform are offered. */
  run(platformId: string, on: boolean): void {
    for (const userId of on ? [...this.#here.keys()] : []) this.deviceChanged(userId);
    this.#engine.run(platformId, on);
  }

  entered(item: Item): void {
    const { conversationId, callId } = item;
    const call = this.#o.routing.conversations.get(conversationId)?.calls.get(callId);
    this.#engine.enter({ ...item, platformId: call?.platformId ?? '' });
  }

  left(itemId: string): void {
    this.#engine.leave(itemId);
    this.#wake.set('', this.#engine.nextChange);
  }

  /** The item's offer came to nothing. */
  freed(itemId: string): void {
    this.#engine.free(itemId);
  }

  agentChanged(view: AgentView): void {
    this.#use.note(view, this.#o.routing.clock.now());
    const agent = this.#o.agents.known(view.userId);
    if (agent) this.#tellOf(agent);
  }

  /** The platforms that he reaches may be others. */
  deviceChanged(userId: string): void {
    const told = this.#here.get(userId);
    const agent = this.#o.agents.known(userId);
    if (told && agent && !sameSet(told, this.#reached(userId))) this.#arrive(agent);
  }

  /** Everything is read anew, or what is said of one user. */
  settingsChanged(change?: SettingsChange): void {
    if (change?.kind !== 'user') this.#readQueues();
    for (const userId of change?.kind === 'user' ? [change.id] : [...this.#here.keys()]) {
      const agent = this.#here.has(userId) && this.#o.agents.known(userId);
      if (agent) this.#arrive(agent);
    }
  }

  #readQueues(): void {
    const queues = this.#o.routing.queues();
    this.#memberships = new Map();
    for (const { id, memberIds } of queues)
      for (const userId of memberIds)
        this.#memberships.set(userId, (this.#memberships.get(userId) ?? new Set()).add(id));
    this.#engine.setQueues(
      queues.map(({ id, requirements, rule = PLAIN_RULE }) => ({
        id,
        rule,
        phases: phasesOf(requirements, rule),
      })),
    );
  }

  #tellOf(agent: Agent): void {
    const { userId } = agent;
    const here = agent.online && agent.requested !== 'logged-out';
    if (!here) {
      this.#here.delete(userId);
      return this.#engine.depart(userId);
    }
    if (!this.#here.has(userId)) return this.#arrive(agent);
    if (isReady(agent)) this.deviceChanged(userId);
    this.#engine.stand(userId, this.#standing(agent));
  }

  #arrive(agent: Agent): void {
    const { userId } = agent;
    const { skills } = this.#o.routing;
    const reached = this.#reached(userId);
    const order = skills.queueOrder?.(userId) ?? [];
    const profile: AgentProfile = {
      userId,
      queueIds: this.#memberships.get(userId) ?? NOWHERE,
      rank: (queueId) => (order.includes(queueId) ? order.indexOf(queueId) : order.length),
      level: (skillId) => skills.skillLevel(userId, skillId),
      reaches: (platformId) => reached.has(platformId),
    };
    this.#here.set(userId, reached);
    this.#engine.arrive(profile, this.#standing(agent));
  }

  #standing(agent: Agent): AgentStanding {
    const { userId, idleSince } = agent;
    return {
      ready: isReady(agent),
      idleSince,
      occupancy: this.#use.occupancy(userId),
      lastOffered: (queueId) => this.#use.lastOffered(userId, queueId),
    };
  }

  /** The platforms whose callers can reach this user now: none when none of his devices can be rung. */
  #reached(userId: string): ReadonlySet<string> {
    const { directory } = this.#o.routing;
    const device = directory.device(userId);
    if (!device) return NOWHERE;
    return directory.platformsOf?.(device) ?? new Set([device.platformId]);
  }

  #offer({ itemId, userId }: Pair, now: number): void {
    const { agents, items, offers, routing } = this.#o;
    const [item, agent] = [items.get(itemId), agents.known(userId)];
    if (item && agent && this.#holds(item, agent)) {
      this.#use.offered(userId, item.queueId, now);
      return offers.make(itemId, userId);
    }
    if (item && routing.queue(item.queueId)) this.#engine.free(itemId);
    if (agent && this.#here.has(userId)) this.#arrive(agent);
  }

  /** The pair is one still. */
  #holds({ queueId, conversationId, callId, offeredTo }: Item, agent: Agent): boolean {
    const { routing } = this.#o;
    const platformId = routing.conversations.get(conversationId)?.calls.get(callId)?.platformId ?? '';
    return (
      offeredTo === undefined &&
      isReady(agent) &&
      routing.queue(queueId) !== undefined &&
      this.#reached(agent.userId).has(platformId)
    );
  }
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}
