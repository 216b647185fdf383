/**
 * A binary heap whose entries know their places, so that any of them can be taken out or moved in O(log n). A kind of heap is a
 * subclass: it says the order, and where an entry keeps its place (-1 while it is in none); an entry is in one heap of a
 * kind at a time. Keys lie beside each other, apart from the entries: most comparisons touch nothing else.
 */
export abstract class IndexedHeap<T> {
  readonly #entries: T[] = [];
  readonly #keys: number[] = [];

  /** What orders first, the smallest before; what it is when the entry is put counts until it is put again. */
  protected abstract keyOf(entry: T): number;
  /** Between two of the same key. */
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

  /** Puts the entry in, or where it belongs now when it is in. */
  put(entry: T): void {
    const place = this.placeOf(entry);
    const key = this.keyOf(entry);
    if (place >= 0) return this.#move(entry, key, place);
    this.#keys.push(key);
    this.#up(entry, key, this.#entries.push(entry) - 1);
  }

  /** Nothing happens when it is not in. */
  remove(entry: T): void {
    const place = this.placeOf(entry);
    if (place < 0) return;
    this.setPlace(entry, -1);
    const last = this.#entries.pop();
    const key = this.#keys.pop();
    if (last !== undefined && key !== undefined && last !== entry) this.#move(last, key, place);
  }

  #move(entry: T, key: number, place: number): void {
    if (this.#up(entry, key, place) === place) this.#down(entry, key, place);
  }

  #up(entry: T, key: number, from: number): number {
    const entries = this.#entries;
    const keys = this.#keys;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = keys[parent] as number;
      if (key > above || (key === above && !this.before(entry, entries[parent] as T))) break;
      this.#set(entries[parent] as T, above, place);
      place = parent;
    }
    this.#set(entry, key, place);
    return place;
  }

  #down(entry: T, key: number, from: number): void {
    const entries = this.#entries;
    const keys = this.#keys;
    const { length } = entries;
    let place = from;
    for (let child = 2 * place + 1; child < length; child = 2 * place + 1) {
      const right = child + 1;
      if (right < length && this.#isBefore(right, child)) child = right;
      const below = keys[child] as number;
      if (below > key || (below === key && !this.before(entries[child] as T, entry))) break;
      this.#set(entries[child] as T, below, place);
      place = child;
    }
    this.#set(entry, key, place);
  }

  #isBefore(a: number, b: number): boolean {
    const of = this.#keys[a] as number;
    const than = this.#keys[b] as number;
    return of < than || (of === than && this.before(this.#entries[a] as T, this.#entries[b] as T));
  }

  #set(entry: T, key: number, place: number): void {
    this.#entries[place] = entry;
    this.#keys[place] = key;
    this.setPlace(entry, place);
  }
}
