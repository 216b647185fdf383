/**
 * Writes the calls of a PBX that routes by itself into our conversations: at each change the parties that it has now are
 * compared with the model's legs, and what differs is recorded. There is no other state: after a lost connection or a restart
 * the same comparison finds what was missed.
 *
 *     a party appears ──► its leg, in the call of who dials it, in a consultation of who consults it, or in a new call
 *     parties hear each other ──► joined; one of them was consulted ──► its leg moves into the first call
 *     a party waits in a queue ──► queue.entered ── a member's phone rings ──► offer ──► answered, abandoned, left
 *     a party is gone ──► cleared; the last one ──► the call has ended
 *
 * Only calls that concern us are kept: those in which one of our users or a queue takes part. A colleague's private call on a
 * device of nobody's here is nobody's business here.
 */
import type { Clock } from '../../../lib/clock.ts';
import { newId } from '../../../lib/ids.ts';
import type { Address } from '../../../protocol/address.ts';
import type { ClearCause, ConversationEvent } from '../../../protocol/facts.ts';
import type { Conversations } from '../conversations.ts';
import { type Call, carrierOf, type Conversation, isLive, type Leg, liveLegs } from '../model.ts';
import type { ForeignParty } from './foreign-party.ts';
import { MirroredQueue } from './mirrored-queue.ts';

export interface MirroredCallsOptions {
  platformId: string;
  conversations: Conversations;
  clock: Clock;
  onError: (what: string, error: unknown, ids: { conversationId?: string }) => void;
}

/** Where a party is in the model. */
export interface Place {
  conversation: Conversation;
  call: Call;
  leg: Leg;
}

export class MirroredCalls {
  readonly #o: MirroredCallsOptions;
  readonly #queue: MirroredQueue;
  #parties = new Map<string, ForeignParty>();
  /** Legs whose id is not the usual one: parties that went from one conversation to another. */
  readonly #legIds = new Map<string, string>();
  /** Parties that we have asked for and that the PBX has not made yet: their legs are there already. */
  readonly #awaited = new Set<string>();

  constructor(options: MirroredCallsOptions) {
    this.#o = options;
    this.#queue = new MirroredQueue(options);
  }

  /** The model's leg id of a party. Short enough for an id: 80 characters. */
  legIdOf(partyId: string): string {
    return this.#legIds.get(partyId) ?? `${this.#o.platformId}:${partyId}`;
  }

