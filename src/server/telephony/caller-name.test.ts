import { describe, expect, it } from 'vitest';
import { cleanCallerName } from './caller-name.ts';

describe('the name of a caller', () => {
  it.each([
    ['stays as it is', 'Zoë O’Brien 😀 شركة', 'Zoë O’Brien 😀 شركة'],
    ['loses the escapes of SIP', 'Ada \\"the\\\\first\\"', 'Ada "the\\first"'],
    ['loses control characters', 'A\u0001\u0000d\r\na\u2028', 'A d a'],
    ['cannot turn what is written after it', '\u202eecila\u2066', 'ecila'],
    ['is text, whatever it looks like', '<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['is cut between characters', '😀'.repeat(90), '😀'.repeat(80)],
    ['may be nothing', ' \u0007 ', ''],
  ])('%s', (_, given, shown) => {
    expect(cleanCallerName(given)).toBe(shown);
  });
});
