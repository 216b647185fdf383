/** The part of `window` that tells who is around us. */
export interface FramedPage {
  parent: unknown;
  location: { origin: string; search: string; ancestorOrigins?: ArrayLike<string> };
  document: { referrer: string };
}

/**
 * Origin of the page whose frame this is; undefined without a frame, and where the browser keeps it to itself and Salesforce does not
 * name it in the address. What is named there wrongly loads nothing: the softphone's policy knows the registered origins only.
 */
export function originAround(page: FramedPage): string | undefined {
  if (page.parent === page) return undefined;
  const nearest = page.location.ancestorOrigins?.[0];
  if (nearest !== undefined && nearest !== 'null') return nearest;
  const query = new URLSearchParams(page.location.search);
  const told = page.document.referrer || query.get('sfdcIframeOrigin') || query.get('sfdcIFrameOrigin') || '';
  return URL.canParse(told) ? new URL(told).origin : undefined;
}

/** The same when it is a page of another site's: there no cookie of ours comes through. */
export function foreignOrigin(page: FramedPage): string | undefined {
  const origin = originAround(page);
  return origin === page.location.origin ? undefined : origin;
}

export type HostName = 'desktop' | 'stand-alone' | 'lightning' | 'classic' | 'hubspot' | 'dynamics' | 'other';

/**
 * Which page this is in. Salesforce adds parameters of its own to the address (`mode`, `sfdcIframeOrigin`); for the others the
 * address that they are given says it (`host`). Whoever is around us and is none of these speaks our own messages.
 */
export function hostName(page: FramedPage): HostName {
  if (page.parent === page) return 'stand-alone';
  const query = new URLSearchParams(page.location.search);
  if (foreignOrigin(page) === undefined) return query.get('host') === 'desktop' ? 'desktop' : 'stand-alone';
  const named = query.get('host');
  const salesforce = named === 'salesforce' || query.has('sfdcIframeOrigin') || query.has('sfdcIFrameOrigin');
  if (salesforce) return query.get('mode') === 'Classic' ? 'classic' : 'lightning';
  return named === 'hubspot' || named === 'dynamics' ? named : 'other';
}
