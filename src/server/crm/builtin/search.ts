/** Search over all objects, by words and by numbers. */
import type { SearchResult } from '../../../protocol/crm.ts';
import type { Sql } from '../../store/database.ts';
import { beginningWith, findByNumber, type MatchPlace } from './match.ts';
import { readPhoneNumber, reverse } from './phone-number.ts';
import { REF_ACCOUNT, REF_COLUMNS, type RefRow, toRef } from './rows.ts';
import { fold, wordsOf, wordsQuery } from './terms.ts';

const MIN_DIGITS = 3;
const MIN_LAST_DIGITS = 4;

export interface SearchPlace extends MatchPlace {
  country: string;
}

/** For each query of $1 up to $2 records: whole words first, so that Ada is not lost among many Adams. */
export const SEARCH_WORDS = `
  SELECT ${REF_COLUMNS}
  FROM unnest($1::text[]) WITH ORDINALITY AS q(terms, no)
  CROSS JOIN LATERAL (SELECT * FROM record WHERE record.terms @@ q.terms::tsquery LIMIT $2) r ${REF_ACCOUNT}
  ORDER BY q.no`;

/** Records for what somebody typed into a search box; numbers before words, exact names before others, then in the order of `objects`. */
export async function searchRecords(
  place: SearchPlace,
  text: string,
  objects: readonly string[],
  limit: number,
): Promise<SearchResult> {
  const byNumber = isNumberLike(text) ? await searchNumber(place, text, objects, limit) : [];
  const byWords = await searchWords(place.sql, text, objects, limit);
  const found = new Map([...byNumber, ...byWords].map((row) => [row.id, row]));
  const rows = [...found.values()];
  return { records: rows.slice(0, limit).map((row) => toRef(place.objects, row)), more: rows.length > limit };
}

/** Ids of records of one object that have the number typed, or one that begins or ends like it; at most 200. */
export async function idsByNumber(place: SearchPlace, text: string, object: string): Promise<string[]> {
  if (!isNumberLike(text)) return [];
  return (await searchNumber(place, text, [object], 200)).map((row) => row.id);
}

function isNumberLike(text: string): boolean {
  return /^[+\d\s()./x#-]+$/i.test(text.normalize('NFKC')) && text.replace(/\D/g, '').length >= MIN_DIGITS;
}

async function searchWords(
  sql: Sql,
  text: string,
  objects: readonly string[],
  limit: number,
): Promise<RefRow[]> {
  const exact = objects.map((object) => wordsQuery(object, text)?.replaceAll(':*', ''));
  const prefix = objects.map((object) => wordsQuery(object, text));
  const queries = [...exact, ...prefix].filter((query) => query !== undefined);
  if (queries.length === 0) return [];
  const rows = await sql.query<RefRow>(SEARCH_WORDS, [queries, limit + 1]);
  const folded = wordsOf(text).join(' ');
  const score = (row: RefRow) => {
    const name = wordsOf(row.name).join(' ');
    return name === folded ? 0 : name.startsWith(folded) ? 1 : 2;
  };
  const order = (row: RefRow) => objects.indexOf(row.object);
  return rows
    .map((row) => ({ row, score: score(row) }))
    .sort(
      (a, b) =>
        a.score - b.score || order(a.row) - order(b.row) || fold(a.row.name).localeCompare(fold(b.row.name)),
    )
    .map(({ row }) => row);
}

async function searchNumber(
  place: SearchPlace,
  text: string,
  objects: readonly string[],
  limit: number,
): Promise<RefRow[]> {
  const number = readPhoneNumber(text, place.country);
  if (!number) return [];
  const whole = await findByNumber(place, number, limit);
  const ids = whole.records.map((ref) => ref.id);
  if (!number.e164 || ids.length === 0) ids.push(...(await idsByPart(place, text, limit)));
  const rows = await place.sql.query<RefRow & { no: number }>(
    `SELECT ${REF_COLUMNS} FROM unnest($1::text[]) WITH ORDINALITY AS found(id, no)
     JOIN record r ON r.id = found.id ${REF_ACCOUNT} WHERE r.object = ANY($2) ORDER BY found.no`,
    [ids, objects],
  );
  return rows;
}

/** By the beginning of a number that is still being typed, or by its last digits. */
async function idsByPart(place: SearchPlace, text: string, limit: number): Promise<string[]> {
  const typed = typedDigits(text);
  const beginnings = beginningsOf(typed, place.home).map((digits) => ({
    column: 'e164',
    digits: `+${digits}`,
  }));
  const last = typed.replace(/\D/g, '');
  const endings = last.length < MIN_LAST_DIGITS ? [] : [{ column: 'digits_reversed', digits: reverse(last) }];
  const rows = await Promise.all(
    [...beginnings, ...endings].map(({ column, digits }) =>
      place.sql.query<{ record_id: string }>(
        `SELECT record_id FROM phone_index WHERE ${column} >= $1 AND ${column} < $2 ORDER BY ${column} LIMIT $3`,
        [...beginningWith(digits), limit + 1],
      ),
    ),
  );
  return rows.flat().map((row) => row.record_id);
}

/** The digits that somebody has typed so far, and a plus before them. */
export function typedDigits(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\(0\)/g, '')
    .replace(/[^+\d]/g, '');
}

/** How the number begins in E.164, without its plus, that somebody has begun to type. */
export function beginningsOf(typed: string, home: string): string[] {
  if (typed.startsWith('+') || typed.startsWith('00')) return [typed.replace(/^(\+|00)/, '')];
  const national = home + typed.replace(/^0/, '');
  return typed.startsWith('0') ? [national] : [typed, national];
}
