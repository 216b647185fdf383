import { z } from 'zod';
import { RecordRef } from '../../protocol/facts.ts';

/** How many records are remembered. */
const KEPT = 12;

const Stored = z.array(RecordRef);

/** The records that this user looked at last in this browser, newest first. */
export function readRecent(userId: string, storage: Storage = localStorage): RecordRef[] {
  try {
    return Stored.parse(JSON.parse(storage.getItem(keyOf(userId)) ?? '[]'));
  } catch {
    return [];
  }
}

/** Puts a record first. */
export function addRecent(userId: string, record: RecordRef, storage: Storage = localStorage): void {
  const others = readRecent(userId, storage).filter((one) => one.id !== record.id);
  write(userId, [record, ...others].slice(0, KEPT), storage);
}

/** Forgets a record that is gone. */
export function dropRecent(userId: string, recordId: string, storage: Storage = localStorage): void {
  write(
    userId,
    readRecent(userId, storage).filter((one) => one.id !== recordId),
    storage,
  );
}

function write(userId: string, records: RecordRef[], storage: Storage): void {
  try {
    storage.setItem(keyOf(userId), JSON.stringify(records));
  } catch {
    // A full or forbidden storage costs the list of recent records, nothing else.
  }
}

function keyOf(userId: string): string {
  return `crosspoint.recent.${userId}`;
}
