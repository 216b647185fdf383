/** Call logs: one closed Task per conversation and user. */
import type { CallLogEntry } from '../../../protocol/crm.ts';
import type { RecordRef } from '../../../protocol/facts.ts';
import { storedPhone } from './phone-number.ts';
import { findRow, type RecordRow } from './rows.ts';
import type { Fields } from './validate.ts';
import { insertRecord, updateRecord, type WritePlace } from './write.ts';

const CALL_TYPES = { inbound: 'Inbound', outbound: 'Outbound', internal: 'Internal' } as const;

/** Writes or rewrites the Task of an entry. Writers of the same entry wait for each other. */
export async function writeCallLogTask(place: WritePlace, entry: CallLogEntry): Promise<RecordRow> {
  const { sql, objects } = place;
  const key = [entry.conversationId, entry.userId];
  const locked = sql.query(
    'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))',
    [`call-log ${key.join(' ')}`],
    'call-log-lock',
  );
  // Asked for after the lock on the same connection, it is answered after it.
  const logged = sql.query<{ task_id: string }>(
    'SELECT task_id FROM crm_call_log WHERE conversation_id = $1 AND user_id = $2',
    key,
    'call-log-task',
  );
  const [[log]] = await Promise.all([logged, locked]);
  const meta = objects.named('Task');
  const fields = await taskFields(place, entry);
  const known = log ? await findRow(sql, log.task_id, true) : undefined;
  if (known) return await updateRecord(place, meta, known, fields);
  const row = await insertRecord(place, meta, { Priority: 'Normal', ...fields }, entry.userId);
  await sql.query(
    'INSERT INTO crm_call_log (conversation_id, user_id, task_id) VALUES ($1, $2, $3)',
    [...key, row.id],
    'call-log-insert',
  );
  return row;
}

/** What is too long is cut and what is gone is left out: a log must not be lost for it. */
async function taskFields(place: WritePlace, entry: CallLogEntry): Promise<Fields> {
  const began = new Date(entry.startedAt).toISOString();
  return {
    Subject: cut(entry.subject, 255) ?? 'Call',
    Status: 'Completed',
    TaskSubtype: 'Call',
    ActivityDate: began.slice(0, 10),
    WhoId: await linkTo(place, entry.who, 'WhoId'),
    WhatId: await linkTo(place, entry.what, 'WhatId'),
    Description: cut(entry.comments, 32_000),
    CallType: CALL_TYPES[entry.direction],
    CallDisposition: cut(entry.disposition ?? '', 255),
    CallDurationInSeconds: Math.max(0, Math.round(entry.durationSeconds)),
    CallStart: began,
    CallFrom: cut(storedPhone(entry.from, place.country), 256),
    CallTo: cut(storedPhone(entry.to, place.country), 256),
    CallObject: cut(entry.conversationId, 255),
  };
}

function cut(text: string, length: number): string | null {
  const clean = text.replaceAll('\u0000', '').trim().slice(0, length);
  return clean === '' ? null : clean;
}

async function linkTo(place: WritePlace, ref: RecordRef | null, field: string): Promise<string | null> {
  const allowed = place.objects.named('Task').fields.find((f) => f.name === field)?.refersTo ?? [];
  if (!ref) return null;
  const [found] = await place.sql.query<{ object: string }>(
    'SELECT object FROM record WHERE id = $1 FOR KEY SHARE',
    [ref.id],
  );
  return found && allowed.includes(found.object) ? ref.id : null;
}
