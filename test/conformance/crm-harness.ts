/** What the conformance suite of CRMs needs from whoever plays the CRM. */
import type { FieldValue, FigureRow } from '../../src/protocol/crm.ts';
import type { RecordRef } from '../../src/protocol/facts.ts';
import { realClock } from '../../src/lib/clock.ts';
import { ConnectedCrm } from '../../src/server/crm/connected-crm.ts';
import type { CrmConnector } from '../../src/server/crm/connector.ts';
import type { Crm, CrmAbility, FigureBook } from '../../src/server/crm/ports.ts';

/** What the CRM itself has of a call's log. */
export interface SeenLog {
  subject: string;
  comments: string;
  durationSeconds: number;
  disposition: string | null;
  /** Ids of the person and of the record that it is about. */
  whoId: string | null;
  whatId: string | null;
  /** Addresses of recordings that are linked to it. */
  recordings: string[];
}

/** What a driver may lack beside abilities of the CRM. */
export type CrmFeature =
  /** The CRM can be made unreachable. */
  | 'away'
  /** A write can be carried out and its answer lost. */
  | 'lost-answer'
  /** Records can be hidden from one user. */
  | 'own-accounts';

/** One check's CRM, with nothing in it that other checks made. */
export interface CrmHarness {
  /** The CRM as the program has it: `connectCrm(connector)`, or a `Crm` of one's own. */
  crm: Crm & Partial<FigureBook>;
  /** Ids of two of our users who may work with it. */
  user: string;
  colleague: string;
  /** Makes a person in the CRM itself, past the connector; each number as it is written. */
  person(person: { lastName: string; numbers?: readonly string[] }): Promise<RecordRef>;
  /** The object of a person, with values that make one. */
  newPerson: { object: string; fields: Record<string, FieldValue>; phoneField: string };
  /** What can be changed of a person, and a value of it that the CRM refuses, with the field. */
  change: { fields: Record<string, FieldValue>; refused?: Record<string, FieldValue> };
  /** Takes a record away, past the connector. */
  remove(id: string): Promise<void>;
  /** Every log that the CRM has, whoever wrote it. */
  logs(): Promise<SeenLog[]>;
  /** Its metric records. Ability `figures`. */
  figures?(): Promise<Pick<FigureRow, 'key' | 'answered'>[]>;
  /** Feature `away`. */
  away?(away: boolean): Promise<void> | void;
  /** Feature `lost-answer`: the next write is carried out and its answer never arrives. */
  loseNextAnswer?(): void;
  /** Feature `own-accounts`: from now on this user does not see this record. */
  hide?(id: string, userId: string): void;
  dispose(): Promise<void> | void;
}

export interface CrmDriver {
  name: string;
  /** Called for each check. */
  harness(): Promise<CrmHarness> | CrmHarness;
  /** What the CRM or the driver lacks, each with the reason: those checks are listed as not run. */
  lacks?: Partial<Record<CrmAbility | CrmFeature, string>>;
}

/** Numbers without a country are British in the suite. */
export const SUITE_COUNTRY = 'GB';

/** The connector as the program has it. */
export function connectCrm(connector: CrmConnector, label = 'The CRM'): Crm & FigureBook {
  return new ConnectedCrm({ connector, label, clock: realClock, country: SUITE_COUNTRY });
}
