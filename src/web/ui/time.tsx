import { Text, type TextProps } from '@mantine/core';
import { useEffect, useState } from 'react';
import { describeDuration, formatDateTime, formatDuration, formatRelative } from './format.ts';
import { useViewer } from './viewer.tsx';

/** A length of time, in milliseconds, as `1:05`. */
export function Duration({ ms, ...text }: { ms: number } & TextProps) {
  return (
    <Text span inherit {...text} aria-label={describeDuration(ms)} role="text">
      {formatDuration(ms)}
    </Text>
  );
}

/**
 * Counts up from `since` (UTC milliseconds), once a second.
 * @param now the clock to count by, such as the server's; default: this machine's.
 */
export function Timer({ since, now = Date.now, ...text }: { since: number; now?: () => number } & TextProps) {
  const at = useNow(1000, now);
  return (
    <Text span inherit ff="monospace" {...text} role="timer" aria-label={describeDuration(at - since)}>
      {formatDuration(at - since)}
    </Text>
  );
}

/** An instant (UTC milliseconds) in the viewer's zone; `relative` shows `2 minutes ago` with the instant as its title. */
export function DateTime({ at, relative = false }: { at: number; relative?: boolean }) {
  const viewer = useViewer();
  const now = useNow(30_000);
  const exact = formatDateTime(at, viewer);
  return (
    <time dateTime={new Date(at).toISOString()} title={exact}>
      {relative ? formatRelative(at, now, viewer) : exact}
    </time>
  );
}

/** The time by `clock`, renewed every `everyMs` milliseconds while the component is there. */
export function useNow(everyMs: number, clock: () => number = Date.now): number {
  const [now, setNow] = useState(clock);
  useEffect(() => {
    const handle = setInterval(() => setNow(clock()), everyMs);
    return () => clearInterval(handle);
  }, [everyMs, clock]);
  return now;
}
