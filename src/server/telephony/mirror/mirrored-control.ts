/**
 * Call control in a PBX that routes by itself: finds the parties behind the legs and asks the PBX. What a command changes is told by
 * the mirror, as if the agent had done it at his phone.
 *
 *     talking ── consult ──► consulting ─┬─ complete ──► transferred      (first call held meanwhile)
 *        ▲                               ├─ conference ──► all in the first call
 *        └────────── cancel ◄────────────┘
 */
import type { Clock } from '../../../lib/clock.ts';
import { withDeadline } from '../../../lib/deadline.ts';
import { newId } from '../../../lib/ids.ts';
import { Lifecycle } from '../../../lib/lifecycle.ts';
import { CodedError, type ErrorCode } from '../../../protocol/errors.ts';
import type { ConversationEvent, Recorded } from '../../../protocol/facts.ts';
import { noCapabilities } from '../capabilities.ts';
import type { Conversations } from '../conversations.ts';
import { carrierOf, type Conversation, isLive, type Leg, liveLegs } from '../model.ts';
import type {
  AgentDevice,
  CallCapabilities,
  CallControl,
  CallVerb,
  LinkState,
  MakeCall,
  TransferRequest,
  TransferTarget,
} from '../ports.ts';
import type { MirroredCalls, Place } from './mirrored-calls.ts';
import type { Consultation, PartyControl, PbxTarget } from './party-control.ts';

export interface MirroredControlOptions {
  platformId: string;
  parties: PartyControl;
  mirror: MirroredCalls;
  conversations: Conversations;
  link(): LinkState;
  /** Undefined for a user who has no phone there. */
  extensionOf(userId: string): string | undefined;
  clock: Clock;
}

/** A party that we asked for exists by then, or never. */
const APPEARS_WITHIN_MS = 5_000;
/** What a command leads to is seen in the parties: so long we wait for it. */
const HAPPENS_WITHIN_MS = 8_000;

type PartyPlace = Place & { partyId: string };

export class MirroredControl implements CallControl {
  readonly #o: MirroredControlOptions;
  readonly #life: Lifecycle;

  constructor(options: MirroredControlOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
  }

  close(): void {
    void this.#life.close();
  }

