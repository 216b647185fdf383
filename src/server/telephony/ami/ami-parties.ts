/**
 * What can be done with the channels of an Asterisk-based PBX, by AMI actions.
 *
 * Consultation is the PBX's own attended transfer (its feature code must be allowed: dial option t or T, as FreePBX sets it): the
 * agent's one channel carries both calls. A consultation that the agent dialled at the phone himself is completed by bridging.
 *
 *     talking ── Atxfer ──► consulting ── Hangup ──► transferred      (first call held meanwhile)
 *                               ├── CancelAtxfer ──► talking
 *                               └── *3 ──► conference
 */
import { type Address, parseAddress } from '../../../protocol/address.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { Consultation, PartyControl, PbxTarget, Shown } from '../mirror/party-control.ts';
import type { CallVerb } from '../ports.ts';
import { AmiRefusal } from './ami-connection.ts';
import type { AmiLink } from './ami-link.ts';
import type { AmiFields } from './ami-message.ts';
import { type AmiSettings, queueExtensions } from './ami-settings.ts';
import type { PbxState } from './pbx-state.ts';

export interface AmiPartiesOptions {
  link: Pick<AmiLink, 'send'>;
  state: PbxState;
  settings: AmiSettings;
  /** ISO 3166 code: how numbers without a prefix are read. */
  country: string;
}

/** The desk phone rings for a call that its agent makes so long, in milliseconds. */
const PHONE_RINGS_MS = 30_000;
/** features.conf's own defaults for who is in an attended transfer. */
const THREE_WAY_CODE = '*3';
const NORMAL = 16;
const BUSY = 17;

export class AmiParties implements PartyControl {
  readonly #o: AmiPartiesOptions;

  constructor(options: AmiPartiesOptions) {
    this.#o = options;
  }

  able(verb: CallVerb, _partyId: string, carriesBoth: boolean): boolean {
    const { phonesObeyTalk } = this.#o.settings;
    if (verb === 'answer') return phonesObeyTalk;
    if (verb === 'hold' || verb === 'retrieve') return phonesObeyTalk && !carriesBoth;
    return verb !== 'conference' || carriesBoth;
  }

  refusal(to: PbxTarget): CodedError | undefined {
    try {
      this.#extenOf(to);
      return undefined;
    } catch (error) {
      if (error instanceof CodedError) return error;
      throw error;
    }
  }

  make(partyId: string, device: string, to: PbxTarget, shown: Shown): Promise<void> {
    const then = { Context: this.#o.settings.context, Exten: this.#extenOf(to), Priority: 1 };
    return this.#originate(partyId, device, shown, then);
  }

  answer(partyId: string): Promise<void> {
    return this.#notify(partyId, 'talk');
  }

  hangup(partyId: string, declined: boolean): Promise<void> {
    return this.#send('Hangup', { Channel: this.#nameOf(partyId), Cause: declined ? BUSY : NORMAL });
  }

  hold(partyId: string): Promise<void> {
    return this.#notify(partyId, 'hold');
  }

  retrieve(partyId: string): Promise<void> {
    return this.#notify(partyId, 'talk');
  }

  mute(partyId: string, on: boolean): Promise<void> {
    const State = on ? 'on' : 'off';
    return this.#send('MuteAudio', { Channel: this.#nameOf(partyId), Direction: 'in', State });
  }

  async sendDigits(partyId: string, digits: string): Promise<void> {
    const Channel = this.#nameOf(partyId);
    for (const Digit of digits) await this.#send('PlayDTMF', { Channel, Digit });
  }

  consult(partyId: string, to: PbxTarget): Promise<void> {
    const { context } = this.#o.settings;
    return this.#send('Atxfer', {
      Channel: this.#nameOf(partyId),
      Exten: this.#extenOf(to),
      Context: context,
    });
  }

  async complete({ first, second, customer, consulted: [consulted] }: Consultation): Promise<void> {
    if (first === second) return this.hangup(second, false);
    await this.#send('Bridge', {
      Channel1: this.#nameOf(customer ?? ''),
      Channel2: this.#nameOf(consulted ?? ''),
      Tone: 'no',
    });
  }

  async cancel({ first, second, consulted, talks }: Consultation): Promise<void> {
    if (first !== second) return this.hangup(second, false);
    if (!talks) return this.#send('CancelAtxfer', { Channel: this.#nameOf(second) });
    // Who has answered is hung up: the PBX gives the agent back to his first call by itself.
    for (const party of consulted) await this.hangup(party, false);
  }

  async conference({ second }: Consultation): Promise<void> {
    const Channel = this.#nameOf(second);
    for (const Digit of THREE_WAY_CODE) await this.#send('PlayDTMF', { Channel, Digit, Receive: true });
  }

  transfer(partyId: string, to: PbxTarget): Promise<void> {
    const { context } = this.#o.settings;
    const Exten = this.#extenOf(to);
    return this.#send('BlindTransfer', { Channel: this.#nameOf(partyId), Exten, Context: context });
  }

  park(customer: string, agent: string): Promise<void> {
    return this.#send('Park', {
      Channel: this.#nameOf(customer),
      TimeoutChannel: this.#nameOf(agent),
      Parkinglot: this.#o.settings.parkingLot,
    });
  }

  pickUp(partyId: string, device: string, slot: string, shown: Shown): Promise<void> {
    const Data = `${this.#o.settings.parkingLot},${slot}`;
    return this.#originate(partyId, device, shown, { Application: 'ParkedCall', Data });
  }

  /** The PBX takes the caller's number from CallerID for what is dialled then: it is the agent's own. */
  #originate(partyId: string, device: string, { number, name }: Shown, then: AmiFields): Promise<void> {
    return this.#send('Originate', {
      Channel: device,
      ChannelId: partyId,
      CallerID: `"${name.replace(/["\\<>]/g, '')}" <${number}>`,
      Timeout: PHONE_RINGS_MS,
      Async: true,
      ...then,
    });
  }

  #notify(partyId: string, event: 'talk' | 'hold'): Promise<void> {
    return this.#send('PJSIPNotify', { Channel: this.#nameOf(partyId), Variable: [`Event=${event}`] });
  }

  #nameOf(partyId: string): string {
    const channel = this.#o.state.channel(partyId);
    if (!channel) throw new CodedError('no-such-line');
    return channel.name;
  }

  /** @throws CodedError: what Asterisk refuses, in our words; its own are in the log of who asked. */
  async #send(action: string, fields: AmiFields): Promise<void> {
    try {
      await this.#o.link.send(action, fields);
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

  /** What an internal phone would dial. @throws `queue-undiallable` for a queue that cannot be dialled. */
  #extenOf(to: PbxTarget): string {
    if (to.kind === 'number') return this.#dialString(to.number);
    if (to.kind === 'extension') return to.extension;
    const exten = queueExtensions(this.#o.settings).get(to.name);
    if (!exten) throw new CodedError('queue-undiallable');
    return exten;
  }

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
