/**
 * The connector to a simulated exchange: the Switch role without audio. A process that dies is this object closed, and a new
 * one on the same exchange.
 *
 *     new ── start() ─► down ◄──────── dropped ────────┐
 *                        └─ exchange can be reached ─► up      close() from anywhere ─► down for good
 *
 * Dropped because another connector took the exchange, it waits until the exchange offers itself again.
 */
import type { Logger } from 'pino';
import type { Clock } from '../../../lib/clock.ts';
import { DeadlineError, withDeadline } from '../../../lib/deadline.ts';
import { Emitter } from '../../../lib/emitter.ts';
import { Lifecycle } from '../../../lib/lifecycle.ts';
import { CodedError } from '../../../protocol/errors.ts';
import { checkHeaders } from '../sip-headers.ts';
import type {
  AudioTap,
  DeadlineOption,
  FallbackTreatment,
  LegQuality,
  LinkState,
  Media,
  Originate,
  ProvisionedDevice,
  ProvisionedTrunk,
  Provisioning,
  Switch,
  SwitchCapabilities,
  SwitchEvents,
  SwitchSnapshot,
  TrunkReport,
} from '../ports.ts';
import type { SimulatedExchange } from './exchange.ts';
import type { ExchangeLink } from './link.ts';

const DEADLINE_MS = 5_000;

export interface SimulatedSwitchOptions {
  id: string;
  exchange: SimulatedExchange;
  /** The exchange's own clock. */
  clock: Clock;
  log: Logger;
}

export class SimulatedSwitch implements Switch {
  readonly id: string;
  readonly capabilities: SwitchCapabilities = {
    audio: false,
    browserPhone: false,
    missing: { quality: 'The simulated switch carries no audio.' },
  };
  readonly events: Emitter<SwitchEvents>;
  readonly #exchange: SimulatedExchange;
  readonly #clock: Clock;
  readonly #life: Lifecycle;
  #link: ExchangeLink | undefined;
  #stopWaiting = () => {};
  #firstUp: Promise<void> | undefined;

  constructor(options: SimulatedSwitchOptions) {
    this.id = options.id;
    this.#exchange = options.exchange;
    this.#clock = options.clock;
    this.events = new Emitter((err, event) =>
      options.log.error({ err, event }, 'a listener of the switch failed'),
    );
    this.#life = new Lifecycle(options.clock);
    this.#life.add(() => this.#letGo());
  }

  get link(): LinkState {
    return this.#link ? 'up' : 'down';
  }

