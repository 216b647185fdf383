import { CodedError, type ErrorCode } from '../../protocol/errors.ts';

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
 *                             └── denied, none ──► closed, with the reason
 */
export class Microphone {
  readonly #devices: InputDevices | undefined;
  readonly #secure: boolean;
  readonly #onLost: () => void;
  readonly #delegated: () => boolean;
  #opening: Promise<MediaStream> | undefined;
  #stream: MediaStream | undefined;
  #deviceId: string | undefined;
  #turn = 0;

  /**
   * @param onLost The microphone was unplugged or taken away while it was warm.
   * @param delegated Whether the page whose frame this is lets it use the microphone.
   */
  constructor(
    devices: InputDevices | undefined,
    secure: boolean,
    onLost: () => void,
    delegated: () => boolean = () => true,
  ) {
    this.#devices = devices;
    this.#secure = secure;
    this.#onLost = onLost;
    this.#delegated = delegated;
  }

  get warm(): boolean {
    return this.#stream !== undefined;
  }

  /** Resolves when it is warm. Rejects with `phone-insecure-page`, `phone-no-microphone` or a `phone-microphone-…` that says why. */
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
    if (!this.#delegated()) throw new CodedError('phone-microphone-blocked');
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
      if (!gone || !deviceId) throw new CodedError(reasonOf(error));
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

/** What the browser's error means (Media Capture and Streams, getUserMedia). */
function reasonOf(error: unknown): ErrorCode {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'phone-microphone-denied';
  return name === 'NotReadableError' ? 'phone-microphone-busy' : 'phone-no-microphone';
}

/** Whether the page around this frame lets it use the microphone; browsers that do not tell are asked by trying. */
export function isMicrophoneDelegated(document: Document): boolean {
  const policy = (document as { featurePolicy?: { allowsFeature(name: string): boolean } }).featurePolicy;
  return policy?.allowsFeature('microphone') ?? true;
}

function discard(stream: MediaStream): never {
  for (const track of stream.getTracks()) track.stop();
  throw new CodedError('phone-no-microphone');
}
