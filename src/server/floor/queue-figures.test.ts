import { describe, expect, it } from 'vitest';
import { DEFAULT_SERVICE_LEVEL } from '../../protocol/service-levels.ts';
import { QueueFigures } from './queue-figures.ts';

const MIDNIGHT = Date.UTC(2026, 0, 5);
const NINE = MIDNIGHT + 9 * 3_600_000;
const answered = (at: number, waitMs: number) => ({ at, waitMs, answered: true });
const abandoned = (at: number, waitMs: number) => ({ at, waitMs, answered: false });

describe('a queue’s figures', () => {
  it('count by the level, and anew when it is another one', () => {
    const figures = new QueueFigures(DEFAULT_SERVICE_LEVEL, MIDNIGHT);
    for (const one of [answered(NINE, 5_000), answered(NINE, 25_000), abandoned(NINE, 3_000)])
      figures.left(one);
    expect(figures.levelOfHour).toBeCloseTo(1 / 3);
    figures.setLevel({ ...DEFAULT_SERVICE_LEVEL, count: 'short-abandons' });
    expect(figures.levelOfHour).toBe(0.5);
    figures.setLevel({ ...DEFAULT_SERVICE_LEVEL, count: 'abandons-in-time' });
    expect(figures.levelToday).toBeCloseTo(2 / 3);
    figures.setLevel({ ...DEFAULT_SERVICE_LEVEL, seconds: 30 });
    expect(figures.levelToday).toBeCloseTo(2 / 3);
  });

  it('are of the last hour, and of today', () => {
    const figures = new QueueFigures(DEFAULT_SERVICE_LEVEL, MIDNIGHT);
    figures.left(answered(NINE, 60_000));
    figures.left(answered(NINE + 1_800_000, 1_000));
    expect(figures.levelOfHour).toBe(0.5);
    figures.advance(NINE + 3_600_000, MIDNIGHT);
    expect([figures.levelOfHour, figures.levelToday]).toEqual([1, 0.5]);
    figures.advance(MIDNIGHT + 86_400_000, MIDNIGHT + 86_400_000);
    expect([figures.levelOfHour, figures.levelToday, figures.today.answered]).toEqual([null, null, 0]);
  });

  it('keep the most that waited in each of sixty minutes', () => {
    const figures = new QueueFigures(DEFAULT_SERVICE_LEVEL, MIDNIGHT);
    figures.waits(NINE, 3);
    figures.waits(NINE + 1_000, 1);
    for (let minute = 1; minute <= 70; minute++) figures.advance(NINE + minute * 60_000, MIDNIGHT);
    expect(figures.minutes).toHaveLength(60);
    expect(figures.minutes.at(-1)).toEqual({ at: NINE + 70 * 60_000, waiting: 1, serviceLevel: null });
    const young = new QueueFigures(DEFAULT_SERVICE_LEVEL, MIDNIGHT);
    young.waits(NINE, 3);
    young.waits(NINE + 1_000, 1);
    expect(young.minutes).toEqual([{ at: NINE, waiting: 3, serviceLevel: null }]);
  });
});
