/** A stereo recording as tests look at it: 16-bit PCM WAV, 8 kHz. */
const HEADER = 44;
const RATE = 8;

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

/** Throws for anything but a whole stereo WAV file of telephone rate. */
export function readStereo(file: Buffer): StereoSound {
  const format = [file.readUInt16LE(20), file.readUInt16LE(22), file.readUInt32LE(24), file.readUInt16LE(34)];
  if (file.toString('latin1', 0, 4) !== 'RIFF' || format.join() !== '1,2,8000,16')
    throw new Error(`this is no stereo WAV file of 8 kHz: ${format.join()}`);
  if (file.readUInt32LE(40) !== file.length - HEADER) throw new Error('the file is not whole');
  const count = (file.length - HEADER) / 2;
  return new StereoSound(Int16Array.from({ length: count }, (_, i) => file.readInt16LE(HEADER + 2 * i)));
}
