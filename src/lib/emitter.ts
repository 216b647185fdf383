/**
 * A typed event emitter. A listener that throws (or rejects) never reaches the emitter's owner:
 * its error goes to `onListenerError`, and the other listeners still run (DESIGN section 3).
 */
type Listener<A extends unknown[]> = (...args: A) => unknown;

export type EventMap = { [event: string]: unknown[] };

export class Emitter<Events extends EventMap> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never[]>>>();
  readonly #onListenerError: (error: unknown, event: string) => void;

  constructor(onListenerError: (error: unknown, event: string) => void) {
    this.#onListenerError = onListenerError;
  }

  /** Calls `listener` on each `event`, in the order of registration. Returns the function that stops it. */
  on<K extends keyof Events>(event: K, listener: Listener<Events[K]>): () => void {
    const set = this.#listeners.get(event) ?? new Set();
    set.add(listener as Listener<never[]>);
    this.#listeners.set(event, set);
    return () => set.delete(listener as Listener<never[]>);
  }

  emit<K extends keyof Events>(event: K, ...args: Events[K]): void {
    const listeners = this.#listeners.get(event);
    const before = [...(listeners ?? [])]; // one that is added now hears the next event
    for (const listener of before) {
      if (!listeners?.has(listener)) continue; // one before it has stopped it
      try {
        const result = (listener as Listener<Events[K]>)(...args);
        if (result instanceof Promise) result.catch((e: unknown) => this.#onListenerError(e, String(event)));
      } catch (error) {
        this.#onListenerError(error, String(event));
      }
    }
  }
}
