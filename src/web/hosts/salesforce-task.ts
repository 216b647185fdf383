import type { CallLogEntry, FieldValue } from '../../protocol/crm.ts';
import type { RecordRef } from '../../protocol/facts.ts';

const CALL_TYPES = { inbound: 'Inbound', outbound: 'Outbound', internal: 'Internal' } as const;
/** Key prefixes of what a task's Name (WhoId) may be: contacts and leads. Everything else is Related To (WhatId). */
const PEOPLE = ['003', '00Q'];

/** A call's log as the closed task that Salesforce's own CTI toolkit wrote. `CallObject` is the key: unique for each log. */
export function taskOf(
  key: string,
  entry: CallLogEntry,
  links: readonly RecordRef[],
): Record<string, FieldValue> {
  const isPerson = ({ id }: RecordRef) => PEOPLE.includes(id.slice(0, 3));
  const who = links.find(isPerson);
  // A lead has no account: Salesforce refuses a task that is related to something beside it.
  const what = who?.id.startsWith('00Q') ? undefined : links.find((record) => !isPerson(record));
  const fields: Record<string, FieldValue | undefined> = {
    Subject: entry.subject.slice(0, 255),
    Status: 'Completed',
    TaskSubtype: 'Call',
    ActivityDate: new Date(entry.startedAt).toISOString().slice(0, 10),
    CallType: CALL_TYPES[entry.direction],
    CallDurationInSeconds: Math.max(0, Math.round(entry.durationSeconds)),
    CallObject: key.slice(0, 255),
    CallDisposition: entry.disposition?.slice(0, 255) || undefined,
    Description: entry.comments.slice(0, 32_000) || undefined,
    WhoId: who?.id,
    WhatId: what?.id,
  };
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, FieldValue] => field[1] !== undefined),
  );
}
