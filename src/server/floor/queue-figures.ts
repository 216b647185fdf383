/**
 * What one queue did today and in the last hour, kept up event by event: who left it and how, and the most that waited in each
 * minute. Pure: time is passed in, and only grows.
 */
import type { QueueMinute } from '../../protocol/floor.ts';
import { type Departures, type ServiceLevel, serviceLevel } from '../../protocol/service-levels.ts';

/** Somebody has left the queue to an agent, or has given up. */
export interface Departure {
  /** UTC milliseconds. */
  at: number;
  waitMs: number;
  answered: boolean;
}

export const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const MINUTES = 60;

export class QueueFigures {
  #level: ServiceLevel;
  #midnight: number;
  /** Of today and of the last hour, in order. */
  #departures: Departure[] = [];
  /** The first of them that is of the last hour. */
  #hourFrom = 0;
  #hour = none();
  #today = none();
  #minutes: QueueMinute[] = [];
  #waiting = 0;

  /** @param midnight when today began, UTC milliseconds. */
  constructor(level: ServiceLevel, midnight: number) {
    this.#level = level;
    this.#midnight = midnight;
  }

  get today(): Readonly<Departures> {
    return this.#today;
  }

  /** 0 to 1, or null. */
  get levelToday(): number | null {
    return serviceLevel(this.#level.count, this.#today);
  }

  get levelOfHour(): number | null {
    return serviceLevel(this.#level.count, this.#hour);
  }

  /** The oldest first; at most sixty. */
  get minutes(): readonly QueueMinute[] {
    return this.#minutes;
  }

  /** It is counted another way from now on, today's departures too. */
  setLevel(level: ServiceLevel): void {
    this.#level = level;
    this.#recount();
  }

  left(departure: Departure): void {
    this.advance(departure.at, this.#midnight);
    this.#departures.push(departure);
    count(this.#hour, this.#level, departure, 1);
    if (departure.at >= this.#midnight) count(this.#today, this.#level, departure, 1);
    this.#noteMinute(departure.at);
  }

  /** So many wait from now on. */
  waits(now: number, waiting: number): void {
    this.#waiting = waiting;
    this.#noteMinute(now);
  }

  /** Time has passed: what is older than an hour is of the last hour no more, and a new day counts from nothing. */
  advance(now: number, midnight: number): void {
    if (midnight !== this.#midnight) {
      this.#midnight = midnight;
      this.#recount();
    }
    for (let first = this.#departures[this.#hourFrom]; first; first = this.#departures[this.#hourFrom]) {
      if (first.at > now - HOUR_MS) break;
      count(this.#hour, this.#level, first, -1);
      this.#hourFrom++;
    }
    this.#noteMinute(now);
    const forgotten = this.#departures.findIndex(
      (one, index) => one.at >= midnight || index >= this.#hourFrom,
    );
    if (forgotten <= 0) return;
    this.#departures = this.#departures.slice(forgotten);
    this.#hourFrom -= forgotten;
  }

  #noteMinute(now: number): void {
    const at = now - (now % MINUTE_MS);
    const last = this.#minutes.at(-1);
    if (last && at <= last.at) {
      last.waiting = Math.max(last.waiting, this.#waiting);
      last.serviceLevel = this.levelOfHour;
      return;
    }
    this.#minutes.push({ at, waiting: this.#waiting, serviceLevel: this.levelOfHour });
    while (this.#minutes.length > MINUTES || (this.#minutes[0]?.at ?? at) <= at - HOUR_MS)
      this.#minutes.shift();
  }

  #recount(): void {
    this.#hour = none();
    this.#today = none();
    this.#departures.forEach((one, index) => {
      if (index >= this.#hourFrom) count(this.#hour, this.#level, one, 1);
      if (one.at >= this.#midnight) count(this.#today, this.#level, one, 1);
    });
  }
}

function none(): Departures {
  return { answered: 0, answeredInTime: 0, abandoned: 0, abandonedInTime: 0, abandonedShort: 0 };
}

function count(into: Departures, level: ServiceLevel, { waitMs, answered }: Departure, by: 1 | -1): void {
  const inTime = waitMs <= level.seconds * 1_000;
  if (answered) {
    into.answered += by;
    if (inTime) into.answeredInTime += by;
    return;
  }
  into.abandoned += by;
  if (inTime) into.abandonedInTime += by;
  if (waitMs <= level.shortSeconds * 1_000) into.abandonedShort += by;
}
