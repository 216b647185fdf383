/** The test of a CRM by REST: shows what was sent and what came back, without secrets, and what the paths found in it. */
import { CodedError } from '../../../protocol/errors.ts';
import type { PlatformCheck } from '../../../protocol/platforms.ts';
import type { CrmCall, CrmReport } from '../connector.ts';
import { numberQuery } from '../number-query.ts';
import { report, saidBy } from '../test-connector.ts';
import type { Exchange, RestClient } from './rest-client.ts';
import type { RestRecords } from './rest-records.ts';
import { pingOf, type RestSettings } from './rest-settings.ts';

export async function testRest(
  client: RestClient,
  records: RestRecords,
  settings: RestSettings,
  country: string,
  call: CrmCall,
): Promise<CrmReport> {
  const { match, testNumber } = settings;
  const answers = await tried('crm-answers', 'Answers', async (note) => {
    await client.send(call, pingOf(settings), {}, note);
    return { found: 'It answers.' };
  });
  if (answers.status === 'wrong' || !match) return report([answers]);
  const query = numberQuery(testNumber ?? '', country);
  if (!query)
    return report([
      answers,
      { code: 'crm-match', title: 'Finds by number', status: 'skipped', found: 'No number to try is given.' },
    ]);
  const finds = await tried('crm-match', 'Finds by number', async (note) => {
    const { records: hits } = await records.match(call, match, query, 10, note);
    const right = hits.filter(({ numbers }) => numbers.some((text) => query.isWritten(text)));
    const names = right.map(({ record }) => `${record.object} ${record.name}`).join(', ');
    if (right.length > 0) return { found: `It finds ${names}.` };
    const others = hits.map(({ record, numbers }) => `${record.name} (${numbers.join(', ') || 'no number'})`);
    return {
      found: hits.length === 0 ? 'It finds nobody.' : `It finds only others: ${others.join(', ')}.`,
      fix: 'Is it somebody’s number there? Else look at the answer, and at the paths of "match" and "objects".',
    };
  });
  return report([answers, finds]);
}

async function tried(
  code: string,
  title: string,
  work: (note: (exchange: Exchange) => void) => Promise<{ found: string; fix?: string }>,
): Promise<PlatformCheck> {
  const exchanges: Exchange[] = [];
  const shown = () =>
    exchanges
      .slice(0, 2)
      .map(({ request, answer }) => `\n\n${request}\n\n${answer}`)
      .join('');
  try {
    const { found, fix } = await work((exchange) => exchanges.push(exchange));
    return { code, title, status: fix ? 'warning' : 'ok', found: found + shown(), ...(fix ? { fix } : {}) };
  } catch (error) {
    const fix =
      error instanceof CodedError && error.code === 'crm-sign-in' ? 'Correct headers or secret.' : undefined;
    return { code, title, status: 'wrong', found: saidBy(error) + shown(), ...(fix ? { fix } : {}) };
  }
}
