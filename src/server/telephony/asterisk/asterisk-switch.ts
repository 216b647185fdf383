import type { Clock } from '../../../lib/clock.ts';
import { DeadlineError, withDeadline } from '../../../lib/deadline.ts';
import { Emitter } from '../../../lib/emitter.ts';
import { Lifecycle } from '../../../lib/lifecycle.ts';
import { Serial } from '../../../lib/serial.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { ClearCause } from '../../../protocol/facts.ts';
import type {
  AudioTap,
  DeadlineOption,
  FallbackTreatment,
  LegQuality,
  LinkState,
  Media,
  Originate,
  Switch,
  SwitchCapabilities,
  SwitchEvents,
  SwitchFact,
  SwitchSnapshot,
} from '../ports.ts';
import { checkHeaders } from '../sip-headers.ts';
import type { AriLink, AriLog } from './ari-link.ts';
import type { Operation, Values } from './ari-operations.ts';
import { AriError, AriGoneError } from './ari-rest.ts';
import type { AriBridge, AriChannel, AriEvent } from './ari-types.ts';
import { mediaUris, type Speak } from './asterisk-media.ts';
import type { AsteriskProvisioning } from './asterisk-provisioning.ts';
import { AudioTaps } from './audio-taps.ts';
import { Bridges } from './bridges.ts';
import { REJECT_REASON, TRANSFER_STATES } from './causes.ts';
import { carryOut, DEADLINE_MS, ignoring } from './commands.ts';
import { Entrances } from './entrances.ts';
import { ALL_FEATURES, type AriFeatures, featuresOf, missingAbilities, setVariables } from './features.ts';
import { Fallbacks, lengthOf } from './fallbacks.ts';
import { Intruders } from './intruders.ts';
import { LegBook, legInfo, type LegRecord } from './leg-book.ts';
import type { AsteriskManager } from './manager.ts';
import { MixedBridges } from './mixed-bridges.ts';
import { Originator } from './originate.ts';
import { legQuality, type RtpStatistics } from './quality.ts';
import { AsteriskRecordings } from './recordings.ts';
import { Registrations } from './registrations.ts';
import { Supervisions } from './supervisions.ts';
import { Underlay } from './underlay.ts';

export interface AsteriskSwitchOptions {
  id: string;
  clock: Clock;
  log: AriLog;
  speak: Speak;
  /** Where AMI is, for recording and NOTIFY; undefined where there is none. */
  /** Closed with the switch. */
  manager: AsteriskManager;
}

const RECONCILE_MS = 5_000;
/** A leg that left the application ends within milliseconds; if its end is not said, we say it after this time. */
const LEAVING_MS = 2_000;
/** Q.850: no answer from the user. */
const NO_ANSWER = 19;

/**
 * Asterisk as a Switch, over ARI: https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Asterisk_REST_Interface/
 * A leg is a channel of our Stasis application, with the channel's id. The states of a leg are drawn in leg-book.ts, those
 * of the connection in ari-link.ts. While the link is up the book knows every leg: what is not in it is gone.
 */
export class AsteriskSwitch implements Switch {
  readonly id: string;
  readonly events: Emitter<SwitchEvents>;
  readonly #link: AriLink;
  readonly #provisioning: AsteriskProvisioning;
  readonly #options: AsteriskSwitchOptions;
  readonly #book: LegBook;
  readonly #originator: Originator;
  readonly #fallbacks: Fallbacks;
  readonly #manager: AsteriskManager;
  readonly #recordings: AsteriskRecordings;
  readonly #entrances: Entrances;
  readonly #supervisions: Supervisions;
  readonly #taps: AudioTaps;
  readonly #underlay: Underlay;
  readonly #bridges: Bridges;
  readonly #intruders: Intruders;
  #features: AriFeatures = ALL_FEATURES;
  readonly #registrations = new Registrations();
  readonly #life: Lifecycle;
  readonly #serial = new Serial();

