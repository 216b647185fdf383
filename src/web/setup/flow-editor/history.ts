/** What was changed and can be taken back: pure, the newest state in `present`. */
export interface History<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
  /** What the last change belonged to: the next one of the same is one step with it, as the letters of a word are. */
  readonly mark?: string;
}

/** Steps that are kept. */
const MAX_STEPS = 200;

/** One with nothing to take back yet. */
export function historyOf<T>(present: T): History<T> {
  return { past: [], present, future: [] };
}

/**
 * A change on top.
 * @param mark changes in a row with the same mark are one step back.
 */
export function changed<T>(history: History<T>, present: T, mark?: string): History<T> {
  if (present === history.present) return history;
  const joins = mark !== undefined && mark === history.mark && history.past.length > 0;
  const past = joins ? history.past : [...history.past, history.present].slice(-MAX_STEPS);
  return { past, present, future: [], mark };
}

/** One step back; the same history when there is none. */
export function undone<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { past: history.past.slice(0, -1), present: before, future: [history.present, ...history.future] };
}

/** One step forward again; the same history when nothing was taken back. */
export function redone<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future };
}
