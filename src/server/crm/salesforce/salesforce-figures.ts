/** Metric figures as records of a custom object: upserted by an external id, two hundred at a time (sObject Collections). */
import type { FigureRow } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { CrmCall } from '../connector.ts';
import { type FigureMapping, figureValues } from '../figure-mapping.ts';
import type { SalesforceSession } from './salesforce-session.ts';
import type { SalesforceError } from './salesforce-errors.ts';

interface Saved {
  success: boolean;
  errors: readonly (Omit<SalesforceError, 'errorCode'> & { statusCode: string })[];
}

const AT_ONCE = 200;

export async function writeFigures(
  session: SalesforceSession,
  call: CrmCall,
  { object, keyField, fields }: FigureMapping,
  rows: readonly FigureRow[],
): Promise<void> {
  for (let done = 0; done < rows.length; done += AT_ONCE) {
    const records = rows.slice(done, done + AT_ONCE).map((row) => ({
      attributes: { type: object },
      [keyField]: row.key,
      ...figureValues(row, fields),
    }));
    const saved = await session.request<Saved[]>('organisation', call, {
      method: 'PATCH',
      path: `/composite/sobjects/${encodeURIComponent(object)}/${encodeURIComponent(keyField)}`,
      body: { allOrNone: false, records },
    });
    refuseUnsaved(saved);
  }
}

function refuseUnsaved(saved: readonly Saved[]): void {
  const [error] = saved.flatMap(({ success, errors }) => (success ? [] : errors));
  if (!error) return;
  const { message, statusCode, fields } = error;
  const passing = statusCode === 'UNABLE_TO_LOCK_ROW';
  throw new CodedError(passing ? 'crm-unavailable' : 'crm-refused', {
    crm: 'Salesforce',
    detail: `${message} (${statusCode})`,
    ...(fields?.[0] ? { field: fields[0] } : {}),
  });
}