  /** The party behind a leg (behind the leg that carries it); undefined when it is none of this platform's or gone. */
  partyOf(leg: Leg): ForeignParty | undefined {
    const carrier = carrierOf(leg);
    for (const party of this.#parties.values()) if (this.legIdOf(party.id) === carrier) return party;
    return undefined;
  }

  party(id: string): ForeignParty | undefined {
    return this.#parties.get(id);
  }

  /** The PBX was asked to make this party; its leg, `legIdOf(partyId)`, is in the model already. */
  expect(partyId: string): void {
    this.#awaited.add(partyId);
  }

  /** It was refused, or did not come in time. Nothing happens when it is there by now. */
  giveUp(partyId: string, cause: ClearCause): void {
    if (!this.#awaited.delete(partyId)) return;
    const place = this.placeOf(partyId);
    if (!place || !isLive(place.leg)) return;
    const { conversation, call, leg } = place;
    this.#record(conversation, [{ type: 'leg.cleared', callId: call.id, legId: leg.id, cause }]);
    this.#endIfEmpty(conversation, call, cause);
  }

  /**
   * Brings the model to what the PBX has.
   * @param causes why parties are gone, by their id; one that is not named is `lost`.
   */
  sync(parties: readonly ForeignParty[], causes: ReadonlyMap<string, ClearCause>): void {
    this.#parties = new Map(parties.map((party) => [party.id, party]));
    for (const { id } of parties) this.#awaited.delete(id);
    for (const party of this.#inOrder(parties)) if (this.#concernsUs(party)) this.#place(party);
    for (const party of parties) this.#follow(party);
    this.#together(parties);
    for (const party of parties) this.#hold(party);
    for (const conversation of this.#conversations())
      this.#queue.sync(conversation, (leg) => this.partyOf(leg), causes);
    this.#clearGone(causes);
  }

  /** A user gave his call away without asking the target first; `partyId` is his. */
  transferredBlind(partyId: string, target: { userId?: string; number?: Address; queueId?: string }): void {
    const place = this.placeOf(partyId);
    if (!place?.leg.userId) return;
    const { conversation, call, leg } = place;
    this.#record(conversation, [
      { type: 'call.transferred', callId: call.id, byUserId: leg.userId ?? '', how: 'blind', ...target },
    ]);
  }

  /** Mute is ours alone: no event of the PBX says so. */
  muted(place: Place, on: boolean): void {
    const { conversation, call, leg } = place;
    this.#record(conversation, [{ type: 'leg.muted', callId: call.id, legId: leg.id, on }]);
  }

  placeOf(partyId: string): Place | undefined {
    return this.#o.conversations.find(this.legIdOf(partyId));
  }

  // ── A party appears ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Who calls before who is called, so that a call exists before its second party comes. */
  #inOrder(parties: readonly ForeignParty[]): ForeignParty[] {
    const rank = (party: ForeignParty) => (party.id === party.group ? 0 : party.outgoing ? 2 : 1);
    return [...parties].sort((a, b) => rank(a) - rank(b));
  }

  #concernsUs(party: ForeignParty): boolean {
    if (this.placeOf(party.id)) return false;
    if (!this.#isKnown(party)) return false;
    if (party.userId !== undefined || party.queue !== undefined) return true;
    return [...this.#parties.values()].some(
      (other) =>
        other.group === party.group &&
        (other.userId !== undefined || other.queue !== undefined || this.placeOf(other.id) !== undefined) &&
        this.#isKnown(other),
    );
  }

  /** Whom a ringing device is rung for is said a moment after it exists. */
  #isKnown(party: ForeignParty): boolean {
    return (
      !party.outgoing ||
      party.id === party.group ||
      party.dialKnown ||
      party.together !== undefined ||
      party.state === 'connected'
    );
  }

