/**
 * What supervisors do to agents, their calls and those who wait. Everything is allowed or refused here, by role and team, before
 * anything is looked at; who may, may also learn why it cannot be done.
 */
import type { Lifecycle } from '../../lib/lifecycle.ts';
import { newId } from '../../lib/ids.ts';
import { CodedError, isTooLate } from '../../protocol/errors.ts';
import type { SupervisionMode } from '../../protocol/facts.ts';
import type { FloorAgent, MoveRequest, Supervised } from '../../protocol/floor.ts';
import type { RequestedState } from '../../protocol/softphone.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { User } from '../callcenter/model.ts';
import type { Acd, AgentStates } from '../routing/ports.ts';
import type { Conversations } from '../telephony/conversations.ts';
import type { AgentDevice } from '../telephony/ports.ts';
import { agentLeg } from '../telephony/model.ts';
import type { Floor } from './floor.ts';
import { type Scope, seesAgent, seesQueue } from './scope.ts';

/** What they ask of call control. */
export interface SupervisionCalls {
  supervise(agentLegId: string, userId: string, device: AgentDevice, mode: SupervisionMode): Promise<string>;
  changeSupervision(legId: string, mode: SupervisionMode): Promise<void>;
  supervisionOf(userId: string): string | undefined;
  dropLeg(legId: string): Promise<void>;
}

export interface SupervisorsOptions {
  floor: Pick<Floor, 'agent' | 'queue' | 'queues' | 'waitingCall'>;
  scopeOf(user: User): Scope;
  calls: SupervisionCalls;
  /** Whoever rules over an agent's state. */
  states: Pick<AgentStates, 'agent' | 'setRequested' | 'finishWrap' | 'reserve' | 'release'>;
  /** Our own queues. */
  queues: Pick<Acd, 'enqueue' | 'leave'>;
  /** Who has come to another place hears what is set for his queue. */
  attend(conversationId: string, callId: string): void;
  conversations: Pick<Conversations, 'find' | 'get' | 'all' | 'events'>;
  callCenter: Pick<CallCenter, 'user' | 'skill' | 'changeUser' | 'reasons'>;
  /** Where the supervisor is rung. */
  device(userId: string): AgentDevice | undefined;
  life: Lifecycle;
  onError: (what: string, error: unknown) => void;
}

export class Supervisors {
  readonly #o: SupervisorsOptions;

  constructor(options: SupervisorsOptions) {
    this.#o = options;
    // Whoever listens is offered nothing; after a restart he is found again.
    for (const conversation of options.conversations.all())
      for (const leg of conversation.legs.values())
        if (leg.supervises && leg.clearedAt === undefined && leg.userId)
          this.#run('reserve a supervisor', options.states.reserve(leg.userId, conversation.id));
    options.life.add(
      options.conversations.events.on('event', (conversation, event) => {
        if (event.type !== 'leg.cleared') return;
        const leg = conversation.legs.get(event.legId);
        if (leg?.role === 'supervisor' && leg.userId) options.states.release(leg.userId, conversation.id);
      }),
    );
  }

  /**
   * Listens, whispers, barges in or takes over. Who supervises this agent already changes how; who supervises another one leaves
   * that one first.
   * @throws CodedError `not-found`, `not-your-team`, `agent-not-talking`, `no-phone-open`, `busy`, `not-capable`, `switch-down`.
   */
  async supervise(by: User, agentId: string, mode: SupervisionMode): Promise<Supervised> {
    const { calls, states, conversations } = this.#o;
    const { call, name } = this.#mustCommand(by, agentId);
    const conversation = call && conversations.get(call.conversationId);
    const leg = conversation && agentLeg(conversation, call.callId, agentId);
    if (!conversation || !leg?.joined || agentId === by.id)
      throw new CodedError('agent-not-talking', { name });
    const mine = calls.supervisionOf(by.id);
    if (mine !== undefined && conversations.find(mine)?.leg.supervises?.legId === leg.id) {
      await calls.changeSupervision(mine, mode);
      return { userId: agentId, mode, legId: mine };
    }
    const device = this.#o.device(by.id);
    if (!device) throw new CodedError('no-phone-open');
    if (mine !== undefined) await this.#leave(mine);
    await states.reserve(by.id, conversation.id);
    try {
      return { userId: agentId, mode, legId: await calls.supervise(leg.id, by.id, device, mode) };
    } catch (error) {
      states.release(by.id, conversation.id);
      throw error;
    }
  }

  /** Hears nobody any more. No error when he heard nobody. */
  async endSupervision(by: User): Promise<void> {
    const mine = this.#o.calls.supervisionOf(by.id);
    if (mine !== undefined) await this.#o.calls.dropLeg(mine);
  }

