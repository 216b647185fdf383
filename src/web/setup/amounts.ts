const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `1.4 GB`: in powers of a thousand, with three digits at most. */
export function formatBytes(bytes: number, locale: string): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const amount = bytes / 1000 ** power;
  const digits = new Intl.NumberFormat(locale, { maximumSignificantDigits: amount >= 100 ? 4 : 3 });
  return `${digits.format(power === 0 ? Math.round(amount) : amount)} ${UNITS[power]}`;
}

/** `3 days 4 hours`: the two largest units of a span in milliseconds. */
export function describeSpan(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  const parts: [number, string][] = [
    [Math.floor(minutes / 1440), 'day'],
    [Math.floor(minutes / 60) % 24, 'hour'],
    [minutes % 60, 'minute'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return 'less than a minute';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`)
    .join(' ');
}