  #place(party: ForeignParty): void {
    if (this.placeOf(party.id)) return;
    const consulting = party.consultedBy === undefined ? undefined : this.placeOf(party.consultedBy);
    if (consulting) return this.#consulted(party, consulting);
    const dialler = this.#diallerOf(party);
    if (dialler) return this.#join(dialler.conversation, dialler.call, party);
    this.#begin(party);
  }

  #diallerOf(party: ForeignParty): Place | undefined {
    if (party.dialledBy !== undefined) {
      const place = this.placeOf(party.dialledBy);
      if (place) return place;
    }
    const near = [...this.#parties.values()].filter(
      (other) =>
        other.id !== party.id &&
        (other.group === party.group || (party.together !== undefined && other.together === party.together)),
    );
    return near.map((other) => this.placeOf(other.id)).find((place) => place !== undefined);
  }

  #join(conversation: Conversation, call: Call, party: ForeignParty): void {
    this.#record(conversation, [this.#legCreated(call.id, party)]);
  }

  #legCreated(callId: string, party: ForeignParty, legId = this.legIdOf(party.id)): ConversationEvent {
    return {
      type: 'leg.created',
      callId,
      legId,
      role: party.userId ? 'agent' : 'external',
      ...(party.userId ? { userId: party.userId } : {}),
      ...(party.deviceId ? { deviceId: party.deviceId } : {}),
      address: party.address,
    };
  }

  /** The first party of a call: it called in, a user dials, or a call of ours begins. */
  #begin(party: ForeignParty): void {
    const { platformId } = this.#o;
    const callId = newId('call');
    if (!party.userId) {
      return this.#commit(newId('conv'), [
        {
          type: 'call.arrived',
          callId,
          legId: this.legIdOf(party.id),
          platformId,
          entry: party.entry,
          ani: party.address,
          dnis: party.dialled,
          ...(party.callerName ? { callerName: party.callerName } : {}),
        },
      ]);
    }
    const held = this.#heldBy(party.userId);
    const to = party.dialled;
    this.#commit(held?.conversation.id ?? newId('conv'), [
      {
        type: 'call.created',
        callId,
        platformId,
        direction: to.kind === 'extension' ? 'internal' : 'outbound',
        purpose: held ? 'consult' : 'call',
        ...(held ? { parentCall: held.call.id } : {}),
        userId: party.userId,
        ani: party.address,
        dnis: to,
      },
      this.#legCreated(callId, party),
    ]);
  }

  /** The user's call on hold: what he dials meanwhile is a consultation about it. */
  #heldBy(userId: string): Place | undefined {
    for (const conversation of this.#conversations())
      for (const leg of conversation.legs.values()) {
        const call = conversation.calls.get(leg.callId);
        if (leg.userId === userId && leg.state === 'held' && call?.purpose === 'call')
          return { conversation, call, leg };
      }
    return undefined;
  }

  /** The PBX itself makes the second call of a party (an attended transfer by its feature): the party carries both. */
  #consulted(party: ForeignParty, { conversation, call, leg }: Place): void {
    const running = [...conversation.calls.values()].find(
      (one) => one.parentCall === call.id && one.userId === leg.userId && one.endedAt === undefined,
    );
    if (running) return this.#join(conversation, running, party);
    if (!leg.userId) return this.#join(conversation, call, party);
    const callId = newId('call');
    const mine = newId('leg');
    const ids = { callId, legId: mine };
    this.#record(conversation, [
      {
        type: 'call.created',
        callId,
        platformId: this.#o.platformId,
        direction: party.userId ? 'internal' : 'outbound',
        purpose: 'consult',
        parentCall: call.id,
        userId: leg.userId,
        ani: leg.address,
        dnis: party.address,
      },
      {
        type: 'leg.created',
        ...ids,
        role: 'agent',
        userId: leg.userId,
        ...(leg.deviceId ? { deviceId: leg.deviceId } : {}),
        address: leg.address,
        via: leg.id,
      },
      { type: 'leg.connected', ...ids },
      this.#legCreated(callId, party),
    ]);
  }

  // ── What a party does ─────────────────────────────────────────────────────────────────────────────────────────────

  #follow(party: ForeignParty): void {
    const place = this.placeOf(party.id);
    if (!place || !isLive(place.leg)) return;
    const { conversation, call, leg } = place;
    const ids = { callId: call.id, legId: leg.id };
    if (party.state === 'alerting' && leg.state === 'initiated')
      this.#record(conversation, [{ type: 'leg.alerting', ...ids }]);
    if (party.state === 'connected' && leg.connectedAt === undefined)
      this.#record(conversation, [{ type: 'leg.connected', ...ids }]);
    if (party.parked !== undefined && !call.parked) this.#parked(place, party.parked);
    if (party.parked === undefined && call.parked && leg.role !== 'agent') {
      const how = party.parkedTooLong ? 'timeout' : 'picked-up';
      this.#record(conversation, [{ type: 'call.unparked', callId: call.id, slot: call.parked.slot, how }]);
    }
  }

  #parked({ conversation, call }: Place, slot: string): void {
    const by = [...conversation.legs.values()].findLast((leg) => leg.callId === call.id && leg.userId);
    if (by?.userId)
      this.#record(conversation, [{ type: 'call.parked', callId: call.id, slot, userId: by.userId }]);
  }

  /** Parties that hear each other are joined; who was consulted and hears the first call's parties belongs to it now. */
  #together(parties: readonly ForeignParty[]): void {
    const groups = new Map<string, ForeignParty[]>();
    for (const party of parties)
      if (party.together !== undefined)
        groups.set(party.together, [...(groups.get(party.together) ?? []), party]);
    for (const [name, group] of groups) {
      for (const party of group) this.#merge(party, group);
      this.#joined(name, group);
    }
  }

  #merge(party: ForeignParty, group: readonly ForeignParty[]): void {
    const place = this.placeOf(party.id);
    if (!place || !isLive(place.leg)) return;
    const { conversation, call, leg } = place;
    const consults = call.purpose === 'consult' && leg.userId !== call.userId;
    const others = group.filter((one) => one.id !== party.id).flatMap((one) => this.placeOf(one.id) ?? []);
    const first = others.find(
      (other) => other.call.id === call.parentCall && other.leg.userId !== call.userId && isLive(other.leg),
    );
    if (consults && first) {
      const stays = others.some((other) => other.leg.userId === call.userId);
      this.#record(conversation, [
        { type: 'leg.moved', callId: call.id, legId: leg.id, toCallId: first.call.id },
        ...(stays ? [] : [attended(first.call.id, call.userId ?? '', leg)]),
      ]);
      return;
    }
    const elsewhere = others.find(
      (other) => other.conversation !== conversation && other.leg.role !== 'agent' && isLive(other.leg),
    );
    if (elsewhere && leg.role === 'agent' && !others.some((other) => other.call.id === call.id))
      this.#toOtherConversation(party, place, elsewhere);
  }

  /** Two calls that had nothing to do with each other were put together: the agent goes on in the other's conversation. */
  #toOtherConversation(party: ForeignParty, from: Place, to: Place): void {
    this.#record(from.conversation, [
      { type: 'leg.cleared', callId: from.call.id, legId: from.leg.id, cause: 'normal' },
    ]);
    this.#endIfEmpty(from.conversation, from.call, 'normal');
    this.#legIds.set(party.id, `${this.#o.platformId}:${party.id}~${newId('n').slice(-4)}`);
    this.#join(to.conversation, to.call, party);
    this.#follow(party);
  }

  #joined(name: string, group: readonly ForeignParty[]): void {
    const places = group.flatMap((party) => this.placeOf(party.id) ?? []);
    const calls = new Set(places.flatMap(({ conversation, leg }) => this.#callsOf(conversation, leg)));
    for (const call of calls) {
      const conversation = places.find(
        (place) => place.conversation.calls.get(call.id) === call,
      )?.conversation;
      if (!conversation) continue;
      const present = new Set(places.map((place) => place.leg.id));
      const legs = liveLegs(conversation, call.id).filter(
        (leg) => present.has(carrierOf(leg)) && leg.connectedAt !== undefined,
      );
      if (legs.length < 2 || legs.every((leg) => leg.joined)) continue;
      const legIds = legs.map((leg) => leg.id);
      this.#record(conversation, [
        { type: 'legs.joined', callId: call.id, bridgeId: name.slice(0, 80), legIds },
      ]);
    }
  }

  /** The calls that a leg takes part in: its own, and those whose legs it carries. */
  #callsOf(conversation: Conversation, leg: Leg): Call[] {
    return [...conversation.legs.values()]
      .filter((one) => isLive(one) && carrierOf(one) === leg.id)
      .flatMap((one) => conversation.calls.get(one.callId) ?? []);
  }

  /** Held by the phone, or because its party talks in the other call that it carries. */
  #hold(party: ForeignParty): void {
    const place = this.placeOf(party.id);
    if (!place) return;
    for (const call of this.#callsOf(place.conversation, place.leg)) {
      const leg = liveLegs(place.conversation, call.id).find((one) => carrierOf(one) === place.leg.id);
      if (!leg) continue;
      const ids = { callId: call.id, legId: leg.id };
      const held = party.held ? carriesNoOther(place, leg) : this.#isElsewhere(place.conversation, call, leg);
      if (held && leg.state === 'connected' && leg.joined)
        this.#record(place.conversation, [{ type: 'leg.held', ...ids, by: leg.id }]);
      if (!held && leg.state === 'held')
        this.#record(place.conversation, [{ type: 'leg.retrieved', ...ids }]);
    }
  }

  /** It carries another call, with whose parties it is now, and not with this one's. */
  #isElsewhere(conversation: Conversation, call: Call, leg: Leg): boolean {
    const carrier = carrierOf(leg);
    const carried = [...conversation.legs.values()].filter(
      (one) => isLive(one) && carrierOf(one) === carrier,
    );
    if (carried.length < 2) return false;
    const mine = this.partyOf(leg)?.together;
    const withIt = liveLegs(conversation, call.id).some(
      (other) => carrierOf(other) !== carrier && mine !== undefined && this.partyOf(other)?.together === mine,
    );
    return !withIt && call.purpose === 'call';
  }

  // ── A party is gone ───────────────────────────────────────────────────────────────────────────────────────────────

  #clearGone(causes: ReadonlyMap<string, ClearCause>): void {
    for (const conversation of this.#conversations()) {
      for (const leg of conversation.legs.values()) {
        const call = conversation.calls.get(leg.callId);
        if (!call || call.platformId !== this.#o.platformId || !isLive(leg) || this.partyOf(leg)) continue;
        const partyId = this.#partyIdOf(carrierOf(leg));
        if (this.#awaited.has(partyId)) continue;
        const cause = causes.get(partyId) ?? 'lost';
        this.#record(conversation, [{ type: 'leg.cleared', callId: call.id, legId: leg.id, cause }]);
      }
      for (const call of conversation.calls.values()) {
        if (call.platformId === this.#o.platformId) this.#endConsultation(conversation, call);
        this.#endIfEmpty(conversation, call, lastCause(conversation, call));
      }
    }
  }

  /** Only the consulting agent is left in his consultation, on a leg that carries his first call: it is over. */
  #endConsultation(conversation: Conversation, call: Call): void {
    const left = liveLegs(conversation, call.id);
    const [only] = left;
    if (call.purpose !== 'consult' || left.length !== 1 || !only?.via) return;
    this.#record(conversation, [{ type: 'leg.cleared', callId: call.id, legId: only.id, cause: 'normal' }]);
  }

  #endIfEmpty(conversation: Conversation, call: Call, cause: ClearCause): void {
    if (call.platformId !== this.#o.platformId || call.endedAt !== undefined) return;
    if (liveLegs(conversation, call.id).length > 0) return;
    this.#record(conversation, [{ type: 'call.ended', callId: call.id, cause }]);
  }

  #partyIdOf(legId: string): string {
    for (const [partyId, id] of this.#legIds) if (id === legId) return partyId;
    return legId.slice(this.#o.platformId.length + 1);
  }

  #conversations(): Conversation[] {
    const { conversations, platformId } = this.#o;
    return conversations
      .all()
      .filter((conversation) =>
        [...conversation.calls.values()].some((call) => call.platformId === platformId),
      );
  }

  #record(conversation: Conversation, events: ConversationEvent[]): void {
    this.#o.conversations.record(conversation.id, events);
  }

  #commit(conversationId: string, events: ConversationEvent[]): void {
    this.#o.conversations
      .commit(conversationId, events)
      .catch((error: unknown) => this.#o.onError('write a call of the PBX', error, { conversationId }));
  }
}

function attended(callId: string, byUserId: string, leg: Leg): ConversationEvent {
  return {
    type: 'call.transferred',
    callId,
    byUserId,
    how: 'attended',
    legId: leg.id,
    ...(leg.userId ? { userId: leg.userId } : { number: leg.address }),
  };
}

function carriesNoOther({ conversation, leg }: Place, one: Leg): boolean {
  const carried = [...conversation.legs.values()].filter((l) => isLive(l) && carrierOf(l) === leg.id);
  return carried.length < 2 || one.via === undefined;
}

function lastCause(conversation: Conversation, call: Call): ClearCause {
  const legs = [...conversation.legs.values()].filter((leg) => leg.callId === call.id);
  const last = legs.sort((a, b) => (b.clearedAt ?? 0) - (a.clearedAt ?? 0))[0];
  return last?.cause ?? 'normal';
}
