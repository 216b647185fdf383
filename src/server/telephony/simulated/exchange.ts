/**
 * The simulated exchange: a world of legs, bridges, music, playbacks, digits, fallbacks and phones, in the time of the clock
 * that it is given, without sound. It outlives its connectors (`SimulatedSwitch`), as a real switch outlives our process:
 *
 *     free ── a connector connects ─► held ── it closes, cutLink(), restart() ─► free
 *                                       └ another connects: it takes over, the first is dropped
 *
 * While it is free, legs live on, facts are lost, armed fallbacks fire, and a call that arrives gets the apology.
 */
import type { Logger } from 'pino';
import type { Clock } from '../../../lib/clock.ts';
import { Emitter } from '../../../lib/emitter.ts';
import { newId } from '../../../lib/ids.ts';
import { Lifecycle } from '../../../lib/lifecycle.ts';
import { must } from '../../../lib/must.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { ClearCause } from '../../../protocol/facts.ts';
import type { Arrival, FallbackTreatment, Media, Originate, SwitchFact, SwitchSnapshot } from '../ports.ts';
import type { SimulatedDevice } from './device.ts';
import { SimulatedTap } from './audio.ts';
import { Bridge, Leg } from './leg.ts';
import { DEFAULT_LATENCIES, type Latencies } from './latencies.ts';
import { ExchangeLink, type LinkSink } from './link.ts';
import { type PartyEvents, SimulatedParty } from './party.ts';
import { Player } from './player.ts';
import { SimulatedRecordings } from './recordings.ts';
import { DeviceRegistry } from './registry.ts';

export interface ExchangeOptions {
  clock: Clock;
  log: Logger;
  latencies?: Partial<Latencies>;
  /** The ids of arriving legs; by default unique ones, also across restarts. */
  newLegId?: () => string;
  /** Serving without a real switch: a provisioned device is registered at once, with no phone behind it. */
  devicesRegisterThemselves?: boolean;
}

type FactBody = SwitchFact extends infer F ? (F extends SwitchFact ? Omit<F, 'at'> : never) : never;

export class SimulatedExchange {
  readonly devices: DeviceRegistry;
  readonly latencies: Latencies;
  readonly #life: Lifecycle;
  /** The clock that was passed in; its timers end with close(). */
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #newLegId: () => string;
  readonly #player: Player;
  /** Recordings: files outlive their legs, connectors and restarts. */
  readonly recordings: SimulatedRecordings;
  readonly #legs = new Map<string, Leg>();
  readonly #parties = new Map<string, SimulatedParty>();
  readonly #bridges = new Map<string, Bridge>();
  #link: ExchangeLink | undefined;
  #cut = false;
  readonly #waitingForLink = new Set<() => void>();

