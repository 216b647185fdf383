import type { RecordRef } from '../../protocol/facts.ts';
import type { PopRequest } from './host.ts';

/**
 * Where a pop leads: the record, the list of those it can be, a new record with what is known filled in, or the page whose address
 * it names, which begins with https:// when it is not one of ours.
 */
export function popPath({
  decision,
  record,
  number,
  object,
  prefill,
  url,
}: Omit<PopRequest, 'popId' | 'open'>): string {
  if (decision === 'record' && record) return recordPath(record);
  if (decision === 'new') return newPath(object ?? 'Contact', prefill ?? { Phone: number });
  if ((decision === 'page' || decision === 'script') && url !== undefined && isPage(url)) return url;
  return `/search?q=${encodeURIComponent(number)}`;
}

/** The page of a record. */
export function recordPath({ object, id }: Pick<RecordRef, 'object' | 'id'>): string {
  return `/${encodeURIComponent(object)}/${encodeURIComponent(id)}`;
}

/** Not one of our pages: it opens in a window of its own. */
export function isOutside(path: string): boolean {
  return path.startsWith('https://');
}

function newPath(object: string, prefill: Record<string, string>): string {
  const query = Object.entries(prefill).map(([n, v]) => `${encodeURIComponent(n)}=${encodeURIComponent(v)}`);
  return `/${encodeURIComponent(object)}/new?${query.join('&')}`;
}

/** The server has checked it: this keeps out what could run a script. */
function isPage(url: string): boolean {
  return isOutside(url) || /^\/(?![/\\])/.test(url);
}
