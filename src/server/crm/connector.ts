/**
 * The port for outside CRMs: what a connector offers. `ConnectedCrm` makes a `Crm` of it (deadlines, one way to compare numbers, a
 * short memory, errors of one catalogue), so a connector only translates. Each method may be absent; then `missing` says why.
 */
import { pathToFileURL } from 'node:url';
import type { Clock } from '../../lib/clock.ts';
import type {
  CallLogEntry,
  CrmRecord,
  FieldValue,
  FigureRow,
  ObjectMeta,
  RecordingLink,
} from '../../protocol/crm.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { PlatformReport } from '../../protocol/platforms.ts';
import type { NumberQuery } from './number-query.ts';
import type { CrmMissing } from './ports.ts';

/** On whose behalf a call is made, and until when its answer is of use. */
export interface CrmCall {
  /** Our user, whose own account is to be used where the CRM has one for him; undefined: the organisation's connection. */
  userId: string | undefined;
  /** Aborted at the deadline: nobody waits any more. */
  signal: AbortSignal;
}

/** A record whose numbers may include the one that is looked for. */
export interface NumberHit {
  record: RecordRef;
  /** Its numbers, as they are written there: what is no way of writing the number is sorted out by us. */
  numbers: readonly string[];
}

export interface Found<T> {
  records: readonly T[];
  /** There are others. */
  more: boolean;
}

/** Requests of the organisation that the CRM has counted. */
export interface ApiUsage {
  used: number;
  limit: number;
}

/**
 * Every method rejects with a CodedError that says what to do with it: `not-found`, `not-allowed`, `conflict`, `bad-input`; `crm-refused` for
 * what will be refused however often it is tried, with the CRM's own sentence as `detail` and, when it is about one, the `field`;
 * `crm-unavailable` for what passes; `crm-limit` with `seconds`; `crm-sign-in`. Any other error counts as `crm-unavailable`.
 * An id is unique in the CRM: where it is not, it has its object in front.
 */
export interface CrmConnector {
  readonly missing: CrmMissing;

  /** The organisation's connection works. A cheap call. */
  ping(call: CrmCall): Promise<void>;

  /** Ability `read`: what objects and fields there are, as the user may see them. */
  objects?(call: CrmCall): Promise<ObjectMeta[]>;
  read?(call: CrmCall, id: string): Promise<CrmRecord>;

  /** Ability `match`: who may have this number, in the order to show them, of all objects that have numbers. */
  match?(call: CrmCall, number: NumberQuery, limit: number): Promise<Found<NumberHit>>;

  /** Ability `search`: by words in whatever the CRM searches. */
  search?(
    call: CrmCall,
    text: string,
    options: { objects?: readonly string[]; limit: number },
  ): Promise<Found<RecordRef>>;

  /** Ability `write`. */
  create?(call: CrmCall, object: string, fields: Record<string, FieldValue>): Promise<CrmRecord>;
  update?(
    call: CrmCall,
    id: string,
    fields: Record<string, FieldValue>,
    rev: number | undefined,
  ): Promise<CrmRecord>;

  /**
   * Ability `call-log`: exactly one log per `idemKey`, also when an earlier call wrote it and its answer was lost. Written again it is
   * changed. Persons and records that are gone by now are left out.
   */
  writeCallLog?(call: CrmCall, idemKey: string, entry: CallLogEntry): Promise<RecordRef>;

  /** Ability `recording-link`: on the log of this key, once. `not-found` when there is no such log (yet). */
  attachRecording?(call: CrmCall, idemKey: string, link: RecordingLink): Promise<void>;

  /** Ability `figures`: one record per row's `key`, however often it is written. */
  writeFigures?(call: CrmCall, rows: readonly FigureRow[]): Promise<void>;

  /** As the last answer said. */
  usage?(): ApiUsage | undefined;

  /** For a CRM that people sign in to: how. Without it, what the settings say is enough. */
  signIn?: CrmSignIn;

  close?(): Promise<void>;
}

/** OAuth's web-server flow (RFC 6749, section 4.1) with PKCE (RFC 7636): where to, and what comes back. */
export interface CrmSignIn {
  /** Users see what their own account sees: who has none sees nothing. Else everybody sees what the organisation's does. */
  readonly ownAccounts: boolean;
  /** The address that the browser is sent to. */
  authorizeUrl(request: {
    redirectUri: string;
    state: string;
    codeChallenge: string;
  }): string | Promise<string>;
  /** Trades the code for an account. @throws CodedError `crm-refused`. */
  complete(request: { redirectUri: string; code: string; codeVerifier: string }): Promise<CrmAccount>;
}

/** An account of the CRM, with what opens it. */
export interface CrmAccount {
  /** The CRM's id of the user. */
  externalId: string;
  /** Whose it is, for people. */
  name: string;
  /** Tokens and what else is needed: kept sealed, never shown nor logged. */
  secrets: Record<string, string>;
}

/** Whose account it is: one of our users, or the organisation. */
export type AccountOwner = { userId: string } | 'organisation';

/** The accounts of one connection, kept sealed. */
export interface CrmAccounts {
  get(owner: AccountOwner): Promise<CrmAccount | undefined>;
  /** Tokens were renewed. An account that was signed out meanwhile stays so. */
  renew(owner: AccountOwner, secrets: Record<string, string>): Promise<void>;
}

/** Where a connector says what happens to it; never secrets or personal data. */
export interface CrmLog {
  debug(data: object, message: string): void;
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

export interface CrmContext {
  /** The connection's id and label. */
  id: string;
  label: string;
  clock: Clock;
  log: CrmLog;
  /** ISO 3166 code: how numbers without a country are read. */
  country: string;
  accounts: CrmAccounts;
  /** The name that a user signs in here with, often his e-mail address; undefined for one who is gone. */
  userName(userId: string): string | undefined;
}

/** What the module of a connector outside of the tree is asked with (docs/connectors.md). */
export interface OutsideCrmContext extends CrmContext {
  /** What the administrator wrote for it. */
  settings: Record<string, unknown>;
  /** Its secrets, apart: never log them. */
  secrets: Record<string, unknown>;
}

/** Throws an error with a plain sentence when the settings are not enough: it is shown to the administrator. */
export type CreateCrm = (context: OutsideCrmContext) => CrmConnector | Promise<CrmConnector>;

/** What a test of a connection says. */
export type CrmReport = PlatformReport;

/** @throws when the file is not there, cannot be loaded, or exports no `createCrm`. */
export async function loadCrm(path: string): Promise<CreateCrm> {
  const loaded = (await import(pathToFileURL(path).href)) as { createCrm?: unknown };
  if (typeof loaded.createCrm !== 'function') throw new Error(`${path} exports no function createCrm`);
  return loaded.createCrm as CreateCrm;
}
