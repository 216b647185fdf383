/**
 * Where speech begins and ends in a caller's audio, by its loudness over the line's own noise. Pure: time is counted in samples.
 *
 *     waiting ─ loud for `beginMs` ─► speaking ─ quiet for `endMs`, or `maxMs` long ─► ended
 *
 * The noise floor is the quietest that was heard of late: it falls at once and rises slowly, so that a steady hum is no speech
 * and a long sentence is no noise.
 */

/** 20 ms at 8 kHz, 16 bits. */
const FRAME_BYTES = 320;
const FRAME_MS = 20;
/** Nothing on a telephone line is quieter; dB below full scale. */
const QUIETEST = -65;
/** A telephone's speech is 15 to 35 dB below full scale: what is quieter than this is not said into it. */
const AUDIBLE = -46;
const BEGIN_OVER_FLOOR = 9;
const STAY_OVER_FLOOR = 6;
/** dB per frame by which the floor rises: 3 dB a second in silence, 1 in speech. */
const RISE = { waiting: 0.06, speaking: 0.02, ended: 0 };
/** Speech begins softly: what was heard before it was loud belongs to it. */
const LEAD_FRAMES = 12;

export interface EndpointerOptions {
  /** Sound of this length is speech; default 80 ms. */
  beginMs?: number;
  /** Silence of this length ends it; default 800 ms. */
  endMs?: number;
  /** It ends after this in any case; default 10,000 ms. */
  maxMs?: number;
}

export type EndpointState = 'waiting' | 'speaking' | 'ended';

export class Endpointer {
  readonly #endFrames: number;
  readonly #maxFrames: number;
  #beginFrames: number;
  #state: EndpointState = 'waiting';
  #rest = new Uint8Array(0);
  #floor: number | undefined;
  /** Of the last frames: those that were loud. */
  #loud: boolean[] = [];
  #lead: Uint8Array[] = [];
  #quietFrames = 0;
  #frames = 0;

  constructor({ beginMs = 80, endMs = 800, maxMs = 10_000 }: EndpointerOptions = {}) {
    this.#beginFrames = Math.ceil(beginMs / FRAME_MS);
    this.#endFrames = Math.ceil(endMs / FRAME_MS);
    this.#maxFrames = Math.ceil(maxMs / FRAME_MS);
  }

  get state(): EndpointState {
    return this.#state;
  }

  /** How long sound must be to be speech, from now on: longer while a prompt plays, which may come back from the caller's room. */
  set beginMs(ms: number) {
    this.#beginFrames = Math.ceil(ms / FRAME_MS);
  }

  /** Takes audio of any length; returns what of it is speech, a little before its beginning included. */
  push(pcm: Uint8Array): Uint8Array[] {
    const bytes = new Uint8Array(this.#rest.length + pcm.length);
    bytes.set(this.#rest);
    bytes.set(pcm, this.#rest.length);
    const spoken: Uint8Array[] = [];
    let at = 0;
    for (; at + FRAME_BYTES <= bytes.length; at += FRAME_BYTES)
      spoken.push(...this.#frame(bytes.subarray(at, at + FRAME_BYTES)));
    this.#rest = bytes.slice(at);
    return spoken;
  }

  #frame(frame: Uint8Array): Uint8Array[] {
    if (this.#state === 'ended') return [];
    const level = loudness(frame);
    const floor = Math.min(level, (this.#floor ?? level) + RISE[this.#state]);
    this.#floor = floor;
    if (this.#state === 'speaking')
      return this.#speaking(frame, level > Math.max(floor + STAY_OVER_FLOOR, AUDIBLE));
    return this.#waiting(frame, level > Math.max(floor + BEGIN_OVER_FLOOR, AUDIBLE));
  }

  #waiting(frame: Uint8Array, loud: boolean): Uint8Array[] {
    this.#lead = [...this.#lead, frame].slice(-LEAD_FRAMES - this.#beginFrames);
    // A short gap between two sounds is part of a word.
    this.#loud = [...this.#loud, loud].slice(-Math.ceil(1.5 * this.#beginFrames));
    if (this.#loud.filter(Boolean).length < this.#beginFrames) return [];
    this.#state = 'speaking';
    this.#frames = this.#lead.length;
    return this.#lead;
  }

  #speaking(frame: Uint8Array, loud: boolean): Uint8Array[] {
    this.#frames++;
    this.#quietFrames = loud ? 0 : this.#quietFrames + 1;
    if (this.#quietFrames >= this.#endFrames || this.#frames >= this.#maxFrames) this.#state = 'ended';
    return [frame];
  }
}

/** Of 16-bit little-endian samples: dB below full scale, -65 for silence. */
export function loudness(pcm: Uint8Array): number {
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  let sum = 0;
  for (let at = 0; at + 1 < pcm.length; at += 2) sum += view.getInt16(at, true) ** 2;
  const mean = Math.sqrt(sum / Math.max(1, pcm.length / 2)) / 32_768;
  return Math.max(QUIETEST, 20 * Math.log10(Math.max(mean, 1e-9)));
}
