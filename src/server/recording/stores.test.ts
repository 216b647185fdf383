import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { iterate } from '../../../test/harness/recordings-double.ts';
import { S3Double } from '../../../test/harness/s3-double.ts';
import { FolderStore } from './folder-store.ts';
import type { ByteRange, RecordingStore } from './ports.ts';
import { S3Store } from './s3-store.ts';

const KEY = '2026/01/05/rec_1.wav';

async function read(store: RecordingStore, key: string, range?: ByteRange): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await store.get(key, range)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* breaking(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
  throw new Error('the switch went away');
}

let folder: string;
let s3: S3Double;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-'));
  s3 = await S3Double.start();
});
afterEach(async () => {
  await s3.close();
  await rm(folder, { recursive: true, force: true });
});

describe.each([
  ['a folder', () => new FolderStore(join(folder, 'deep', 'er'))],
  ['S3', () => new S3Store(s3.options)],
  ['S3 with a prefix', () => new S3Store({ ...s3.options, prefix: 'crosspoint/' })],
] as [string, () => RecordingStore][])('%s', (_name, make) => {
  it.each([0, 1, 999, 1_000, 1_001, 2_000, 25_300])('gives %i bytes back as they were put', async (size) => {
    const store = make();
    const bytes = randomBytes(size);
    await store.put(KEY, iterate(bytes, 700));
    expect((await read(store, KEY)).equals(bytes)).toBe(true);
  });

  it('gives the part that is asked for', async () => {
    const store = make();
    await store.put(KEY, iterate(Buffer.from('0123456789')));
    expect((await read(store, KEY, { start: 3, end: 5 })).toString()).toBe('345');
  });

  it('replaces, removes, and says what is not there', async () => {
    const store = make();
    await store.put(KEY, iterate(Buffer.from('one')));
    await store.put(KEY, iterate(Buffer.from('two')));
    expect((await read(store, KEY)).toString()).toBe('two');
    await store.remove(KEY);
    await store.remove(KEY);
    await expect(store.get(KEY)).rejects.toMatchObject({ code: 'not-found' });
  });

  it.each([500, 5_000])('has nothing of a file whose source broke after %i bytes', async (size) => {
    const store = make();
    await expect(store.put(KEY, breaking(randomBytes(size)))).rejects.toThrow('the switch went away');
    await expect(store.get(KEY)).rejects.toMatchObject({ code: 'not-found' });
    expect([...s3.files.keys(), ...s3.uploads.keys()]).toEqual([]);
    expect((await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it.each(['../secret', '/etc/passwd', 'a//b', 'a/../b', ''])('refuses the key %o', async (key) => {
    await expect(make().put(key, iterate(Buffer.from('x')))).rejects.toThrow('no key');
  });
});

describe('a folder', () => {
  it('that cannot be used says why, without its path', async () => {
    await writeFile(join(folder, 'file'), '');
    const store = new FolderStore(join(folder, 'file'));
    const failed = await store.put(KEY, iterate(Buffer.from('x'))).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'recording-store-failed' });
    expect(String(failed)).not.toContain(folder);
  });
});

describe('S3', () => {
  it('refuses another secret', async () => {
    const store = new S3Store({ ...s3.options, secret: 'wrong' });
    await expect(store.put(KEY, iterate(Buffer.from('x')))).rejects.toMatchObject({
      code: 'recording-store-failed',
      data: { reason: 'SignatureDoesNotMatch' },
    });
  });

  it('says that the bucket is not there', async () => {
    const store = new S3Store({ ...s3.options, bucket: 'other' });
    await expect(store.get(KEY)).rejects.toMatchObject({ data: { reason: 'NoSuchBucket' } });
  });

  it('sends what is large in parts, and gives an upload up whose third part is refused', async () => {
    const store = new S3Store(s3.options);
    const key = `calls/${KEY}`;
    await store.put(KEY, iterate(randomBytes(2_500)));
    const part = `PUT ${key}?partNumber&uploadId`;
    expect(s3.requests).toEqual([`POST ${key}?uploads`, part, part, part, `POST ${key}?uploadId`]);
    s3.requests.length = 0;
    s3.fail = (request) =>
      request.includes('partNumber') && s3.requests.length === 4
        ? { status: 503, code: 'SlowDown' }
        : undefined;
    await expect(store.put(KEY, iterate(randomBytes(5_000)))).rejects.toMatchObject({
      data: { reason: 'SlowDown' },
    });
    expect(s3.uploads.size).toBe(0);
    expect(s3.files.get(KEY)).toHaveLength(2_500);
  });

  it('is not believed when it answers 200 to an upload that it could not put together', async () => {
    s3.fail = (request) => {
      if (request.includes('partNumber')) for (const { parts } of s3.uploads.values()) parts.delete(1);
      return undefined;
    };
    const put = new S3Store(s3.options).put(KEY, iterate(randomBytes(2_500)));
    await expect(put).rejects.toMatchObject({ data: { reason: 'InvalidPart' } });
  });

  it.each([
    ['cut' as const, 'it cannot be reached'],
    ['hang' as const, 'it did not answer in time'],
    [{ status: 500, code: 'InternalError' }, 'InternalError'],
  ])('that answers with %o is told as such', async (failure, reason) => {
    s3.fail = () => failure;
    const store = new S3Store({ ...s3.options, requestMs: 300 });
    await expect(store.put(KEY, iterate(Buffer.from('x')))).rejects.toMatchObject({ data: { reason } });
  });
});
