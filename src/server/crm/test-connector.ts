/** What a test of a connection says: whether its settings are enough, whether it answers, and what it cannot do. */
import { withDeadline } from '../../lib/deadline.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Settings } from '../../protocol/kind-settings.ts';
import type { PlatformCheck } from '../../protocol/platforms.ts';
import type { CrmConnector, CrmContext, CrmReport } from './connector.ts';
import type { AnyCrmKind } from './kind.ts';

const TEST_MS = 20_000;

export async function testConnector(
  kind: AnyCrmKind,
  settings: Settings,
  context: CrmContext,
): Promise<CrmReport> {
  let connector: CrmConnector;
  try {
    connector = await kind.create(settings, context);
  } catch (error) {
    return report([
      {
        code: 'crm-settings',
        title: 'Settings',
        status: 'wrong',
        found: saidBy(error),
        fix: 'Correct them.',
      },
    ]);
  }
  const abort = new AbortController();
  try {
    const work = kind.check ? kind.check(connector, abort.signal) : answers(connector, abort.signal);
    return await withDeadline(context.clock, TEST_MS, context.label, work);
  } catch (error) {
    return report([{ code: 'crm-answers', title: 'Answers', status: 'wrong', found: saidBy(error) }]);
  } finally {
    abort.abort();
    await connector.close?.();
  }
}

async function answers(connector: CrmConnector, signal: AbortSignal): Promise<CrmReport> {
  await connector.ping({ userId: undefined, signal });
  const usage = connector.usage?.();
  const lacking = Object.entries(connector.missing).map(([ability, reason]) => `${ability}: ${reason}`);
  return report([
    { code: 'crm-answers', title: 'Answers', status: 'ok', found: 'It answers with these settings.' },
    ...(usage
      ? [
          {
            code: 'crm-usage',
            title: 'Requests',
            status: usage.used / usage.limit >= 0.8 ? ('warning' as const) : ('ok' as const),
            found: `${usage.used} of ${usage.limit} are used.`,
          },
        ]
      : []),
    ...(lacking.length > 0
      ? [
          {
            code: 'crm-abilities',
            title: 'What it cannot do',
            status: 'warning' as const,
            found: lacking.join('; '),
          },
        ]
      : []),
  ]);
}

export function report(checks: PlatformCheck[]): CrmReport {
  return { ok: checks.every(({ status }) => status !== 'wrong'), checks };
}

export function saidBy(error: unknown): string {
  if (error instanceof CodedError) return String(error.data['detail'] ?? error.message);
  return error instanceof Error ? error.message : String(error);
}
