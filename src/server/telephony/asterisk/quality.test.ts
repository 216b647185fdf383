import { describe, expect, it } from 'vitest';
import { legQuality, meanOpinion } from './quality.ts';

describe('the quality of a leg', () => {
  it('is unknown before any packet', () => {
    expect(legQuality({})).toBeUndefined();
    expect(legQuality({ txcount: 0, rxcount: 0 })).toBeUndefined();
  });

  it('is in milliseconds and shares, of the worse direction', () => {
    const quality = legQuality({
      txcount: 100,
      rxcount: 90,
      rxjitter: 0.004,
      rxploss: 10,
      txploss: 2,
      rtt: 0.03,
    });
    expect(quality).toMatchObject({ jitterMs: 4, lossRatio: 0.1, rttMs: 30 });
  });

  it('never believes in less than nothing, or more than all', () => {
    expect(legQuality({ rxcount: 10, rxploss: -3, txploss: 40, rtt: -1 })).toMatchObject({
      lossRatio: 0,
      rttMs: 0,
    });
    expect(legQuality({ txcount: 10, txploss: 40 })?.lossRatio).toBe(1);
  });

  it('is heard as the E-model says', () => {
    expect(meanOpinion(0, 0, 0)).toBeCloseTo(4.4, 1);
    expect(meanOpinion(0, 0.01, 20)).toBeCloseTo(4.35, 1);
    expect(meanOpinion(20, 0.05, 100)).toBeCloseTo(3.95, 1); // R = 93.2 - 2.5 - 12.5
    expect(meanOpinion(0, 0.2, 600)).toBeLessThan(1.6);
    expect(meanOpinion(0, 1, 5_000)).toBe(1);
  });
});
