/**
 * Call control in a PBX that routes by itself, by AMI actions on its channels. What a command changes is told by the mirror, as
 * if the agent had done it at his phone.
 *
 * Consultation is the PBX's own attended transfer (its feature code must be allowed: dial option t or T, as FreePBX sets it): the
 * agent's one channel carries both calls. A consultation that the agent dialled at the phone himself is completed by bridging.
 *
 *     talking ── Atxfer ──► consulting ── Hangup ──► transferred      (first call held meanwhile)
 *                               ├── CancelAtxfer ──► talking
 *                               └── *3 ──► conference
 */
import type { Clock } from '../../../lib/clock.ts';
import { withDeadline } from '../../../lib/deadline.ts';
import { newId } from '../../../lib/ids.ts';
import { Lifecycle } from '../../../lib/lifecycle.ts';
import { type Address, parseAddress } from '../../../protocol/address.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { ConversationEvent, Recorded } from '../../../protocol/facts.ts';
import { noCapabilities } from '../capabilities.ts';
import type { Conversations } from '../conversations.ts';
import type { MirroredCalls, Place } from '../mirror/mirrored-calls.ts';
import { carrierOf, type Conversation, isLive, type Leg, liveLegs } from '../model.ts';
import type {
  AgentDevice,
  CallCapabilities,
  CallControl,
  MakeCall,
  TransferRequest,
  TransferTarget,
} from '../ports.ts';
import { AmiRefusal } from './ami-connection.ts';
import type { AmiLink } from './ami-link.ts';
import type { AmiFields, AmiMessage } from './ami-message.ts';
import type { PbxUsers } from './ami-pbx.ts';
import { type AmiSettings, queueExtensions } from './ami-settings.ts';
import type { Channel, PbxState } from './pbx-state.ts';

export interface AmiCallControlOptions {
  id: string;
  link: Pick<AmiLink, 'send' | 'state'>;
  state: PbxState;
  mirror: MirroredCalls;
  conversations: Conversations;
  users: PbxUsers;
  settings: AmiSettings;
  clock: Clock;
  country: string;
}

/** The desk phone rings for a call that its agent makes so long, in milliseconds. */
const PHONE_RINGS_MS = 30_000;
/** A channel that we asked for exists by then, or never. */
const APPEARS_WITHIN_MS = 5_000;
/** What an action leads to is told by events: so long we wait for them. */
const HAPPENS_WITHIN_MS = 8_000;
/** features.conf's own defaults for who is in an attended transfer. */
const THREE_WAY_CODE = '*3';

export class AmiCallControl implements CallControl {
  readonly #o: AmiCallControlOptions;
  readonly #life: Lifecycle;

  constructor(options: AmiCallControlOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
  }

  close(): void {
    void this.#life.close();
  }

