/** Between the desktop's paths and the addresses that Salesforce's pages have, which adapters know. */

/** What is known of objects: their names, labels and the prefixes of their ids. */
export interface KnownObject {
  name: string;
  label: string;
  prefix: string;
}

const ID = /^[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?$/;

/** `/Contact/003…` as `/lightning/r/Contact/003…/view`, and so on. */
export function lightningPath(path: string): string {
  const [pathname = '/', query] = path.split('?');
  const [, object = '', id] = pathname.split('/');
  if (object === '') return '/lightning/page/home';
  if (object === 'search') return `/lightning/search${query ? `?${query}` : ''}`;
  if (id === undefined || id === '') return `/lightning/o/${object}/list`;
  if (id !== 'new') return `/lightning/r/${object}/${id}/view`;
  const background = encodeURIComponent(`/lightning/o/${object}/list`);
  return `/lightning/o/${object}/new?${query ? `${query}&` : ''}backgroundContext=${background}`;
}

/**
 * The desktop's path for an address of Salesforce's, Lightning or Classic, or for one of our own; undefined for a page that we
 * do not have. Only addresses within the CRM: what names a host is none.
 */
export function desktopPath(url: string, objects: readonly KnownObject[]): string | undefined {
  if (!url.startsWith('/') || url.startsWith('//') || /[\\\s]/.test(url)) return undefined;
  const { pathname, searchParams, hash } = new URL(url, 'https://crm.invalid');
  if (pathname === '/one/one.app' && hash.startsWith('#/')) return desktopPath(hash.slice(1), objects);
  const parts = pathname.split('/').filter(Boolean);
  return (
    lightning(parts, searchParams, objects) ??
    classic(parts, searchParams, objects) ??
    own(parts, searchParams, objects)
  );
}

function lightning(
  parts: string[],
  query: URLSearchParams,
  objects: readonly KnownObject[],
): string | undefined {
  const [first, kind, a = '', b] = parts;
  if (first === 'sObject' && kind) return recordPath(kind, objects);
  if (first !== 'lightning') return undefined;
  if (kind === 'page' && a === 'home') return '/';
  if (kind === 'search') return searchPath(query);
  if (kind === 'r') return recordPath(ID.test(a) ? a : (b ?? ''), objects);
  const meta = objects.find((one) => one.name === a);
  if (kind !== 'o' || !meta) return undefined;
  return b === 'new' ? newPath(meta.name, query) : `/${meta.name}`;
}

function classic(
  [first = '', second]: string[],
  query: URLSearchParams,
  objects: readonly KnownObject[],
): string | undefined {
  if (first === 'home') return '/';
  if (ID.test(first)) return recordPath(first, objects);
  if (first === '_ui') return searchPath(query);
  const meta = objects.find((one) => one.prefix === first);
  if (!meta) return undefined;
  return second === 'e' ? newPath(meta.name, query) : `/${meta.name}`;
}

function own(
  [first, second]: string[],
  query: URLSearchParams,
  objects: readonly KnownObject[],
): string | undefined {
  if (first === undefined) return '/';
  if (first === 'search') return searchPath(query);
  if (!objects.some((one) => one.name === first)) return undefined;
  if (second === undefined) return `/${first}`;
  return second === 'new' ? newPath(first, query) : recordPath(second, objects);
}

/** The page of a record, by its id alone; undefined when its prefix is of no object. */
export function recordPath(id: string, objects: readonly KnownObject[]): string | undefined {
  const meta = ID.test(id) ? objects.find((one) => one.prefix === id.slice(0, 3)) : undefined;
  return meta && `/${meta.name}/${id.slice(0, 15)}`;
}

/** The page for a new record. `defaultFieldValues` is Lightning's way to fill in: `A=1,B=2`. */
function newPath(object: string, query: URLSearchParams): string {
  const given = new URLSearchParams();
  for (const pair of (query.get('defaultFieldValues') ?? '').split(',')) {
    const [name = '', ...value] = pair.split('=');
    if (name !== '') given.set(name, value.join('='));
  }
  for (const [name, value] of query)
    if (!['defaultFieldValues', 'backgroundContext', 'retURL', 'nooverride'].includes(name))
      given.set(name, value);
  const text = given.toString();
  return `/${object}/new${text && `?${text}`}`;
}

function searchPath(query: URLSearchParams): string {
  const text = query.get('q') ?? query.get('str') ?? query.get('term') ?? '';
  return `/search?q=${encodeURIComponent(text)}`;
}

/**
 * An adapter's address with what Salesforce adds to it, in both spellings and none of them last: adapters look for
 * `sfdcIFrameOrigin=(.*?)&`.
 */
export function adapterAddress(
  url: string,
  { mode, origin, nonce }: { mode: string; origin: string; nonce: string },
): string {
  const address = new URL(url);
  const added: [string, string][] = [
    ['mode', mode],
    ['ltn_app_id', '06m000000000001AAA'],
    ['isdtp', 'vw'],
    ['sfdcIframeOrigin', origin],
    ['sfdcIFrameOrigin', origin],
    ['clc', '1'],
    ['nonce', nonce],
  ];
  const own = address.search.replace(/^\?/, '').split('&').filter(Boolean);
  const names = new Set(added.map(([name]) => name));
  const kept = own.filter((pair) => !names.has(pair.split('=')[0] ?? ''));
  address.search = [...kept, ...added.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)].join(
    '&',
  );
  return address.toString();
}
