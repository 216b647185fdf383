/** A stereo recording as tests look at it: 16-bit PCM WAV, 8 kHz. */
const HEADER = 44;
const RATE = 8;
/** 20 ms. */
const BLOCK = 160;

export class StereoSound {
  readonly #samples: Int16Array;

  /** @param samples left and right in turn. */
  constructor(samples: Int16Array) {
    this.#samples = samples;
  }

  get ms(): number {
    return this.#samples.length / 2 / RATE;
  }

  slice(fromMs: number, toMs: number): StereoSound {
    const at = (ms: number) => Math.floor(ms * RATE) * 2;
    return new StereoSound(this.#samples.slice(at(fromMs), at(toMs)));
  }

  side(side: 'left' | 'right'): Int16Array {
    const offset = side === 'left' ? 0 : 1;
    return Int16Array.from(
      { length: this.#samples.length / 2 },
      (_, i) => this.#samples[2 * i + offset] ?? 0,
    );
  }

  /** Root mean square. */
  loudness(side: 'left' | 'right'): number {
    const samples = this.side(side);
    return Math.sqrt(samples.reduce((sum, sample) => sum + sample ** 2, 0) / Math.max(1, samples.length));
  }

  /** How much of a side is a tone of `hertz`: the share of its stretches of 20 ms, 0 to 1. */
  tone(side: 'left' | 'right', hertz: number): number {
    const samples = this.side(side);
    const count = Math.floor(samples.length / BLOCK);
    const blocks = Array.from({ length: count }, (_, i) => samples.subarray(i * BLOCK, (i + 1) * BLOCK));
    return blocks.filter((block) => isTone(block, hertz)).length / count;
  }

  /** When each stretch of sound begins and ends that follows at least `gapMs` of silence, milliseconds. */
  bursts(side: 'left' | 'right', gapMs = 40, level = 1_000): { from: number; to: number }[] {
    const found: { from: number; to: number }[] = [];
    for (const [i, sample] of this.side(side).entries()) {
      if (Math.abs(sample) < level) continue;
      const at = i / RATE;
      const last = found.at(-1);
      if (last && at - last.to <= gapMs) last.to = at;
      else found.push({ from: at, to: at });
    }
    return found;
  }
}

/** Nine tenths of its power (Goertzel). */
function isTone(samples: Int16Array, hertz: number): boolean {
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / (RATE * 1_000));
  let [previous, before, power] = [0, 0, 0];
  for (const sample of samples) {
    [previous, before] = [sample + coefficient * previous - before, previous];
    power += sample ** 2;
  }
  const energy = previous ** 2 + before ** 2 - coefficient * previous * before;
  return power > 0 && (2 * energy) / samples.length > 0.9 * power;
}

/** Throws for anything but a whole stereo WAV file of telephone rate. */
export function readStereo(file: Buffer): StereoSound {
  const format = [file.readUInt16LE(20), file.readUInt16LE(22), file.readUInt32LE(24), file.readUInt16LE(34)];
  if (file.toString('latin1', 0, 4) !== 'RIFF' || format.join() !== '1,2,8000,16')
    throw new Error(`this is no stereo WAV file of 8 kHz: ${format.join()}`);
  if (file.readUInt32LE(40) !== file.length - HEADER) throw new Error('the file is not whole');
  const count = (file.length - HEADER) / 2;
  return new StereoSound(Int16Array.from({ length: count }, (_, i) => file.readInt16LE(HEADER + 2 * i)));
}
