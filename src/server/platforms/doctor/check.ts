/** What a check is, and running a list of them: one that needs a thing that is wrong is skipped, not wrong as well. */
import type { PlatformCheck, PlatformReport } from '../../../protocol/platforms.ts';

export interface Finding {
  status: 'ok' | 'warning' | 'wrong';
  /** What was found, in a sentence. */
  found: string;
  /** What to do. */
  fix?: string;
}

export interface Check<P> {
  /** Stable: tests, monitoring and documentation go by it. */
  code: string;
  title: string;
  /** Codes of checks that must not be wrong before this one can be made. */
  needs: readonly string[];
  run(probe: P): Promise<Finding>;
}

export const ok = (found: string): Finding => ({ status: 'ok', found });
export const warning = (found: string, fix: string): Finding => ({ status: 'warning', found, fix });
export const wrong = (found: string, fix: string): Finding => ({ status: 'wrong', found, fix });

export async function runChecks<P>(checks: readonly Check<P>[], probe: P): Promise<PlatformReport> {
  const done = new Map<string, PlatformCheck>();
  for (const check of checks) {
    const { code, title } = check;
    const missing = check.needs.find((need) => ['wrong', 'skipped'].includes(done.get(need)?.status ?? ''));
    const finding: Finding | { status: 'skipped'; found: string } =
      missing === undefined
        ? await check.run(probe).catch(broken)
        : { status: 'skipped', found: `Not looked at, because of ${missing}.` };
    done.set(code, { code, title, ...finding });
  }
  const all = [...done.values()];
  return { ok: all.every(({ status }) => status === 'ok' || status === 'warning'), checks: all };
}

function broken(error: unknown): Finding {
  const reason = error instanceof Error ? error.message : String(error);
  return wrong(
    `This could not be looked at: ${reason}.`,
    'Try again; if it stays so, look into the log of Asterisk.',
  );
}
