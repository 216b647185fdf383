/** What a layout's rule means for one call: pure. */
import type { Address } from '../../protocol/address.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { PopTarget, URL_PLACEHOLDERS } from '../../protocol/layouts.ts';
import type { Pop } from '../../protocol/softphone.ts';
import { isMatchable } from './matching.ts';

/** What pops, without where and when. */
export type PopShown = Pick<Pop, 'decision' | 'number' | 'record' | 'object' | 'prefill' | 'url'>;

/** The call as a page's address may name it. */
export type UrlValues = Record<(typeof URL_PLACEHOLDERS)[number], string>;

export interface PopSubject {
  /** The other party. */
  peer: Address;
  /** The one record that matches, when there is only one. */
  single: RecordRef | undefined;
  values: UrlValues;
  data(key: string): string | undefined;
  /** The field of this object that takes the number. */
  phoneField(object: string): string;
  /** Pages at this address may pop. */
  allows(url: string): boolean;
}

/** What pops for this call, or undefined for nothing. Nobody can be looked up or created by a number that is withheld. */
export function popShown(target: PopTarget, subject: PopSubject): PopShown | undefined {
  const { peer, single } = subject;
  const number = peer.value;
  switch (target.kind) {
    case 'nothing':
      return undefined;
    case 'record':
      return single && { decision: 'record', number, record: single };
    case 'search':
      return isMatchable(peer) ? { decision: 'list', number } : undefined;
    case 'new':
      return isMatchable(peer) ? newRecord(target.object, number, subject) : undefined;
    case 'page': {
      const url = fillUrl(target.url, subject);
      return subject.allows(url) ? { decision: 'page', number, url } : undefined;
    }
    case 'script': {
      const url = `/scripts/${encodeURIComponent(target.scriptId)}?conversation=${subject.values.CALL_ID}`;
      return { decision: 'script', number, url, ...(single ? { record: single } : {}) };
    }
  }
}

export function newRecord(
  object: string,
  number: string,
  { phoneField }: Pick<PopSubject, 'phoneField'>,
): PopShown {
  return { decision: 'new', number, object, prefill: { [phoneField(object)]: number } };
}

/** The address with its placeholders filled in; what the call does not have is empty. */
export function fillUrl(template: string, { values, data }: Pick<PopSubject, 'values' | 'data'>): string {
  return template.replace(/\{([^{}]*)\}/g, (_all, name: string) => {
    const value = name.startsWith('data:')
      ? data(name.slice('data:'.length))
      : values[name as keyof UrlValues];
    // A segment of dots alone would lead out of the page's folder, encoded or not.
    return value === undefined || /^\.{1,2}$/.test(value) ? '' : encodeURIComponent(value);
  });
}
