import type { Clock } from '../../../lib/clock.ts';
import { DeadlineError, withDeadline } from '../../../lib/deadline.ts';
import { Emitter } from '../../../lib/emitter.ts';
import { Lifecycle } from '../../../lib/lifecycle.ts';
import { Serial } from '../../../lib/serial.ts';
import type { ClearCause } from '../../../protocol/facts.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type {
  DeadlineOption,
  FallbackTreatment,
  LinkState,
  Media,
  Originate,
  Switch,
  SwitchCapabilities,
  SwitchEvents,
  SwitchFact,
  SwitchSnapshot,
} from '../ports.ts';
import type { AriLink, AriLog } from './ari-link.ts';
import type { Operation, Values } from './ari-operations.ts';
import { AriError } from './ari-rest.ts';
import type { AriBridge, AriChannel, AriEndpoint, AriEvent } from './ari-types.ts';
import { mediaUris, type Speak } from './asterisk-media.ts';
import type { AsteriskProvisioning } from './asterisk-provisioning.ts';
import { REJECT_REASON } from './causes.ts';
import { carryOut, codedError, DEADLINE_MS } from './commands.ts';
import { LegBook, legInfo, type LegRecord } from './leg-book.ts';
import { dialString, legVariables } from './originate.ts';

export interface AsteriskSwitchOptions {
  id: string;
  clock: Clock;
  log: AriLog;
  speak: Speak;
}

/** Bridges carry our application's name, so that we list ours only. */
const BRIDGE_TYPE = 'mixing,dtmf_events,proxy_media';
const RECONCILE_MS = 5_000;
/** A leg that left the application ends within milliseconds; if its end is not said, we say it after this time. */
const LEAVING_MS = 2_000;
/** Q.850: no answer from the user. */
const NO_ANSWER = 19;

/**
 * Asterisk as a Switch, over ARI: https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Asterisk_REST_Interface/
 * A leg is a channel of our Stasis application, with the channel's id.
 */
export class AsteriskSwitch implements Switch {
  readonly id: string;
  readonly capabilities: SwitchCapabilities = { audio: true, browserPhone: true };
  readonly events: Emitter<SwitchEvents>;
  readonly #link: AriLink;
  readonly #provisioning: AsteriskProvisioning;
  readonly #options: AsteriskSwitchOptions;
  readonly #book: LegBook;
  readonly #life: Lifecycle;
  readonly #serial = new Serial();
  readonly #entering = new Map<string, () => void>();
  /** What was last said of each device; undefined until the first connection. */
  #registered: Set<string> | undefined;

  constructor(link: AriLink, provisioning: AsteriskProvisioning, options: AsteriskSwitchOptions) {
    this.id = options.id;
    this.#link = link;
    this.#provisioning = provisioning;
    this.#options = options;
    this.#book = new LegBook(link.app);
    this.#life = new Lifecycle(options.clock);
    this.events = new Emitter((error, event) =>
      options.log.error({ err: error, event }, 'a listener of the switch failed'),
    );
    this.#life.add(link);
    this.#life.add(link.events.on('event', (event) => this.#take(event)));
    this.#life.add(link.events.on('link', (state) => this.events.emit('link', state)));
  }

  get link(): LinkState {
    return this.#link.link;
  }

