/** Runs conformance suites without a test runner, and says how each check went. */
import type { Clock } from '../../src/lib/clock.ts';
import { realClock } from '../../src/lib/clock.ts';
import { withDeadline } from '../../src/lib/deadline.ts';
import { isSuite, type Suite, type SuiteCheck } from './suite.ts';

export interface CheckResult {
  /** The titles of its groups, the outermost first, and its own. */
  path: readonly string[];
  outcome: 'passed' | 'failed' | 'not run';
  /** Why it failed, or is not run. */
  reason?: string;
  ms: number;
}

export interface RunOptions {
  /** Told of each check when it is over. */
  onResult?: (result: CheckResult) => void;
  /** Only checks whose path, joined by spaces, contains this. */
  only?: string;
  /** Checks of one group that run at the same time; default 1. A suite with hooks of its own runs one by one. */
  parallel?: number;
  /** Milliseconds that one check may take; default 120,000. */
  timeoutMs?: number;
  clock?: Clock;
}

/** Every check of these suites, in their order. */
export async function runSuites(suites: readonly Suite[], options: RunOptions = {}): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const report = (result: CheckResult) => {
    results.push(result);
    options.onResult?.(result);
  };
  for (const one of suites) await runSuite(one, [], [], options, report);
  return results;
}

type Report = (result: CheckResult) => void;
type Hooks = Suite['beforeEach'];

async function runSuite(
  one: Suite,
  above: readonly string[],
  each: Hooks,
  options: RunOptions,
  report: Report,
): Promise<void> {
  const path = [...above, one.title];
  if (!wanted(one, above, options.only)) return;
  const beforeEach = [...each, ...one.beforeEach];
  const checks = one.parts
    .filter((part): part is SuiteCheck => !isSuite(part))
    .filter((part) => matches([...path, part.title], options.only));
  let broken: unknown;
  try {
    for (const work of one.before) await work();
  } catch (error) {
    broken = error ?? new Error('the preparation failed');
  }
  const sideBySide = beforeEach.length + one.before.length > 0 ? 1 : (options.parallel ?? 1);
  const queue = [...checks];
  const worker = async () => {
    for (let check = queue.shift(); check; check = queue.shift())
      report(await runCheck(check, path, beforeEach, broken, options));
  };
  await Promise.all(Array.from({ length: sideBySide }, worker));
  for (const part of one.parts) if (isSuite(part)) await runSuite(part, path, beforeEach, options, report);
  for (const work of one.after) await work();
}

async function runCheck(
  check: SuiteCheck,
  above: readonly string[],
  beforeEach: Hooks,
  broken: unknown,
  { clock = realClock, timeoutMs = 120_000 }: RunOptions,
): Promise<CheckResult> {
  const path = [...above, check.title];
  if (check.skipped !== undefined) return { path, outcome: 'not run', reason: check.skipped, ms: 0 };
  const began = clock.now();
  const work = async () => {
    if (broken !== undefined) throw broken;
    for (const one of beforeEach) await one();
    await check.run();
  };
  try {
    await withDeadline(clock, timeoutMs, 'the check', work());
    return { path, outcome: 'passed', ms: clock.now() - began };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { path, outcome: 'failed', reason, ms: clock.now() - began };
  }
}

function wanted(one: Suite, above: readonly string[], only: string | undefined): boolean {
  const path = [...above, one.title];
  return one.parts.some((part) =>
    isSuite(part) ? wanted(part, path, only) : matches([...path, part.title], only),
  );
}

function matches(path: readonly string[], only: string | undefined): boolean {
  return only === undefined || path.join(' ').includes(only);
}
