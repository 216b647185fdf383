import { afterEach, describe, expect, it, vi } from 'vitest';
import { newId, randomToken, readableId } from './ids.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('an id', () => {
  it('has its prefix and 22 characters that no one mistakes for one another', () => {
    expect(newId('call')).toMatch(/^call_[0-9a-hjkmnp-tv-z]{22}$/);
  });

  it('sorts by the millisecond of its making, also where the time gets one more digit', () => {
    vi.useFakeTimers();
    const made = [
      0,
      31,
      32,
      1_023,
      1_024,
      Date.UTC(2026, 0, 1),
      Date.UTC(2026, 0, 1) + 1,
      Date.UTC(9999, 0, 1),
    ].map((at) => {
      vi.setSystemTime(at);
      return newId('x');
    });
    expect([...made].sort()).toEqual(made);
  });

  it('is one of its kind among a hundred thousand of the same millisecond', () => {
    vi.useFakeTimers();
    const ids = Array.from({ length: 100_000 }, () => newId('x'));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('a readable id', () => {
  const idOf = (label: string) => readableId(label, 'crm', (id) => id === 'builtin');

  it('is what stays of the label', () => {
    expect(idOf(' Head Office (London) ')).toBe('head-office-london');
    expect(idOf('x'.repeat(40))).toHaveLength(32);
  });

  it('is a new one where nothing stays of the label, or it is taken', () => {
    for (const label of ['中央', 'Builtin']) expect(idOf(label)).toMatch(/^crm-[a-z0-9]+$/);
  });
});

describe('a random token', () => {
  it('is as long as asked and uses the whole alphabet evenly', () => {
    const text = randomToken(32_000);
    const counts = new Map<string, number>();
    for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect(text).toHaveLength(32_000);
    expect(counts.size).toBe(32);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(250);
  });
});
