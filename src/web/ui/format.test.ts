import { describe, expect, it } from 'vitest';
import {
  describeDuration,
  formatDateTime,
  formatDay,
  formatDuration,
  formatPhone,
  formatRelative,
} from './format.ts';

const london = { locale: 'en-GB', zone: 'Europe/London', country: 'GB' };
const NOW = Date.UTC(2026, 6, 15, 12, 0, 0);

describe('durations', () => {
  it('are minutes and seconds, with hours from one hour on', () => {
    expect(formatDuration(65_400)).toBe('1:05');
    expect(formatDuration(3_725_000)).toBe('1:02:05');
  });
  it('are never negative or broken', () => {
    expect(formatDuration(-5)).toBe('0:00');
    expect(formatDuration(Number.NaN)).toBe('0:00');
  });
  it('are said in words', () => {
    expect(describeDuration(61_000)).toBe('1 minute 1 second');
    expect(describeDuration(7_200_000)).toBe('2 hours');
    expect(describeDuration(0)).toBe('0 seconds');
  });
});

describe('times', () => {
  it('are shown in the zone of the viewer', () => {
    expect(formatDateTime(NOW, london)).toBe('15 Jul 2026, 13:00');
    expect(formatDateTime(NOW, { ...london, zone: 'Asia/Tokyo' })).toBe('15 Jul 2026, 21:00');
  });
  it('leave a calendar day alone, west of Greenwich too', () => {
    expect(formatDay('2026-07-15', { ...london, zone: 'America/Los_Angeles' })).toBe('15 Jul 2026');
    expect(formatDay('soon', london)).toBe('soon');
  });
  it('are relative within a week', () => {
    expect(formatRelative(NOW - 20_000, NOW, london)).toBe('just now');
    expect(formatRelative(NOW - 130_000, NOW, london)).toBe('2 minutes ago');
    expect(formatRelative(NOW - 25 * 3_600_000, NOW, london)).toBe('yesterday');
    expect(formatRelative(NOW - 8 * 86_400_000, NOW, london)).toBe('7 Jul 2026');
  });
});

describe('phone numbers', () => {
  it('are national at home and international elsewhere', () => {
    expect(formatPhone('00442079460958', 'GB')).toBe('020 7946 0958');
    expect(formatPhone('+447700900123', 'GB')).toBe('07700 900123');
    expect(formatPhone('+44 (0)20 7946 0958', 'US')).toBe('+44 20 7946 0958');
  });
  it('stay as they are when they are none', () => {
    expect(formatPhone('extension 12', 'GB')).toBe('extension 12');
    expect(formatPhone('204', 'GB')).toBe('204');
  });
});
