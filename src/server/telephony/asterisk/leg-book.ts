import type { Fallback } from './fallbacks.ts';
import type { ClearCause } from '../../../protocol/facts.ts';
import { cleanCallerName } from '../caller-name.ts';
import type { Arrival, LegInfo, SwitchFact } from '../ports.ts';
import type { AriBridge, AriChannel, AriEvent } from './ari-types.ts';
import { ariInstant } from './ari-types.ts';
import { clearCause } from './causes.ts';
import { isLegKind } from './inner.ts';

/** What we know of one leg of our application. */
export interface LegRecord {
  readonly legId: string;
  readonly direction: 'in' | 'out';
  readonly arrival?: Arrival;
  state: LegInfo['state'];
  /** It is in Stasis: commands on it work. */
  entered: boolean;
  /** Somebody hung up: what is still playing was stopped by that. */
  ending: boolean;
  /** It left Stasis and is about to end. */
  left: boolean;
  bridgeId?: string;
  /** Why we are ending it ourselves. */
  wish?: ClearCause;
  /** When the fallback that we armed fires, UTC milliseconds. */
  fallbackAt?: number;
  /** The fallback that is asked for. */
  fallback?: Fallback;
  /** It is to be told to answer as soon as it rings. */
  talkWhenRung?: boolean;
  /** Something of its destination was heard before the answer. */
  earlyMedia?: boolean;
  /** Silence is written to it, so that what a tap says has something to be mixed into. */
  silence?: boolean;
  /** Music lies under it; undefined when that is not known, after an adoption. */
  music: boolean | undefined;
  readonly playbacks: Map<string, 'playing' | 'stopping'>;
  /** Until when Asterisk puts further keys back, UTC milliseconds, and the key that it has put back. */
  keys: { busyUntil: number; putBack?: string };
}

/** Asterisk makes a key last at least 80 ms, with 45 ms after it (`option_dtmfminduration`, AST_MIN_DTMF_GAP). */
const SHORTEST_KEY_MS = 80;
const KEY_GAP_MS = 45;
/** How much later than that it may read the key again that it has put back: a few frames of 20 ms. */
const READ_AGAIN_MS = 60;

/** Asterisk rounds TIMEOUT(absolute) to a millisecond and its clock is not ours to the last one. */
const FALLBACK_SLACK_MS = 100;

/**
 * The legs of our ARI application: takes events, gives facts. One state machine per leg:
 *
 *     StasisStart(arrived) ──► alerting ─────┐
 *                                            ├─ state Up ──► connected ── StasisEnd ──► left ──► (cleared)
 *     open() ► initiated ─ Ringing ► alerting┘                                ▲          ▲
 *                 └────────────────┴──── refused, timed out, cancelled ───────┘          │
 *        any ── ChannelDestroyed ──► (cleared); ChannelDialplan at T: (cleared: fallback) ┘
 *
 * The fact `leg.cleared` is said once, since the record goes with it. Events of channels that are not in the book are
 * strangers' and give nothing.
 */
export class LegBook {
  readonly #app: string;
  readonly #legs = new Map<string, LegRecord>();

  constructor(app: string) {
    this.#app = app;
  }

  get(legId: string): LegRecord | undefined {
    return this.#legs.get(legId);
  }

  /** A leg that we are about to originate. */
  open(legId: string): LegRecord {
    const leg = newRecord({ legId, direction: 'out', state: 'initiated' });
    this.#legs.set(legId, leg);
    return leg;
  }

  /** Forgets a leg that did not come to be. */
  drop(legId: string): void {
    this.#legs.delete(legId);
  }

