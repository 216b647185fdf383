import { CodedError } from '../../protocol/errors.ts';

/** The part of `navigator.mediaDevices` that is used; undefined on a page without https. */
export interface InputDevices {
  getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream>;
}

/** Echo cancellation and the like are on: agents sit with headsets, visitors with laptop loudspeakers. */
const CONSTRAINTS = { echoCancellation: true, noiseSuppression: true, autoGainControl: true } as const;

/**
 * The warm microphone: opened once and kept while this tab has the audio, so that a call is answered in milliseconds
 * and the permission is asked before the first call rings, not during it.
 *
 *     closed ── open() ──► opening ── granted ──► warm ── close(), unplugged ──► closed
 *                             └── denied, none ──► closed, with `problem`
 */
export class Microphone {
  readonly #devices: InputDevices | undefined;
  readonly #secure: boolean;
  readonly #onLost: () => void;
  #opening: Promise<MediaStream> | undefined;
  #stream: MediaStream | undefined;
  #deviceId: string | undefined;
  #turn = 0;

  /** @param onLost The microphone was unplugged or taken away while it was warm. */
  constructor(devices: InputDevices | undefined, secure: boolean, onLost: () => void) {
    this.#devices = devices;
    this.#secure = secure;
    this.#onLost = onLost;
  }

  get warm(): boolean {
    return this.#stream !== undefined;
  }

  /** Resolves when it is warm. Rejects with `phone-insecure-page` or `phone-no-microphone`. */
  open(): Promise<MediaStream> {
    this.#opening ??= this.#remember(this.#ask());
    return this.#opening;
  }

  /** A copy for one call: muting or ending it leaves the others alone. */
  async take(): Promise<MediaStream> {
    return (await this.open()).clone();
  }

  /** Takes another microphone from now on; undefined is the system's. Opens it at once if one was warm. */
  async choose(deviceId: string | undefined): Promise<void> {
    const wasOpen = this.#opening !== undefined;
    this.#deviceId = deviceId;
    this.close();
    if (wasOpen) await this.open();
  }

  /** Lets the device go: the browser's recording sign goes out. Idempotent. */
  close(): void {
    this.#turn++;
    const stream = this.#stream;
    this.#stream = undefined;
    this.#opening = undefined;
    for (const track of stream?.getTracks() ?? []) track.stop();
  }

  /** A failure is not kept: the next `open()` asks again. */
  #remember(asking: Promise<MediaStream>): Promise<MediaStream> {
    const opening = asking.catch((error: unknown) => {
      if (this.#opening === opening) this.#opening = undefined;
      throw error;
    });
    return opening;
  }

  async #ask(): Promise<MediaStream> {
    if (!this.#devices || !this.#secure) throw new CodedError('phone-insecure-page');
    const turn = this.#turn;
    const stream = await this.#request(this.#devices);
    // Closed while the browser was asking: nobody wants it any more.
    if (turn !== this.#turn) return discard(stream);
    this.#stream = stream;
    for (const track of stream.getAudioTracks()) track.addEventListener('ended', () => this.#ended(stream));
    return stream;
  }

  async #request(devices: InputDevices): Promise<MediaStream> {
    const deviceId = this.#deviceId === undefined ? undefined : { exact: this.#deviceId };
    try {
      return await devices.getUserMedia({ audio: { ...CONSTRAINTS, deviceId } });
    } catch (error) {
      // The chosen one is not plugged in today: any other is better than none.
      const gone = error instanceof Error && error.name === 'OverconstrainedError';
      if (!gone || !deviceId) throw new CodedError('phone-no-microphone');
      this.#deviceId = undefined;
      return this.#request(devices);
    }
  }

  #ended(stream: MediaStream): void {
    if (this.#stream !== stream) return;
    this.close();
    this.#onLost();
  }
}

function discard(stream: MediaStream): never {
  for (const track of stream.getTracks()) track.stop();
  throw new CodedError('phone-no-microphone');
}
