/**
 * Whose number is this. Numbers known in full are looked up by equality; only when that finds nobody are last digits
 * compared, which finds numbers that were kept or signalled without country or area.
 */
import type { SearchResult } from '../../../protocol/crm.ts';
import type { Sql } from '../../store/database.ts';
import type { ObjectSet } from './object-set.ts';
import { type PhoneNumber, reverse, SIGNIFICANT_DIGITS, sameNumber } from './phone-number.ts';
import { REF_ACCOUNT, REF_COLUMNS, type RefRow, toRef } from './rows.ts';

/** Index entries looked at for one number: a number that more records share tells nothing anyway. */
const MAX_ENTRIES = 200;

/** $1: numbers in E.164; $2: objects. */
export const MATCH_EQUAL = `
  SELECT p.field, ${REF_COLUMNS}
  FROM (SELECT record_id, field FROM phone_index WHERE e164 = ANY($1) AND object = ANY($2) LIMIT ${MAX_ENTRIES + 1}) p
  JOIN record r ON r.id = p.record_id ${REF_ACCOUNT}`;

/** $1: the last digits, reversed; $2: the first text that does not begin with them; $3: objects. */
export const MATCH_ENDING = `
  SELECT p.field, p.digits_reversed, p.e164, ${REF_COLUMNS}
  FROM (SELECT record_id, field, digits_reversed, e164 FROM phone_index
        WHERE digits_reversed >= $1 AND digits_reversed < $2 AND object = ANY($3) LIMIT ${MAX_ENTRIES + 1}) p
  JOIN record r ON r.id = p.record_id ${REF_ACCOUNT}`;

interface MatchRow extends RefRow {
  field: string;
}

interface EndingRow extends MatchRow {
  digits_reversed: string;
  e164: string | null;
}

/** The parameters of a range of texts that begin with `digits`: a colon sorts right behind 9. */
export function beginningWith(digits: string): [from: string, to: string] {
  return [digits, `${digits}:`];
}

/** Where numbers are looked for. */
export interface MatchPlace {
  sql: Sql;
  objects: ObjectSet;
  /** Calling code of the default country, such as `44`. */
  home: string;
}

/**
 * The records that have this number, best first.
 * @param among whose numbers are looked at, the best first. Default: those of all callers.
 */
export async function findByNumber(
  { sql, objects, home }: MatchPlace,
  number: PhoneNumber,
  limit: number,
  among: readonly string[] = objects.callers(),
): Promise<SearchResult> {
  const full = [number.e164, number.guess].filter((n) => n !== undefined);
  let rows: MatchRow[] =
    full.length > 0 ? await sql.query<MatchRow>(MATCH_EQUAL, [full, among], 'crm-match-equal') : [];
  if (rows.length === 0 && number.digits.length >= SIGNIFICANT_DIGITS) {
    rows = await findByEnding(sql, number, home, among);
  }
  const ranked = rank(rows, among);
  const more = ranked.length > limit || rows.length > MAX_ENTRIES;
  return { records: ranked.slice(0, limit).map((row) => toRef(objects, row)), more };
}

async function findByEnding(
  sql: Sql,
  number: PhoneNumber,
  home: string,
  among: readonly string[],
): Promise<MatchRow[]> {
  const ending = reverse(number.digits.slice(-SIGNIFICANT_DIGITS));
  const rows = await sql.query<EndingRow>(
    MATCH_ENDING,
    [...beginningWith(ending), among],
    'crm-match-ending',
  );
  return rows.filter((row) =>
    sameNumber(number, { e164: row.e164, digits: reverse(row.digits_reversed) }, home),
  );
}

/** A number of these fields reaches somebody else first, or nobody. */
const INDIRECT = ['OtherPhone', 'AssistantPhone', 'Fax'];

/** Each record once, people first, direct numbers first; an account that only repeats its one person is left out. */
function rank(rows: readonly MatchRow[], among: readonly string[]): MatchRow[] {
  const best = new Map<string, MatchRow>();
  const sorted = [...rows].sort((a, b) => compareMatches(a, b, among));
  for (const row of sorted) if (!best.has(row.id)) best.set(row.id, row);
  const records = [...best.values()];
  return records.filter((row) => row.object !== 'Account' || peopleOf(records, row.id).length !== 1);
}

function peopleOf(records: readonly MatchRow[], accountId: string): MatchRow[] {
  return records.filter(
    (r) => r.object === 'Contact' && r.data.AccountId === accountId && !INDIRECT.includes(r.field),
  );
}

function compareMatches(a: MatchRow, b: MatchRow, among: readonly string[]): number {
  return (
    INDIRECT.indexOf(a.field) - INDIRECT.indexOf(b.field) ||
    among.indexOf(a.object) - among.indexOf(b.object) ||
    a.name.localeCompare(b.name) ||
    (a.id < b.id ? -1 : 1)
  );
}
