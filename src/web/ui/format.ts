import { formatAddress, parseAddress } from '../../protocol/address.ts';
import type { Viewer } from './viewer.tsx';

/** `1:05`, or `1:02:05` from an hour on. Negative and broken times are 0. */
export function formatDuration(ms: number): string {
  const { hours, minutes, seconds } = split(ms);
  const two = (n: number) => String(n).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** `3 h 12 min`, or `12 min`: how long something was in all. */
export function formatHours(ms: number): string {
  const { hours, minutes } = split(ms);
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min`;
}

/** `1 minute 5 seconds`: what a screen reader says for a duration. */
export function describeDuration(ms: number): string {
  const parts = Object.entries(split(ms)).filter(([, n]) => n > 0);
  if (parts.length === 0) return '0 seconds';
  return parts.map(([unit, n]) => `${n} ${n === 1 ? unit.slice(0, -1) : unit}`).join(' ');
}

function split(ms: number) {
  const total = Number.isFinite(ms) ? Math.max(0, Math.floor(ms / 1000)) : 0;
  return { hours: Math.floor(total / 3600), minutes: Math.floor(total / 60) % 60, seconds: total % 60 };
}

/** Day and minute in the viewer's zone, such as `5 Jan 2026, 09:00`. */
export function formatDateTime(ms: number, viewer: Viewer): string {
  return format(ms, viewer, { dateStyle: 'medium', timeStyle: 'short' });
}

/** A calendar day (`2026-01-05`) as the viewer writes it; a day has no zone. */
export function formatDay(day: string, viewer: Viewer): string {
  const at = Date.parse(`${day.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(at) ? day : format(at, { ...viewer, zone: 'UTC' }, { dateStyle: 'medium' });
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
];

/** `2 minutes ago` within a week, else the date. */
export function formatRelative(ms: number, now: number, viewer: Viewer): string {
  const ago = now - ms;
  if (Math.abs(ago) >= 7 * 86_400_000) return format(ms, viewer, { dateStyle: 'medium' });
  const relative = new Intl.RelativeTimeFormat(viewer.locale, { numeric: 'auto' });
  const [unit, size] = STEPS.findLast(([, step]) => Math.abs(ago) >= step) ?? ['second', 1000];
  return unit === 'second' ? 'just now' : relative.format(-Math.trunc(ago / size), unit);
}

/** A telephone number as people of `country` write it; anything else as it is. */
export function formatPhone(raw: string, country: string): string {
  const address = parseAddress(raw, country);
  return address.kind === 'e164' ? formatAddress(address, country) : raw;
}

/** Formatters are slow to make: one is kept per locale, zone and style. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function format(ms: number, viewer: Viewer, style: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify([viewer.locale, viewer.zone, style]);
  const formatter =
    formatters.get(key) ?? new Intl.DateTimeFormat(viewer.locale, { ...style, timeZone: viewer.zone });
  formatters.set(key, formatter);
  return formatter.format(ms);
}
