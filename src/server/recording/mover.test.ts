import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/postgres.ts';
import { iterate, MemoryStore } from '../../../test/harness/recordings-double.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import { RecordingMover } from './mover.ts';
import type { RecordingSwitch } from './ports.ts';
import { type RecordingRow, Recordings } from './recordings.ts';
import { recordingMigrations } from './schema.ts';
import { Spool } from './spool.ts';

/** One second of stereo: left loud, right half as loud. */
function wav(ms = 1_000): Buffer {
  const frames = ms * 8;
  const file = Buffer.alloc(44 + frames * 4);
  file.write('RIFF', 0).toString();
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(2, 22);
  file.writeUInt32LE(8_000, 24);
  file.writeUInt32LE(32_000, 28);
  file.writeUInt16LE(4, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(frames * 4, 40);
  for (let n = 0; n < frames; n++) {
    file.writeInt16LE(n % 2 === 0 ? 20_000 : -20_000, 44 + n * 4);
    file.writeInt16LE(10_000, 46 + n * 4);
  }
  return file;
}

let test: TestDatabase;
let recordings: Recordings;
let clock: VirtualClock;
let folder: string;
let store: MemoryStore;
let onSwitch: Map<string, Buffer>;
let down: boolean;
let tried: string[];
let errors: string[];
let mover: RecordingMover;
let told: (() => void)[];

beforeAll(async () => {
  test = await testDatabase(recordingMigrations);
  recordings = new Recordings(test.db);
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.db.query('TRUNCATE recording, recording_access');
  clock = new VirtualClock();
  folder = await mkdtemp(join(tmpdir(), 'spool-'));
  store = new MemoryStore();
  onSwitch = new Map();
  down = false;
  tried = [];
  errors = [];
  told = [];
  mover = await newMover();
});
afterEach(async () => {
  await mover.close();
  await rm(folder, { recursive: true, force: true });
});

const node = (): RecordingSwitch => {
  const asked = () => {
    if (down) throw new CodedError('switch-down');
  };
  const nothing = () => Promise.reject(new Error('not asked here'));
  return {
    startRecording: nothing,
    pauseRecording: nothing,
    stopRecording: nothing,
    list: nothing,
    readRecording: async (id) => {
      asked();
      const file = onSwitch.get(id);
      if (!file) throw new CodedError('not-found', { what: 'recording' });
      return iterate(file);
    },
    deleteRecording: async (id) => {
      asked();
      onSwitch.delete(id);
    },
  };
};

async function newMover(spoolBytes = 1_000_000): Promise<RecordingMover> {
  const spool = new Spool(folder, spoolBytes);
  await spool.open();
  return new RecordingMover({
    recordings,
    spool,
    store,
    clock,
    switchOf: () => node(),
    onTried: (id, error) => {
      tried.push(error instanceof CodedError ? `${id}: ${error.code}` : id);
      for (const tell of told.splice(0)) tell();
    },
    onError: (what, error) => errors.push(`${what}: ${String(error)}`),
  });
}

async function finished(id: string, more: { retentionDays?: number } = {}): Promise<void> {
  const startedAt = clock.now() - 1_000;
  await recordings.add(test.db, {
    id,
    conversationId: 'conv',
    callId: 'call',
    legId: `leg_${id}`,
    platformId: 'p',
    direction: 'inbound',
    queueId: null,
    userIds: [],
    why: 'rule',
    byUser: null,
    startedAt,
    retentionDays: more.retentionDays ?? null,
  });
  onSwitch.set(id, wav());
  await recordings.finish(id, clock.now());
}

async function tryNow(): Promise<void> {
  const next = new Promise<void>((resolve) => told.push(resolve));
  mover.wake();
  await next;
}

/** What has to become true while the database works. */
const row = (id: string) => recordings.find(id) as Promise<RecordingRow>;

describe('a finished recording', () => {
  it('is stored, measured, and then deleted on the switch and in the spool', async () => {
    await finished('rec_1');
    await tryNow();
    await expect.poll(async () => (await row('rec_1')).onSwitch).toBe(false);
    const { storeKey, ...stored } = await row('rec_1');
    expect(stored).toMatchObject({ state: 'stored', ms: 1_000, bytes: 32_044, error: null });
    expect(stored.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(storeKey).toBe('2026/01/05/rec_1.wav');
    expect(store.files.get(storeKey ?? '')?.equals(wav())).toBe(true);
    const peaks = await recordings.peaks('rec_1');
    expect([peaks?.left, peaks?.right]).toEqual([Array(10).fill(156), Array(10).fill(78)]);
    expect([onSwitch.size, await readdir(folder)]).toEqual([0, []]);
  });

  it('stays on the switch while the store is away, is visible, and is stored when it is back', async () => {
    store.broken = 'the disk is full';
    await finished('rec_1');
    await finished('rec_2');
    await tryNow();
    await expect.poll(() => tried.length).toBe(2);
    expect([...onSwitch.keys()]).toEqual(['rec_1', 'rec_2']);
    await expect.poll(() => recordings.backlog()).toMatchObject({ waiting: 2, failing: 2 });
    expect((await recordings.backlog()).error).toContain('the disk is full');
    store.broken = undefined;
    await clock.advance(2_000);
    await tryNow();
    await expect.poll(async () => (await recordings.backlog()).waiting).toBe(0);
    await expect.poll(() => onSwitch.size).toBe(0);
    expect(store.files.size).toBe(2);
  });

  it('waits longer after each failure, and is tried at once when somebody says so', async () => {
    store.broken = 'away';
    await finished('rec_1');
    await tryNow();
    for (let n = 1; n < 5; n++) {
      await expect.poll(async () => (await row('rec_1')).attempts).toBe(n);
      await clock.advance(((await row('rec_1')).nextAt ?? 0) - clock.now());
      await tryNow();
    }
    await expect.poll(async () => (await row('rec_1')).attempts).toBe(5);
    expect(((await row('rec_1')).nextAt ?? 0) - clock.now()).toBeGreaterThan(10_000);
    store.broken = undefined;
    const next = new Promise<void>((resolve) => told.push(resolve));
    await mover.retry();
    await next;
    await expect.poll(async () => (await row('rec_1')).state).toBe('stored');
  });

  it('is read from the switch once, however often the store refuses it, also after a restart', async () => {
    store.broken = 'away';
    await finished('rec_1');
    await tryNow();
    await expect.poll(async () => (await row('rec_1')).attempts).toBe(1);
    await mover.close();
    onSwitch.clear();
    store.broken = undefined;
    mover = await newMover();
    await clock.advance(5_000);
    await tryNow();
    await expect.poll(async () => (await row('rec_1')).state).toBe('stored');
  });

  it('waits on the switch when the spool is full, and says so', async () => {
    await mover.close();
    mover = await newMover(40_000);
    store.broken = 'away';
    await finished('rec_1');
    await finished('rec_2');
    await tryNow();
    await expect.poll(() => tried).toEqual(['rec_1: recording-store-failed', 'rec_2: recording-spool-full']);
    expect([[...onSwitch.keys()], await readdir(folder)]).toEqual([['rec_1', 'rec_2'], ['rec_1.wav']]);
    store.broken = undefined;
    for (let n = 0; n < 2; n++) {
      await clock.advance(5_000);
      mover.wake();
      await expect.poll(() => store.files.size).toBeGreaterThan(n);
    }
    await expect.poll(async () => (await recordings.backlog()).waiting).toBe(0);
  });

  it('waits while its switch is away', async () => {
    down = true;
    await finished('rec_1');
    await tryNow();
    expect(tried).toEqual(['rec_1: switch-down']);
    down = false;
    await expect.poll(async () => (await row('rec_1')).attempts).toBe(1);
    await clock.advance(5_000);
    await tryNow();
    await expect.poll(async () => (await row('rec_1')).state).toBe('stored');
  });

  it('that the switch has lost is failed after three questions', async () => {
    await finished('rec_1');
    onSwitch.clear();
    for (let n = 1; n <= 3; n++) {
      await tryNow();
      await expect
        .poll(async () => (await row('rec_1')).state === 'failed' || (await row('rec_1')).attempts === n)
        .toBe(true);
      await clock.advance(20_000);
    }
    await expect.poll(async () => (await row('rec_1')).state).toBe('failed');
  });
});

describe('the sweep', () => {
  it('deletes on the switch what could not be deleted there when it was stored', async () => {
    await finished('rec_1');
    await recordings.stored('rec_1', 'k.wav', {
      bytes: 1,
      ms: 1,
      sha256: '',
      peaks: { left: [], right: [] },
    });
    mover.start();
    await expect.poll(() => onSwitch.size).toBe(0);
    await expect.poll(async () => (await row('rec_1')).onSwitch).toBe(false);
  });

  it('deletes the sound when its days are over, and no sooner, and keeps the row', async () => {
    await finished('rec_1', { retentionDays: 2 });
    await finished('rec_2');
    await tryNow();
    await expect.poll(() => store.files.size).toBe(2);
    mover.start();
    await clock.advance(2 * 86_400_000 - 700_000);
    expect(store.files.size).toBe(2);
    await clock.advance(1_400_000);
    await expect.poll(() => [...store.files.keys()], { timeout: 10_000 }).toEqual(['2026/01/05/rec_2.wav']);
    await expect.poll(async () => (await row('rec_1')).state).toBe('deleted');
    expect(errors).toEqual([]);
  });
});