  constructor(options: ExchangeOptions) {
    this.#life = new Lifecycle(options.clock);
    this.#life.add(() => this.cutLink());
    this.#clock = { now: () => options.clock.now(), after: (ms, run) => this.#life.after(ms, run) };
    this.#log = options.log;
    this.#newLegId = options.newLegId ?? (() => newId('leg'));
    this.latencies = { ...DEFAULT_LATENCIES, ...options.latencies };
    this.#player = new Player(this.#clock, this.latencies, (leg, playbackId, outcome) => {
      this.#say(leg, { type: 'playback.finished', legId: leg.id, playbackId, outcome });
    });
    this.recordings = new SimulatedRecordings(
      () => this.#clock.now(),
      ({ recordingId, legId }) =>
        this.#emit({ type: 'recording.finished', legId, recordingId, outcome: 'done' }),
    );
    this.devices = new DeviceRegistry({
      changed: (name, registered) => this.#emit({ type: 'device.registration', name, registered }),
      calls: {
        answer: (legId) => this.#pickUp(this.#legs.get(legId)),
        reject: (legId, cause) => this.#refuse(this.#legs.get(legId), cause),
      },
      registerThemselves: options.devicesRegisterThemselves ?? false,
    });
  }

  // ---- the world's side: what tests, visitors without audio and the simulator do

  /** Somebody calls in. Without a connector the switch apologises by itself, as its dial plan would. */
  arrive(arrival: Arrival): SimulatedParty {
    const leg = new Leg(this.#newLegId(), 'in', { ...arrival });
    const party = this.#add(leg);
    if (this.#link) this.#say(leg, { type: 'leg.arrived', legId: leg.id, ...arrival });
    else this.#takeOver(leg, 'apology');
    return party;
  }

  /** The phone of this name: made on first use, not registered. */
  device(name: string): SimulatedDevice {
    return this.devices.device(name);
  }

  /** The phone behind an outside number or SIP address. */
  outside(address: string): SimulatedDevice {
    return this.devices.outside(address);
  }

  /** The far end of a living leg. */
  party(legId: string): SimulatedParty | undefined {
    return this.#parties.get(legId);
  }

  /** Cuts the wire to the connector: commands and facts on it are lost. */
  cutLink(): void {
    this.#cut = true;
    this.#dropLink();
  }

  restoreLink(): void {
    this.#cut = false;
    this.#clock.after(this.latencies.reconnectMs, () => this.#offerLink());
  }

  /** The exchange starts anew: all legs, bridges, registrations and provisioned devices are gone, and no fact says so. */
  restart(): void {
    this.#dropLink();
    for (const leg of this.#legs.values()) {
      this.#remove(leg, 'failed');
      this.recordings.legEnded(leg.id); // nobody is told: the link is down
    }
    this.#bridges.clear();
    this.devices.forget();
    this.#clock.after(this.latencies.reconnectMs, () => this.#offerLink());
  }

  /** The world stops: no timer fires any more, connectors are dropped. Idempotent. */
  close(): Promise<void> {
    return this.#life.close();
  }

  // ---- the connector's side

  /** Takes the exchange, from the connector that holds it if there is one. Undefined while the wire is cut. */
  connect(sink: LinkSink): ExchangeLink | undefined {
    if (this.#cut) return undefined;
    this.#dropLink();
    this.#link = new ExchangeLink(this.#clock, this.latencies, sink);
    return this.#link;
  }

  /** Calls `retry` once when a connection is worth trying again; returns the function that stops it. */
  onLinkable(retry: () => void): () => void {
    this.#waitingForLink.add(retry);
    return () => this.#waitingForLink.delete(retry);
  }

  /** The connector lets go. */
  release(link: ExchangeLink): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    for (const leg of this.#legs.values()) for (const tap of leg.taps) tap.end();
  }

  list(): SwitchSnapshot {
    const legs = [...this.#legs.values()].filter((leg) => leg.state !== 'taken').map((leg) => leg.info());
    const bridges = [...this.#bridges.values()].map((bridge) => ({
      bridgeId: bridge.id,
      legIds: bridge.legs.map((leg) => leg.id),
    }));
    return { legs, bridges, recordings: this.recordings.list() };
  }

  originate(request: Originate): void {
    if (this.#legs.has(request.legId)) throw new CodedError('already-exists', { what: 'leg', field: 'id' });
    const leg = new Leg(request.legId, 'out');
    leg.callerId = request.callerId;
    leg.headers = request.headers ?? {};
    const party = this.#add(leg);
    const device = this.devices.reach(request.endpoint);
    leg.cancelProgress = this.#clock.after(this.latencies.alertMs, () => {
      if (!device.registered) return this.#clear(leg, 'unreachable');
      device.call = party;
      this.#ringDevice(leg, device, request);
    });
  }

  /** Answers a call that arrived. On an exchange without phones it also picks up the device that rings. */
  answer(legId: string): void {
    const leg = this.#find(legId);
    if (leg.state === 'connected') return;
    if (leg.state !== 'alerting') throw new CodedError('wrong-state', { state: leg.state });
    this.#pickUp(leg);
  }

  reject(legId: string, cause: 'busy' | 'rejected' | 'not-found' | 'congestion'): void {
    const leg = this.#find(legId);
    if (leg.direction === 'out' || leg.state !== 'alerting')
      throw new CodedError('wrong-state', { state: leg.state });
    this.#clear(leg, cause);
  }

  hangup(legId: string): void {
    const leg = this.#find(legId);
    this.#clear(leg, leg.direction === 'out' && leg.state !== 'connected' ? 'cancelled' : 'normal');
  }

  ring(legId: string): void {
    const leg = this.#find(legId);
    if (leg.state !== 'alerting') throw new CodedError('wrong-state', { state: leg.state });
    this.#change(leg, () => (leg.ringing = true));
  }

  bridge(bridgeId: string, legIds: string[]): void {
    const legs = legIds.map((legId) => this.#find(legId));
    const bridge = this.#bridges.get(bridgeId) ?? new Bridge(bridgeId);
    this.#bridges.set(bridgeId, bridge);
    for (const leg of legs) {
      this.#endSupervision(leg);
      bridge.add(leg);
    }
    this.#touch(bridge.legs);
  }

  unbridge(legId: string): void {
    const leg = this.#find(legId);
    const others = leg.bridge?.legs ?? [];
    leg.bridge?.remove(leg);
    this.#touch(others);
  }

  endBridge(bridgeId: string): void {
    const bridge = this.#bridges.get(bridgeId);
    this.#bridges.delete(bridgeId);
    for (const leg of bridge?.legs ?? []) {
      bridge?.remove(leg);
      this.#touch([leg]);
    }
  }

  mute(legId: string, on: boolean): void {
    const leg = this.#find(legId);
    leg.muted = on;
    this.#touch(leg.bridge?.legs ?? []);
  }

  music(legId: string, on: boolean): void {
    const leg = this.#find(legId);
    this.#change(leg, () => (leg.music = on));
  }

  play(legId: string, playbackId: string, media: Media[]): void {
    const leg = this.#find(legId);
    this.#change(leg, () => this.#player.play(leg, { playbackId, media, index: 0 }));
  }

  stopPlay(legId: string, playbackId: string): void {
    const leg = this.#find(legId);
    this.#change(leg, () => this.#player.stop(leg, playbackId));
  }

  sendDigits(legId: string, digits: string): void {
    const leg = this.#find(legId);
    this.#change(leg, () => (leg.digits += digits));
  }

  /** A phone that rings is picked up; nothing happens to any other. */
  talk(legId: string): void {
    const leg = this.#find(legId);
    if (leg.direction === 'out') this.#pickUp(leg);
  }

  startRecording(legId: string, recordingId: string): void {
    const leg = this.#find(legId);
    if (leg.state !== 'connected') throw new CodedError('wrong-state', { state: leg.state });
    this.recordings.start(legId, recordingId);
  }

  supervise(supervisorLegId: string, legId: string, mode: 'listen' | 'whisper'): void {
    const [supervisor, leg] = [this.#find(supervisorLegId), this.#find(legId)];
    if (supervisor === leg || leg.supervises || supervisor.bridge || supervisor.state !== 'connected')
      throw new CodedError('wrong-state', { state: 'connected to somebody' });
    this.#endSupervision(supervisor);
    supervisor.music = false;
    supervisor.supervises = { leg, mode };
    leg.supervisors.add(supervisor);
    this.#touch([supervisor, leg]);
  }

  endSupervision(supervisorLegId: string): void {
    this.#endSupervision(this.#find(supervisorLegId));
  }

  openAudio(legId: string, audioId: string): SimulatedTap {
    const leg = this.#find(legId);
    if (leg.state !== 'connected') throw new CodedError('wrong-state', { state: leg.state });
    return new SimulatedTap(
      leg,
      audioId,
      new Emitter((err) => this.#log.error({ err }, 'a listener of a simulated tap failed')),
    );
  }

  transferProgress(legId: string, progress: 'trying' | 'done' | 'failed'): void {
    const leg = this.#find(legId);
    if (!leg.transfer) throw new CodedError('wrong-state', { state: leg.state });
    this.#change(leg, () => (leg.transfer = progress));
  }

  armFallback(legId: string, ms: number, treatment: FallbackTreatment): void {
    const leg = this.#find(legId);
    leg.cancelFallback();
    leg.cancelFallback = ms > 0 ? this.#clock.after(ms, () => this.#takeOver(leg, treatment)) : () => {};
  }

  // ---- inside

  #find(legId: string): Leg {
    const leg = this.#legs.get(legId);
    if (!leg || leg.state === 'taken') throw new CodedError('no-such-line');
    return leg;
  }

  #add(leg: Leg): SimulatedParty {
    const onError = (err: unknown) => this.#log.error({ err }, 'a listener of a simulated party failed');
    const party = new SimulatedParty(
      leg,
      {
        hangup: (l) => this.#farHangup(l),
        digit: (l, digit) => this.#farDigit(l, digit),
        hold: (l, on) => this.#farHold(l, on),
        transfer: (l, to, replacesLegId) => this.#farTransfer(l, to, replacesLegId),
        say: (l, pcm) => this.#farSays(l, pcm),
      },
      new Emitter<PartyEvents>(onError),
    );
    this.#legs.set(leg.id, leg);
    this.#parties.set(leg.id, party);
    return party;
  }

  #ringDevice(leg: Leg, device: SimulatedDevice, request: Originate): void {
    leg.state = 'alerting';
    this.#say(leg, { type: 'leg.alerting', legId: leg.id });
    if (device.earlyMedia) {
      leg.earlyMedia = true;
      this.#say(leg, { type: 'leg.early-media', legId: leg.id });
    }
    const cancelRinging = this.#clock.after(request.ringMs, () => this.#clear(leg, 'no-answer'));
    const cancelReaction = this.#clock.after(this.latencies.reactMs, () => {
      const byItself = request.autoAnswer && request.answerBy !== 'none';
      if (device.whenRung === 'answers' || (device.whenRung === 'manual' && byItself)) this.#pickUp(leg);
      if (device.whenRung === 'busy') this.#refuse(leg, 'busy');
      if (device.whenRung === 'rejects') this.#refuse(leg, 'rejected');
    });
    leg.cancelProgress = () => {
      cancelRinging();
      cancelReaction();
    };
  }

  #pickUp(leg: Leg | undefined): void {
    if (leg?.state !== 'alerting') return;
    leg.cancelProgress();
    leg.state = 'connected';
    this.#say(leg, { type: 'leg.connected', legId: leg.id });
    this.#touch(leg.bridge?.legs ?? []);
  }

  #refuse(leg: Leg | undefined, cause: 'busy' | 'rejected'): void {
    if (leg?.state === 'alerting' && leg.direction === 'out') this.#clear(leg, cause);
  }

  #farHangup(leg: Leg): void {
    if (leg.state === 'gone') return;
    if (leg.state === 'taken') return this.#remove(leg, 'fallback');
    if (leg.state === 'connected') return this.#clear(leg, 'normal');
    this.#clear(leg, leg.direction === 'in' ? 'cancelled' : 'rejected');
  }

  #farDigit(leg: Leg, digit: string): void {
    if (!/^[0-9*#A-D]$/.test(digit))
      throw new CodedError('bad-input', { detail: `${digit} is no key of a telephone` });
    if (leg.state === 'connected') this.#say(leg, { type: 'leg.digit', legId: leg.id, digit });
  }

  #farHold(leg: Leg, on: boolean): void {
    if (leg.state !== 'connected' || leg.held === on) return;
    leg.held = on;
    this.#say(leg, { type: on ? 'leg.held' : 'leg.retrieved', legId: leg.id });
    this.#touch(leg.bridge?.legs ?? []);
  }

  #farTransfer(leg: Leg, to: string, replacesLegId: string | undefined): void {
    if (leg.state !== 'connected') return;
    leg.transfer = 'requested';
    const replaces = replacesLegId === undefined ? {} : { replacesLegId };
    this.#say(leg, { type: 'leg.transfer-requested', legId: leg.id, to, ...replaces });
  }

  #farSays(leg: Leg, pcm: Uint8Array): void {
    if (leg.state === 'connected') for (const tap of leg.taps) tap.events.emit('frame', pcm);
  }

  #endSupervision(supervisor: Leg): void {
    const { leg } = supervisor.supervises ?? {};
    supervisor.supervises = undefined;
    if (!leg) return;
    leg.supervisors.delete(supervisor);
    this.#touch([supervisor, leg]);
  }

  /** Our silence was too long: the leg is not ours any more. */
  #takeOver(leg: Leg, treatment: FallbackTreatment): void {
    if (treatment === 'hangup') return this.#clear(leg, 'fallback');
    this.#leave(leg);
    leg.state = 'taken';
    this.#say(leg, { type: 'leg.cleared', legId: leg.id, cause: 'fallback' });
    this.recordings.legEnded(leg.id);
    leg.cancelProgress = this.#clock.after(this.latencies.apologyMs, () => this.#remove(leg, 'fallback'));
  }

  #clear(leg: Leg, cause: ClearCause): void {
    this.#remove(leg, cause);
    this.#emit({ type: 'leg.cleared', legId: leg.id, cause });
    this.recordings.legEnded(leg.id);
  }

  #remove(leg: Leg, cause: ClearCause): void {
    this.#leave(leg);
    leg.state = 'gone';
    leg.cause = cause;
    this.#legs.delete(leg.id);
    const party = must(this.#parties.get(leg.id), 'the party of a leg');
    this.#parties.delete(leg.id);
    party.events.emit('change');
  }

  /** Ends everything that hangs on the leg. */
  #leave(leg: Leg): void {
    leg.cancelTimers();
    this.#player.stopAll(leg);
    for (const tap of leg.taps) tap.end();
    this.#endSupervision(leg);
    for (const supervisor of leg.supervisors) this.#endSupervision(supervisor);
    const others = leg.bridge?.legs.filter((other) => other !== leg) ?? [];
    leg.bridge?.remove(leg);
    leg.music = false;
    this.#touch(others);
  }

  #change(leg: Leg, change: () => void): void {
    change();
    this.#touch([leg]);
  }

  #touch(legs: Leg[]): void {
    for (const leg of legs) this.#parties.get(leg.id)?.events.emit('change');
  }

  #say(leg: Leg, fact: FactBody): void {
    this.#emit(fact);
    this.#touch([leg]);
  }

  #emit(fact: FactBody): void {
    this.#link?.deliver({ ...fact, at: this.#clock.now() } as SwitchFact);
  }

  #dropLink(): void {
    const link = this.#link;
    this.#link = undefined;
    for (const leg of this.#legs.values()) for (const tap of leg.taps) tap.end();
    link?.drop();
  }

  #offerLink(): void {
    if (this.#cut) return;
    const waiting = [...this.#waitingForLink];
    this.#waitingForLink.clear();
    for (const retry of waiting) retry();
  }
}
