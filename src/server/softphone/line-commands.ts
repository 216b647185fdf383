/** Carries out what pages ask of one line; the button's own rule has allowed it. */
import type { Clock } from '../../lib/clock.ts';
import { DeadlineError, withDeadline } from '../../lib/deadline.ts';
import { asEmergencyIn, parseAddress } from '../../protocol/address.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Command, Line, TargetRef } from '../../protocol/softphone.ts';
import type { AgentStates } from '../routing/ports.ts';
import type { Conversations } from '../telephony/conversations.ts';
import { type Conversation, carrierOf, type Leg } from '../telephony/model.ts';
import type { CallControl, TransferRequest } from '../telephony/ports.ts';
import { deviceOf } from './audio.ts';
import type { Endings } from './endings.ts';
import type {
  CallerIdOf,
  CallRecordings,
  SiteCountryOf,
  SoftphonePlatforms,
  SoftphoneSettings,
} from './ports.ts';
import type { Seat } from './seat.ts';
import { userCalls } from './user-calls.ts';

/** The page's phone has to pick up within this many milliseconds. */
const ANSWER_DEADLINE_MS = 5_000;

/** After these the agent has the call no more. */
const ENDING: ReadonlySet<CallCommand['verb']> = new Set(['hangup', 'decline', 'cancel']);

export interface LineCommandsOptions {
  acd: Pick<AgentStates, 'decline'>;
  callerIdOf: CallerIdOf;
  calls: CallControl;
  clock: Clock;
  conversations: Pick<Conversations, 'isCarried'>;
  endings: Endings;
  platforms: SoftphonePlatforms;
  recordings: CallRecordings | undefined;
  settings: SoftphoneSettings;
  siteCountryOf: SiteCountryOf;
}

/** A command on a call: its verb is one of the line's buttons. */
export type CallCommand = Extract<Command, { lineId: string; verb: keyof Line['actions'] }>;

export class LineCommands {
  readonly #o: LineCommandsOptions;
  readonly #answers = new Map<string, (connected: boolean) => void>();

  constructor(options: LineCommandsOptions) {
    this.#o = options;
  }

  /** A leg connected or is gone: whoever waits for its answer is told. */
  legSettled(legId: string, connected: boolean): void {
    this.#answers.get(legId)?.(connected);
  }

  /** @throws CodedError with the reason why not. */
  async execute(seat: Seat, conversation: Conversation, line: Line, command: CallCommand): Promise<void> {
    const leg = legOf(conversation, line, seat.userId);
    if (!ENDING.has(command.verb)) return await this.#carryOut(seat, leg, line, command);
    this.#o.endings.begin(seat.userId, leg.id);
    try {
      await this.#carryOut(seat, leg, line, command);
    } catch (error) {
      this.#o.endings.end(leg.id);
      throw error;
    }
  }

  async #carryOut(seat: Seat, leg: Leg, line: Line, command: CallCommand): Promise<void> {
    const { calls, acd, recordings } = this.#o;
    const { userId } = seat;
    switch (command.verb) {
      case 'answer':
        return await this.#answer(seat, line, leg);
      case 'decline':
        return await (line.offer ? acd.decline(userId, line.offer.id) : calls.hangup(leg.id));
      case 'hangup':
        return await calls.hangup(leg.id);
      case 'hold':
        return await calls.hold(leg.id);
      case 'retrieve':
        return await calls.retrieve(leg.id);
      case 'mute':
      case 'unmute':
        return await calls.mute(leg.id, command.verb === 'mute');
      case 'dtmf':
        return await calls.sendDigits(leg.id, command.digits);
      case 'transfer':
        return await calls.transfer(leg.id, this.#request(userId, command.target));
      case 'consult':
        return void (await calls.consult(leg.id, this.#request(userId, command.target)));
      case 'complete':
        return await calls.completeTransfer(leg.id);
      case 'cancel':
        return await calls.cancelConsult(leg.id);
      case 'conference':
        return await calls.conference(leg.id);
      case 'drop':
        return await this.#drop(leg.id, line, command.legId);
      case 'park':
        return void (await calls.park(leg.id));
      case 'record':
        return await recordings?.start(leg.id, userId);
      case 'record.pause':
        return await recordings?.pause(leg.id, userId);
      case 'record.resume':
        return await recordings?.resume(leg.id, userId);
    }
  }

  /** The page's phone picks up; a leg that has none of its own, or a switch without browser phones, does it itself. */
  async #answer(seat: Seat, line: Line, leg: Leg): Promise<void> {
    const { calls, clock, conversations, platforms, settings } = this.#o;
    const connected = new Promise<boolean>((resolve) => this.#answers.set(leg.id, resolve));
    try {
      const node = platforms.switches.get(line.platformId)?.switch;
      const inPage = deviceOf(leg.deviceId, seat.userId, settings)?.control === 'browser';
      if (conversations.isCarried(leg) || !inPage || !node?.capabilities.browserPhone)
        await calls.answer(leg.id);
      else if (seat.audioPage)
        seat.audioPage.connection.send({ type: 'phone.answer', legId: carrierOf(leg) });
      else throw new CodedError('no-phone', { detail: 'Its page is reloading or was closed.' });
      if (!(await withDeadline(clock, ANSWER_DEADLINE_MS, 'The phone', connected)))
        throw new CodedError('offer-gone');
    } catch (error) {
      throw error instanceof DeadlineError ? new CodedError('phone-no-answer') : error;
    } finally {
      this.#answers.delete(leg.id);
    }
  }

  async #drop(legId: string, line: Line, partyLegId: string): Promise<void> {
    const party = line.parties.find((one) => one.legId === partyLegId);
    if (!party) throw new CodedError('no-such-line');
    if (party.me) throw new CodedError('bad-input', { detail: 'legId: this is your own leg: hang up' });
    await this.#o.calls.drop(legId, partyLegId);
  }

  /** @throws `number-invalid` for what cannot be dialled, `not-found` for a user or a queue that is not there, `own-extension` for himself, `elsewhere`. */
  #request(userId: string, target: TargetRef): TransferRequest {
    const { settings, callerIdOf, siteCountryOf, platforms } = this.#o;
    if (target.kind === 'number') {
      const typed = parseAddress(target.number, settings.user(userId)?.country ?? '');
      const number = asEmergencyIn(typed, siteCountryOf(userId));
      if (number.kind === 'withheld' || number.kind === 'unknown')
        throw new CodedError('number-invalid', { number: target.number });
      return { target: { kind: 'number', number }, from: callerIdOf(userId, number) };
    }
    if (target.kind === 'user' && !settings.user(target.userId))
      throw new CodedError('not-found', { what: 'user' });
    if (target.kind === 'queue' && !settings.queue(target.queueId) && !platforms.queueLabel?.(target.queueId))
      throw new CodedError('not-found', { what: 'queue' });
    const own = settings.user(userId)?.extension;
    if (target.kind === 'user' && target.userId === userId)
      throw new CodedError('own-extension', { number: own ?? '' });
    const unreachable = platforms.unreachable?.(userId, target);
    if (unreachable) throw unreachable;
    const from = own
      ? { kind: 'extension' as const, raw: own, value: own }
      : { kind: 'unknown' as const, raw: '', value: '' };
    return { target, from };
  }
}

/** The user's own leg behind the line: `line.legId` is the one that carries its sound. */
function legOf(conversation: Conversation, line: Line, userId: string): Leg {
  const leg = userCalls(conversation, userId).find(({ lineId }) => lineId === line.id)?.leg;
  if (!leg) throw new CodedError('no-such-line');
  return leg;
}
