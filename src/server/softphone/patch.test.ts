import { applyPatch, type Operation } from 'rfc6902';
import { describe, expect, it } from 'vitest';
import { advance, copyOf } from './patch.ts';

/** What a page has after it has applied the operations. */
function applied<T>(before: T, ops: unknown[]): T {
  const page = structuredClone(before);
  for (const failed of applyPatch(page, ops as Operation[])) if (failed) throw failed;
  return page;
}

describe('a patch of the state', () => {
  it('is empty when nothing has changed, and the document is the same one', () => {
    const before = { lines: [{ id: 'a', t: { started: 1 } }], dial: { enabled: true } };
    expect(advance(before, structuredClone(before))).toEqual({ ops: [], document: before });
    expect(advance(before, structuredClone(before)).document).toBe(before);
  });

  it('names what has changed and nothing else', () => {
    const before = { lines: [{ id: 'a', state: 'alerting' }], notices: [1], gone: 1 };
    const next = { lines: [{ id: 'a', state: 'connected', muted: false }], notices: [1] };
    expect(advance<unknown>(before, next).ops).toEqual([
      { op: 'remove', path: '/gone' },
      { op: 'replace', path: '/lines/0/state', value: 'connected' },
      { op: 'add', path: '/lines/0/muted', value: false },
    ]);
  });

  it('takes a key that is undefined for absent', () => {
    const before = copyOf<{ a: number; b?: number | undefined }>({ a: 1, b: undefined });
    expect(before).toStrictEqual({ a: 1 });
    expect(advance(before, { a: 1, b: undefined }).ops).toEqual([]);
    expect(advance<typeof before>({ a: 1, b: 2 }, { a: 1, b: undefined }).ops).toEqual([
      { op: 'remove', path: '/b' },
    ]);
  });

  it('adds to a list and takes from it at either end without sending the rest', () => {
    const [a, b, c] = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
    expect(advance([b, c], [a, b, c]).ops).toEqual([{ op: 'add', path: '/0', value: a }]);
    expect(advance([a, b], [a, b, c]).ops).toEqual([{ op: 'add', path: '/2', value: c }]);
    expect(advance([a, b, c], [b, c]).ops).toEqual([{ op: 'remove', path: '/0' }]);
    expect(advance([a, b, c], []).ops.map(({ path }) => path)).toEqual(['/2', '/1', '/0']);
  });

  it('writes keys with ~ and / as a JSON pointer does', () => {
    const { ops } = advance<unknown>({ data: { 'a/b~c': 1 } }, { data: { 'a/b~c': 2 } });
    expect(ops).toEqual([{ op: 'replace', path: '/data/a~1b~0c', value: 2 }]);
    expect(applied({ data: { 'a/b~c': 1 } }, ops)).toEqual({ data: { 'a/b~c': 2 } });
  });

  it('keeps nothing of the new version that could change later', () => {
    const address = { kind: 'e164', value: '+44' };
    const { document } = advance<unknown>({ lines: [] }, { lines: [{ ani: address }] });
    address.value = '+33';
    expect(document).toEqual({ lines: [{ ani: { kind: 'e164', value: '+44' } }] });
  });

  it('leads from any document to any other', () => {
    const random = randomNumbers(712_024);
    for (let n = 0; n < 2_000; n++) {
      const before = anything(random, 4);
      const next = random() < 0.5 ? anything(random, 4) : altered(before, random);
      const { ops, document } = advance({ state: before }, { state: next });
      expect(document).toEqual({ state: next });
      expect(applied({ state: before }, ops)).toEqual({ state: next });
    }
  });
});

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) / 0x7fffff;
  };
}

function anything(random: () => number, depth: number): unknown {
  const kind = Math.floor(random() * (depth > 0 ? 5 : 3));
  const size = Math.floor(random() * 4);
  if (kind === 0) return Math.floor(random() * 3);
  if (kind === 1) return ['', 'a', 'b'][size % 3];
  if (kind === 2) return [null, true, false][size % 3];
  const parts = Array.from({ length: size }, () => anything(random, depth - 1));
  return kind === 3 ? parts : Object.fromEntries(parts.map((part, n) => ['a/~bc'.slice(n, n + 2), part]));
}

/** The same with some of its places changed. */
function altered(value: unknown, random: () => number): unknown {
  if (random() < 0.2) return anything(random, 2);
  if (Array.isArray(value))
    return value.filter(() => random() < 0.9).map((part: unknown) => altered(part, random));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, altered(part, random)]));
}
