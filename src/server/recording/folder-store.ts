/** Recordings in a folder: local disk, or one that the machine has mounted. A file appears complete and synced, or not at all. */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CodedError } from '../../protocol/errors.ts';
import { diskReason, isMissing } from './disk.ts';
import { checkKey } from './keys.ts';
import type { ByteRange, RecordingStore } from './ports.ts';

export class FolderStore implements RecordingStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(key: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.#path(key);
    const part = `${path}.${randomUUID()}.part`;
    await guard(mkdir(dirname(path), { recursive: true, mode: 0o700 }));
    try {
      const file = await guard(open(part, 'wx', 0o600));
      try {
        for await (const chunk of content) await guard(file.write(chunk));
        await guard(file.sync());
      } finally {
        await file.close();
      }
      await guard(rename(part, path));
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    await guard(syncFolder(dirname(path)));
  }

  async get(key: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    const file = await open(this.#path(key), 'r').catch((error: unknown) => {
      if (isMissing(error)) throw new CodedError('not-found', { what: 'file in the store' });
      throw failed(error);
    });
    return createReadStream('', { fd: file, ...range });
  }

  async remove(key: string): Promise<void> {
    await guard(rm(this.#path(key), { force: true }));
  }

  #path(key: string): string {
    return join(this.#folder, checkKey(key));
  }
}

/** The name too must survive a power cut. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function guard<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw failed(error);
  }
}

function failed(error: unknown): CodedError {
  return new CodedError('recording-store-failed', { reason: diskReason(error) });
}
