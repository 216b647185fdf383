/** With the real worker thread, which takes real time: what is waited for is its own doing. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settle, VirtualClock } from '../../lib/clock.ts';
import { SimulationFile, type SimulationJob } from '../../protocol/simulation.ts';
import { SimulationJobs } from './simulation-jobs.ts';

const day = (runs: number, b?: object) =>
  SimulationFile.parse({
    to: '09:00',
    runs,
    demand: [{ queueId: 'q', talk: { mean: 120 }, arrivals: [{ from: '08:00', to: '09:00', perHour: 60 }] }],
    a: {
      queues: [{ id: 'q' }],
      agents: [{ name: 'A', count: 3, queueIds: ['q'], shifts: [{ from: '08:00', to: '10:00' }] }],
    },
    ...(b ? { b } : {}),
  });

describe('simulations of the server', () => {
  let jobs: SimulationJobs;
  const errors: unknown[] = [];
  beforeEach(() => {
    errors.length = 0;
    jobs = new SimulationJobs({
      clock: new VirtualClock(1_000),
      onError: (_what, error) => errors.push(error),
    });
  });
  afterEach(() => jobs.close());

  const until = (id: string, done: (job: SimulationJob) => boolean) =>
    vi.waitFor(() => expect(done(jobs.read(id))).toBe(true), { timeout: 50_000, interval: 20 });

  it('are played in a thread beside, one after the other', async () => {
    const first = jobs.start(day(2));
    const second = jobs.start(day(1));
    expect([first, second].map(({ id }) => jobs.read(id).state)).toEqual(['running', 'waiting']);
    await until(second.id, ({ state }) => state === 'done');
    expect(jobs.read(first.id)).toMatchObject({
      state: 'done',
      share: 1,
      at: 1_000,
      result: { runs: 2, b: null },
    });
    expect(jobs.list().map(({ id, result }) => ({ id, result }))).toEqual([
      { id: second.id, result: null },
      { id: first.id, result: null },
    ]);
    expect(errors).toEqual([]);
  });

  it('end when they are cancelled, and let the next one begin', async () => {
    const long = jobs.start(day(200));
    const unwanted = jobs.start(day(1));
    const next = jobs.start(day(1));
    await until(long.id, ({ share }) => share > 0);
    expect((await jobs.cancel(long.id)).state).toBe('cancelled');
    expect((await jobs.cancel(unwanted.id)).state).toBe('cancelled');
    await until(next.id, ({ state }) => state === 'done');
    expect(jobs.read(long.id)).toMatchObject({ state: 'cancelled', result: null });
    expect(jobs.read(unwanted.id).state).toBe('cancelled');
    expect(errors).toEqual([]);
    // What is over stays as it is.
    expect((await jobs.cancel(next.id)).state).toBe('done');
  });

  it('never begin when the server closes while they wait', async () => {
    const [running, ...waiting] = [day(200), day(1), day(1)].map((file) => jobs.start(file).id);
    const closed = jobs.close();
    await settle();
    // The thread of the first one is still being ended.
    expect(waiting.map((id) => jobs.read(id).state)).toEqual(['cancelled', 'cancelled']);
    await closed;
    expect(jobs.read(running ?? '').state).toBe('cancelled');
  });

  it('are refused at once where B is none, or too many wait', () => {
    expect(() => jobs.start(day(1, { agents: [{ name: 'New' }] }))).toThrow(/b\.agents\.1/);
    for (let n = 0; n < 6; n++) jobs.start(day(1));
    expect(() => jobs.start(day(1))).toThrow(expect.objectContaining({ code: 'too-many' }));
    expect(() => jobs.read('nothing')).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});
