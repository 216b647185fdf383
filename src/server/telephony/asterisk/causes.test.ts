import { describe, expect, it } from 'vitest';
import { clearCause, type Ending } from './causes.ts';

const out = (more: Partial<Ending>): Ending => ({
  direction: 'out',
  connected: false,
  alerted: true,
  ...more,
});

describe('clearCause', () => {
  it.each([
    [486, 17, 'busy'],
    [600, 17, 'busy'],
    [603, 21, 'rejected'],
    [403, 21, 'rejected'],
    [404, 1, 'not-found'],
    [484, 28, 'not-found'],
    [503, 34, 'congestion'],
    [500, 38, 'congestion'],
  ])('says for a called phone that refuses with SIP %i (Q.850 %i): %s', (sip, q850, cause) => {
    expect(clearCause(out({ sip, q850 }))).toBe(cause);
  });

  it('says no-answer when the ring time ran out', () => {
    expect(clearCause(out({ q850: 19 }))).toBe('no-answer');
  });

  it('tells a phone that did not answer from one that was never there by whether it rang', () => {
    expect(clearCause(out({ sip: 480, q850: 19, alerted: true }))).toBe('no-answer');
    expect(clearCause(out({ sip: 480, q850: 19, alerted: false }))).toBe('unreachable');
    expect(clearCause(out({ sip: 408, q850: 18, alerted: false }))).toBe('unreachable');
  });

  it('says cancelled for a caller who gave up before the answer, with whatever cause', () => {
    for (const q850 of [0, 16, 127]) {
      expect(clearCause({ direction: 'in', connected: false, alerted: false, q850, sip: 487 })).toBe(
        'cancelled',
      );
    }
  });

  it('says normal when a connected party hangs up, failed when its line broke', () => {
    for (const direction of ['in', 'out'] as const) {
      expect(clearCause({ direction, connected: true, alerted: true, q850: 16 })).toBe('normal');
      expect(clearCause({ direction, connected: true, alerted: true, q850: 44 })).toBe('failed');
    }
  });

  it('says failed for a cause that nobody knows', () => {
    expect(clearCause(out({ q850: 99 }))).toBe('failed');
    expect(clearCause(out({}))).toBe('failed');
  });
});
