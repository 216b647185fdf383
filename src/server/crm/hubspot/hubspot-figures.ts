/** Metric figures as records of a custom object: upserted by a unique property, a hundred at a time ("batch/upsert"). */
import type { FigureRow } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { CrmCall } from '../connector.ts';
import { type FigureMapping, figureValues } from '../figure-mapping.ts';
import type { HubSpotClient } from './hubspot-client.ts';

const AT_ONCE = 100;

export async function writeFigures(
  client: HubSpotClient,
  call: CrmCall,
  { object, keyField, fields }: FigureMapping,
  rows: readonly FigureRow[],
): Promise<void> {
  for (let done = 0; done < rows.length; done += AT_ONCE) {
    const inputs = rows.slice(done, done + AT_ONCE).map((row) => ({
      idProperty: keyField,
      id: row.key,
      properties: { [keyField]: row.key, ...textsOf(figureValues(row, fields)) },
    }));
    const { errors } = await client.request<{ errors?: { message?: string }[] }>(call, {
      method: 'POST',
      path: `/crm/v3/objects/${encodeURIComponent(object)}/batch/upsert`,
      body: { inputs },
    });
    if (errors?.[0])
      throw new CodedError('crm-refused', {
        crm: 'HubSpot',
        detail: errors[0].message ?? 'it gives no reason.',
      });
  }
}

function textsOf(values: Record<string, string | number | null>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value ?? '')]));
}