  /**
   * Takes over what the switch says exists, after a (re)connection. Legs that are gone are forgotten without a fact:
   * whoever knew them finds out by `list()`.
   */
  adopt(channels: AriChannel[], bridges: AriBridge[]): void {
    const inBridge = new Map(bridges.flatMap((b) => b.channels.map((id) => [id, b.id] as const)));
    const found = channels.filter((channel) => this.owns(channel));
    const ids = new Set(found.map((channel) => channel.id));
    for (const legId of this.#legs.keys()) if (!ids.has(legId)) this.#legs.delete(legId);
    for (const channel of found) {
      const leg =
        this.#legs.get(channel.id) ?? newRecord({ ...legInfo(channel), entered: true, music: undefined });
      leg.state = legState(channel);
      leg.entered = true;
      leg.bridgeId = inBridge.get(channel.id);
      this.#legs.set(channel.id, leg);
    }
  }

  /** Whether a channel is in our application now: one that left it has another application in its dialplan. */
  owns({ dialplan }: AriChannel): boolean {
    const [owner, kind] = dialplan.app_data.split(',');
    return dialplan.app_name === 'Stasis' && owner === this.#app && isLegKind(kind);
  }

  /** The bridge has ended: nobody is in it. */
  forgetBridge(bridgeId: string): void {
    for (const leg of this.#legs.values()) if (leg.bridgeId === bridgeId) leg.bridgeId = undefined;
  }

  /** The facts that follow from an event. */
  apply(event: AriEvent, now: number): SwitchFact[] {
    if (event.type === 'PlaybackFinished') return this.#playbackFinished(event, now);
    if (event.type === 'StasisStart') return this.#started(event, now);
    if (event.type === 'ChannelTransfer') return this.#transferRequested(event, now);
    const channel = event.type === 'Dial' ? event.peer : 'channel' in event ? event.channel : undefined;
    const leg = channel && this.#legs.get(channel.id);
    return leg ? this.#onLeg(leg, event, now) : [];
  }

  /** Ends a leg with our own cause: the facts, none when it has ended already. */
  clear(legId: string, cause: ClearCause, at: number): SwitchFact[] {
    const leg = this.#legs.get(legId);
    if (!leg) return [];
    this.#legs.delete(legId);
    const stopped = [...leg.playbacks.keys()].map(
      (playbackId): SwitchFact => ({ type: 'playback.finished', legId, playbackId, at, outcome: 'stopped' }),
    );
    return [...stopped, { type: 'leg.cleared', legId, at, cause }];
  }

  #started(event: AriEvent & { type: 'StasisStart' }, now: number): SwitchFact[] {
    const { channel, args } = event;
    const known = this.#legs.get(channel.id);
    if (known) {
      known.entered = true;
      return [];
    }
    if (!isLegKind(args[0])) return [];
    const info = legInfo(channel, args[0]);
    this.#legs.set(channel.id, newRecord({ ...info, entered: true }));
    if (!info.arrival) return [];
    return [
      { type: 'leg.arrived', legId: channel.id, at: ariInstant(event.timestamp, now), ...info.arrival },
    ];
  }

  #onLeg(leg: LegRecord, event: AriEvent, now: number): SwitchFact[] {
    const { legId } = leg;
    const at = ariInstant(event.timestamp, now);
    switch (event.type) {
      case 'ChannelStateChange':
        return this.#stateChanged(leg, event.channel, at);
      case 'Dial':
        return event.dialstatus === 'PROGRESS' ? this.#progress(leg, at) : [];
      case 'ChannelDtmfReceived':
        return isReportedAgain(leg, event, at) ? [] : [{ type: 'leg.digit', legId, at, digit: event.digit }];
      case 'ChannelHold':
        return [{ type: 'leg.held', legId, at }];
      case 'ChannelUnhold':
        return [{ type: 'leg.retrieved', legId, at }];
      case 'ChannelEnteredBridge':
        leg.bridgeId = event.bridge.id;
        return [];
      case 'ChannelLeftBridge':
        if (leg.bridgeId === event.bridge.id) leg.bridgeId = undefined;
        return [];
      case 'ChannelHangupRequest':
        leg.ending = true;
        return [];
      case 'StasisEnd':
        leg.left = true;
        return fallbackFired(leg, now) ? this.clear(legId, 'fallback', at) : [];
      case 'ChannelDialplan':
        return leg.left && event.channel.dialplan.exten === 'T' ? this.clear(legId, 'fallback', at) : [];
      case 'ChannelDestroyed':
        return this.clear(legId, endingCause(leg, event, now), at);
      default:
        return [];
    }
  }

  /** A request whose second call is not one of ours cannot be carried out: it gives no fact. */
  #transferRequested(event: AriEvent & { type: 'ChannelTransfer' }, now: number): SwitchFact[] {
    const { refer_to: target, referred_by: by } = event;
    const leg = this.#legs.get(by.source_channel.id);
    if (!leg) return [];
    const to = target.requested_destination.destination ?? '';
    const replacesLegId = target.destination_channel?.id;
    if (replacesLegId === undefined ? to === '' : !this.#legs.has(replacesLegId)) return [];
    const fact = {
      type: 'leg.transfer-requested',
      legId: leg.legId,
      at: ariInstant(event.timestamp, now),
      to,
    } as const;
    return [replacesLegId === undefined ? fact : { ...fact, replacesLegId }];
  }

