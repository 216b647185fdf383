/** Metric figures by REST: a request for each, or many in one where the template asks for `{rows}`. */
import type { FigureRow } from '../../../protocol/crm.ts';
import type { CrmCall } from '../connector.ts';
import type { RestClient } from './rest-client.ts';
import type { RestSettings } from './rest-settings.ts';
import { fillJson, type Json, namesIn, type Values } from './template.ts';

const AT_ONCE = 200;

export async function writeFigures(
  client: RestClient,
  call: CrmCall,
  request: NonNullable<RestSettings['writeFigures']>,
  rows: readonly FigureRow[],
): Promise<void> {
  const all = rows.map(valuesOf);
  if (!namesIn(request.body).includes('rows')) {
    for (const values of all) await client.send(call, request, values);
    return;
  }
  for (let done = 0; done < all.length; done += AT_ONCE) {
    const some = all.slice(done, done + AT_ONCE);
    const shaped = some.map((values) =>
      request.row === undefined ? (values as Json) : fillJson(request.row as Json, values),
    );
    await client.send(call, request, { rows: shaped });
  }
}

function valuesOf({ from, to, queue, user, ...numbers }: FigureRow): Values {
  return {
    ...numbers,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    queueId: queue?.id ?? null,
    queue: queue?.label ?? null,
    agentId: user?.id ?? null,
    agent: user?.name ?? null,
  };
}
