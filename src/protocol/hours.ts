/**
 * Business hours: when calls to a number are taken, and what becomes of them else. Everything is said in the wall time of one
 * IANA zone, and an instant is judged by what the clocks there show: an hour that a change to summer time leaves out is never
 * open, one that comes twice in autumn is open twice.
 */
import { z } from 'zod';
import { Zone } from './setup.ts';

const Clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 09:00');
const ClockOrMidnight = z.union([Clock, z.literal('24:00')], 'a time such as 17:30, at most 24:00');

/** From a time to another of the same day; what goes over midnight is two. */
export const OpenTime = z
  .object({ from: Clock, to: ClockOrMidnight })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'later than the beginning' });
export type OpenTime = z.infer<typeof OpenTime>;

const OpenTimes = z
  .array(OpenTime)
  .max(10)
  .refine(
    (times) =>
      [...times].sort(byFrom).every(({ from }, at, sorted) => at === 0 || (sorted[at - 1]?.to ?? '') <= from),
    'two times overlap',
  );

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;
export type Weekday = (typeof WEEKDAYS)[number];
const Week = z.object(
  Object.fromEntries(WEEKDAYS.map((day) => [day, OpenTimes])) as Record<Weekday, typeof OpenTimes>,
);

const Name = z.string().trim().min(1, 'this is needed').max(80);
const Day = z.string().refine(isDay, 'a day such as 2026-12-25');

/** `date` of a yearly one is `MM-DD`. `open`: when it is open after all; empty: closed all day. */
export const Holiday = z.object({
  label: Name,
  date: z.union(
    [Day, z.string().refine((text) => isDay(`2024-${text}`), '')],
    'a day such as 2026-12-25, or 12-25 of every year',
  ),
  open: OpenTimes,
});
export type Holiday = z.infer<typeof Holiday>;

const WallTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 2026-12-01T14:00')
  .refine((text) => isDay(text.slice(0, 10)), 'a day that there is');

/** Once, whatever else would hold. */
export const Closure = z
  .object({ label: Name, from: WallTime, to: WallTime })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'later than the beginning' });
export type Closure = z.infer<typeof Closure>;

/** What becomes of a call outside the hours. */
export const WhenClosed = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('message'), text: z.string().trim().min(1, 'what callers hear').max(1_000) }),
  /** Another queue, whatever its own hours. */
  z.object({ kind: z.literal('queue'), queueId: z.string().min(1, 'choose the queue').max(80) }),
  /** A number outside, by a trunk. */
  z.object({ kind: z.literal('number'), number: z.string().trim().min(3, 'a telephone number').max(40) }),
]);
export type WhenClosed = z.infer<typeof WhenClosed>;

const Ids = z.array(z.string().max(80)).max(1_000);

export const BusinessHoursInput = z.object({
  label: Name,
  zone: Zone,
  week: Week,
  holidays: z.array(Holiday).max(400),
  closures: z.array(Closure).max(100),
  whenClosed: WhenClosed,
  /** Hold for every number for which no others are set. */
  isDefault: z.boolean().default(false),
  /** Numbers they hold for; these go before the queue that a number leads to. */
  numberIds: Ids.default([]),
  queueIds: Ids.default([]),
});
export type BusinessHoursInput = z.infer<typeof BusinessHoursInput>;

export const BusinessHours = BusinessHoursInput.extend({ id: z.string() });
export type BusinessHours = z.infer<typeof BusinessHours>;

export type HoursState =
  | { open: true }
  | { open: false; because: 'closure' | 'holiday' | 'hours'; label?: string };

/** Whether it is open at an instant (UTC milliseconds). */
export function hoursAt(hours: BusinessHoursInput, at: number): HoursState {
  const { date, time } = wallTime(hours.zone, at);
  const now = `${date}T${time}`;
  const closure = hours.closures.find(({ from, to }) => from <= now && now < to);
  if (closure) return { open: false, because: 'closure', label: closure.label };
  const holiday = holidayOn(hours, date);
  const times = holiday?.open ?? hours.week[weekdayOf(date)];
  if (times.some(({ from, to }) => from <= time && time < to)) return { open: true };
  return holiday
    ? { open: false, because: 'holiday', label: holiday.label }
    : { open: false, because: 'hours' };
}

export const DayPreview = z.object({
  /** `YYYY-MM-DD` in the hours' zone. */
  date: z.string(),
  weekday: z.enum(WEEKDAYS),
  open: z.array(z.object({ from: z.string(), to: z.string() })),
  holiday: z.string().optional(),
  /** Closures that take something of the day. */
  closures: z.array(z.string()),
});
export type DayPreview = z.infer<typeof DayPreview>;

/** What the days from an instant on look like, holidays and closures taken off. */
export function previewDays(hours: BusinessHoursInput, from: number, days = 7): DayPreview[] {
  const first = wallTime(hours.zone, from).date;
  return Array.from({ length: days }, (_, ahead) => {
    const date = addDays(first, ahead);
    const holiday = holidayOn(hours, date);
    const taking = hours.closures.filter((one) => one.from < `${date}T24:00` && one.to > `${date}T00:00`);
    const open = taking.reduce(
      (times, closure) => without(times, closure, date),
      [...(holiday?.open ?? hours.week[weekdayOf(date)])],
    );
    return {
      date,
      weekday: weekdayOf(date),
      open: open.sort(byFrom),
      closures: taking.map(({ label }) => label),
      ...(holiday ? { holiday: holiday.label } : {}),
    };
  });
}

/** A dated holiday goes before a yearly one. */
function holidayOn({ holidays }: BusinessHoursInput, date: string): Holiday | undefined {
  return holidays.find((one) => one.date === date) ?? holidays.find((one) => one.date === date.slice(5));
}

function without(times: OpenTime[], closure: Closure, date: string): OpenTime[] {
  const begin = closure.from <= `${date}T00:00` ? '00:00' : closure.from.slice(11);
  const end = closure.to >= `${date}T24:00` ? '24:00' : closure.to.slice(11);
  return times.flatMap(({ from, to }) =>
    [
      { from, to: to < begin ? to : begin },
      { from: from > end ? from : end, to },
    ].filter((part) => part.from < part.to),
  );
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** The instant when the day of `at` began in the zone, in UTC milliseconds: not always midnight, where clocks are changed then. */
export function startOfDay(zone: string, at: number): number {
  const today = wallTime(zone, at).date;
  let before = at - 26 * 3_600_000;
  let within = at;
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2);
    if (wallTime(zone, middle).date === today) within = middle;
    else before = middle;
  }
  return within;
}

/** What the clocks of a zone show: `2026-03-29` and `09:30`. */
export function wallTime(zone: string, at: number): { date: string; time: string } {
  let format = FORMATS.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    FORMATS.set(zone, format);
  }
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return { date: `${part.year}-${part.month}-${part.day}`, time: `${part.hour}:${part.minute}` };
}

function weekdayOf(date: string): Weekday {
  const sundayFirst = new Date(`${date}T00:00:00Z`).getUTCDay();
  return WEEKDAYS[(sundayFirst + 6) % 7] ?? 'monday';
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** February 30 parses as March: only a day that comes back the same is one. */
function isDay(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text;
}

function byFrom(a: OpenTime, b: OpenTime): number {
  return a.from < b.from ? -1 : a.from > b.from ? 1 : 0;
}
