import { describe, expect, it } from 'vitest';
import { erlangA, erlangB, erlangC } from './erlang.ts';

/** 200 calls an hour, 240 s each: 13.3 erlangs. */
const load = { arrivalRate: 200 / 3_600, handlingSeconds: 240 };

describe('Erlang B', () => {
  it.each([
    [5, 1.88],
    [10, 5.53],
    [20, 14.0],
    [50, 41.9],
    [100, 90.8],
    [200, 190.9],
  ])('loses 3 %% of the calls with %i agents at %d erlangs', (agents, erlangs) => {
    expect(erlangB(erlangs, agents)).toBeCloseTo(0.03, 3);
  });
});

describe('Erlang C', () => {
  it.each([
    [16, 0.3872, 34.8, 0.69, 0.833],
    [17, 0.2573, 16.8, 0.81, 0.784],
  ])('agrees with the published figures for %i agents', (agents, waits, wait, level, occupancy) => {
    const figures = erlangC({ ...load, agents }, 20);
    expect(figures?.waitProbability).toBeCloseTo(waits, 4);
    expect(figures?.meanWaitSeconds).toBeCloseTo(wait, 1);
    expect(figures?.serviceLevel).toBeCloseTo(level, 3);
    expect(figures?.occupancy).toBeCloseTo(occupancy, 3);
  });

  it('has no answer where more comes than can be done', () => {
    expect(erlangC({ ...load, agents: 13 }, 20)).toBeUndefined();
  });

  it('stands 10,000 agents', () => {
    const figures = erlangC({ arrivalRate: 9_900 / 240, handlingSeconds: 240, agents: 10_000 }, 20);
    expect(figures?.occupancy).toBeCloseTo(0.99, 6);
    expect(figures?.waitProbability).toBeGreaterThan(0);
    expect(figures?.waitProbability).toBeLessThan(1);
  });
});

describe('Erlang A', () => {
  it.each([
    [14, 0.1033, 12.4, 0.723, 0.854],
    [15, 0.0739, 8.9, 0.796, 0.823],
  ])('agrees with the published figures for %i agents', (agents, abandoned, wait, level, occupancy) => {
    const figures = erlangA({ ...load, agents, patienceSeconds: 120 }, 20);
    expect(figures.abandoned).toBeCloseTo(abandoned, 4);
    expect(figures.meanWaitSeconds).toBeCloseTo(wait, 1);
    expect(figures.serviceLevel).toBeCloseTo(level, 3);
    expect(figures.occupancy).toBeCloseTo(occupancy, 3);
  });

  it('comes to Erlang C where nobody ever gives up', () => {
    const patient = erlangA({ ...load, agents: 16, patienceSeconds: 1e7 }, 20);
    const theory = erlangC({ ...load, agents: 16 }, 20);
    expect(patient.meanWaitSeconds).toBeCloseTo(theory?.meanWaitSeconds ?? 0, 1);
    expect(patient.serviceLevel).toBeCloseTo(theory?.serviceLevel ?? 0, 3);
  });

  it('stays finite where more comes than can be done, with nobody there, and with no calls', () => {
    const overrun = erlangA({ arrivalRate: 1, handlingSeconds: 240, agents: 100, patienceSeconds: 60 }, 20);
    // What can be done is done: 100 agents of 240 erlangs.
    expect(overrun.occupancy).toBeCloseTo(1, 2);
    expect(overrun.abandoned).toBeCloseTo(140 / 240, 2);
    expect(erlangA({ ...load, agents: 0, patienceSeconds: 60 }, 20).abandoned).toBe(1);
    expect(
      erlangA({ arrivalRate: 0, handlingSeconds: 240, agents: 3, patienceSeconds: 60 }, 20).serviceLevel,
    ).toBe(1);
  });
});