  async makeCall(request: MakeCall, conversationId: string): Promise<{ callId: string; legId: string }> {
    const { platformId, conversations, parties } = this.#o;
    const { device, to, userId } = request;
    if (this.#o.link() !== 'up') throw new CodedError('switch-down');
    const phone = phoneOf(device);
    const dialled = this.#mustReach({ kind: 'number', number: to });
    const { partyId, legId } = this.#newParty();
    const callId = newId('call');
    await conversations.commit(conversationId, [
      {
        type: 'call.created',
        callId,
        platformId,
        direction: to.kind === 'extension' ? 'internal' : 'outbound',
        purpose: 'call',
        userId,
        ani: request.from,
        dnis: to,
      },
      agentLeg(callId, legId, userId, device),
    ]);
    const shown = { number: device.address.value, name: request.callerName || to.value };
    await this.#appears(partyId, () => parties.make(partyId, phone, dialled, shown));
    return { callId, legId };
  }

  async answer(legId: string): Promise<void> {
    const { leg, partyId } = this.#mustBeAble(legId, 'answer');
    if (leg.connectedAt !== undefined) throw new CodedError('wrong-state', { state: leg.state });
    await this.#o.parties.answer(partyId);
  }

  async hangup(legId: string): Promise<void> {
    const { conversation, leg, partyId } = this.#mustFind(legId);
    if (leg.via !== undefined) return this.cancelConsult(legId);
    // Hung up while he consults, his phone would complete the transfer: the party that he gives up is hung up instead.
    if (isConsulting(conversation, leg))
      for (const other of this.#others(conversation, leg)) await this.#o.parties.hangup(other, false);
    else await this.#o.parties.hangup(partyId, leg.connectedAt === undefined);
  }

  async hold(legId: string): Promise<void> {
    const { leg, partyId } = this.#mustBeAble(legId, 'hold');
    if (leg.state !== 'connected') throw new CodedError('wrong-state', { state: leg.state });
    await this.#o.parties.hold(partyId);
  }

  async retrieve(legId: string): Promise<void> {
    const { leg, partyId } = this.#mustBeAble(legId, 'retrieve');
    if (leg.state !== 'held') throw new CodedError('wrong-state', { state: leg.state });
    await this.#o.parties.retrieve(partyId);
  }

  async mute(legId: string, on: boolean): Promise<void> {
    const place = this.#mustFind(legId);
    await this.#o.parties.mute(place.partyId, on);
    this.#o.mirror.muted(place, on);
  }

  async sendDigits(legId: string, digits: string): Promise<void> {
    const { conversation, leg } = this.#mustFind(legId);
    for (const other of this.#others(conversation, leg)) await this.#o.parties.sendDigits(other, digits);
  }

  async consult(legId: string, { target }: TransferRequest): Promise<{ callId: string; legId: string }> {
    const { conversation, call, leg, partyId } = this.#mustTalk(legId);
    const to = this.#targetOf(target);
    const made = this.#happens(
      conversation,
      (event) =>
        event.type === 'leg.created' &&
        event.userId === leg.userId &&
        conversation.calls.get(event.callId)?.parentCall === call.id,
    );
    await this.#o.parties.consult(partyId, to);
    const event = await made;
    if (event?.type !== 'leg.created') throw new CodedError('not-capable');
    return { callId: event.callId, legId: event.legId };
  }

  async completeTransfer(consultLegId: string): Promise<void> {
    const { leg, consultation } = this.#consultation(consultLegId);
    const { customer, consulted } = consultation;
    if (leg.via === undefined && (customer === undefined || consulted.length === 0))
      throw new CodedError('wrong-state', { state: leg.state });
    await this.#o.parties.complete(consultation);
  }

  async cancelConsult(consultLegId: string): Promise<void> {
    await this.#o.parties.cancel(this.#consultation(consultLegId).consultation);
  }

  async conference(consultLegId: string): Promise<void> {
    const { consultation } = this.#consultation(consultLegId);
    const { first, second } = consultation;
    if (!this.#o.parties.able('conference', first, first === second)) throw new CodedError('not-capable');
    await this.#o.parties.conference(consultation);
  }

  async transfer(legId: string, { target }: TransferRequest): Promise<void> {
    const { partyId } = this.#mustTalk(legId);
    await this.#o.parties.transfer(partyId, this.#targetOf(target));
  }

  async drop(legId: string, partyLegId: string): Promise<void> {
    const { conversation, leg } = this.#mustFind(legId);
    const party = conversation.legs.get(partyLegId);
    if (!party || party.callId !== leg.callId || party.id === leg.id) throw new CodedError('no-such-line');
    await this.#o.parties.hangup(this.#mustFind(partyLegId).partyId, false);
  }

  async park(legId: string): Promise<{ slot: string }> {
    const { conversation, leg, partyId } = this.#mustTalk(legId);
    const [customer] = this.#others(conversation, leg);
    if (!customer) throw new CodedError('wrong-state', { state: leg.state });
    const parked = this.#happens(conversation, (event) => event.type === 'call.parked');
    await this.#o.parties.park(customer, partyId);
    const event = await parked;
    if (event?.type !== 'call.parked') throw new CodedError('timeout', { what: 'The telephone system' });
    // With nobody to talk to, his phone would stay off the hook until the PBX notices.
    await this.#o.parties.hangup(partyId, false).catch(() => undefined);
    return { slot: event.slot };
  }

  async pickUp(
    slot: string,
    userId: string,
    device: AgentDevice,
  ): Promise<{ callId: string; legId: string }> {
    const { conversations, platformId, parties } = this.#o;
    const found = conversations
      .all()
      .flatMap((conversation) => [...conversation.calls.values()].map((call) => ({ conversation, call })))
      .find(({ call }) => call.platformId === platformId && !call.endedAt && call.parked?.slot === slot);
    if (!found) throw new CodedError('not-found', { what: 'parked call' });
    const phone = phoneOf(device);
    const { partyId, legId } = this.#newParty();
    const callId = found.call.id;
    await conversations.commit(found.conversation.id, [agentLeg(callId, legId, userId, device)]);
    const shown = { number: device.address.value, name: found.call.ani.value };
    await this.#appears(partyId, () => parties.pickUp(partyId, phone, slot, shown));
    return { callId, legId };
  }

  capabilities(legId: string): CallCapabilities {
    const found = this.#o.conversations.find(legId);
    if (!found || !isLive(found.leg)) return noCapabilities('no-such-line');
    if (this.#o.link() !== 'up') return noCapabilities('switch-down');
    const { conversation, call, leg } = found;
    const talks = leg.state === 'connected' && leg.joined;
    const consult = call.purpose === 'consult';
    const carrying = isConsulting(conversation, leg);
    const given = talks && !consult && !carrying;
    const partyId = this.#o.mirror.partyOf(leg)?.id ?? '';
    const both = carrying || leg.via !== undefined;
    const when = (verb: CallVerb, possible: boolean): true | ErrorCode =>
      this.#o.parties.able(verb, partyId, both) ? possible || 'wrong-state' : 'not-capable';
    return {
      answer: when('answer', leg.connectedAt === undefined),
      hangup: true,
      hold: when('hold', talks),
      retrieve: when('retrieve', leg.state === 'held'),
      mute: when('mute', leg.connectedAt !== undefined),
      dtmf: when('dtmf', talks),
      consult: when('consult', given),
      transfer: when('transfer', given),
      complete: when('complete', consult && leg.connectedAt !== undefined),
      cancel: when('cancel', consult),
      conference: when('conference', consult && talks),
      drop: when('drop', liveLegs(conversation, call.id).length > 2),
      park: when('park', given),
    };
  }

  /** Why a call cannot be given to this target, as far as is known before; undefined when it can. */
  refusal(target: TransferTarget): CodedError | undefined {
    try {
      this.#targetOf(target);
      return undefined;
    } catch (error) {
      if (error instanceof CodedError) return error;
      throw error;
    }
  }

  // ── Pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #newParty(): { partyId: string; legId: string } {
    const partyId = newId('cp');
    this.#o.mirror.expect(partyId);
    return { partyId, legId: this.#o.mirror.legIdOf(partyId) };
  }

  /** A refusal, or a phone that is not there, clears the party's leg. */
  async #appears(partyId: string, make: () => Promise<void>): Promise<void> {
    const { mirror } = this.#o;
    try {
      await make();
      this.#life.after(APPEARS_WITHIN_MS, () => mirror.giveUp(partyId, 'unreachable'));
    } catch (error) {
      mirror.giveUp(partyId, 'failed');
      throw error;
    }
  }

  /** The first event of the conversation that fits and comes in time; undefined when none does. */
  async #happens(
    conversation: Conversation,
    fits: (event: Recorded<ConversationEvent>) => boolean,
  ): Promise<Recorded<ConversationEvent> | undefined> {
    const { conversations, clock } = this.#o;
    let stop = () => {};
    const event = new Promise<Recorded<ConversationEvent>>((resolve) => {
      stop = conversations.events.on('event', (where, one) => {
        if (where === conversation && fits(one)) resolve(one);
      });
    });
    try {
      return await withDeadline(clock, HAPPENS_WITHIN_MS, 'what was asked', event);
    } catch {
      return undefined;
    } finally {
      stop();
    }
  }

  #mustFind(legId: string): PartyPlace {
    const place = this.#o.conversations.find(legId);
    if (!place || !isLive(place.leg)) throw new CodedError('no-such-line');
    if (this.#o.link() !== 'up') throw new CodedError('switch-down');
    const party = this.#o.mirror.partyOf(place.leg);
    if (!party) throw new CodedError('no-such-line');
    return { ...place, partyId: party.id };
  }

  #mustBeAble(legId: string, verb: CallVerb): PartyPlace {
    const found = this.#mustFind(legId);
    const both = found.leg.via !== undefined || isConsulting(found.conversation, found.leg);
    if (!this.#o.parties.able(verb, found.partyId, both)) throw new CodedError('not-capable');
    return found;
  }

  #mustTalk(legId: string): PartyPlace {
    const found = this.#mustFind(legId);
    const { conversation, leg } = found;
    if (leg.state !== 'connected' || !leg.joined || isConsulting(conversation, leg))
      throw new CodedError('wrong-state', { state: leg.state });
    return found;
  }

  /** The other parties of the leg's call. */
  #others(conversation: Conversation, leg: Leg): string[] {
    return liveLegs(conversation, leg.callId)
      .filter((other) => other.id !== leg.id && carrierOf(other) !== carrierOf(leg))
      .flatMap((other) => this.#o.mirror.partyOf(other)?.id ?? []);
  }

  #consultation(consultLegId: string): { leg: Leg; consultation: Consultation } {
    const { conversation, leg, partyId } = this.#mustFind(consultLegId);
    const call = conversation.calls.get(leg.callId);
    const first = [...conversation.legs.values()].find(
      (one) => one.callId === call?.parentCall && one.userId === leg.userId && isLive(one),
    );
    if (call?.purpose !== 'consult' || !first) throw new CodedError('wrong-state', { state: leg.state });
    const [customer] = this.#others(conversation, first);
    const talks = liveLegs(conversation, leg.callId).some((one) => one.id !== leg.id && one.joined);
    return {
      leg,
      consultation: {
        first: this.#o.mirror.partyOf(first)?.id ?? partyId,
        second: partyId,
        ...(customer ? { customer } : {}),
        consulted: this.#others(conversation, leg),
        talks,
      },
    };
  }

