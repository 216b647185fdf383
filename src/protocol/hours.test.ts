import { describe, expect, it } from 'vitest';
import {
  type BusinessHoursInput,
  BusinessHoursInput as Schema,
  hoursAt,
  previewDays,
  WEEKDAYS,
  startOfDay,
} from './hours.ts';

const NINE_TO_FIVE = [{ from: '09:00', to: '17:00' }];

function hours(change: Partial<BusinessHoursInput> = {}): BusinessHoursInput {
  const week = Object.fromEntries(WEEKDAYS.map((day) => [day, NINE_TO_FIVE])) as BusinessHoursInput['week'];
  return {
    label: 'Office',
    zone: 'Europe/London',
    week,
    holidays: [],
    closures: [],
    whenClosed: { kind: 'message', text: 'We are closed.' },
    isDefault: false,
    numberIds: [],
    queueIds: [],
    ...change,
  };
}

const all = (times: { from: string; to: string }[]) =>
  Object.fromEntries(WEEKDAYS.map((day) => [day, times])) as BusinessHoursInput['week'];
const open = (of: BusinessHoursInput, at: string) => hoursAt(of, Date.parse(at)).open;

describe('the start of a day', () => {
  it.each([
    ['Europe/London', '2026-07-01T12:34:56.789Z', '2026-06-30T23:00:00.000Z'],
    ['Europe/London', '2026-03-29T12:00:00Z', '2026-03-29T00:00:00.000Z'],
    ['Europe/London', '2026-10-25T23:59:59.999Z', '2026-10-24T23:00:00.000Z'],
    ['UTC', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
    ['America/New_York', '2026-01-05T09:00:00Z', '2026-01-05T05:00:00.000Z'],
    // The clocks there go from 23:59 to 01:00.
    ['America/Santiago', '2026-09-06T12:00:00Z', '2026-09-06T04:00:00.000Z'],
  ])('in %s of %s is %s', (zone, at, start) => {
    expect(new Date(startOfDay(zone, Date.parse(at))).toISOString()).toBe(start);
  });
});

describe('business hours', () => {
  it('are open from the first minute and no more in the last', () => {
    expect(open(hours(), '2026-01-05T08:59:59Z')).toBe(false);
    expect(open(hours(), '2026-01-05T09:00:00Z')).toBe(true);
    expect(open(hours(), '2026-01-05T16:59:59Z')).toBe(true);
    expect(open(hours(), '2026-01-05T17:00:00Z')).toBe(false);
  });

  it('know the weekdays, and a whole day', () => {
    const week = { ...all([]), saturday: [{ from: '00:00', to: '24:00' }] };
    expect(open(hours({ week }), '2026-01-02T23:59:00Z')).toBe(false);
    expect(open(hours({ week }), '2026-01-03T00:00:00Z')).toBe(true);
    expect(open(hours({ week }), '2026-01-03T23:59:59Z')).toBe(true);
    expect(open(hours({ week }), '2026-01-04T00:00:00Z')).toBe(false);
  });

  it.each([
    ['Europe/London', '2026-03-28T08:59:00Z', '2026-03-28T09:00:00Z'],
    ['Europe/London', '2026-03-29T07:59:00Z', '2026-03-29T08:00:00Z'],
    ['Europe/London', '2026-10-24T07:59:00Z', '2026-10-24T08:00:00Z'],
    ['Europe/London', '2026-10-25T08:59:00Z', '2026-10-25T09:00:00Z'],
    ['America/New_York', '2026-03-07T13:59:00Z', '2026-03-07T14:00:00Z'],
    ['America/New_York', '2026-03-08T12:59:00Z', '2026-03-08T13:00:00Z'],
    ['America/New_York', '2026-11-01T13:59:00Z', '2026-11-01T14:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-03T21:59:00Z', '2026-04-03T22:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-05T22:29:00Z', '2026-04-05T22:30:00Z'],
    ['Asia/Kathmandu', '2026-06-01T03:14:00Z', '2026-06-01T03:15:00Z'],
  ])('open at nine by the clocks of %s, also on the day that these are changed: %s', (zone, before, at) => {
    expect(open(hours({ zone }), before)).toBe(false);
    expect(open(hours({ zone }), at)).toBe(true);
  });

  it('are never open in the hour that spring leaves out, and twice in the one that autumn has twice', () => {
    const night = hours({ week: all([{ from: '01:15', to: '01:45' }]) });
    const minutes = (day: string) =>
      Array.from({ length: 24 * 60 }, (_, minute) => Date.parse(`${day}T00:00:00Z`) + minute * 60_000).filter(
        (at) => hoursAt(night, at).open,
      ).length;
    expect(minutes('2026-03-28')).toBe(30);
    expect(minutes('2026-03-29')).toBe(0);
    expect(minutes('2026-10-25')).toBe(60);
  });

  it('are closed on holidays of every year and on dated ones, but for what is said of that day', () => {
    const some = hours({
      holidays: [
        { label: 'Christmas', date: '12-25', open: [] },
        { label: 'Christmas of 2027', date: '2027-12-25', open: [{ from: '10:00', to: '12:00' }] },
        { label: 'Leap day', date: '02-29', open: [] },
      ],
    });
    expect(hoursAt(some, Date.parse('2026-12-25T11:00:00Z'))).toEqual({
      open: false,
      because: 'holiday',
      label: 'Christmas',
    });
    expect(open(some, '2027-12-25T11:00:00Z')).toBe(true);
    expect(open(some, '2027-12-25T09:30:00Z')).toBe(false);
    expect(open(some, '2028-02-29T11:00:00Z')).toBe(false);
    expect(open(some, '2027-03-01T11:00:00Z')).toBe(true);
  });

  it('are closed for once, whatever else holds', () => {
    const party = { label: 'Summer party', from: '2026-07-01T14:00', to: '2026-07-02T10:00' };
    const some = hours({ closures: [party] });
    expect(open(some, '2026-07-01T12:59:00Z')).toBe(true);
    expect(hoursAt(some, Date.parse('2026-07-01T13:00:00Z'))).toMatchObject({ because: 'closure' });
    expect(open(some, '2026-07-02T08:59:00Z')).toBe(false);
    expect(open(some, '2026-07-02T09:00:00Z')).toBe(true);
  });

  it('show the days to come as they will be', () => {
    const some = hours({
      week: { ...all(NINE_TO_FIVE), sunday: [] },
      holidays: [{ label: 'Labour day', date: '05-01', open: [] }],
      closures: [{ label: 'Stocktaking', from: '2026-05-02T11:00', to: '2026-05-02T12:30' }],
    });
    expect(previewDays(some, Date.parse('2026-04-30T23:30:00Z'), 3)).toEqual([
      { date: '2026-05-01', weekday: 'friday', open: [], holiday: 'Labour day', closures: [] },
      {
        date: '2026-05-02',
        weekday: 'saturday',
        open: [
          { from: '09:00', to: '11:00' },
          { from: '12:30', to: '17:00' },
        ],
        closures: ['Stocktaking'],
      },
      { date: '2026-05-03', weekday: 'sunday', open: [], closures: [] },
    ]);
  });

  it.each([
    [{ week: all([{ from: '17:00', to: '09:00' }]) }, 'later'],
    [{ week: all([...NINE_TO_FIVE, { from: '16:00', to: '18:00' }]) }, 'overlap'],
    [{ week: all([{ from: '9:00', to: '17:00' }]) }, '09:00'],
    [{ zone: 'Europe/Londinium' }, 'IANA'],
    [{ holidays: [{ label: 'No day', date: '02-30', open: [] }] }, '12-25'],
    [{ holidays: [{ label: 'No day', date: '2027-02-29', open: [] }] }, '12-25'],
    [{ closures: [{ label: 'Past', from: '2026-07-02T10:00', to: '2026-07-01T10:00' }] }, 'later'],
    [{ whenClosed: { kind: 'message' as const, text: ' ' } }, 'what callers hear'],
  ])('are refused with %j', (change, why) => {
    const result = Schema.safeParse(hours(change));
    expect(JSON.stringify(result.error?.issues ?? 'taken')).toContain(why);
  });
});
