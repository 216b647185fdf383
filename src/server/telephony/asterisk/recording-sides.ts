/** A recording's two files, one per direction, as one stereo file. */
import type { Clock } from '../../../lib/clock.ts';
import { withDeadline } from '../../../lib/deadline.ts';
import { CodedError } from '../../../protocol/errors.ts';
import { wavHeader } from '../speech/wav.ts';
import type { HttpDownload } from './ari-http.ts';

/** Samples of one direction: 16 bits, little-endian, 8 kHz. */
export type SideFile = Pick<HttpDownload, 'length' | 'body' | 'cancel'>;

/** How long nothing may come of a file that is being read. */
const STALL_MS = 30_000;
const SAMPLE = 2;
/** Samples of either side that are put together at a time: a second. */
const BLOCK = 8_000;

/**
 * A WAV file: left what was said, right what was heard, as they come. The shorter one is filled with silence: an Asterisk that was
 * killed had not written the same of both. One that is not there is silence.
 * @throws CodedError `not-found` when neither is there; while it is read `switch-down` when a file breaks off, DeadlineError when
 * nothing comes for 30 s.
 */
export function joinSides(
  clock: Clock,
  left: SideFile | undefined,
  right: SideFile | undefined,
): AsyncIterable<Uint8Array> {
  if (!left && !right) throw new CodedError('not-found', { what: 'recording' });
  const samples = Math.max(samplesOf(left), samplesOf(right));
  return stereo(new Side(clock, left), new Side(clock, right), samples);
}

async function* stereo(left: Side, right: Side, samples: number): AsyncIterable<Uint8Array> {
  try {
    yield wavHeader({ rate: 8_000, channels: 2, bytes: samples * 2 * SAMPLE });
    for (let at = 0; at < samples; at += BLOCK) {
      const count = Math.min(BLOCK, samples - at);
      yield interleave(await left.take(count), await right.take(count));
    }
  } finally {
    left.cancel();
    right.cancel();
  }
}

function interleave(left: Buffer, right: Buffer): Uint8Array {
  const both = Buffer.alloc(left.length + right.length);
  for (let at = 0; at < left.length; at += SAMPLE) {
    both.writeInt16LE(left.readInt16LE(at), 2 * at);
    both.writeInt16LE(right.readInt16LE(at), 2 * at + SAMPLE);
  }
  return both;
}

/** One file, taken sample by sample; silence after its end. */
class Side {
  readonly #clock: Clock;
  readonly #file: SideFile | undefined;
  readonly #pieces: AsyncIterator<Uint8Array> | undefined;
  #here: Buffer = Buffer.alloc(0);
  /** Bytes of whole samples that have not come yet. */
  #left: number;

  constructor(clock: Clock, file: SideFile | undefined) {
    this.#clock = clock;
    this.#file = file;
    this.#pieces = file?.body[Symbol.asyncIterator]();
    this.#left = samplesOf(file) * SAMPLE;
  }

  async take(samples: number): Promise<Buffer> {
    const bytes = samples * SAMPLE;
    while (this.#here.length < bytes && this.#left > 0) await this.#more();
    const taken = this.#here.subarray(0, bytes);
    this.#here = this.#here.subarray(bytes);
    return taken.length === bytes ? taken : Buffer.concat([taken], bytes);
  }

  cancel(): void {
    this.#file?.cancel();
  }

  async #more(): Promise<void> {
    const next = this.#pieces?.next() ?? Promise.resolve({ done: true as const, value: undefined });
    const { done, value } = await withDeadline(this.#clock, STALL_MS, 'a recording', next);
    if (done) throw new CodedError('switch-down');
    const piece = value.subarray(0, this.#left);
    this.#left -= piece.length;
    this.#here = Buffer.concat([this.#here, piece]);
  }
}

function samplesOf(file: SideFile | undefined): number {
  return Math.floor((file?.length ?? 0) / SAMPLE);
}
