/**
 * Consultations, transfers and conferences. A consultation is a call of its own; the consulting agent's switch leg carries his
 * part of it (`via`), so that his phone does not ring again.
 *
 *     talking ── consult ─► first call held, target rings ─► they talk ─┬─ complete ─► the target has the first call, the agent is gone
 *        ▲                        │ complete: as a blind transfer       ├─ conference ─► all in the first call
 *        └── cancel ◄─────────────┴─────────────────────────────────────┘
 *     consultation's target gone: its call ends, the first one stays on hold
 *     first call's customer gone: that call ends, the consultation goes on
 *
 *     talking ── blind transfer ─► agent gone, customer hears music, target rings ─► they talk
 *                                        └ the target is a queue: the flow takes the customer there
 *
 * Each is decided and recorded in one step, so that whoever comes later finds it done; see recalls.ts for targets who do not answer.
 */
import { newId } from '../../lib/ids.ts';
import { must } from '../../lib/must.ts';
import { type Address, UNKNOWN_ADDRESS } from '../../protocol/address.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { ConversationEvent } from '../../protocol/facts.ts';
import { isQueued, othersIn, parentOf } from './call-plan.ts';
import { refuseUnlessCapable } from './capabilities.ts';
import type { EngineCore } from './engine-core.ts';
import type { MakingCalls, Way } from './making-calls.ts';
import { type Call, type Conversation, carrierOf, type Leg, liveLegs } from './model.ts';
import { customerIdOf } from './parties.ts';
import { MAX_PARTIES, type TransferRequest } from './ports.ts';

export class Transfers {
  readonly #core: EngineCore;
  readonly #making: MakingCalls;

  constructor(core: EngineCore, making: MakingCalls) {
    this.#core = core;
    this.#making = making;
  }

