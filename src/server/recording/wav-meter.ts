/** Measures a WAV file while it passes by: length, and the loudest sample of each tenth of a second per channel. */
import type { Peaks } from '../../protocol/recording.ts';

/** Points of a waveform at most. */
const POINTS = 600;
const PER_SECOND = 10;
/** A header longer than this is none. */
const MAX_HEADER = 4_096;

interface Format {
  channels: number;
  rate: number;
}

/** 16-bit PCM with one or two channels; anything else has length 0 and no peaks. RIFF sizes are not trusted: bytes are counted. */
export class WavMeter {
  #header: Buffer | undefined = Buffer.alloc(0);
  #format: Format | undefined;
  /** The end of a chunk of data that does not fill a frame. */
  #rest: Buffer = Buffer.alloc(0);
  #frames = 0;
  #left: number[] = [];
  #right: number[] = [];

  add(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#header === undefined) return this.#samples(bytes);
    this.#header = Buffer.concat([this.#header, bytes]);
    const begin = this.#readHeader(this.#header);
    if (begin === undefined && this.#header.length < MAX_HEADER) return;
    const data = begin === undefined ? undefined : this.#header.subarray(begin);
    this.#header = undefined;
    if (data) this.#samples(data);
  }

  /** Milliseconds of sound so far. */
  get ms(): number {
    return this.#format ? Math.round((this.#frames * 1_000) / this.#format.rate) : 0;
  }

  peaks(): Peaks {
    return { left: reduce(this.#left), right: reduce(this.#right) };
  }

  /** Where the samples begin; undefined while that is not known. */
  #readHeader(head: Buffer): number | undefined {
    if (head.length < 12 || head.toString('latin1', 0, 4) !== 'RIFF') return undefined;
    for (let at = 12; at + 8 <= head.length; ) {
      const kind = head.toString('latin1', at, at + 4);
      if (kind === 'data') return at + 8;
      if (kind === 'fmt ' && at + 24 <= head.length) this.#format = readFormat(head, at + 8);
      at += 8 + head.readUInt32LE(at + 4);
    }
    return undefined;
  }

  #samples(chunk: Buffer): void {
    if (!this.#format) return;
    const { channels, rate } = this.#format;
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const frame = channels * 2;
    const perPoint = rate / PER_SECOND;
    let at = 0;
    for (; at + frame <= data.length; at += frame) {
      const point = Math.floor(this.#frames++ / perPoint);
      raise(this.#left, point, data.readInt16LE(at));
      raise(this.#right, point, data.readInt16LE(at + frame - 2));
    }
    this.#rest = data.subarray(at);
  }
}

function readFormat(head: Buffer, at: number): Format | undefined {
  const [kind, channels, rate] = [
    head.readUInt16LE(at),
    head.readUInt16LE(at + 2),
    head.readUInt32LE(at + 4),
  ];
  const bits = head.readUInt16LE(at + 14);
  return kind === 1 && bits === 16 && (channels === 1 || channels === 2) && rate > 0
    ? { channels, rate }
    : undefined;
}

function raise(points: number[], point: number, sample: number): void {
  const loud = Math.min(255, Math.abs(sample) >> 7);
  if ((points[point] ?? -1) < loud) points[point] = loud;
}

function reduce(points: readonly number[]): number[] {
  if (points.length <= POINTS) return [...points];
  return Array.from({ length: POINTS }, (_, index) => {
    const [from, to] = [index, index + 1].map((n) => Math.floor((n * points.length) / POINTS));
    return points.slice(from, to).reduce((a, b) => Math.max(a, b), 0);
  });
}
