/** What HubSpot's errors mean for us (developer documentation, "Error handling"). */
import { CodedError } from '../../../protocol/errors.ts';

export interface HubSpotError {
  message?: string;
  category?: string;
  /** Of a limit: `DAILY`, `TEN_SECONDLY_ROLLING`, `SECONDLY`. */
  policyName?: string;
  errors?: readonly { message?: string; code?: string; context?: { propertyName?: readonly string[] } }[];
}

export function toCoded(status: number, error: HubSpotError): CodedError {
  const message = (error.errors?.[0]?.message ?? error.message ?? `it answers ${status}`).slice(0, 400);
  const detail = `${message.replace(/\.?$/, '')} (${error.category ?? status}).`;
  if (status === 404) return new CodedError('not-found', { what: 'record in HubSpot' });
  if (status >= 500 || status === 423 || status === 477)
    return new CodedError('crm-unavailable', { crm: 'HubSpot', detail });
  const field =
    error.errors?.[0]?.context?.propertyName?.[0] ?? /"name":"(\w+)"/.exec(error.message ?? '')?.[1];
  return new CodedError('crm-refused', { crm: 'HubSpot', detail, ...(field === undefined ? {} : { field }) });
}

export function isCode(error: unknown, code: string, detail?: RegExp): boolean {
  if (!(error instanceof CodedError) || error.code !== code) return false;
  return !detail || detail.test(String(error.data['detail'] ?? ''));
}
