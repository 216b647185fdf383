/** The built-in CRM on a database of its own, and people who use it. */
import { afterAll, expect } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { CrmRecord, FieldValue } from '../../src/protocol/crm.ts';
import { CodedError } from '../../src/protocol/errors.ts';
import { BuiltinCrm } from '../../src/server/crm/builtin/builtin-crm.ts';
import { Metadata } from '../../src/server/crm/builtin/metadata.ts';
import type { Actor } from '../../src/server/crm/ports.ts';
import { crmMigrations } from '../../src/server/crm/schema.ts';
import type { Database } from '../../src/server/store/database.ts';
import { testDatabase } from './postgres.ts';

export const agent: Actor = { userId: 'user_ada', roles: ['agent'] };
export const colleague: Actor = { userId: 'user_bob', roles: ['agent'] };
export const supervisor: Actor = { userId: 'user_sue', roles: ['supervisor'] };
export const administrator: Actor = { userId: 'user_root', roles: ['administrator'] };
export const nobody: Actor = { userId: 'user_none', roles: [] };

type Values = Record<string, FieldValue>;

export interface TestCrm {
  crm: BuiltinCrm;
  metadata: Metadata;
  db: Database;
  clock: VirtualClock;
  /** Makes a record as the agent. */
  make(object: string, fields: Values): Promise<CrmRecord>;
  contact(lastName: string, fields?: Values): Promise<CrmRecord>;
}

/** For a whole test file; it is removed after the file's tests. */
export async function testCrm(): Promise<TestCrm> {
  const { db, drop } = await testDatabase(crmMigrations);
  afterAll(drop);
  const clock = new VirtualClock();
  const metadata = await Metadata.load({ db, clock, onListenerError: rethrow });
  const crm = new BuiltinCrm({
    db,
    clock,
    objects: () => metadata.now(),
    country: 'GB',
    userNames: async () => ({ user_ada: 'Ada Agent' }),
  });
  const make = (object: string, fields: Values) => crm.create(agent, object, fields);
  return {
    crm,
    metadata,
    db,
    clock,
    make,
    contact: (LastName, fields = {}) => make('Contact', { LastName, ...fields }),
  };
}

function rethrow(error: unknown): never {
  throw error;
}

export function idsOf(result: { records: { id: string }[] }): string[] {
  return result.records.map((record) => record.id);
}

/** The coded error that `work` rejects with. */
export async function errorOf(work: Promise<unknown>): Promise<CodedError> {
  const error: unknown = await work.then(
    () => expect.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  if (error instanceof CodedError) return error;
  throw error;
}
