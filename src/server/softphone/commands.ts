/** Carries out what pages ask. Each verb checks the same action that its button shows, so the two cannot disagree. */
import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import type { Lifecycle } from '../../lib/lifecycle.ts';
import { type Address, asEmergencyIn, parseAddress } from '../../protocol/address.ts';
import { CodedError, isTooLate } from '../../protocol/errors.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { Command, Line, PersonalSettings, SoftphoneState } from '../../protocol/softphone.ts';
import type { Crm } from '../crm/ports.ts';
import type { AgentStates } from '../routing/ports.ts';
import type { UserCalls } from '../telephony/call-controls.ts';
import type { Conversations } from '../telephony/conversations.ts';
import { type Conversation, isLive, type Leg } from '../telephony/model.ts';
import type { AgentDevice } from '../telephony/ports.ts';
import { refuseUnless } from './actions.ts';
import type { Audio } from './audio.ts';
import { EmergencyCalls } from './emergency-calls.ts';
import { Endings } from './endings.ts';
import { LineCommands } from './line-commands.ts';
import type { Logs } from './logs.ts';
import type { CallLayouts } from './call-layouts.ts';
import type { Matching } from './matching.ts';
import type { PersonalSettingsStore } from './personal-settings.ts';
import type {
  CallerIdOf,
  CallRecordings,
  SiteCountryOf,
  SoftphonePlatforms,
  SoftphoneSettings,
} from './ports.ts';
import type { Page, Seat } from './seat.ts';
import { popTab } from './tabs.ts';

export interface CommandsOptions {
  acd: AgentStates;
  audio: Audio;
  callerIdOf: CallerIdOf;
  clock: Clock;
  conversations: Conversations;
  crm: Pick<Crm, 'read'>;
  engine: UserCalls;
  logs: Logs;
  matching: Matching;
  layouts: CallLayouts;
  life: Lifecycle;
  personal: PersonalSettingsStore;
  recordings: CallRecordings | undefined;
  platforms: SoftphonePlatforms;
  settings: SoftphoneSettings;
  siteCountryOf: SiteCountryOf;
  onError: (what: string, error: unknown, ids: { userId?: string }) => void;
  /** How a user wants to be called is different now. */
  settingsChanged(userId: string): void;
  /** The user's state as it is now. */
  assemble(userId: string): SoftphoneState;
}

type Of<V extends Command['verb']> = Extract<Command, { verb: V }>;

export class Commands {
  readonly #o: CommandsOptions;
  readonly #lines: LineCommands;
  readonly #emergencies: EmergencyCalls;
  readonly #endings: Endings;

  constructor(options: CommandsOptions) {
    this.#o = options;
    this.#endings = new Endings(options.life);
    this.#lines = new LineCommands({ ...options, calls: options.engine, endings: this.#endings });
    this.#emergencies = new EmergencyCalls(options);
  }

  /** A leg connected or is gone: whoever waits for its answer is told. */
  legSettled(legId: string, connected: boolean): void {
    this.#lines.legSettled(legId, connected);
    if (!connected) this.#endings.end(legId);
  }

  /** @throws CodedError with the reason why not. */
  async execute(seat: Seat, page: Page, command: Command): Promise<void> {
    const state = this.#o.assemble(seat.userId);
    switch (command.verb) {
      case 'dial':
        return await this.#dial(seat, state, command);
      case 'agent.state':
        return await this.#setState(seat, state, command);
      case 'device':
        return await this.#chooseDevice(seat, state, command);
      case 'settings':
        return await this.#changeSettings(seat, command);
      case 'pickup':
        return await this.#pickUp(seat, state, command);
      case 'notice.dismiss':
        return seat.dismiss(command.noticeId);
      default:
        return await this.#onLine(seat, page, state, command);
    }
  }

