/** When the day of an instant began in a zone: UTC milliseconds. @param zone IANA. */
export function midnightIn(zone: string, now: number): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(now);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const guess = now - (of('hour') * 3_600_000 + of('minute') * 60_000 + of('second') * 1_000 + (now % 1_000));
  // On a day whose clocks were changed since, the wall shows another time there than midnight.
  const hour = new Intl.DateTimeFormat('en', { timeZone: zone, hourCycle: 'h23', hour: 'numeric' });
  const off = Number(hour.format(guess));
  if (off === 0) return guess;
  return off > 12 ? guess + (24 - off) * 3_600_000 : guess - off * 3_600_000;
}
