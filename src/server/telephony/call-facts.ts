/**
 * What the switch says becomes the model's events, at once and in its order, and then what follows from them. A fact about a
 * switch leg holds for every leg that it carries.
 *
 *     leg.arrived ─► call.arrived ─► (the flow)         leg.connected ─► dials on, takes over a lost leg, or settles
 *                     └► dialled at a user's phone: phone-calls.ts       leg.transfer-requested ─► phone-transfers.ts
 *     leg.cleared ─► the next hop of a call that nobody took, or settles; a phone hung up in a consultation transfers
 */
import { newId } from '../../lib/ids.ts';
import { parseAddress } from '../../protocol/address.ts';
import type { ClearCause } from '../../protocol/facts.ts';
import { consultOf, othersIn } from './call-plan.ts';
import type { DirectCalls } from './direct-calls.ts';
import type { EngineCore, Found } from './engine-core.ts';
import type { LostLegs } from './lost-legs.ts';
import type { MakingCalls } from './making-calls.ts';
import { agentLeg, type Call, type Conversation, carrierOf, isLive, type Leg } from './model.ts';
import type { PhoneCalls } from './phone-calls.ts';
import { PhoneTransfers } from './phone-transfers.ts';
import type { SwitchFact } from './ports.ts';
import type { Recalls } from './recalls.ts';
import type { Supervision } from './supervision.ts';
import type { Transfers } from './transfers.ts';

export class CallFacts {
  readonly #core: EngineCore;
  readonly #making: MakingCalls;
  readonly #transfers: Transfers;
  readonly #recalls: Recalls;
  readonly #direct: DirectCalls;
  readonly #lostLegs: LostLegs;
  readonly #phoneCalls: PhoneCalls;
  readonly #phoneTransfers: PhoneTransfers;
  readonly #supervision: Supervision;
  readonly #heldByPhone = new Set<string>();

  constructor(
    core: EngineCore,
    parts: {
      making: MakingCalls;
      transfers: Transfers;
      recalls: Recalls;
      direct: DirectCalls;
      lostLegs: LostLegs;
      phones: PhoneCalls;
      supervision: Supervision;
    },
  ) {
    this.#core = core;
    this.#making = parts.making;
    this.#transfers = parts.transfers;
    this.#recalls = parts.recalls;
    this.#direct = parts.direct;
    this.#lostLegs = parts.lostLegs;
    this.#phoneCalls = parts.phones;
    this.#supervision = parts.supervision;
    this.#phoneTransfers = new PhoneTransfers(core, parts.transfers, (legId) => this.isHeldByPhone(legId));
  }

  /** The phone itself holds this leg: only the phone can take it back. */
  isHeldByPhone(legId: string): boolean {
    return this.#heldByPhone.has(legId);
  }