  constructor(link: AriLink, provisioning: AsteriskProvisioning, options: AsteriskSwitchOptions) {
    const { id, clock, log, manager } = options;
    this.id = id;
    this.#link = link;
    this.#provisioning = provisioning;
    this.#options = options;
    this.#book = new LegBook(link.app);
    this.#life = new Lifecycle(clock);
    const features = () => this.#features;
    this.#originator = new Originator(link, this.#book, clock, features, (facts) => this.#say(facts));
    this.#fallbacks = new Fallbacks(clock, (channelId, variables, deadlineMs) =>
      setVariables(link, this.#features, channelId, variables, deadlineMs),
    );
    this.#manager = manager;
    this.#recordings = new AsteriskRecordings({
      link,
      manager,
      clock,
      after: (ms, run) => this.#life.after(ms, run),
      say: (facts) => this.#say(facts),
      inBackground: (work, failure) => this.#inBackground(work, failure),
    });
    this.#entrances = new Entrances(clock);
    this.#supervisions = new Supervisions({
      link,
      entrances: this.#entrances,
      join: (bridgeId, leg, deadlineMs) => this.#bridges.add(bridgeId, leg, deadlineMs),
      forgetBridge: (bridgeId) => this.#book.forgetBridge(bridgeId),
    });
    this.#taps = new AudioTaps({ link, entrances: this.#entrances, clock, log });
    const tapped = (legId: string) =>
      this.#taps.has(legId) || this.#recordings.has(legId) || this.#supervisions.isSupervised(legId);
    this.#underlay = new Underlay({
      link,
      tapped,
      inBackground: (work, failure) => this.#inBackground(work, failure),
    });
    this.#bridges = new Bridges({
      link,
      book: this.#book,
      underlay: this.#underlay,
      mixed: new MixedBridges(link),
      tapped,
      endSupervision: (legId, deadlineMs) => this.#supervisions.end(legId, deadlineMs),
    });
    this.#intruders = new Intruders({
      link,
      log,
      find: (legId) => this.#book.get(legId),
      join: (bridgeId, leg, deadlineMs) => this.#bridges.add(bridgeId, leg, deadlineMs),
      inBackground: (work, failure) => this.#inBackground(work, failure),
    });
    this.events = new Emitter((error, event) =>
      log.error({ err: error, event }, 'a listener of the switch failed'),
    );
    this.#life.add(link.events.on('event', (event) => this.#take(event)));
    this.#life.add(link.events.on('link', (state) => this.#linkChanged(state)));
    for (const part of [link, manager, () => this.#taps.closeAll()]) this.#life.add(part);
  }

  get link(): LinkState {
    return this.#link.link;
  }

  get capabilities(): SwitchCapabilities {
    const missing = missingAbilities(this.#features, this.#manager.configured);
    return { audio: true, browserPhone: true, ...(Object.keys(missing).length > 0 ? { missing } : {}) };
  }

  async start({ deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<void> {
    try {
      await this.#link.start(deadlineMs);
    } catch (error) {
      const down = error instanceof DeadlineError || error instanceof AriGoneError;
      throw down ? new CodedError('switch-down') : error;
    }
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  /** Brings devices and our picture of the legs up to date on a new connection, before the link is up. */
  async reconcile(): Promise<void> {
    this.#features = await featuresOf(this.#link, this.#options.log, RECONCILE_MS);
    await this.#provisioning.putPeer(RECONCILE_MS);
    await this.#followEndpoints();
    const online = await this.#provisioning.restore(RECONCILE_MS, this.#features.transfers);
    const [channels, bridges] = await this.#exists(RECONCILE_MS);
    this.#book.adopt(channels, bridges);
    const legIds = new Set(channels.filter((channel) => this.#book.owns(channel)).map(({ id }) => id));
    await this.#taps.adopt(channels, RECONCILE_MS);
    await this.#supervisions.adopt(channels, legIds, RECONCILE_MS);
    await this.#bridges.endEmpty(bridges, RECONCILE_MS);
    await this.#adoptRecordings(legIds);
    this.#say(this.#registrations.replace(online, this.#options.clock.now()));
  }

  /** Without AMI the calls are adopted all the same; what was being recorded shows as finished until the next connection. */
  async #adoptRecordings(legIds: ReadonlySet<string>): Promise<void> {
    try {
      await this.#recordings.adopt(legIds, RECONCILE_MS);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'recordings that go on could not be adopted');
    }
  }

  #linkChanged(state: LinkState): void {
    if (state === 'down') void this.#taps.closeAll();
    this.events.emit('link', state);
  }

  /**
   * Brings registrations, and the end of channels that have left the application. `endpoint:PJSIP` is unknown (422) until
   * there is an endpoint, and `endpoint:` says nothing of registrations.
   */
  async #followEndpoints(): Promise<void> {
    await this.#do(
      'subscribe',
      { applicationName: this.#link.app, eventSource: 'endpoint:PJSIP' },
      RECONCILE_MS,
    );
  }

  async list({ deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<SwitchSnapshot> {
    const [[channels, bridges], recordings] = await carryOut(this.#link, () =>
      Promise.all([this.#exists(deadlineMs), this.#recordings.list(deadlineMs)]),
    );
    const ours = channels.filter((channel) => this.#book.owns(channel));
    const bridgeOf = new Map(bridges.flatMap((b) => b.channels.map((id) => [id, b.id] as const)));
    return {
      legs: ours.map((channel) => ({ ...legInfo(channel), bridgeId: bridgeOf.get(channel.id) })),
      bridges: bridges.map(({ id, channels: legIds }) => ({ bridgeId: id, legIds })),
      recordings,
    };
  }

  /**
   * A device that is not registered or not there gives the fact `leg.cleared` with `unreachable` at once; a leg id that is
   * in use rejects with `already-exists`.
   */
  async originate(request: Originate, { deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<void> {
    const { legId, ringMs } = request;
    if (!(ringMs > 0)) throw new CodedError('bad-input', { detail: 'ringMs must be more than 0' });
    checkHeaders(request.headers);
    if (request.answerBy === 'talk-event' && request.autoAnswer && !this.#manager.configured)
      throw new CodedError('not-capable');
    const rings = await carryOut(this.#link, () => this.#originator.originate(request, deadlineMs));
    // Asterisk counts whole seconds; its own time-out stays as what ends the ringing if we die
    if (rings && ringMs % 1000 !== 0) this.#life.after(ringMs, () => this.#ringingEnded(legId));
  }

  answer(legId: string, options?: DeadlineOption): Promise<void> {
    return this.#onLeg(legId, options, async (leg, deadlineMs) => {
      if (leg.state === 'connected') return;
      expectCaller(leg);
      await this.#do('answer', { channelId: legId }, deadlineMs);
    });
  }

  ring(legId: string, options?: DeadlineOption): Promise<void> {
    return this.#onLeg(legId, options, (leg, deadlineMs) => {
      expectCaller(leg);
      return this.#do('ring', { channelId: legId }, deadlineMs);
    });
  }

  reject(
    legId: string,
    cause: 'busy' | 'rejected' | 'not-found' | 'congestion',
    options?: DeadlineOption,
  ): Promise<void> {
    return this.#onLeg(legId, options, (leg, deadlineMs) => {
      expectCaller(leg);
      return this.#end(leg, cause, deadlineMs, REJECT_REASON[cause]);
    });
  }

  hangup(legId: string, options?: DeadlineOption): Promise<void> {
    return this.#onLeg(legId, options, (leg, deadlineMs) => {
      const rings = leg.direction === 'out' && leg.state !== 'connected';
      return this.#end(leg, rings ? 'cancelled' : 'normal', deadlineMs);
    });
  }

  bridge(
    bridgeId: string,
    legIds: string[],
    { deadlineMs = DEADLINE_MS }: DeadlineOption = {},
  ): Promise<void> {
    return this.#serial.run(bridgeId, () =>
      carryOut(this.#link, async () => {
        const legs = legIds.map((legId) => this.#find(legId));
        await this.#bridges.join(bridgeId, legs, deadlineMs);
      }),
    );
  }

  unbridge(legId: string, options?: DeadlineOption): Promise<void> {
    return this.#onLeg(legId, options, (leg, deadlineMs) => this.#bridges.leave(leg, deadlineMs));
  }

  endBridge(bridgeId: string, { deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<void> {
    return this.#serial.run(bridgeId, () =>
      carryOut(this.#link, () => this.#bridges.end(bridgeId, deadlineMs)),
    );
  }

  mute(legId: string, on: boolean, options?: DeadlineOption): Promise<void> {
    return this.#onLeg(legId, options, (_, deadlineMs) =>
      this.#do(on ? 'mute' : 'unmute', { channelId: legId, direction: 'in' }, deadlineMs),
    );
  }

  startMusic(legId: string, options?: DeadlineOption): Promise<void> {
    return this.#onLeg(legId, options, (leg, deadlineMs) => {
      leg.music = true;
      return this.#do('startMusic', { channelId: legId }, deadlineMs);
    });
  }

  stopMusic(legId: string, options?: DeadlineOption): Promise<void> {
    return this.#onLeg(legId, options, (leg, deadlineMs) => {
      leg.music = false;
      leg.silence = false;
      return this.#do('stopMusic', { channelId: legId }, deadlineMs).then(() =>
        this.#underlay.silenceUnderTap(leg),
      );
    });
  }

  play(legId: string, playbackId: string, media: Media[], options?: DeadlineOption): Promise<void> {
    const { clock, speak } = this.#options;
    return this.#onLeg(legId, options, async (leg, deadlineMs) => {
      const { playbacks } = leg;
      const uris = await withDeadline(clock, deadlineMs, 'the speech engine', mediaUris(media, speak));
      await this.#fallbacks.beforePlay(leg, await lengthOf(uris), deadlineMs);
      playbacks.set(playbackId, 'playing');
      await this.#do('play', { channelId: legId, playbackId, media: uris }, deadlineMs).catch(
        (error: unknown) => {
          playbacks.delete(playbackId);
          throw error;
        },
      );
    });
  }

  stopPlay(legId: string, playbackId: string, options?: DeadlineOption): Promise<void> {
    return this.#onLeg(legId, options, async ({ playbacks }, deadlineMs) => {
      if (!playbacks.has(playbackId)) return;
      playbacks.set(playbackId, 'stopping');
      await ignoring([404], this.#do('stopPlay', { playbackId }, deadlineMs));
    });
  }

  sendDigits(legId: string, digits: string, options?: DeadlineOption): Promise<void> {
    return this.#onLeg(legId, options, (_, deadlineMs) => {
      if (!/^[0-9A-D*#]{1,64}$/.test(digits)) {
        throw new CodedError('bad-input', { detail: 'digits are 0-9, A-D, * and #' });
      }
      return this.#do('sendDigits', { channelId: legId, dtmf: digits }, deadlineMs);
    });
  }

  armFallback(
    legId: string,
    ms: number,
    treatment: FallbackTreatment,
    options?: DeadlineOption,
  ): Promise<void> {
    return this.#onLeg(legId, options, async (leg, deadlineMs) => {
      if (!(ms >= 0)) throw new CodedError('bad-input', { detail: 'a fallback comes after 0 ms or more' });
      await this.#fallbacks.arm(leg, ms, treatment, deadlineMs);
    });
  }

  talk(legId: string, options?: DeadlineOption): Promise<void> {
    return this.#onLeg(legId, options, (_, deadlineMs) => this.#manager.talk(legId, deadlineMs));
  }

  startRecording(legId: string, recordingId: string, options?: DeadlineOption): Promise<void> {
    return this.#onLeg(legId, options, async (leg, deadlineMs) => {
      if (leg.state !== 'connected') throw new CodedError('wrong-state', { state: leg.state });
      await this.#bridges.mixFor(leg, deadlineMs);
      await this.#recordings.start(legId, recordingId, deadlineMs);
      this.#underlay.silenceUnderTap(leg);
    });
  }

  pauseRecording(recordingId: string, paused: boolean, options?: DeadlineOption): Promise<void> {
    return this.#carryOut(options, (deadlineMs) => this.#recordings.pause(recordingId, paused, deadlineMs));
  }

  stopRecording(recordingId: string, options?: DeadlineOption): Promise<void> {
    return this.#carryOut(options, (deadlineMs) => this.#recordings.stop(recordingId, deadlineMs));
  }

  readRecording(recordingId: string, options?: DeadlineOption): Promise<AsyncIterable<Uint8Array>> {
    return this.#carryOut(options, (deadlineMs) => this.#recordings.read(recordingId, deadlineMs));
  }

  deleteRecording(recordingId: string, options?: DeadlineOption): Promise<void> {
    return this.#carryOut(options, (deadlineMs) => this.#recordings.delete(recordingId, deadlineMs));
  }

  supervise(
    supervisorLegId: string,
    legId: string,
    mode: 'listen' | 'whisper',
    options?: DeadlineOption,
  ): Promise<void> {
    return this.#onLeg(supervisorLegId, options, async (supervisor, deadlineMs) => {
      const leg = this.#find(legId);
      await this.#bridges.mixFor(leg, deadlineMs);
      await this.#supervisions.begin(supervisor, legId, mode, deadlineMs);
      this.#underlay.silenceUnderTap(leg);
    });
  }

  endSupervision(supervisorLegId: string, options?: DeadlineOption): Promise<void> {
    return this.#onLeg(supervisorLegId, options, (_, deadlineMs) =>
      this.#supervisions.end(supervisorLegId, deadlineMs),
    );
  }

  openAudio(legId: string, audioId: string, options?: DeadlineOption): Promise<AudioTap> {
    return this.#carryOut(options, async (deadlineMs) => {
      const leg = this.#find(legId);
      if (leg.state !== 'connected') throw new CodedError('wrong-state', { state: leg.state });
      if (!this.#features.mediaSocket) throw new CodedError('not-capable');
      await this.#bridges.mixFor(leg, deadlineMs);
      const tap = await this.#taps.open(legId, audioId, deadlineMs);
      this.#underlay.silenceUnderTap(leg);
      return tap;
    });
  }

  quality(legId: string, options?: DeadlineOption): Promise<LegQuality | undefined> {
    return this.#carryOut(options, async (deadlineMs) => {
      this.#find(legId);
      const statistics = await this.#do('rtpStatistics', { channelId: legId }, deadlineMs);
      return legQuality(statistics as Partial<RtpStatistics>);
    });
  }

  transferProgress(
    legId: string,
    progress: 'trying' | 'done' | 'failed',
    options?: DeadlineOption,
  ): Promise<void> {
    return this.#onLeg(legId, options, (_, deadlineMs) =>
      this.#do('transferProgress', { channelId: legId, states: TRANSFER_STATES[progress] }, deadlineMs),
    );
  }

  #ringingEnded(legId: string): void {
    const leg = this.#book.get(legId);
    if (!leg || leg.state === 'connected' || this.link !== 'up') return;
    this.#inBackground(
      this.#end(leg, 'no-answer', DEADLINE_MS, NO_ANSWER),
      'a leg that rang too long was not ended',
    );
  }

  /** What it was ended for is the cause that is said, whatever Asterisk calls it. */
  async #end(leg: LegRecord, wish: ClearCause, deadlineMs: number, reasonCode?: number): Promise<void> {
    const channelId = leg.legId;
    leg.wish ??= wish;
    try {
      await this.#do('hangup', { channelId, reason_code: reasonCode }, deadlineMs);
    } catch (error) {
      if (!(error instanceof AriError && error.status === 404)) leg.wish = undefined;
      throw error;
    }
  }

  #find(legId: string): LegRecord {
    const leg = this.#book.get(legId);
    if (!leg) throw new CodedError('no-such-line');
    return leg;
  }

  #onLeg(
    legId: string,
    { deadlineMs = DEADLINE_MS }: DeadlineOption = {},
    work: (leg: LegRecord, deadlineMs: number) => Promise<unknown>,
  ): Promise<void> {
    return carryOut(this.#link, async () => {
      await work(this.#find(legId), deadlineMs);
    });
  }

  #carryOut<T>(
    { deadlineMs = DEADLINE_MS }: DeadlineOption = {},
    work: (deadlineMs: number) => Promise<T>,
  ): Promise<T> {
    return carryOut(this.#link, () => work(deadlineMs));
  }

  #do<O extends Operation>(operation: O, values: Values<O>, deadlineMs: number): Promise<unknown> {
    return this.#link.request(operation, values, deadlineMs);
  }

  /** All channels, and the bridges that carry our application's name. */
  async #exists(deadlineMs: number): Promise<[AriChannel[], AriBridge[]]> {
    const [channels, bridges] = await Promise.all([
      this.#do('listChannels', {}, deadlineMs),
      this.#do('listBridges', {}, deadlineMs),
    ]);
    return [channels as AriChannel[], (bridges as AriBridge[]).filter((b) => b.name === this.#link.app)];
  }

  #take(event: AriEvent): void {
    const now = this.#options.clock.now();
    if (event.type === 'EndpointStateChange') {
      const { resource, state } = event.endpoint;
      const online = state === 'online';
      if (this.#provisioning.believes(resource, online))
        this.#say(this.#registrations.change(resource, online, now));
      return;
    }
    const facts = this.#book.apply(event, now);
    this.#intruders.take(event);
    if (event.type === 'StasisStart') {
      this.#originator.entered(event.channel.id);
      this.#entrances.entered(event.channel.id);
    }
    if (event.type === 'StasisEnd') this.#left(event.channel.id);
    if (event.type === 'ChannelTransfer' && facts.length === 0)
      this.#refuseTransfer(event.referred_by.source_channel.id);
    for (const fact of facts) this.#followUp(fact);
    this.#say(facts);
  }

  #left(channelId: string): void {
    this.#watchLeaving(this.#book.get(channelId));
    const supervisor = this.#supervisions.supervisorOf(channelId);
    if (supervisor !== undefined)
      this.#inBackground(this.#supervisions.end(supervisor, DEADLINE_MS), 'a supervision was not ended');
  }

  #refuseTransfer(channelId: string): void {
    if (!this.#book.get(channelId)) return;
    const refusal = this.#do('transferProgress', { channelId, states: TRANSFER_STATES.failed }, DEADLINE_MS);
    this.#inBackground(refusal, 'a transfer that cannot be carried out was not refused');
  }

  /** What we do by ourselves because of a fact. */
  #followUp(fact: SwitchFact): void {
    if (fact.type === 'playback.finished') this.#played(this.#book.get(fact.legId));
    if (fact.type === 'leg.alerting' && this.#book.get(fact.legId)?.talkWhenRung)
      this.#inBackground(this.#manager.talk(fact.legId, DEADLINE_MS), 'a phone was not told to answer');
    if (fact.type !== 'leg.cleared') return;
    this.#taps.legEnded(fact.legId);
    this.#recordings.legEnded(fact.legId);
    if (this.#supervisions.has(fact.legId))
      this.#inBackground(this.#supervisions.end(fact.legId, DEADLINE_MS), 'a supervision was not ended');
  }

  #played(leg: LegRecord | undefined): void {
    if (!leg) return;
    this.#underlay.afterPlayback(leg);
    const armed = this.#fallbacks.afterPlay(leg, DEADLINE_MS);
    this.#inBackground(ignoring([404, 409], armed), 'a fallback was not armed after a playback');
  }

  /** The end of a leg that left is said with its cause by ChannelDestroyed; this is for one that stays in a dialplan. */
  #watchLeaving(leg: LegRecord | undefined): void {
    if (!leg) return;
    const { legId } = leg;
    this.#life.after(LEAVING_MS, () => {
      if (this.#book.get(legId) !== leg) return;
      const facts = this.#book.clear(legId, leg.wish ?? 'failed', this.#options.clock.now());
      for (const fact of facts) this.#followUp(fact);
      this.#say(facts);
    });
  }

  #inBackground(work: Promise<unknown>, failure: string): void {
    work.catch((error: unknown) => {
      // whoever lists the legs after the next connection finds what is to be done
      if (!(error instanceof AriGoneError)) this.#options.log.warn({ err: error }, failure);
    });
  }

  #say(facts: SwitchFact[]): void {
    for (const fact of facts) this.events.emit('fact', fact);
  }
}

/** These commands are for a caller who waits for our answer. */
function expectCaller({ direction, state }: LegRecord): void {
  if (direction === 'out' || state !== 'alerting') throw new CodedError('wrong-state', { state });
}
