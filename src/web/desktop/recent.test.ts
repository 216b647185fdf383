import { describe, expect, it } from 'vitest';
import { addRecent, dropRecent, readRecent } from './recent.ts';

function memory(refuse = false): Storage {
  const map = new Map<string, string>();
  return {
    getItem: (key: string) => map.get(key) ?? null,
    setItem(key: string, value: string) {
      if (refuse) throw new DOMException('full', 'QuotaExceededError');
      map.set(key, value);
    },
  } as Storage;
}

const record = (n: number) => ({ id: `003${n}`, object: 'Contact', name: `Person ${n}` });
const ids = (storage: Storage, user = 'u') => readRecent(user, storage).map((one) => one.id);

describe('recent records', () => {
  it('are newest first, each once, at most twelve, and forgotten when gone', () => {
    const storage = memory();
    for (let n = 0; n < 14; n++) addRecent('u', record(n), storage);
    addRecent('u', record(5), storage);
    expect(ids(storage)).toHaveLength(12);
    expect(ids(storage).slice(0, 2)).toEqual(['0035', '00313']);
    dropRecent('u', '0035', storage);
    expect(ids(storage)).not.toContain('0035');
  });
  it('belong to the user', () => {
    const storage = memory();
    addRecent('u', record(1), storage);
    expect(ids(storage, 'v')).toEqual([]);
  });
  it('are empty when the storage holds nonsense or is full', () => {
    const storage = memory();
    storage.setItem('crosspoint.recent.u', '{"a":1}');
    expect(ids(storage)).toEqual([]);
    expect(() => addRecent('u', record(1), memory(true))).not.toThrow();
  });
});
