import { describe, expect, it } from 'vitest';
import { describeSpan, formatBytes } from './amounts.ts';

describe('amounts', () => {
  it('of bytes are short', () => {
    expect(formatBytes(0, 'en-GB')).toBe('0 bytes');
    expect(formatBytes(999, 'en-GB')).toBe('999 bytes');
    expect(formatBytes(1_440_000_000, 'en-GB')).toBe('1.44 GB');
  });
  it('of time name their two largest units', () => {
    expect(describeSpan(30_000)).toBe('less than a minute');
    expect(describeSpan(61 * 60_000)).toBe('1 hour 1 minute');
    expect(describeSpan((2 * 1440 + 60 * 3 + 5) * 60_000)).toBe('2 days 3 hours');
    expect(describeSpan(2 * 1440 * 60_000)).toBe('2 days');
  });
});
