/** What Salesforce's errors mean for us (REST API Developer Guide, "Status Codes and Error Responses"). */
import { CodedError, type ErrorCode } from '../../../protocol/errors.ts';

/** As the body says it: `[{ errorCode, message, fields }]`. */
export interface SalesforceError {
  errorCode: string;
  message: string;
  fields?: readonly string[];
}

/** Codes of what passes by itself. */
const PASSING = new Set([
  'SERVER_UNAVAILABLE',
  'UNABLE_TO_LOCK_ROW',
  'REQUEST_RUNNING_TOO_LONG',
  'QUERY_TIMEOUT',
  'UNKNOWN_EXCEPTION',
  'ERROR_HTTP_500',
  'ERROR_HTTP_502',
  'ERROR_HTTP_503',
  'ERROR_HTTP_504',
]);
const GONE = new Set(['NOT_FOUND', 'ENTITY_IS_DELETED', 'ERROR_HTTP_404']);
const LIMITS = new Set(['REQUEST_LIMIT_EXCEEDED', 'ERROR_HTTP_429']);

/** The errors that an answer held; undefined for what is no answer of Salesforce. */
export function errorsIn(error: unknown): readonly SalesforceError[] | undefined {
  const { errorCode, data } = (error ?? {}) as { errorCode?: unknown; data?: unknown };
  if (typeof errorCode !== 'string') return undefined;
  const all = (Array.isArray(data) ? data : [data ?? error]) as SalesforceError[];
  return all.map((one) => ({ ...one, errorCode: one?.errorCode ?? errorCode, message: one?.message ?? '' }));
}

export function isExpired(error: unknown): boolean {
  return errorsIn(error)?.some(({ errorCode }) => errorCode === 'INVALID_SESSION_ID') ?? false;
}

export function isLimit(error: unknown): boolean {
  return errorsIn(error)?.some(({ errorCode }) => LIMITS.has(errorCode)) ?? false;
}

/** Names of the fields that Salesforce complains about. */
export function fieldsIn(error: unknown): string[] {
  return (errorsIn(error) ?? []).flatMap(({ fields }) => fields ?? []);
}

export function toCoded(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  const [first] = errorsIn(error) ?? [];
  if (!first) return unavailable(error instanceof Error ? error.message : 'it did not answer');
  const { errorCode, message } = first;
  if (GONE.has(errorCode)) return new CodedError('not-found', { what: 'record in Salesforce' });
  if (LIMITS.has(errorCode)) return coded('crm-limit', message || 'its limit is reached');
  if (PASSING.has(errorCode)) return unavailable(`it says ${errorCode}`);
  const field = fieldsIn(error)[0];
  return new CodedError('crm-refused', {
    crm: 'Salesforce',
    detail: `${message} (${errorCode})`.slice(0, 500),
    ...(field === undefined ? {} : { field }),
  });
}

function unavailable(detail: string): CodedError {
  return coded('crm-unavailable', detail);
}

function coded(code: ErrorCode, detail: string): CodedError {
  return new CodedError(code, { crm: 'Salesforce', detail: detail.slice(0, 300).replace(/\.?$/, '.') });
}
