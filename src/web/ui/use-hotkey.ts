import { useEffect, useEffectEvent } from 'react';

/** The second key of a sequence such as `g a` must follow within this many milliseconds. */
const SEQUENCE_MS = 900;

/**
 * Runs `run` on a plain key (`/`, `Escape`) or a sequence (`g a`), but not while the person types in a field and not with
 * a modifier.
 */
export function useHotkey(keys: string, run: () => void, enabled = true): void {
  const fire = useEffectEvent(run);
  useEffect(() => {
    if (!enabled) return;
    const wanted = keys.split(' ');
    let typed: { key: string; at: number }[] = [];
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return;
      const now = event.timeStamp;
      typed = [...typed, { key: event.key, at: now }]
        .filter((one) => now - one.at < SEQUENCE_MS)
        .slice(-wanted.length);
      if (typed.length < wanted.length || typed.some((one, i) => one.key !== wanted[i])) return;
      typed = [];
      event.preventDefault();
      fire();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [keys, enabled]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
