/**
 * The agents at their work: each logs in and out by his shifts, answers what rings him or misses it, and ends his wrap-up when he
 * has finished it.
 *
 *     logged out ── shift ──► ready ──► rung ── answer time ──► talks ──► wraps up ──► ready
 *                                        └ missed: rang out ──► away ──► ready           └ shift is over ──► logged out
 */
import type { Clock } from '../../lib/clock.ts';
import type { ConversationEvent, Recorded } from '../../protocol/facts.ts';
import type { AgentView } from '../routing/ports.ts';
import type { Conversation } from '../telephony/model.ts';
import type { Callers } from './callers.ts';
import type { Agent } from './configuration.ts';
import { drawDuration } from './random.ts';
import type { SimulatedCallCenter } from './simulated-call-center.ts';

export interface StaffOptions {
  center: SimulatedCallCenter;
  clock: Clock;
  callers: Callers;
  agents: readonly Agent[];
  /** UTC milliseconds of the day's beginning. */
  midnight: number;
  onError(error: unknown): void;
}

export class Staff {
  readonly #o: StaffOptions;
  readonly #agents: ReadonlyMap<string, Agent>;
  readonly #onShift = new Set<string>();
  readonly #away = new Set<string>();

  constructor(options: StaffOptions) {
    this.#o = options;
    this.#agents = new Map(options.agents.map((agent) => [agent.id, agent]));
    const { center } = options;
    center.conversations.events.on('event', (conversation, event) => this.#onEvent(conversation, event));
    center.routing.events.on('agent', (view) => this.#onAgent(view));
    for (const agent of options.agents) for (const shift of agent.shifts) this.#schedule(agent, shift);
  }

  #schedule({ id }: Agent, { from, to }: { from: number; to: number }): void {
    const { clock, midnight, center } = this.#o;
    const at = (ms: number, run: () => void) => {
      if (midnight + to > clock.now()) clock.after(midnight + ms - clock.now(), run);
    };
    at(from, () => {
      this.#onShift.add(id);
      center.routing.setOnline(id, true);
      this.#request(id, 'ready');
    });
    at(to, () => {
      this.#onShift.delete(id);
      this.#leaveIfIdle(center.routing.agent(id));
    });
  }

  #request(userId: string, state: 'ready' | 'logged-out'): void {
    const { center, onError } = this.#o;
    center.routing.setRequested(userId, state, undefined, userId).catch(onError);
  }

  #onAgent(view: AgentView): void {
    if (!this.#onShift.has(view.userId)) this.#leaveIfIdle(view);
    else if (view.shown === 'not-ready' && !this.#away.has(view.userId)) this.#comeBack(view.userId);
  }

  /** His shift is over: he goes when he has finished what he does. */
  #leaveIfIdle({ userId, work, requested }: AgentView): void {
    if (requested.state === 'logged-out' || work !== 'idle') return;
    // In a turn of its own: whoever tells us is in the middle of changing him.
    queueMicrotask(() => {
      if (this.#o.center.routing.agent(userId).requested.state !== 'logged-out')
        this.#request(userId, 'logged-out');
    });
  }

  /** An offer rang out: he is away for a while. */
  #comeBack(userId: string): void {
    const agent = this.#agents.get(userId);
    if (!agent) return;
    this.#away.add(userId);
    this.#o.clock.after(agent.away.mean * 1_000, () => {
      this.#away.delete(userId);
      if (this.#onShift.has(userId)) this.#request(userId, 'ready');
    });
  }

  #onEvent(conversation: Conversation, event: Recorded<ConversationEvent>): void {
    if (event.type === 'leg.alerting') this.#rung(conversation, event.legId);
    if (event.type === 'wrap.started') this.#wrapUp(conversation.id, event.userId);
  }

  #rung(conversation: Conversation, legId: string): void {
    const userId = conversation.legs.get(legId)?.userId;
    const agent = userId === undefined ? undefined : this.#agents.get(userId);
    const caller = this.#o.callers.of(conversation.id);
    if (!agent || !caller) return;
    const missed = caller.random() < agent.missed;
    const answerMs = drawDuration(agent.answer, caller.random) * 1_000;
    if (missed) return;
    this.#o.clock.after(answerMs, () => {
      if (this.#o.center.routing.agent(agent.id).offer?.legId === legId) this.#o.center.answer(agent.id);
    });
  }

  #wrapUp(conversationId: string, userId: string): void {
    const { center, clock, callers, onError } = this.#o;
    const wrapUpMs = callers.of(conversationId)?.wrapUpMs ?? 0;
    clock.after(wrapUpMs, () => {
      if (center.routing.agent(userId).wrap?.conversationId === conversationId)
        center.routing.finishWrap(userId, conversationId).catch(onError);
    });
  }
}