  async start({ deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<void> {
    try {
      await this.#link.start(deadlineMs);
    } catch (error) {
      throw error instanceof DeadlineError ? new CodedError('switch-down') : error;
    }
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  /** Brings devices and our picture of the legs up to date on a new connection, before the link is up. */
  async reconcile(): Promise<void> {
    const online = await this.#provisioning.restore(RECONCILE_MS);
    const [channels, bridges] = await this.#exists(RECONCILE_MS);
    this.#book.adopt(channels, bridges);
    const before = this.#registered;
    this.#registered = new Set(online);
    if (!before) return;
    for (const name of new Set([...before, ...online])) {
      if (before.has(name) !== this.#registered.has(name))
        this.#sayRegistration(name, this.#options.clock.now());
    }
  }

  async list({ deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<SwitchSnapshot> {
    const [channels, bridges] = await carryOut(this.#link, () => this.#exists(deadlineMs));
    const ours = channels.filter((channel) => this.#book.owns(channel));
    const bridgeOf = new Map(bridges.flatMap((b) => b.channels.map((id) => [id, b.id] as const)));
    return {
      legs: ours.map((channel) => ({ ...legInfo(channel), bridgeId: bridgeOf.get(channel.id) })),
      bridges: bridges.map(({ id, channels: legIds }) => ({ bridgeId: id, legIds })),
    };
  }

  /**
   * Creates the channel, then dials it. A device that is not registered or not there gives the fact `leg.cleared` with
   * `unreachable` at once; a leg id that is in use rejects with `already-exists`.
   */
  async originate(request: Originate, { deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<void> {
    const { legId, ringMs } = request;
    const endpoint = dialString(request.endpoint);
    await carryOut(this.#link, async () => {
      if (this.#book.get(legId)) throw taken();
      this.#book.open(legId);
      const created = await this.#create(request, endpoint, deadlineMs);
      if (!created) return;
      await this.#entered(legId, deadlineMs);
      const timeout = Math.max(1, Math.ceil(ringMs / 1000));
      await this.#do('dial', { channelId: legId, timeout }, deadlineMs);
      // Asterisk counts whole seconds; its own time-out stays as what ends the ringing if we die
      if (ringMs % 1000 !== 0) this.#life.after(ringMs, () => this.#ringingEnded(legId));
    });
  }

  async answer(legId: string, options?: DeadlineOption): Promise<void> {
    if (this.#book.get(legId)?.state === 'connected') return;
    this.#expectAlertingCaller(legId);
    await this.#onLeg('answer', { channelId: legId }, options);
  }

  async ring(legId: string, options?: DeadlineOption): Promise<void> {
    this.#expectAlertingCaller(legId);
    await this.#onLeg('ring', { channelId: legId }, options);
  }

  async reject(
    legId: string,
    cause: 'busy' | 'rejected' | 'not-found' | 'congestion',
    options?: DeadlineOption,
  ): Promise<void> {
    this.#expectAlertingCaller(legId);
    await this.#end(legId, cause, REJECT_REASON[cause], options);
  }

  hangup(legId: string, options?: DeadlineOption): Promise<void> {
    const leg = this.#book.get(legId);
    const ringing = leg?.direction === 'out' && leg.state !== 'connected';
    return this.#end(legId, ringing ? 'cancelled' : 'normal', undefined, options);
  }

  bridge(
    bridgeId: string,
    legIds: string[],
    { deadlineMs = DEADLINE_MS }: DeadlineOption = {},
  ): Promise<void> {
    return this.#serial.run(bridgeId, () =>
      carryOut(this.#link, async () => {
        const values = { bridgeId, type: BRIDGE_TYPE, name: this.#link.app };
        await ignoring(409, this.#do('makeBridge', values, deadlineMs)); // it is there already
        const missing = legIds.filter((legId) => this.#book.get(legId)?.bridgeId !== bridgeId);
        await Promise.all(missing.map((legId) => this.#join(bridgeId, legId, deadlineMs)));
      }),
    );
  }

  async unbridge(legId: string, { deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<void> {
    await carryOut(this.#link, async () => {
      const bridgeId = this.#book.get(legId)?.bridgeId;
      if (bridgeId === undefined) {
        await this.#do('getChannel', { channelId: legId }, deadlineMs);
        return;
      }
      await this.#do('removeFromBridge', { bridgeId, channel: [legId] }, deadlineMs);
    });
  }

  endBridge(bridgeId: string, { deadlineMs = DEADLINE_MS }: DeadlineOption = {}): Promise<void> {
    return this.#serial.run(bridgeId, () =>
      carryOut(this.#link, () => ignoring(404, this.#do('endBridge', { bridgeId }, deadlineMs))),
    );
  }

  mute(legId: string, on: boolean, options?: DeadlineOption): Promise<void> {
    return this.#onLeg(on ? 'mute' : 'unmute', { channelId: legId, direction: 'in' }, options);
  }

  async startMusic(legId: string, options?: DeadlineOption): Promise<void> {
    const leg = this.#book.get(legId);
    if (leg) leg.music = true;
    await this.#onLeg('startMusic', { channelId: legId }, options);
  }

  async stopMusic(legId: string, options?: DeadlineOption): Promise<void> {
    await this.#onLeg('stopMusic', { channelId: legId }, options);
    const leg = this.#book.get(legId);
    if (leg) leg.music = false;
  }

  async play(
    legId: string,
    playbackId: string,
    media: Media[],
    { deadlineMs = DEADLINE_MS }: DeadlineOption = {},
  ): Promise<void> {
    const { clock, speak } = this.#options;
    await carryOut(this.#link, async () => {
      const uris = await withDeadline(clock, deadlineMs, 'the speech engine', mediaUris(media, speak));
      const leg = this.#book.get(legId);
      leg?.playbacks.set(playbackId, 'playing');
      await this.#do('play', { channelId: legId, playbackId, media: uris }, deadlineMs).catch(
        (error: unknown) => {
          leg?.playbacks.delete(playbackId);
          throw error;
        },
      );
    });
  }

  async stopPlay(
    legId: string,
    playbackId: string,
    { deadlineMs = DEADLINE_MS }: DeadlineOption = {},
  ): Promise<void> {
    await carryOut(this.#link, async () => {
      const leg = this.#book.get(legId);
      if (!leg) throw new CodedError('no-such-line');
      if (!leg.playbacks.has(playbackId)) return;
      leg.playbacks.set(playbackId, 'stopping');
      await ignoring(404, this.#do('stopPlay', { playbackId }, deadlineMs));
    });
  }

  async sendDigits(legId: string, digits: string, options?: DeadlineOption): Promise<void> {
    if (!/^[0-9A-D*#]{1,64}$/.test(digits))
      throw new CodedError('bad-input', { detail: 'digits are 0-9, A-D, * and #' });
    await this.#onLeg('sendDigits', { channelId: legId, dtmf: digits }, options);
  }

  /**
   * By TIMEOUT(absolute), which Asterisk counts by itself, with fractions of a second. When it fires, a leg that arrived
   * gets the treatment (the dialplan's extension `T`); a leg that we made has no dialplan and is hung up.
   */
  async armFallback(
    legId: string,
    ms: number,
    treatment: FallbackTreatment,
    options?: DeadlineOption,
  ): Promise<void> {
    const variables = { CROSSPOINT_FALLBACK: treatment, 'TIMEOUT(absolute)': (ms / 1000).toFixed(3) };
    await this.#onLeg('setVariables', { channelId: legId, variables }, options);
    const leg = this.#book.get(legId);
    if (leg) leg.fallbackAt = ms > 0 ? this.#options.clock.now() + ms : undefined;
  }

  async #create(request: Originate, endpoint: string, deadlineMs: number): Promise<boolean> {
    const { legId } = request;
    const { app } = this.#link;
    try {
      const variables = legVariables(request);
      await this.#do(
        'createChannel',
        { endpoint, app, appArgs: 'leg', channelId: legId, variables },
        deadlineMs,
      );
      return true;
    } catch (error) {
      if (error instanceof AriError && error.status === 500) {
        // all that Asterisk says of a device that is not registered is "Allocation failed"
        this.#say(this.#book.clear(legId, 'unreachable', this.#options.clock.now()));
        return false;
      }
      this.#book.drop(legId);
      throw error instanceof AriError && error.status === 409 ? taken() : error;
    }
  }

  /** Until a channel is in Stasis it can be put in no bridge, and create answers before it is there. */
  async #entered(legId: string, deadlineMs: number): Promise<void> {
    if (this.#book.get(legId)?.entered !== false) return;
    const entered = new Promise<void>((resolve) => this.#entering.set(legId, resolve));
    await withDeadline(this.#options.clock, deadlineMs, 'a new channel', entered).finally(() =>
      this.#entering.delete(legId),
    );
  }

  /** These commands are for a caller who waits for our answer; of a leg that we do not know, Asterisk says what it is. */
  #expectAlertingCaller(legId: string): void {
    const leg = this.#book.get(legId);
    if (leg && (leg.direction === 'out' || leg.state !== 'alerting')) {
      throw new CodedError('wrong-state', { state: leg.state });
    }
  }

  #ringingEnded(legId: string): void {
    const leg = this.#book.get(legId);
    if (!leg || leg.state === 'connected' || this.link !== 'up') return;
    this.#end(legId, 'no-answer', NO_ANSWER).catch((error: unknown) =>
      this.#options.log.warn({ err: error, legId }, 'a leg that rang too long could not be ended'),
    );
  }

  async #end(
    legId: string,
    wish: ClearCause,
    reasonCode: number | undefined,
    { deadlineMs = DEADLINE_MS }: DeadlineOption = {},
  ): Promise<void> {
    await carryOut(this.#link, async () => {
      const leg = this.#book.get(legId);
      if (leg) leg.wish ??= wish;
      const reason = reasonCode === undefined ? {} : { reason_code: reasonCode };
      await this.#do('hangup', { channelId: legId, ...reason }, deadlineMs).catch((error: unknown) => {
        if (leg && error instanceof AriError && error.status !== 404) leg.wish = undefined;
        throw error;
      });
    });
  }

  /** Adds a leg to a bridge; music that it may hear ends first, since it would go on in the bridge. */
  async #join(bridgeId: string, legId: string, deadlineMs: number): Promise<void> {
    const leg = this.#book.get(legId);
    if (leg?.music !== false) await this.#do('stopMusic', { channelId: legId }, deadlineMs);
    if (leg) leg.music = false;
    const values = { bridgeId, channel: [legId], inhibitConnectedLineUpdates: true };
    await this.#do('addToBridge', values, deadlineMs).catch((error: unknown) => {
      // 400: no such channel
      throw error instanceof AriError && error.status === 400 ? new CodedError('no-such-line') : error;
    });
    if (leg) leg.bridgeId = bridgeId;
  }

  #onLeg<O extends Operation>(
    operation: O,
    values: Values<O>,
    { deadlineMs = DEADLINE_MS }: DeadlineOption = {},
  ): Promise<void> {
    return carryOut(this.#link, async () => {
      await this.#do(operation, values, deadlineMs);
    });
  }

  #do<O extends Operation>(operation: O, values: Values<O>, deadlineMs: number): Promise<unknown> {
    return this.#link.request(operation, values, deadlineMs);
  }

  async #exists(deadlineMs: number): Promise<[AriChannel[], AriBridge[]]> {
    const [channels, bridges] = await Promise.all([
      this.#do('listChannels', {}, deadlineMs),
      this.#do('listBridges', {}, deadlineMs),
    ]);
    return [channels as AriChannel[], (bridges as AriBridge[]).filter((b) => b.name === this.#link.app)];
  }

  #take(event: AriEvent): void {
    if (event.type === 'EndpointStateChange') {
      this.#endpointChanged(event.endpoint);
      return;
    }
    this.#say(this.#book.apply(event, this.#options.clock.now()));
    if (event.type === 'StasisStart') this.#entering.get(event.channel.id)?.();
    if (event.type === 'StasisEnd') this.#watchLeaving(this.#book.get(event.channel.id));
  }

  /** The end of a leg that left is said with its cause by ChannelDestroyed; this is for one that stays in a dialplan. */
  #watchLeaving(leg: LegRecord | undefined): void {
    if (!leg) return;
    const { legId } = leg;
    this.#life.after(LEAVING_MS, () => {
      if (this.#book.get(legId) !== leg) return;
      this.#say(this.#book.clear(legId, leg.wish ?? 'failed', this.#options.clock.now()));
    });
  }

  #endpointChanged({ resource, state }: AriEndpoint): void {
    const registered = state === 'online';
    if (!this.#registered || this.#registered.has(resource) === registered) return;
    if (registered) this.#registered.add(resource);
    else this.#registered.delete(resource);
    this.#sayRegistration(resource, this.#options.clock.now());
  }

  #sayRegistration(name: string, at: number): void {
    this.#say([{ type: 'device.registration', name, at, registered: this.#registered?.has(name) ?? false }]);
  }

  #say(facts: SwitchFact[]): void {
    for (const fact of facts) this.events.emit('fact', fact);
  }
}

function taken(): CodedError {
  return new CodedError('already-exists', { what: 'leg', field: 'id' });
}

async function ignoring(status: number, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof AriError && error.status === status)) throw codedError(error);
  }
}
