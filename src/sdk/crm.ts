/** `crosspoint/crm`: what the author of a CRM's connector needs, and nothing more (docs/connectors.md). */
export type { Clock } from '../lib/clock.ts';
export type {
  CallLogEntry,
  CrmRecord,
  FieldMeta,
  FieldValue,
  FigureRow,
  ObjectMeta,
  RecordingLink,
} from '../protocol/crm.ts';
export { CodedError, type ErrorCode } from '../protocol/errors.ts';
export type { RecordRef } from '../protocol/facts.ts';
export type {
  AccountOwner,
  ApiUsage,
  CreateCrm,
  CrmAccount,
  CrmAccounts,
  CrmCall,
  CrmConnector,
  CrmContext,
  CrmLog,
  CrmSignIn,
  Found,
  NumberHit,
  OutsideCrmContext,
} from '../server/crm/connector.ts';
export type { NumberQuery } from '../server/crm/number-query.ts';
export type { CrmAbility, CrmMissing } from '../server/crm/ports.ts';
