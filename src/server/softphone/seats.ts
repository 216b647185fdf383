/** All users' seats: makes each one's state anew when something in it changed, some milliseconds' changes at once. */
import type { Clock } from '../../lib/clock.ts';
import type { DeviceControl } from '../../protocol/api.ts';
import type { Can } from './actions.ts';
import type { SoftphoneState, Verb } from '../../protocol/softphone.ts';
import type { PreviousCall } from '../history/previous-calls.ts';
import type { AgentStates } from '../routing/ports.ts';
import type { CallEngine } from '../telephony/call-engine.ts';
import type { Conversation, Leg } from '../telephony/model.ts';
import type { CallCapabilities, CallVerb } from '../telephony/ports.ts';
import { assembleState } from './assemble.ts';
import { type Audio, deviceOf } from './audio.ts';
import type { CallLayouts } from './call-layouts.ts';
import type { BrowserPhones } from './browser-phones.ts';
import type { Logs } from './logs.ts';
import type { Parked } from './parked.ts';
import type { PersonalSettingsStore } from './personal-settings.ts';
import type { CallRecordings, SiteCountryOf, SoftphonePlatforms, SoftphoneSettings } from './ports.ts';
import { Seat } from './seat.ts';
import { subjectFor } from './user-calls.ts';

export interface SeatsOptions {
  epoch: string;
  acd: Pick<AgentStates, 'agent'>;
  clock: Clock;
  engine: Pick<CallEngine, 'linkOf' | 'capabilities'>;
  platforms: SoftphonePlatforms;
  recordings: CallRecordings | undefined;
  settings: SoftphoneSettings;
  siteCountryOf: SiteCountryOf;
  conversationsOf(userId: string): Conversation[];
  previousCalls(userId: string): Promise<PreviousCall[]>;
  /** What the state is made of beside that: given once these have been made, which need the seats themselves. */
  parts(): {
    layouts: CallLayouts;
    audio: Audio;
    phones: BrowserPhones;
    logs: Logs;
    personal: PersonalSettingsStore;
    parked: Parked;
  };
  onError: (what: string, error: unknown, ids: { userId?: string }) => void;
}

/**
 * How long a change waits for company, in milliseconds: a call that comes in is offered, answered and matched within a few, and
 * a page that draws all of it at once shows the record sooner than one that draws three times.
 */
const GROUP_MS = 4;
/** How soon after that the same user's pages are told again, in milliseconds: nobody sees more often. */
const AGAIN_MS = 15;

/** What a button asks of call control; whether a call is recorded is the recording's own affair. */
const CALL_VERBS: Partial<Record<Verb, CallVerb>> = {
  decline: 'hangup',
  hangup: 'hangup',
  hold: 'hold',
  retrieve: 'retrieve',
  mute: 'mute',
  unmute: 'mute',
  dtmf: 'dtmf',
  transfer: 'transfer',
  consult: 'consult',
  complete: 'complete',
  cancel: 'cancel',
  conference: 'conference',
  drop: 'drop',
  park: 'park',
};

export class Seats {
  readonly #o: SeatsOptions;
  readonly #seats = new Map<string, Seat>();
  readonly #due = new Set<string>();
  /** Users whose pages were told just now: what changes meanwhile is told together. */
  readonly #told = new Set<string>();
  #closed = false;

  constructor(options: SeatsOptions) {
    this.#o = options;
  }

  /** The user's seat, made at the first time. */
  of(userId: string): Seat {
    const known = this.#seats.get(userId);
    if (known) return known;
    const seat = new Seat(userId, this.#o.clock);
    this.#seats.set(userId, seat);
    this.#o.previousCalls(userId).then(
      (calls) => this.#remember(seat, calls),
      (error: unknown) => this.#o.onError('read the previous calls', error, { userId }),
    );
    return seat;
  }

  known(userId: string): Seat | undefined {
    return this.#seats.get(userId);
  }

