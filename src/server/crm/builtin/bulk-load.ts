/** Loads very many contacts quickly, for benches. */
import type { Database, Sql } from '../../store/database.ts';

/** Distinct numbers begin here: +44 55 is a British range for companies' own use in which next to nothing is assigned. */
const FIRST_NUMBER = 445_500_000_000;
const CHUNK = 100_000;

/** The fields that the numbers of one contact stand in. */
const FIELDS = ['Phone', 'MobilePhone', 'HomePhone', 'OtherPhone'];

/** The n-th number, in E.164, that `bulkLoad` makes, from 0; a contact with several has consecutive ones. */
export function bulkNumber(n: number): string {
  return `+${FIRST_NUMBER + n}`;
}

/**
 * Adds `count` contacts, in one transaction that nobody else writes records beside.
 * Indexes are made anew at the end: a million takes some tens of seconds.
 * @param each numbers of a contact, 1 to 4.
 */
export async function bulkLoad(db: Database, count: number, now: number, each = 1): Promise<void> {
  await db.tx(async (sql) => {
    await sql.query('SET LOCAL statement_timeout = 0');
    await sql.query("SET LOCAL maintenance_work_mem = '256MB'");
    await sql.query('LOCK TABLE record, phone_index IN ACCESS EXCLUSIVE MODE');
    const rebuild = await dropIndexes(sql);
    for (let from = 0; from < count; from += CHUNK) {
      await sql.query(INSERT, [
        from,
        Math.min(count, from + CHUNK) - 1,
        FIRST_NUMBER,
        now,
        FIELDS.slice(0, each),
      ]);
    }
    for (const statement of rebuild) await sql.query(statement);
  });
  await db.tx(async (sql) => {
    await sql.query('SET LOCAL statement_timeout = 0');
    await sql.query('ANALYZE record, phone_index');
  });
}

/** Drops the indexes and the foreign key that slow loading down; the statements that make them again. */
async function dropIndexes(sql: Sql): Promise<string[]> {
  const indexes = await sql.query<{ name: string; definition: string }>(
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes
     WHERE schemaname = current_schema() AND tablename IN ('record', 'phone_index') AND indexname NOT LIKE '%_pkey'`,
  );
  const keys = await sql.query<{ name: string; definition: string }>(
    `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
     WHERE conrelid = 'phone_index'::regclass AND contype = 'f'`,
  );
  for (const { name } of indexes) await sql.query(`DROP INDEX ${name}`);
  for (const { name } of keys) await sql.query(`ALTER TABLE phone_index DROP CONSTRAINT ${name}`);
  const again = keys.map((k) => `ALTER TABLE phone_index ADD CONSTRAINT ${k.name} ${k.definition}`);
  return [...indexes.map((index) => index.definition), ...again];
}

/** $1 to $2: which contacts; $3: the first number; $4: now; $5: fields with a number. Names repeat as real ones do. */
const INSERT = `
  WITH made AS MATERIALIZED (
    SELECT new_record_id('003', nextval('record_number')) AS id, $3::bigint + n::bigint * cardinality($5::text[]) AS number,
      (ARRAY['Alex','Bo','Chris','Dana','Eli','Finn','Gus','Hope','Ivy','Jo','Kim','Lee','Max','Nia','Ola','Pat'])[1 + n % 16] AS first,
      'Bulk' || lpad(to_hex(n / 16 % 4096), 3, '0') || ' ' || (ARRAY['Smith','Jones','Brown','Evans','Khan','Walsh'])[1 + n % 6] AS last
    FROM generate_series($1::int, $2::int) AS n
  ), rows AS (
    INSERT INTO record (id, object, name, sort_name, data, terms, owner, created_at, updated_at)
    SELECT id, 'Contact', first || ' ' || last, lower(first || ' ' || last),
      jsonb_build_object('Name', first || ' ' || last, 'FirstName', first, 'LastName', last) ||
        (SELECT jsonb_object_agg(field, '+' || (number + no - 1)) FROM unnest($5) WITH ORDINALITY AS f(field, no)),
      array_to_tsvector(ARRAY['=Contact'] || string_to_array(lower(first || ' ' || last), ' ')), '', $4, $4
    FROM made
  )
  INSERT INTO phone_index (digits_reversed, e164, record_id, object, field)
  SELECT reverse((number + no - 1)::text), '+' || (number + no - 1), id, 'Contact', field
  FROM made CROSS JOIN unnest($5) WITH ORDINALITY AS f(field, no)`;
