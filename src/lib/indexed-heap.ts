/**
 * A binary heap whose entries know their places, so that any of them can be taken out or moved in O(log n). A kind of heap is a
 * subclass: it says the order, and where an entry keeps its place (-1 while it is in none); an entry is in one heap of a
 * kind at a time.
 */
export abstract class IndexedHeap<T> {
  readonly #entries: T[] = [];

  protected abstract before(a: T, b: T): boolean;
  protected abstract placeOf(entry: T): number;
  protected abstract setPlace(entry: T, place: number): void;

  get size(): number {
    return this.#entries.length;
  }

  /** The first of all; undefined: it is empty. */
  get first(): T | undefined {
    return this.#entries[0];
  }

  /** All of them, in no order. Not to be altered meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return this.#entries[Symbol.iterator]();
  }

  /** Puts the entry in, or where it belongs now when it is in. */
  put(entry: T): void {
    const place = this.placeOf(entry);
    if (place < 0) this.#up(entry, this.#entries.push(entry) - 1);
    else this.#move(entry, place);
  }

  /** Nothing happens when it is not in. */
  remove(entry: T): void {
    const place = this.placeOf(entry);
    if (place < 0) return;
    this.setPlace(entry, -1);
    const last = this.#entries.pop();
    if (last !== undefined && last !== entry) this.#move(last, place);
  }

  #move(entry: T, place: number): void {
    if (this.#up(entry, place) === place) this.#down(entry, place);
  }

  #up(entry: T, from: number): number {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#entries[parent] as T;
      if (!this.before(entry, above)) break;
      this.#set(above, place);
      place = parent;
    }
    this.#set(entry, place);
    return place;
  }

  #down(entry: T, from: number): void {
    const { length } = this.#entries;
    let place = from;
    for (let child = 2 * place + 1; child < length; child = 2 * place + 1) {
      const right = child + 1;
      if (right < length && this.before(this.#entries[right] as T, this.#entries[child] as T)) child = right;
      const below = this.#entries[child] as T;
      if (!this.before(below, entry)) break;
      this.#set(below, place);
      place = child;
    }
    this.#set(entry, place);
  }

  #set(entry: T, place: number): void {
    this.#entries[place] = entry;
    this.setPlace(entry, place);
  }
}