  /** @throws `extension-unknown`, and what the PBX refuses it with. */
  #targetOf(target: TransferTarget): PbxTarget {
    const { platformId, extensionOf } = this.#o;
    if (target.kind === 'number') return this.#mustReach({ kind: 'number', number: target.number });
    if (target.kind === 'queue') {
      const name = target.queueId.replace(`${platformId}:`, '');
      if (name === target.queueId) throw new CodedError('not-capable');
      return this.#mustReach({ kind: 'queue', name });
    }
    const extension = extensionOf(target.userId);
    if (extension === undefined) throw new CodedError('extension-unknown', { number: '' });
    return this.#mustReach({ kind: 'extension', extension });
  }

  #mustReach(to: PbxTarget): PbxTarget {
    const refusal = this.#o.parties.refusal(to);
    if (refusal) throw refusal;
    return to;
  }
}

function phoneOf({ endpoint }: AgentDevice): string {
  if (endpoint.kind !== 'device') throw new CodedError('not-capable');
  return endpoint.name;
}

function agentLeg(callId: string, legId: string, userId: string, device: AgentDevice): ConversationEvent {
  const { deviceId, address } = device;
  return { type: 'leg.created', callId, legId, role: 'agent', userId, deviceId, address };
}

/** The leg carries a consultation of its user. */
function isConsulting(conversation: Conversation, leg: Leg): boolean {
  return [...conversation.legs.values()].some((one) => one.via === leg.id && isLive(one));
}