  /** @throws CodedError `not-found`, `not-your-team`, `reason-required`, `bad-input` for an unknown reason. */
  async setState(
    by: User,
    agentId: string,
    state: RequestedState,
    reason: string | undefined,
  ): Promise<void> {
    this.#mustCommand(by, agentId);
    if (state === 'ready') return await this.#o.states.setRequested(agentId, state, undefined, by.id);
    if (state === 'not-ready' && reason === undefined) throw new CodedError('reason-required');
    const reasons = this.#o.callCenter.reasons().filter((one) => one.active && one.kind === state);
    if (reason !== undefined && !reasons.some(({ id }) => id === reason))
      throw new CodedError('bad-input', { field: 'reason', detail: 'reason: there is no such reason' });
    await this.#o.states.setRequested(agentId, state, reason, by.id);
  }

  /** @throws CodedError `not-found`, `not-your-team`, `wrong-state` when he does not wrap up. */
  async endWrapUp(by: User, agentId: string): Promise<void> {
    this.#mustCommand(by, agentId);
    const { wrap } = this.#o.states.agent(agentId);
    if (!wrap) throw new CodedError('wrong-state', { state: 'not in wrap-up' });
    await this.#o.states.finishWrap(agentId, wrap.conversationId, by.id);
  }

  /** @param level 0 takes the skill from him. @throws CodedError `not-found`, `not-your-team`. */
  async setSkill(by: User, agentId: string, skillId: string, level: number): Promise<User> {
    this.#mustCommand(by, agentId);
    const { callCenter } = this.#o;
    const agent = callCenter.user(agentId);
    if (!agent || !callCenter.skill(skillId)) throw new CodedError('not-found', { what: 'skill' });
    const others = agent.skills.filter((one) => one.skillId !== skillId);
    return await callCenter.changeUser(agentId, {
      skills: level === 0 ? others : [...others, { skillId, level }],
    });
  }

  /**
   * Takes one who waits to the front of his queue, or to another queue, where he has waited as long as he has.
   * @throws CodedError `not-found`, `not-your-team`, `no-longer-waiting`.
   */
  async move(by: User, queueId: string, itemId: string, request: MoveRequest): Promise<void> {
    this.#mustCommandQueue(by, queueId);
    const to = request.to === 'queue' ? request.queueId : queueId;
    this.#mustCommandQueue(by, to);
    const { floor, queues, conversations } = this.#o;
    const waiting = floor.waitingCall(queueId, itemId);
    const stay = conversations.get(waiting?.conversationId ?? '')?.queueStays.get(itemId);
    if (!waiting || !stay || stay.leftAt !== undefined) throw new CodedError('no-longer-waiting');
    const first = floor.queue(to)?.next[0];
    const front = request.to === 'front';
    const priority = front ? Math.max(waiting.priority, (first?.priority ?? 0) + 1) : waiting.priority;
    const { conversationId, since: enteredAt } = waiting;
    const { callId } = stay;
    // In one turn: nobody sees him without a place.
    const left = queues.leave(itemId, 'overflow');
    const place = { itemId: newId('item'), conversationId, callId, queueId: to, priority, enteredAt };
    const entered = queues.enqueue(place);
    this.#o.attend(conversationId, callId);
    await Promise.all([left, entered]);
  }

  #mustCommand(by: User, agentId: string): FloorAgent {
    const agent = this.#o.floor.agent(agentId);
    if (!agent) throw new CodedError('not-found', { what: 'agent' });
    if (!seesAgent(this.#o.scopeOf(by), agentId)) throw new CodedError('not-your-team', { what: agent.name });
    return agent;
  }

  #mustCommandQueue(by: User, queueId: string): void {
    const queue = this.#o.floor.queue(queueId);
    if (!queue) throw new CodedError('not-found', { what: 'queue' });
    if (!seesQueue(this.#o.scopeOf(by), queueId))
      throw new CodedError('not-your-team', { what: queue.label });
  }

  /** Resolves when the leg is gone, so that the next one finds him free. */
  async #leave(legId: string): Promise<void> {
    const { conversations, calls, life } = this.#o;
    const gone = new Promise<void>((resolve) => {
      const stop = conversations.events.on('event', (_conversation, event) => {
        if (event.type !== 'leg.cleared' || event.legId !== legId) return;
        end();
      });
      const cancel = life.after(LEAVE_MS, () => end());
      const end = () => {
        stop();
        cancel();
        resolve();
      };
    });
    await calls.dropLeg(legId);
    await gone;
  }

  #run(what: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!isTooLate(error)) this.#o.onError(what, error);
    });
  }
}

/** A leg that was hung up is gone by then, in milliseconds. */
const LEAVE_MS = 3_000;