  /** @throws CodedError `switch-down` when the exchange cannot be reached in time (it keeps trying) or this is closed. */
  async start(options?: DeadlineOption): Promise<void> {
    if (this.#life.closed) throw new CodedError('switch-down');
    this.#firstUp ??= new Promise((resolve) => {
      const stop = this.events.on('link', (link) => {
        if (link !== 'up') return;
        stop();
        resolve();
      });
      this.#life.after(this.#exchange.latencies.commandMs, () => this.#connect());
    });
    await withDeadline(this.#clock, options?.deadlineMs ?? DEADLINE_MS, 'start', this.#firstUp).catch(() => {
      throw new CodedError('switch-down');
    });
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  list(options?: DeadlineOption): Promise<SwitchSnapshot> {
    return this.send((exchange) => exchange.list(), options);
  }

  originate(request: Originate, options?: DeadlineOption): Promise<void> {
    if (!(request.ringMs > 0)) return badInput('ringMs must be more than 0');
    try {
      checkHeaders(request.headers);
    } catch (error) {
      return Promise.reject(error as CodedError);
    }
    return this.send((exchange) => exchange.originate(request), options);
  }

  /** Also picks up a provisioned device that rings: without audio there is no phone that could. */
  answer(legId: string, options?: DeadlineOption): Promise<void> {
    return this.send((exchange) => exchange.answer(legId), options);
  }

  reject(
    legId: string,
    cause: 'busy' | 'rejected' | 'not-found' | 'congestion',
    options?: DeadlineOption,
  ): Promise<void> {
    return this.send((exchange) => exchange.reject(legId, cause), options);
  }

  hangup(legId: string, options?: DeadlineOption): Promise<void> {
    return this.send((exchange) => exchange.hangup(legId), options);
  }

  ring(legId: string, options?: DeadlineOption): Promise<void> {
    return this.send((exchange) => exchange.ring(legId), options);
  }

  bridge(bridgeId: string, legIds: string[], options?: DeadlineOption): Promise<void> {
    return this.send((exchange) => exchange.bridge(bridgeId, legIds), options);
  }

  unbridge(legId: string, options?: DeadlineOption): Promise<void> {
    return this.send((exchange) => exchange.unbridge(legId), options);
  }

  endBridge(bridgeId: string, options?: DeadlineOption): Promise<void> {
    return this.send((exchange) => exchange.endBridge(bridgeId), options);
  }

  mute(legId: string, on: boolean, options?: DeadlineOption): Promise<void> {
    return this.send((exchange) => exchange.mute(legId, on), options);
  }

  startMusic(legId: string, options?: DeadlineOption): Promise<void> {
    return this.send((exchange) => exchange.music(legId, true), options);
  }

  stopMusic(legId: string, options?: DeadlineOption): Promise<void> {
    return this.send((exchange) => exchange.music(legId, false), options);
  }

  play(legId: string, playbackId: string, media: Media[], options?: DeadlineOption): Promise<void> {
    if (media.length === 0) return badInput('there is nothing to play');
    return this.send((exchange) => exchange.play(legId, playbackId, media), options);
  }

  stopPlay(legId: string, playbackId: string, options?: DeadlineOption): Promise<void> {
    return this.send((exchange) => exchange.stopPlay(legId, playbackId), options);
  }

  sendDigits(legId: string, digits: string, options?: DeadlineOption): Promise<void> {
    if (!/^[0-9*#A-D]+$/.test(digits)) return badInput('digits are 0-9, *, # and A-D');
    return this.send((exchange) => exchange.sendDigits(legId, digits), options);
  }

  talk(legId: string, options?: DeadlineOption): Promise<void> {
    return this.send((exchange) => exchange.talk(legId), options);
  }

  startRecording(legId: string, recordingId: string, options?: DeadlineOption): Promise<void> {
    return this.send((exchange) => exchange.startRecording(legId, recordingId), options);
  }

  pauseRecording(recordingId: string, paused: boolean, options?: DeadlineOption): Promise<void> {
    return this.send((exchange) => exchange.recordings.pause(recordingId, paused), options);
  }

  stopRecording(recordingId: string, options?: DeadlineOption): Promise<void> {
    return this.send((exchange) => exchange.recordings.stop(recordingId), options);
  }

  readRecording(recordingId: string, options?: DeadlineOption): Promise<AsyncIterable<Uint8Array>> {
    return this.send((exchange) => exchange.recordings.read(recordingId), options);
  }

  deleteRecording(recordingId: string, options?: DeadlineOption): Promise<void> {
    return this.send((exchange) => exchange.recordings.delete(recordingId), options);
  }

  supervise(
    supervisorLegId: string,
    legId: string,
    mode: 'listen' | 'whisper',
    options?: DeadlineOption,
  ): Promise<void> {
    return this.send((exchange) => exchange.supervise(supervisorLegId, legId, mode), options);
  }

  endSupervision(supervisorLegId: string, options?: DeadlineOption): Promise<void> {
    return this.send((exchange) => exchange.endSupervision(supervisorLegId), options);
  }

  openAudio(legId: string, audioId: string, options?: DeadlineOption): Promise<AudioTap> {
    return this.send((exchange) => exchange.openAudio(legId, audioId), options);
  }

  quality(_legId: string, _options?: DeadlineOption): Promise<LegQuality | undefined> {
    return Promise.reject(new CodedError('not-capable'));
  }

  transferProgress(
    legId: string,
    progress: 'trying' | 'done' | 'failed',
    options?: DeadlineOption,
  ): Promise<void> {
    return this.send((exchange) => exchange.transferProgress(legId, progress), options);
  }

  armFallback(
    legId: string,
    ms: number,
    treatment: FallbackTreatment,
    options?: DeadlineOption,
  ): Promise<void> {
    if (!(ms >= 0)) return badInput('ms must be 0 or more');
    return this.send((exchange) => exchange.armFallback(legId, ms, treatment), options);
  }

  /** Runs one command over the wire. @throws CodedError `switch-down`, `timeout`, and what the exchange throws. */
  async send<T>(command: (exchange: SimulatedExchange) => T, options?: DeadlineOption): Promise<T> {
    if (!this.#link) throw new CodedError('switch-down');
    const result = this.#link.send(() => command(this.#exchange));
    try {
      return await withDeadline(this.#clock, options?.deadlineMs ?? DEADLINE_MS, 'command', result);
    } catch (error) {
      throw error instanceof DeadlineError
        ? new CodedError('timeout', { what: 'The telephone system' })
        : error;
    }
  }

  #connect(): void {
    if (this.#life.closed) return;
    this.#link = this.#exchange.connect({
      fact: (fact) => this.events.emit('fact', fact),
      dropped: () => this.#dropped(),
    });
    if (this.#link) this.events.emit('link', 'up');
    else this.#waitForExchange();
  }

  #dropped(): void {
    this.#link = undefined;
    this.#waitForExchange();
    this.events.emit('link', 'down');
  }

  #waitForExchange(): void {
    this.#stopWaiting = this.#exchange.onLinkable(() => this.#connect());
  }

  #letGo(): void {
    this.#stopWaiting();
    const link = this.#link;
    this.#link = undefined;
    if (!link) return;
    this.#exchange.release(link);
    link.close();
    this.events.emit('link', 'down');
  }
}

/** The Provisioning role of the simulated exchange, over the wire of its switch. */
export class SimulatedProvisioning implements Provisioning {
  readonly #switch: SimulatedSwitch;

  constructor(simulatedSwitch: SimulatedSwitch) {
    this.#switch = simulatedSwitch;
  }

  put(device: ProvisionedDevice, options?: DeadlineOption): Promise<void> {
    if (!/^[A-Za-z0-9-]+$/.test(device.name)) return badInput('a device name has letters, digits and - only');
    return this.#switch.send((exchange) => exchange.devices.put({ ...device }), options);
  }

  remove(name: string, options?: DeadlineOption): Promise<void> {
    return this.#switch.send((exchange) => exchange.devices.remove(name), options);
  }

  putTrunk(trunk: ProvisionedTrunk, options?: DeadlineOption): Promise<void> {
    if (!/^[A-Za-z0-9_-]+$/.test(trunk.name))
      return badInput('a trunk name has letters, digits, - and _ only');
    return this.#switch.send((exchange) => exchange.devices.putTrunk({ ...trunk }), options);
  }

  removeTrunk(name: string, options?: DeadlineOption): Promise<void> {
    return this.#switch.send((exchange) => exchange.devices.removeTrunk(name), options);
  }

  trunkReports(options?: DeadlineOption): Promise<TrunkReport[]> {
    return this.#switch.send((exchange) => exchange.devices.trunkReports, options);
  }

  registered(options?: DeadlineOption): Promise<string[]> {
    return this.#switch.send((exchange) => exchange.devices.registered, options);
  }
}

function badInput(detail: string): Promise<never> {
  return Promise.reject(new CodedError('bad-input', { detail }));
}