  all(): Seat[] {
    return [...this.#seats.values()];
  }

  /** The user's state is made anew, all users' without one: soon, with whatever else changes by then. */
  refresh(userId?: string): void {
    for (const user of userId === undefined ? this.#seats.keys() : [userId]) {
      if (this.#due.has(user)) continue;
      this.#due.add(user);
      if (!this.#told.has(user)) this.#o.clock.after(GROUP_MS, () => this.#flush(user));
    }
  }

  /** What the pages were told, or without pages what they would be. Undefined for a user who does not exist. */
  state(userId: string): SoftphoneState | undefined {
    if (!this.#o.settings.user(userId)) return undefined;
    const seat = this.of(userId);
    return (seat.pages.size > 0 && seat.published) || this.assemble(seat);
  }

  assemble(seat: Seat): SoftphoneState {
    const { epoch, settings, acd, clock, engine } = this.#o;
    const { audio, phones, logs, personal, parked, layouts } = this.#o.parts();
    const { userId } = seat;
    const chosen = settings.chosenDevice(userId);
    const browser = chosen.kind === 'browser';
    const conversations = this.#o.conversationsOf(userId);
    const problem = phones.get(userId)?.problem;
    const can = new Map<string, CallCapabilities>();
    const { tabId } = seat.audio;
    return assembleState({
      epoch,
      now: clock.now(),
      userId,
      settings,
      platforms: this.#platforms(chosen.platformId, conversations),
      linkOf: (platformId) => engine.linkOf(platformId),
      agent: acd.agent(userId),
      conversations,
      answerable: (leg, platformId) =>
        leg.via !== undefined ||
        this.#answers(leg, deviceOf(leg.deviceId, userId, settings)?.control, platformId),
      phone: {
        registered: audio.device(userId) !== undefined,
        isRegistered: (kind, username) =>
          kind === 'browser' ? phones.isRegistered(userId) : phones.isOnSwitch(username),
        ...(browser && tabId ? { audioTab: tabId } : {}),
        ...(browser && problem ? { problem } : {}),
      },
      pop: (conversationId) => seat.pops.of(conversationId),
      popChoice: (conversation) => layouts.popChoice(conversation, subjectFor(conversation, userId), userId),
      match: (conversation) => layouts.shownMatches(conversation, userId),
      fields: (conversation, type) => layouts.of(conversation, userId, type).fields,
      pending: (lineId) => seat.pendingOf(lineId),
      visited: (conversationId) => logs.visited(conversationId, userId),
      can: (legId, platformId, verb) => this.#can(legId, platformId, verb, can),
      recording: (callId) => this.#o.recordings?.stateOf(callId).state ?? 'off',
      queueLabel: (queueId) =>
        settings.queue(queueId)?.label ?? this.#o.platforms.queueLabel?.(queueId) ?? queueId,
      parked: (platformIds, pickUp) => parked.list(platformIds, pickUp),
      personal: { values: personal.of(userId), unavailable: {} },
      previous: seat.previous,
      notices: seat.notices,
      siteCountry: this.#o.siteCountryOf(userId),
    });
  }

  /** @param known what call control has answered for this state already. */
  #can(legId: string, platformId: string, verb: Verb, known: Map<string, CallCapabilities>): Can {
    if (verb.startsWith('record')) {
      if (!this.#o.recordings) return 'no-recording';
      const missing = this.#o.platforms.switches.get(platformId)?.switch.capabilities.missing?.record;
      return missing === undefined || { code: 'not-capable', text: missing };
    }
    const asked = CALL_VERBS[verb];
    if (!asked) return true;
    const all = known.get(legId) ?? this.#o.engine.capabilities(legId);
    known.set(legId, all);
    return all[asked];
  }

  #answers({ id }: Leg, control: DeviceControl | undefined, platformId: string): boolean {
    if (control === 'platform') return this.#o.engine.capabilities(id).answer === true;
    const missing = this.#o.platforms.switches.get(platformId)?.switch.capabilities.missing;
    if (control === 'talk-event') return missing?.['talk-event'] === undefined;
    return control === 'browser' || control === 'auto-answer';
  }

  /** The platforms that matter to a user: his device's first, then those of his calls. One that was taken away is down. */
  #platforms(own: string, conversations: readonly Conversation[]): SoftphoneState['platforms'] {
    const ofCalls = conversations.flatMap(({ calls }) => [...calls.values()].map((call) => call.platformId));
    return [...new Set([own, ...ofCalls])].map((id) => {
      const entry = this.#o.platforms.switches.get(id);
      const mirrored = this.#o.platforms.mirrored?.(id);
      return {
        id,
        label: entry?.label ?? mirrored?.label ?? id,
        link: entry?.switch.link ?? mirrored?.link ?? 'down',
        audio: entry?.switch.capabilities.audio ?? true,
      };
    });
  }

  /** Nothing is sent from now on. */
  close(): void {
    this.#closed = true;
  }

  #remember(seat: Seat, calls: readonly PreviousCall[]): void {
    for (const call of calls) {
      if (!seat.previous.some((p) => p.conversationId === call.conversationId)) seat.remember(call);
    }
    this.refresh(seat.userId);
  }

  /** What fails for one user, fails for him alone. */
  #flush(userId: string): void {
    this.#due.delete(userId);
    const seat = this.#seats.get(userId);
    if (this.#closed || !seat || seat.pages.size === 0 || !this.#o.settings.user(userId)) return;
    this.#told.add(userId);
    this.#o.clock.after(AGAIN_MS, () => {
      this.#told.delete(userId);
      if (this.#due.has(userId)) this.#flush(userId);
    });
    try {
      seat.publish(this.assemble(seat));
    } catch (error) {
      this.#o.onError('tell the pages of a user', error, { userId });
    }
  }
}