  async #onLine(
    seat: Seat,
    page: Page,
    state: SoftphoneState,
    command: Extract<Command, { lineId: string }>,
  ): Promise<void> {
    const { acd, logs, conversations } = this.#o;
    const { userId } = seat;
    const line = state.lines.find(({ id }) => id === command.lineId);
    const conversation = conversations.get(line?.conversationId ?? command.lineId);
    // The log of a call that is over is closed, which says more than that the call is over.
    if (command.verb === 'log.edit') return logs.edit(this.#mustGet(conversation), userId, command);
    if (!line || !conversation) throw new CodedError('no-such-line');
    switch (command.verb) {
      case 'wrap.finish':
        refuseUnless(this.#wrapOf(line).finish);
        return await acd.finishWrap(userId, line.conversationId);
      case 'wrap.extend':
        refuseUnless(this.#wrapOf(line).extend);
        return await acd.extendWrap(userId, line.conversationId);
      case 'pop':
        return await this.#pop(seat, page, conversation, command.recordId);
      case 'match.again':
        return await this.#o.matching.again(conversation, userId);
      case 'pop.done':
        return seat.pops.done(line.conversationId, command.popId);
      default:
        refuseUnless(line.actions[command.verb]);
        return await this.#lines.execute(seat, conversation, line, command);
    }
  }

  /** Whoever is parked there becomes a call of the user. */
  async #pickUp(seat: Seat, state: SoftphoneState, { slot }: Of<'pickup'>): Promise<void> {
    const parked = state.parked.find((one) => one.slot === slot);
    if (!parked) throw new CodedError('not-parked');
    refuseUnless(parked.pickUp);
    const device = this.#o.audio.device(seat.userId);
    if (!device) throw new CodedError('no-phone', { detail: state.phone.problem ?? '' });
    await this.#o.engine.pickUp(slot, seat.userId, device);
  }

  /**
   * An emergency number goes past every rule: what rings is put away, what he talks in is held, and every device of his is tried. Any
   * other waits for calls of his that are ending.
   */
  async #dial(seat: Seat, state: SoftphoneState, command: Of<'dial'>): Promise<void> {
    const { userId } = seat;
    const to = this.#dialled(command.number, state, userId);
    if (to.kind === 'service')
      return this.#emergencies.call(
        seat,
        (device) => this.#call(userId, device, to, command.record, newId('conv')),
        state.phone.problem ?? '',
      );
    const conversationId = newId('conv');
    try {
      const { dial, phone } = await this.#afterEndings(userId, state, conversationId);
      refuseUnless(dial);
      const device = this.#o.audio.device(userId);
      if (!device) throw new CodedError('no-phone', { detail: phone.problem ?? '' });
      await this.#call(userId, device, to, command.record, conversationId);
    } catch (error) {
      this.#o.acd.release(userId, conversationId);
      throw error;
    }
  }

  /** The state once all that the user has hung up is gone; until then nothing is offered to him. */
  async #afterEndings(
    userId: string,
    state: SoftphoneState,
    conversationId: string,
  ): Promise<SoftphoneState> {
    if (!this.#endings.has(userId)) return state;
    // What rings him directly, and was declined, keeps him from being reserved and from getting offers both.
    await this.#o.acd.reserve(userId, conversationId).catch((error: unknown) => {
      if (!(error instanceof CodedError)) throw error;
    });
    await this.#endings.gone(userId);
    return this.#o.assemble(userId);
  }

  async #call(
    userId: string,
    device: AgentDevice,
    to: Address,
    record: Of<'dial'>['record'],
    conversationId: string,
  ): Promise<{ legId: string }> {
    const { acd, engine, matching, callerIdOf } = this.#o;
    const emergency = to.kind === 'service';
    await acd.reserve(userId, conversationId, { emergency });
    if (emergency) this.#stopRinging(userId);
    if (record) matching.expect(conversationId, record);
    try {
      return await engine.makeCall(
        { userId, device, from: callerIdOf(userId, to), to, callerName: record?.name ?? '' },
        conversationId,
      );
    } catch (error) {
      matching.forget(conversationId);
      acd.release(userId, conversationId);
      throw error;
    }
  }

  /** @throws `number-invalid` */
  #dialled(number: string, state: SoftphoneState, userId: string): Address {
    const typed = parseAddress(number, state.user.country);
    const to = asEmergencyIn(typed, this.#o.siteCountryOf(userId));
    if (to.kind === 'withheld' || to.kind === 'unknown') throw new CodedError('number-invalid', { number });
    return to;
  }

  /** What rings the user without an offer, and what his phone is being rung for. */
  #stopRinging(userId: string): void {
    const { conversations, engine, onError } = this.#o;
    const rings = (leg: Leg) =>
      leg.userId === userId && isLive(leg) && leg.connectedAt === undefined && leg.replaces === undefined;
    for (const leg of conversations.all().flatMap(({ legs }) => [...legs.values()].filter(rings)))
      engine.hangup(leg.id).catch((error: unknown) => {
        if (!isTooLate(error)) onError('end a ringing for an emergency call', error, { userId });
      });
  }

  async #setState(
    seat: Seat,
    state: SoftphoneState,
    { state: to, reason }: Of<'agent.state'>,
  ): Promise<void> {
    const choice = state.agent.choices.find((c) => c.state === to);
    if (!choice) throw new CodedError('bad-input', { detail: 'state' });
    refuseUnless(choice.action);
    const { requested } = state.agent;
    // What holds takes back what was to come, whoever gave its reason.
    const takesBack = state.agent.pending && requested.state === to && requested.reason === reason;
    if (takesBack) return await this.#o.acd.setRequested(seat.userId, to, reason, seat.userId);
    if (choice.reasonRequired && reason === undefined) throw new CodedError('reason-required');
    if (reason !== undefined && !choice.reasons.some(({ id }) => id === reason))
      throw new CodedError('bad-input', { detail: 'reason: there is no such reason for this state' });
    await this.#o.acd.setRequested(seat.userId, to, reason, seat.userId);
  }

  async #chooseDevice(seat: Seat, state: SoftphoneState, { deviceId }: Of<'device'>): Promise<void> {
    if (state.phone.deviceId === deviceId) return;
    if (state.lines.some((line) => line.legId !== undefined)) throw new CodedError('busy');
    await this.#o.settings.chooseDevice(seat.userId, deviceId);
    this.#o.audio.review(seat);
    this.#o.acd.deviceChanged(seat.userId);
  }

  /** @throws `number-invalid`, `own-extension`. */
  async changePersonalSettings(userId: string, change: Partial<PersonalSettings>): Promise<void> {
    await this.#o.personal.change(userId, change);
    this.#o.acd.deviceChanged(userId);
    this.#o.settingsChanged(userId);
  }

  async #changeSettings(seat: Seat, { change }: Of<'settings'>): Promise<void> {
    await this.changePersonalSettings(seat.userId, change);
  }

  /** Pops by hand, in the page that asked if it shows records. */
  async #pop(
    seat: Seat,
    page: Page,
    conversation: Conversation,
    recordId: string | undefined,
  ): Promise<void> {
    const tab = page.tab.canPop ? page.tab.tabId : popTab(seat.tabs);
    const record =
      recordId === undefined ? undefined : await this.#record(seat.userId, conversation, recordId);
    seat.pops.byHand(conversation, this.#o.layouts, record, tab);
  }

  async #record(userId: string, conversation: Conversation, recordId: string): Promise<RecordRef> {
    const known = [
      ...(this.#o.layouts.matchOf(conversation, userId)?.records ?? []),
      ...this.#o.logs.visited(conversation.id, userId),
    ].find(({ id }) => id === recordId);
    if (known) return known;
    const { id, object, name } = await this.#o.crm.read(
      { userId, roles: this.#o.settings.user(userId)?.roles ?? [] },
      recordId,
    );
    return { id, object, name };
  }

  #wrapOf(line: Line): NonNullable<Line['wrap']> {
    if (!line.wrap) throw new CodedError('wrong-state', { state: line.state });
    return line.wrap;
  }

  #mustGet(conversation: Conversation | undefined): Conversation {
    if (!conversation) throw new CodedError('log-closed');
    return conversation;
  }
}
