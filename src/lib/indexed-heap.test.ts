import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IndexedHeap } from './indexed-heap.ts';

interface Entry {
  key: number;
  n: number;
  place: number;
}

class Keys extends IndexedHeap<Entry> {
  protected keyOf(entry: Entry): number {
    return entry.key;
  }
  protected before(a: Entry, b: Entry): boolean {
    return a.n < b.n;
  }
  protected placeOf(entry: Entry): number {
    return entry.place;
  }
  protected setPlace(entry: Entry, place: number): void {
    entry.place = place;
  }
}

it('has the smallest first, whatever is put in, moved and taken out', () => {
  const step = fc.record({ what: fc.constantFrom('put', 'put', 'remove'), n: fc.nat(9), key: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const entries = Array.from({ length: 10 }, (_, n) => ({ key: 0, n, place: -1 }));
      const heap = new Keys();
      const inside = new Set<Entry>();
      for (const { what, n, key } of steps) {
        const entry = entries[n] as Entry;
        if (what === 'put') {
          entry.key = key;
          heap.put(entry);
          inside.add(entry);
        } else {
          heap.remove(entry);
          inside.delete(entry);
        }
        expect(heap.first).toBe([...inside].sort((a, b) => a.key - b.key || a.n - b.n)[0]);
        expect(heap.size).toBe(inside.size);
      }
    }),
    { numRuns: 2_000 },
  );
});