  async makeCall(request: MakeCall, conversationId: string): Promise<{ callId: string; legId: string }> {
    const { id, conversations } = this.#o;
    const exten = this.#dialString(request.to);
    if (this.#o.link.state !== 'up') throw new CodedError('switch-down');
    const { uniqueid, legId } = this.#newParty();
    const callId = newId('call');
    await conversations.commit(conversationId, [
      {
        type: 'call.created',
        callId,
        platformId: id,
        direction: request.to.kind === 'extension' ? 'internal' : 'outbound',
        purpose: 'call',
        userId: request.userId,
        ani: request.from,
        dnis: request.to,
      },
      this.#agentLeg(callId, legId, request.userId, request.device),
    ]);
    await this.#originate(uniqueid, request.device, request.callerName || request.to.value, {
      Context: this.#o.settings.context,
      Exten: exten,
      Priority: 1,
    });
    return { callId, legId };
  }

  async answer(legId: string): Promise<void> {
    const { leg, channel } = this.#mustFind(legId);
    if (leg.connectedAt !== undefined) throw new CodedError('wrong-state', { state: leg.state });
    await this.#notify(channel, 'talk');
  }

  async hangup(legId: string): Promise<void> {
    const { conversation, leg, channel } = this.#mustFind(legId);
    if (leg.via !== undefined) return this.cancelConsult(legId);
    // Hung up while he consults, his phone would complete the transfer: the party that he gives up is hung up instead.
    const consulting = [...conversation.legs.values()].some((one) => one.via === leg.id && isLive(one));
    if (consulting)
      for (const other of this.#others(conversation, leg))
        await this.#send('Hangup', { Channel: other.name });
    else
      await this.#send('Hangup', { Channel: channel.name, Cause: leg.connectedAt === undefined ? 17 : 16 });
  }

  async hold(legId: string): Promise<void> {
    const { leg, channel } = this.#mustFind(legId);
    if (leg.state !== 'connected') throw new CodedError('wrong-state', { state: leg.state });
    await this.#notify(channel, 'hold');
  }

  async retrieve(legId: string): Promise<void> {
    const { leg, channel } = this.#mustFind(legId);
    if (leg.state !== 'held') throw new CodedError('wrong-state', { state: leg.state });
    await this.#notify(channel, 'talk');
  }

  async mute(legId: string, on: boolean): Promise<void> {
    const place = this.#mustFind(legId);
    await this.#send('MuteAudio', { Channel: place.channel.name, Direction: 'in', State: on ? 'on' : 'off' });
    this.#o.mirror.muted(place, on);
  }

  async sendDigits(legId: string, digits: string): Promise<void> {
    const { conversation, leg } = this.#mustFind(legId);
    for (const other of this.#others(conversation, leg))
      for (const digit of digits) await this.#send('PlayDTMF', { Channel: other.name, Digit: digit });
  }

  async consult(legId: string, { target }: TransferRequest): Promise<{ callId: string; legId: string }> {
    const { conversation, leg, channel } = this.#mustTalk(legId);
    const exten = this.#extenOf(target);
    const made = this.#happens(
      conversation,
      (event) => event.type === 'leg.created' && event.via === carrierOf(leg),
    );
    await this.#send('Atxfer', { Channel: channel.name, Exten: exten, Context: this.#o.settings.context });
    const event = await made;
    if (event?.type !== 'leg.created') throw new CodedError('not-capable');
    return { callId: event.callId, legId: event.legId };
  }

  async completeTransfer(consultLegId: string): Promise<void> {
    const { conversation, leg, channel } = this.#mustFind(consultLegId);
    const { first, parties } = this.#consultation(conversation, leg);
    if (leg.via !== undefined) return void (await this.#send('Hangup', { Channel: channel.name, Cause: 16 }));
    const [customer] = this.#others(conversation, first);
    const [consulted] = parties;
    if (!customer || !consulted) throw new CodedError('wrong-state', { state: leg.state });
    await this.#send('Bridge', { Channel1: customer.name, Channel2: consulted.name, Tone: 'no' });
  }

  async cancelConsult(consultLegId: string): Promise<void> {
    const { conversation, leg, channel } = this.#mustFind(consultLegId);
    const { parties } = this.#consultation(conversation, leg);
    if (leg.via === undefined) return void (await this.#send('Hangup', { Channel: channel.name, Cause: 16 }));
    const talks = liveLegs(conversation, leg.callId).some((one) => one.id !== leg.id && one.joined);
    // Who has answered is hung up: the PBX gives the agent back to his first call by itself.
    if (talks) for (const party of parties) await this.#send('Hangup', { Channel: party.name, Cause: 16 });
    else await this.#send('CancelAtxfer', { Channel: channel.name });
  }

  async conference(consultLegId: string): Promise<void> {
    const { conversation, leg, channel } = this.#mustFind(consultLegId);
    this.#consultation(conversation, leg);
    if (leg.via === undefined) throw new CodedError('not-capable');
    for (const digit of THREE_WAY_CODE)
      await this.#send('PlayDTMF', { Channel: channel.name, Digit: digit, Receive: true });
  }

  async transfer(legId: string, { target }: TransferRequest): Promise<void> {
    const { channel } = this.#mustTalk(legId);
    const exten = this.#extenOf(target);
    await this.#send('BlindTransfer', {
      Channel: channel.name,
      Exten: exten,
      Context: this.#o.settings.context,
    });
  }

  async drop(legId: string, partyLegId: string): Promise<void> {
    const { conversation, leg } = this.#mustFind(legId);
    const party = conversation.legs.get(partyLegId);
    if (!party || party.callId !== leg.callId || party.id === leg.id) throw new CodedError('no-such-line');
    await this.#send('Hangup', { Channel: this.#mustFind(partyLegId).channel.name, Cause: 16 });
  }

  async park(legId: string): Promise<{ slot: string }> {
    const { conversation, leg, channel } = this.#mustTalk(legId);
    const [customer] = this.#others(conversation, leg);
    if (!customer) throw new CodedError('wrong-state', { state: leg.state });
    const parked = this.#happens(conversation, (event) => event.type === 'call.parked');
    await this.#send('Park', {
      Channel: customer.name,
      TimeoutChannel: channel.name,
      Parkinglot: this.#o.settings.parkingLot,
    });
    const event = await parked;
    if (event?.type !== 'call.parked') throw new CodedError('timeout', { what: 'The telephone system' });
    // With nobody to talk to, his phone would stay off the hook until the PBX notices.
    await this.#send('Hangup', { Channel: channel.name, Cause: 16 }).catch(() => undefined);
    return { slot: event.slot };
  }

  async pickUp(
    slot: string,
    userId: string,
    device: AgentDevice,
  ): Promise<{ callId: string; legId: string }> {
    const { conversations, id, settings } = this.#o;
    const found = conversations
      .all()
      .flatMap((conversation) => [...conversation.calls.values()].map((call) => ({ conversation, call })))
      .find(({ call }) => call.platformId === id && call.endedAt === undefined && call.parked?.slot === slot);
    if (!found) throw new CodedError('not-found', { what: 'parked call' });
    const { uniqueid, legId } = this.#newParty();
    const callId = found.call.id;
    await conversations.commit(found.conversation.id, [this.#agentLeg(callId, legId, userId, device)]);
    const application = { Application: 'ParkedCall', Data: `${settings.parkingLot},${slot}` };
    await this.#originate(uniqueid, device, found.call.ani.value, application);
    return { callId, legId };
  }

  capabilities(legId: string): CallCapabilities {
    const found = this.#o.conversations.find(legId);
    if (!found || !isLive(found.leg)) return noCapabilities('no-such-line');
    if (this.#o.link.state !== 'up') return noCapabilities('switch-down');
    const { conversation, call, leg } = found;
    const talks = leg.state === 'connected' && leg.joined;
    const remote = (when: boolean) =>
      this.#o.settings.phonesObeyTalk ? when || 'wrong-state' : 'not-capable';
    const consult = call.purpose === 'consult';
    const carrying = [...conversation.legs.values()].some((one) => one.via === leg.id && isLive(one));
    const given = talks && !consult && !carrying;
    const connected = (when: boolean) => when || ('wrong-state' as const);
    return {
      answer: remote(leg.connectedAt === undefined),
      hangup: true,
      hold: leg.via === undefined ? remote(talks) : 'not-capable',
      retrieve: leg.via === undefined && !carrying ? remote(leg.state === 'held') : 'not-capable',
      mute: connected(leg.connectedAt !== undefined),
      dtmf: connected(talks),
      consult: connected(given),
      transfer: connected(given),
      complete: connected(consult && leg.connectedAt !== undefined),
      cancel: connected(consult),
      conference: consult && leg.via === undefined ? 'not-capable' : connected(consult && talks),
      drop: connected(liveLegs(conversation, call.id).length > 2),
      park: connected(given),
    };
  }

  // ── Pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #newParty(): { uniqueid: string; legId: string } {
    const uniqueid = newId('cp');
    this.#o.mirror.expect(uniqueid);
    return { uniqueid, legId: this.#o.mirror.legIdOf(uniqueid) };
  }

  #agentLeg(callId: string, legId: string, userId: string, device: AgentDevice): ConversationEvent {
    const { deviceId, address } = device;
    return { type: 'leg.created', callId, legId, role: 'agent', userId, deviceId, address };
  }

  /** Rings the agent's phone. A refusal, or a phone that is not there, clears the leg. */
  async #originate(uniqueid: string, device: AgentDevice, shown: string, then: AmiFields): Promise<void> {
    const { mirror } = this.#o;
    if (device.endpoint.kind !== 'device') throw new CodedError('not-capable');
    const number = device.address.value;
    try {
      await this.#send('Originate', {
        Channel: device.endpoint.name,
        ChannelId: uniqueid,
        // The PBX takes the caller's number from it for what is dialled then: it is the agent's own.
        CallerID: `"${shown.replace(/["\\<>]/g, '')}" <${number}>`,
        Timeout: PHONE_RINGS_MS,
        Async: true,
        ...then,
      });
      this.#life.after(APPEARS_WITHIN_MS, () => mirror.giveUp(uniqueid, 'unreachable'));
    } catch (error) {
      mirror.giveUp(uniqueid, 'failed');
      throw error;
    }
  }

  async #notify(channel: Channel, event: 'talk' | 'hold'): Promise<void> {
    if (!this.#o.settings.phonesObeyTalk) throw new CodedError('not-capable');
    await this.#send('PJSIPNotify', { Channel: channel.name, Variable: [`Event=${event}`] });
  }

  /** @throws CodedError: what Asterisk refuses, in our words; its own are in the log of who asked. */
  async #send(action: string, fields: AmiFields): Promise<AmiMessage> {
    try {
      return await this.#o.link.send(action, fields);
    } catch (error) {
      if (!(error instanceof AmiRefusal)) throw error;
      if (/no such channel|does not exist|not found/i.test(error.reason) && !/extension/i.test(error.reason))
        throw new CodedError('no-such-line');
      if (/extension/i.test(error.reason))
        throw new CodedError('number-invalid', { number: String(fields.Exten ?? '') });
      const refusal = new CodedError('not-capable');
      refusal.message = `The telephone system refused: ${error.reason}`;
      throw refusal;
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

  #mustFind(legId: string): Place & { channel: Channel } {
    const place = this.#o.conversations.find(legId);
    if (!place || !isLive(place.leg)) throw new CodedError('no-such-line');
    if (this.#o.link.state !== 'up') throw new CodedError('switch-down');
    const party = this.#o.mirror.partyOf(place.leg);
    const channel = party && this.#o.state.channel(party.id);
    if (!channel) throw new CodedError('no-such-line');
    return { ...place, channel };
  }

  #mustTalk(legId: string): Place & { channel: Channel } {
    const found = this.#mustFind(legId);
    const consulting = [...found.conversation.legs.values()].some(
      (leg) => leg.via === found.leg.id && isLive(leg),
    );
    if (found.leg.state !== 'connected' || !found.leg.joined || consulting)
      throw new CodedError('wrong-state', { state: found.leg.state });
    return found;
  }

  /** Channels of the other parties of the leg's call. */
  #others(conversation: Conversation, leg: Leg): Channel[] {
    return liveLegs(conversation, leg.callId)
      .filter((other) => other.id !== leg.id && carrierOf(other) !== carrierOf(leg))
      .flatMap((other) => this.#o.mirror.partyOf(other) ?? [])
      .flatMap((party) => this.#o.state.channel(party.id) ?? []);
  }

  /** The consulting agent's leg in the first call, and who he consults. */
  #consultation(conversation: Conversation, leg: Leg): { first: Leg; parties: Channel[] } {
    const call = conversation.calls.get(leg.callId);
    const first = [...conversation.legs.values()].find(
      (one) => one.callId === call?.parentCall && one.userId === leg.userId && isLive(one),
    );
    if (call?.purpose !== 'consult' || !first) throw new CodedError('wrong-state', { state: leg.state });
    return { first, parties: this.#others(conversation, leg) };
  }

  /** @throws `extension-unknown`, `not-capable` for a queue that cannot be dialled. */
  #extenOf(target: TransferTarget): string {
    const { id, users, settings } = this.#o;
    if (target.kind === 'number') return this.#dialString(target.number);
    if (target.kind === 'queue') {
      const exten = queueExtensions(settings).get(target.queueId.replace(`${id}:`, ''));
      if (!exten) throw new CodedError('not-capable');
      return exten;
    }
    const extension = users.byId(target.userId)?.extension;
    if (!extension) throw new CodedError('extension-unknown', { number: '' });
    return extension;
  }

  /** What an internal phone would dial. */
  #dialString(to: Address): string {
    const { outsidePrefix, numberFormat } = this.#o.settings;
    if (to.kind === 'extension') return to.value;
    if (to.kind === 'service') return to.value; // emergency: as it is, whatever the prefix
    const address = to.kind === 'e164' ? to : parseAddress(to.raw, this.#o.country);
    if (address.kind !== 'e164') throw new CodedError('number-invalid', { number: to.raw });
    const digits = address.value.slice(1);
    const lead = { plus: '+', 'double-zero': '00', digits: '' }[numberFormat];
    return `${outsidePrefix}${lead}${digits}`;
  }
}
