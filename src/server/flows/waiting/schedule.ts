/** When a waiting caller is told what: announcements, comfort messages in turn, and once the offer of a callback. Pure. */
import type { QueueWaiting } from '../../../protocol/waiting.ts';

/** A comfort message is told by its index. */
export type Told = 'announcement' | 'offer' | number;

export interface Due {
  what: 'announcement' | 'offer' | 'comfort';
  /** UTC milliseconds. */
  at: number;
}

/** What falls due while something else is said, or within this many milliseconds after it, waits for so long. */
const APART_MS = 5_000;

export class Schedule {
  readonly #settings: QueueWaiting;
  #due: Due[];
  #comforted: number;

  /** @param since when he entered the queue; what was due before `now` is left out. */
  constructor(settings: QueueWaiting, since: number, now: number) {
    const { announcements, comfort, callback, voicemail } = settings;
    this.#settings = settings;
    const says = announcements.position || announcements.wait;
    const keys = callback.key !== null || voicemail.key !== null;
    const offers = callback.key !== null && callback.offerAfterMs !== null;
    const all: (Due | undefined)[] = [
      says || keys
        ? first('announcement', since + announcements.firstMs, announcements.everyMs, now)
        : undefined,
      offers ? first('offer', since + (callback.offerAfterMs ?? 0), 0, now) : undefined,
      comfort.texts.length > 0 ? first('comfort', since + comfort.everyMs, comfort.everyMs, now) : undefined,
    ];
    this.#due = all.filter((one) => one !== undefined);
    this.#comforted = Math.max(0, Math.floor((now - since) / comfort.everyMs));
  }

  /** What comes next; undefined when nothing does. */
  next(): Due | undefined {
    return this.#due.reduce<Due | undefined>(
      (next, one) => (next === undefined || one.at < next.at ? one : next),
      undefined,
    );
  }

  /** It is said now. */
  take(due: Due, now: number): Told {
    const { announcements, comfort } = this.#settings;
    const every = { announcement: announcements.everyMs, comfort: comfort.everyMs, offer: 0 }[due.what];
    this.#due = this.#due
      .filter((one) => one !== due || every > 0)
      .map((one) => ({ ...one, at: one === due ? now + every : Math.max(one.at, now + APART_MS) }));
    if (due.what !== 'comfort') return due.what;
    return this.#comforted++ % comfort.texts.length;
  }
}

function first(what: Due['what'], at: number, everyMs: number, now: number): Due | undefined {
  if (at >= now) return { what, at };
  return everyMs === 0 ? undefined : { what, at: at + Math.ceil((now - at) / everyMs) * everyMs };
}
