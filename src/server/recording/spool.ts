/**
 * Where a recording lies on this machine from the moment the switch has given it until the store has it, so that there are two
 * copies all the while. A file appears complete or not at all.
 *
 *     NAME.part ── written, synced ──► NAME.wav ── stored ──► gone
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../protocol/errors.ts';
import { diskReason } from './disk.ts';
import type { Measured } from './recordings.ts';
import { WavMeter } from './wav-meter.ts';

export class Spool {
  readonly #folder: string;
  readonly #limit: number;

  /** @param limitBytes what all files in it may come to. */
  constructor(folder: string, limitBytes: number) {
    this.#folder = folder;
    this.#limit = limitBytes;
  }

  /** Makes the folder; what a crash left half-written is removed. */
  async open(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const names = await readdir(this.#folder);
    for (const name of names.filter((one) => one.endsWith('.part')))
      await rm(join(this.#folder, name), { force: true });
  }

  async has(id: string): Promise<boolean> {
    return (await this.#sizeOf(`${id}.wav`)) !== undefined;
  }

  /**
   * Writes a file. @throws CodedError `recording-spool-full` at the limit, `recording-store-failed` when the disk refuses it; what
   * the source throws. Nothing is left then.
   */
  async write(id: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const part = join(this.#folder, `${id}.part`);
    let room = this.#limit - (await this.#used());
    try {
      const file = await guard(open(part, 'w', 0o600));
      try {
        for await (const chunk of content) {
          room -= chunk.byteLength;
          if (room < 0)
            throw new CodedError('recording-spool-full', {
              limit: `${Math.round(this.#limit / 1_048_576)} MB`,
            });
          await guard(file.write(chunk));
        }
        await guard(file.sync());
      } finally {
        await file.close();
      }
      await guard(rename(part, this.#path(id)));
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }

  read(id: string): AsyncIterable<Uint8Array> {
    return createReadStream(this.#path(id));
  }

  /** Reads it once: size, length, waveform, hash. */
  async measure(id: string): Promise<Measured> {
    const meter = new WavMeter();
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of this.read(id)) {
      meter.add(chunk);
      hash.update(chunk);
      bytes += chunk.byteLength;
    }
    return { bytes, ms: meter.ms, sha256: hash.digest('hex'), peaks: meter.peaks() };
  }

  async remove(id: string): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  async #used(): Promise<number> {
    const names = await readdir(this.#folder);
    const sizes = await Promise.all(names.map((name) => this.#sizeOf(name)));
    return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  }

  async #sizeOf(name: string): Promise<number | undefined> {
    return stat(join(this.#folder, name)).then(
      ({ size }) => size,
      () => undefined,
    );
  }

  #path(id: string): string {
    if (!/^[\w-]+$/.test(id)) throw new Error('no name of a recording');
    return join(this.#folder, `${id}.wav`);
  }
}

async function guard<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new CodedError('recording-store-failed', { reason: `the spool: ${diskReason(error)}` });
  }
}
