/** The lexemes by which records are found: see schema.ts. */
import type { FieldValue, ObjectMeta } from '../../../protocol/crm.ts';

/** Letters that Unicode does not take apart into a plain one and an accent. */
const PLAIN: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};
const MAX_WORDS = 200;
const MAX_WORD_LENGTH = 60;
const MAX_QUERY_WORDS = 8;

/** Lower case without accents: how texts are compared and sorted. */
export function fold(text: string): string {
  const bare = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  return bare.replace(/[ßæœøłđðþı]/g, (letter) => PLAIN[letter] ?? letter);
}

/** The folded words of a text: runs of letters and digits. */
export function wordsOf(text: string): string[] {
  const words = fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((word) => word.slice(0, MAX_WORD_LENGTH));
}

/** All lexemes of a record. Long texts (descriptions, comments) are not searched. */
export function termsOf(meta: ObjectMeta, data: Record<string, FieldValue>): string[] {
  const words = new Set<string>();
  const references: string[] = [];
  for (const field of meta.fields) {
    const value = data[field.name];
    if (typeof value !== 'string') continue;
    if (field.type === 'text' || field.type === 'email' || field.type === 'url') {
      for (const word of wordsOf(value)) words.add(word);
    }
    if (field.type === 'reference') references.push(referenceTerm(field.name, value));
  }
  return [`=${meta.name}`, ...references, ...[...words].slice(0, MAX_WORDS)];
}

export function referenceTerm(field: string, id: string): string {
  return `@${field}=${id}`;
}

/** The tsquery for records of `object` whose words begin with all of the text's; undefined when the text has no word. */
export function wordsQuery(object: string | undefined, text: string): string | undefined {
  const words = wordsOf(text).slice(0, MAX_QUERY_WORDS);
  if (words.length === 0) return undefined;
  return conjunction([...(object ? [quote(`=${object}`)] : []), ...words.map((word) => `${quote(word)}:*`)]);
}

/** The tsquery for records of `object` whose reference `field` is `id`. */
export function referenceQuery(object: string, field: string, id: string): string {
  return conjunction([quote(`=${object}`), referenceTermQuery(field, id)]);
}

/** The tsquery for records whose reference `field` is `id`, of whatever object. */
export function referenceTermQuery(field: string, id: string): string {
  return quote(referenceTerm(field, id));
}

function conjunction(parts: string[]): string {
  return parts.join(' & ');
}

function quote(lexeme: string): string {
  return `'${lexeme.replace(/['\\]/g, (c) => c + c)}'`;
}