  onFact(platformId: string, fact: SwitchFact): void {
    switch (fact.type) {
      case 'leg.arrived':
        return this.#arrived(platformId, fact);
      case 'leg.alerting':
        return this.#each(fact.legId, (found) => this.alerting(found, fact.at));
      case 'leg.connected':
        return this.#each(fact.legId, (found) => this.connected(found, fact.at));
      case 'leg.held':
        return this.#each(fact.legId, (found) => this.#held(found, fact.at));
      case 'leg.retrieved':
        return this.#each(fact.legId, (found) => this.#retrieved(found, fact.at));
      case 'leg.digit':
        return this.#each(fact.legId, ({ conversation, call, leg }) =>
          this.#core.keys.emit('key', conversation, call, leg, fact.digit),
        );
      case 'leg.cleared':
        return this.#cleared(fact.legId, fact.cause, fact.at);
      case 'leg.transfer-requested':
        return this.#phoneTransfers.requested(platformId, fact);
      case 'playback.finished':
        return this.#core.playbacks.finished(fact.legId, fact.playbackId, fact.outcome);
      default:
    }
  }

  alerting({ conversation, call, leg }: Found, switchAt?: number): void {
    if (leg.state === 'initiated')
      this.#core.record(conversation, [{ type: 'leg.alerting', callId: call.id, legId: leg.id }], switchAt);
    this.#ringBack(conversation, call, leg);
  }

  connected(found: Found, switchAt?: number): void {
    const { conversation, call, leg } = found;
    if (leg.connectedAt !== undefined || !isLive(leg)) return;
    this.#core.record(conversation, [{ type: 'leg.connected', callId: call.id, legId: leg.id }], switchAt);
    if (leg.role === 'supervisor') return this.#supervision.connected(found);
    if (leg.replaces) {
      this.#supervision.follow(found, leg.replaces);
      return this.takeOver(found, leg.replaces);
    }
    // Routing decides about an offered leg: it asks to connect it when that is written down.
    if ([...conversation.offers.values()].some((offer) => offer.legId === leg.id)) return;
    if (call.purpose === 'standing') return;
    if (leg.role === 'agent' && leg.userId) this.#core.holdOthers(leg.userId, leg.id);
    if (this.#making.isToDial(conversation, call, leg))
      return this.#making.dialOther(conversation, call, leg);
    if (leg.role !== 'customer') this.#direct.answerCaller(conversation, call);
    this.#core.settleSoon(conversation.id, call.id);
  }

  /** The new leg of an agent goes on where the lost one was: held, muted, or talking. */
  takeOver({ conversation, call, leg }: Found, oldId: string): void {
    const core = this.#core;
    const old = conversation.legs.get(oldId);
    if (old?.state === 'held')
      core.record(conversation, [{ type: 'leg.held', callId: call.id, legId: leg.id, by: leg.id }]);
    core.run('take over a leg', { conversationId: conversation.id, legId: leg.id }, async () => {
      await core.settle(conversation.id, call.id);
      if (old?.muted) {
        await core.switchOf(call.platformId).mute(carrierOf(leg), true);
        core.record(conversation, [{ type: 'leg.muted', callId: call.id, legId: leg.id, on: true }]);
      }
      if (old && isLive(old)) await core.dropLeg(old.id);
    });
  }

  /** One leg is gone, by the switch's word or because it was never made. */
  legCleared(found: Found, cause: ClearCause, switchAt?: number): void {
    const { conversation, call, leg } = found;
    if (!isLive(leg)) return;
    this.#heldByPhone.delete(leg.id);
    const hop = this.#making.nextHop(found, cause);
    this.#core.clear(found, cause, hop?.events, switchAt);
    this.#supervision.legCleared(found);
    // A leg that should have taken a lost one's place and never did: the agent has as long again to come back.
    if (leg.replaces && !leg.joined) this.#lostLegs.expectBack(leg.replaces);
    if (hop) return this.#making.ringHop(hop);
    if (call.endedAt === undefined) this.#recalls.afterFailure(conversation, call);
  }

  #cleared(switchLegId: string, cause: ClearCause, switchAt: number): void {
    const all = this.#core.conversations.carriedBy(switchLegId);
    // A standing leg that breaks is a lost phone: its calls wait for the agent. One that is hung up ends them.
    const standing = all.some(({ call }) => call.purpose === 'standing');
    if (standing && cause !== 'normal') this.#lostLegs.lose(switchLegId);
    if (cause === 'normal') this.#transferByHangup(all);
    for (const found of all) this.legCleared(found, cause, switchAt);
  }

  /** Who hangs his phone up in a consultation means: talk to each other. */
  #transferByHangup(all: readonly Found[]): void {
    for (const { conversation, leg } of all) {
      if (leg.lost || leg.state !== 'held') continue;
      const consult = consultOf(conversation, leg);
      if (!consult || carrierOf(consult.leg) !== carrierOf(leg)) continue;
      if (othersIn(conversation, consult.leg).length === 0) continue;
      this.#core.run('transfer by hanging up', { conversationId: conversation.id }, () =>
        this.#transfers.handOver(conversation, consult.leg),
      );
    }
  }

  #held({ conversation, call, leg }: Found, switchAt: number): void {
    if (leg.state !== 'connected') return;
    this.#heldByPhone.add(leg.id);
    const event = { type: 'leg.held' as const, callId: call.id, legId: leg.id, by: leg.id };
    this.#core.record(conversation, [event], switchAt);
    if (leg.role === 'agent') this.#core.settleSoon(conversation.id, call.id);
  }

  #retrieved({ conversation, call, leg }: Found, switchAt: number): void {
    if (!this.#heldByPhone.delete(leg.id)) return;
    this.#core.record(conversation, [{ type: 'leg.retrieved', callId: call.id, legId: leg.id }], switchAt);
    if (leg.role === 'agent') this.#core.settleSoon(conversation.id, call.id);
  }

  #arrived(platformId: string, fact: Extract<SwitchFact, { type: 'leg.arrived' }>): void {
    const core = this.#core;
    if (core.conversations.find(fact.legId)) return;
    const node = core.switchOf(platformId);
    if (core.draining)
      return core.run('refuse a call', { legId: fact.legId }, () => node.reject(fact.legId, 'congestion'));
    const user = this.#phoneCalls.dialler(platformId, fact);
    if (user) return this.#phoneCalls.dialled(platformId, fact.legId, fact, user);
    const country = core.o.countryOf(platformId);
    const conversationId = newId('conv');
    const durable = core.conversations.commit(
      conversationId,
      [
        {
          type: 'call.arrived',
          callId: newId('call'),
          legId: fact.legId,
          platformId,
          entry: fact.entry,
          ani: parseAddress(fact.ani, country),
          dnis: parseAddress(fact.dnis, country),
          ...(fact.callerName ? { callerName: fact.callerName } : {}),
        },
      ],
      { switchAt: fact.at },
    );
    durable.catch((error: unknown) => core.report('write an arrival', error, { conversationId }));
  }

  /** The agent of a call that he made hears it ring at the other end. */
  #ringBack(conversation: Conversation, call: Call, leg: Leg): void {
    if (call.direction === 'inbound' || call.queueId || leg.userId === call.userId || call.transfer) return;
    const agent = call.userId && agentLeg(conversation, call.id, call.userId);
    if (!agent || agent.state !== 'connected' || agent.joined) return;
    const carrier = carrierOf(agent);
    if (this.#core.playbacks.isPlaying(carrier)) return;
    this.#core.run('ring back', { legId: agent.id }, () =>
      this.#core.playbacks.play(this.#core.switchOf(call.platformId), carrier, [
        { kind: 'tone', name: 'ring' },
      ]),
    );
  }

  /** A leg of ours that rings or talks for nobody any more was hung up before the switch had made it. */
  #each(switchLegId: string, tell: (found: Found) => void): void {
    const all = this.#core.conversations.carriedBy(switchLegId);
    const known = this.#core.conversations.find(switchLegId);
    if (all.length === 0 && known)
      return this.#core.run('hang up a stray leg', { legId: switchLegId }, () =>
        this.#core.switchOf(known.call.platformId).hangup(switchLegId),
      );
    for (const found of all) tell(found);
  }
}