  /** SIP 183 with SDP. */
  #progress(leg: LegRecord, at: number): SwitchFact[] {
    const alerting = this.#alerting(leg, at);
    if (leg.earlyMedia || leg.state === 'connected') return alerting;
    leg.earlyMedia = true;
    return [...alerting, { type: 'leg.early-media', legId: leg.legId, at }];
  }

  #stateChanged(leg: LegRecord, channel: AriChannel, at: number): SwitchFact[] {
    if (channel.state === 'Ringing' && leg.direction === 'out') return this.#alerting(leg, at);
    if (channel.state !== 'Up' || leg.state === 'connected') return [];
    leg.state = 'connected';
    return [{ type: 'leg.connected', legId: leg.legId, at }];
  }

  #alerting(leg: LegRecord, at: number): SwitchFact[] {
    if (leg.state !== 'initiated') return [];
    leg.state = 'alerting';
    return [{ type: 'leg.alerting', legId: leg.legId, at }];
  }

  #playbackFinished(event: AriEvent & { type: 'PlaybackFinished' }, now: number): SwitchFact[] {
    const { id, target_uri: target, state } = event.playback;
    const leg = this.#legs.get(target.replace(/^channel:/, ''));
    const was = leg?.playbacks.get(id);
    if (!leg || !was) return [];
    leg.playbacks.delete(id);
    // Asterisk says `done` of a playback that was stopped, and `failed` of one that a hang-up ended as of a missing file
    const outcome = was === 'stopping' || leg.ending ? 'stopped' : state === 'failed' ? 'failed' : 'done';
    const at = ariInstant(event.timestamp, now);
    return [{ type: 'playback.finished', legId: leg.legId, playbackId: id, at, outcome }];
  }
}

function newRecord(from: Pick<LegRecord, 'legId' | 'direction' | 'state'> & Partial<LegRecord>): LegRecord {
  return {
    entered: false,
    ending: false,
    left: false,
    music: false,
    playbacks: new Map(),
    keys: { busyUntil: 0 },
    ...from,
  };
}

/**
 * Asterisk reports a key twice that follows the one before too closely: while that lasts it puts the new key back into the
 * channel's queue, and says ChannelDtmfReceived of it again when it reads it from there (`queue_dtmf_readq` in
 * main/channel.c), some 150 ms later and with a time of its own, so that the two are no copies of one event.
 */
function isReportedAgain(
  { keys }: LegRecord,
  { digit, duration_ms: heldMs = 0 }: { digit: string; duration_ms?: number },
  at: number,
): boolean {
  const again = keys.putBack === digit && at <= keys.busyUntil + READ_AGAIN_MS;
  const putBack = at < keys.busyUntil - (again ? KEY_GAP_MS : 0);
  if (putBack) keys.putBack = digit;
  else {
    delete keys.putBack;
    keys.busyUntil = at + Math.max(heldMs, SHORTEST_KEY_MS) + KEY_GAP_MS;
  }
  return again;
}

function fallbackFired(leg: LegRecord, now: number): boolean {
  if (leg.fallbackAt === undefined || leg.wish !== undefined || leg.ending) return false;
  return now >= leg.fallbackAt - FALLBACK_SLACK_MS;
}

function endingCause(
  leg: LegRecord,
  event: { cause?: number; tech_cause?: number },
  now: number,
): ClearCause {
  if (leg.wish) return leg.wish;
  if (fallbackFired(leg, now)) return 'fallback';
  return clearCause({
    direction: leg.direction,
    connected: leg.state === 'connected',
    alerted: leg.state === 'alerting',
    q850: event.cause,
    sip: event.tech_cause,
  });
}

/** A leg's state in the port's words; a caller who waits for an answer is alerting. */
function legState(channel: AriChannel): LegInfo['state'] {
  if (channel.state === 'Up') return 'connected';
  return channel.state === 'Ring' || channel.state === 'Ringing' ? 'alerting' : 'initiated';
}

/** What a channel in our application says of its leg. `kind` is the application's first argument. */
export function legInfo(channel: AriChannel, kind = channel.dialplan.app_data.split(',')[1]): LegInfo {
  const base = { legId: channel.id, state: legState(channel) };
  if (kind !== 'arrived') return { ...base, direction: 'out' };
  return { ...base, direction: 'in', arrival: arrivalOf(channel) };
}

/**
 * Where a call came in. The context and the endpoint's name are set by Asterisk when it has identified the caller, by a
 * password where there is one: no caller can choose them.
 */
function arrivalOf({ name, caller, dialplan }: AriChannel): Arrival {
  const endpoint = /^PJSIP\/(.+)-[0-9a-f]{8,}$/.exec(name)?.[1] ?? 'anonymous';
  const arrival = { entry: entryOf(dialplan.context, endpoint), ani: caller.number, dnis: dialplan.exten };
  const callerName = cleanCallerName(caller.name);
  return callerName ? { ...arrival, callerName } : arrival;
}

/** In a company's own Asterisk our contexts have `crosspoint-` before their names. */
function entryOf(dialplanContext: string, endpoint: string): string {
  const context = dialplanContext.replace(/^crosspoint-/, '');
  if (context === 'device') return `device:${endpoint}`;
  if (context === 'visitor') return `web:${endpoint}`;
  return endpoint === 'anonymous' ? 'public' : `trunk:${endpoint}`;
}
