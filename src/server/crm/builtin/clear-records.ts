/** What happens to records when a field or an object goes. */
import type { FieldMeta, ObjectMeta } from '../../../protocol/crm.ts';
import type { Sql } from '../../store/database.ts';
import type { ObjectSet } from './object-set.ts';
import { RECORD_COLUMNS, type RecordRow } from './rows.ts';
import { termsOf } from './terms.ts';
import { updateRecord } from './write.ts';

const BATCH = 1_000;

export async function countRecords(sql: Sql, object: string): Promise<number> {
  const [row] = await sql.query<{ n: number }>('SELECT count(*) AS n FROM record WHERE object = $1', [
    object,
  ]);
  return row?.n ?? 0;
}

export async function countValues(sql: Sql, object: string, field: string): Promise<number> {
  const [row] = await sql.query<{ n: number }>(
    'SELECT count(*) AS n FROM record WHERE object = $1 AND data ? $2',
    [object, field],
  );
  return row?.n ?? 0;
}

/** Takes the field's values out of the records, of what is searched and of the telephone numbers. */
export async function clearField(tx: Sql, meta: ObjectMeta, field: FieldMeta): Promise<void> {
  await tx.query('SET LOCAL statement_timeout = 0');
  await tx.query('DELETE FROM phone_index WHERE object = $1 AND field = $2', [meta.name, field.name]);
  const left = { ...meta, fields: meta.fields.filter((one) => one !== field) };
  await eachBatch(tx, 'object = $1 AND data ? $2', [meta.name, field.name], async (rows) => {
    const changes = rows.map(({ id, data }) => {
      const { [field.name]: _, ...rest } = data;
      return { id, data: rest, terms: termsOf(left, rest) };
    });
    await tx.query(
      `UPDATE record SET data = made.data,
         terms = array_to_tsvector(ARRAY(SELECT jsonb_array_elements_text(made.terms)))
       FROM jsonb_to_recordset($1) AS made(id text, data jsonb, terms jsonb) WHERE record.id = made.id`,
      [JSON.stringify(changes)],
    );
  });
}

/** Removes all records of an object that no field refers to any more; tasks about them stay, without the link. */
export async function removeRecords(
  tx: Sql,
  meta: ObjectMeta,
  { objects, now }: { objects: ObjectSet; now: number },
): Promise<void> {
  await tx.query('SET LOCAL statement_timeout = 0');
  const task = objects.named('Task');
  // Tasks have no telephone numbers of their own: no country is needed to read any.
  const place = { sql: tx, objects, country: '', now };
  await eachBatch(tx, "object = 'Task' AND left(data->>'WhatId', 3) = $1", [meta.prefix], async (rows) => {
    for (const row of rows) await updateRecord(place, task, row, { WhatId: null });
  });
  await tx.query('DELETE FROM record WHERE object = $1', [meta.name]);
}

async function eachBatch(
  tx: Sql,
  where: string,
  params: readonly unknown[],
  work: (rows: RecordRow[]) => Promise<void>,
): Promise<void> {
  for (let after = ''; ; ) {
    const rows = await tx.query<RecordRow>(
      `SELECT ${RECORD_COLUMNS} FROM record WHERE ${where} AND id > $${params.length + 1} ORDER BY id LIMIT ${BATCH} FOR UPDATE`,
      [...params, after],
    );
    const last = rows.at(-1);
    if (!last) return;
    await work(rows);
    after = last.id;
  }
}