  async consult(
    legId: string,
    { target, from }: TransferRequest,
  ): Promise<{ callId: string; legId: string }> {
    const core = this.#core;
    const { conversation, call, leg } = core.mustFind(legId);
    refuseUnlessCapable(conversation, leg, 'consult');
    core.mustBeUp(call.platformId);
    const userId = must(leg.userId, 'user');
    const way = this.#wayTo(target, userId, call);
    const [callId, mine, theirs] = [newId('call'), newId('leg'), newId('leg')];
    const via = carrierOf(leg);
    core.holdOthers(userId, mine);
    const durable = core.conversations.commit(conversation.id, [
      {
        type: 'call.created',
        callId,
        platformId: call.platformId,
        direction: way && way.destination.role === 'external' ? 'outbound' : 'internal',
        purpose: 'consult',
        parentCall: call.id,
        ...(target.kind === 'queue' ? { queueId: target.queueId } : {}),
        userId,
        ani: from,
        dnis: way?.address ?? UNKNOWN_ADDRESS,
      },
      {
        type: 'leg.created',
        callId,
        legId: mine,
        role: 'agent',
        userId,
        ...(leg.deviceId ? { deviceId: leg.deviceId } : {}),
        address: leg.address,
        via,
      },
      { type: 'leg.connected', callId, legId: mine },
      ...(way ? [this.#making.legCreated(callId, theirs, way)] : []),
    ]);
    core.settleSoon(conversation.id, call.id);
    await durable;
    if (way) await this.#ring(theirs, way, call, from);
    return { callId, legId: mine };
  }

  async completeTransfer(consultLegId: string): Promise<void> {
    const { conversation, call, leg } = this.#core.mustFind(consultLegId);
    refuseUnlessCapable(conversation, leg, 'complete');
    this.#core.mustBeUp(call.platformId);
    await this.handOver(conversation, leg);
  }

  /** The model's part is done when this returns, the rest when the promise resolves. */
  handOver(conversation: Conversation, consult: Leg): Promise<void> {
    const core = this.#core;
    const child = must(conversation.calls.get(consult.callId), 'consultation');
    const parent = must(parentOf(conversation, consult), 'first call');
    const targets = this.#movable(conversation, consult);
    const talks = targets.some((leg) => leg.connectedAt !== undefined);
    const first = targets[0];
    const durable = core.conversations.commit(conversation.id, [
      ...targets.map((leg) => this.#moved(leg, parent.call.id)),
      {
        type: 'call.transferred',
        callId: parent.call.id,
        byUserId: must(consult.userId, 'user'),
        how: talks ? 'attended' : 'blind',
        ...(first ? { legId: first.id } : {}),
        ...(first?.userId ? { userId: first.userId } : {}),
        ...(!first && child.queueId ? { queueId: child.queueId } : {}),
        ...(first && !first.userId ? { number: first.address } : {}),
      },
      { type: 'leg.cleared', callId: child.id, legId: consult.id, cause: 'normal' },
    ]);
    core.afterLeaving(conversation, child, 'normal');
    return this.#settled(durable, conversation, parent.call);
  }

  async cancelConsult(consultLegId: string): Promise<void> {
    const core = this.#core;
    const { conversation, call, leg } = core.mustFind(consultLegId);
    refuseUnlessCapable(conversation, leg, 'cancel');
    const parent = must(parentOf(conversation, leg), 'first call');
    core.mustBeUp(call.platformId);
    const durable = core.conversations.commit(conversation.id, [
      { type: 'leg.cleared', callId: call.id, legId: leg.id, cause: 'normal' },
      ...this.#retrieved(parent),
    ]);
    core.afterLeaving(conversation, call, 'normal');
    await core.playbacks.stop(core.switchOf(call.platformId), carrierOf(leg));
    await this.#settled(durable, conversation, parent.call);
  }

  async conference(consultLegId: string): Promise<void> {
    const core = this.#core;
    const { conversation, call, leg } = core.mustFind(consultLegId);
    refuseUnlessCapable(conversation, leg, 'conference');
    const parent = must(parentOf(conversation, leg), 'first call');
    core.mustBeUp(call.platformId);
    const targets = this.#movable(conversation, leg);
    if (liveLegs(conversation, parent.call.id).length + targets.length > MAX_PARTIES)
      throw new CodedError('too-many', { limit: MAX_PARTIES });
    const durable = core.conversations.commit(conversation.id, [
      ...targets.map((target) => this.#moved(target, parent.call.id)),
      { type: 'leg.cleared', callId: call.id, legId: leg.id, cause: 'normal' },
      ...this.#retrieved(parent),
    ]);
    core.afterLeaving(conversation, call, 'normal');
    await this.#settled(durable, conversation, parent.call);
  }

  /** @param left told when it is written down that the agent leaves, before anything is done about it. */
  async transfer(
    legId: string,
    { target, from }: TransferRequest,
    left?: () => Promise<void>,
  ): Promise<void> {
    const core = this.#core;
    const { conversation, call, leg } = core.mustFind(legId);
    refuseUnlessCapable(conversation, leg, 'transfer');
    core.mustBeUp(call.platformId);
    const userId = must(leg.userId, 'user');
    const way = this.#wayTo(target, userId, call);
    const theirs = newId('leg');
    const durable = core.conversations.commit(conversation.id, [
      ...(way ? [this.#making.legCreated(call.id, theirs, way)] : []),
      {
        type: 'call.transferred',
        callId: call.id,
        byUserId: userId,
        how: 'blind',
        ...(way ? { legId: theirs } : {}),
        ...(target.kind === 'user' ? { userId: target.userId } : {}),
        ...(target.kind === 'queue' ? { queueId: target.queueId } : {}),
        ...(target.kind === 'number' ? { number: target.number } : {}),
      },
    ]);
    const told = left ? durable.then(left) : durable;
    const settled = this.#settled(told, conversation, call);
    if (way) await Promise.all([settled, durable.then(() => this.#ring(theirs, way, call, from))]);
    await settled;
  }

  /** After a lost connection the rest of it is done by settling. */
  async #settled(durable: Promise<void>, conversation: Conversation, call: Call): Promise<void> {
    await durable;
    await this.#core.settle(conversation.id, call.id);
  }

  #wayTo(target: TransferRequest['target'], userId: string, call: Call): Way | undefined {
    if (target.kind !== 'queue') return this.#making.wayToTarget(target, userId, call.platformId);
    if (!this.#core.o.knowsQueue(target.queueId)) throw new CodedError('not-found', { what: 'queue' });
    return undefined;
  }

  /** A colleague sees the customer's number, an outside party ours. */
  async #ring(legId: string, way: Way, first: Call, from: Address): Promise<void> {
    const { conversation } = this.#core.mustFind(legId);
    const outside = { number: from.value, name: '' };
    const isOutside = way.destination.role === 'external';
    await this.#making.ring(legId, way, isOutside ? outside : customerIdOf(conversation, first));
  }

  /** The consulted parties. An agent who is being offered the consultation by a queue has not decided yet. */
  #movable(conversation: Conversation, consult: Leg): Leg[] {
    const undecided = new Set(
      [...conversation.offers.values()]
        .filter((offer) => offer.ended !== 'accepted' || isQueued(conversation, consult.callId))
        .map((offer) => offer.legId),
    );
    return othersIn(conversation, consult).filter((leg) => !undecided.has(leg.id));
  }

  #moved(leg: Leg, toCallId: string): ConversationEvent {
    return { type: 'leg.moved', callId: leg.callId, legId: leg.id, toCallId };
  }

  #retrieved({ call, leg }: { call: Call; leg: Leg }): ConversationEvent[] {
    return leg.state === 'held' ? [{ type: 'leg.retrieved', callId: call.id, legId: leg.id }] : [];
  }
}
