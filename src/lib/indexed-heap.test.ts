import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IndexedHeap } from './indexed-heap.ts';

interface Entry {
  key: number;
  place: number;
}

class Keys extends IndexedHeap<Entry> {
  protected before(a: Entry, b: Entry): boolean {
    return a.key < b.key;
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
      const entries = Array.from({ length: 10 }, () => ({ key: 0, place: -1 }));
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
        expect(heap.first?.key).toBe([...inside].map((one) => one.key).sort((a, b) => a - b)[0]);
        expect([heap.size, [...heap].every((one) => inside.has(one))]).toEqual([inside.size, true]);
      }
    }),
    { numRuns: 2_000 },
  );
});
