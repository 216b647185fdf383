import type { RecordRef } from '../../protocol/facts.ts';
import type { FieldValue } from '../../protocol/crm.ts';

/** A number that was clicked in Salesforce. */
export interface Click {
  number: string;
  record?: RecordRef;
}

/** Where a pop leads, in Salesforce's words. */
export type SalesforcePop =
  | { to: 'record'; recordId: string }
  | { to: 'search'; text: string }
  | { to: 'new'; object: string; values: Record<string, string> }
  | { to: 'path'; path: string };

/** What both generations of Open CTI can do, as far as the softphone needs it. Each call rejects with Salesforce's own words. */
export interface SalesforceApi {
  /** Where its script lies on Salesforce's origin. */
  readonly script: string;
  /** The script is there: listens, and says that we are ready. Rejects when it is not inside Salesforce at all. */
  join(onClick: (click: Click) => void, onView: (record: RecordRef | null) => void): Promise<void>;
  clickToDial(on: boolean): Promise<unknown>;
  show(): Promise<unknown>;
  /** Label and icon of what stands in Salesforce's own bar: Classic has none. */
  label(text: string, icon: string): Promise<unknown>;
  pop(pop: SalesforcePop): Promise<unknown>;
  /** Pops as the softphone layout says, and resolves to what was found. */
  popByNumber(number: string, callType: string): Promise<RecordRef[]>;
  refresh(): Promise<unknown>;
  /** Resolves to the id of the Task. */
  saveTask(fields: Record<string, FieldValue>): Promise<string>;
  runApex(apexClass: string, method: string): Promise<unknown>;
}

/** Salesforce's description of an error, whatever shape it came in. */
export function sentenceOf(errors: unknown): string {
  const first: unknown = Array.isArray(errors) ? errors[0] : errors;
  if (typeof first === 'string') return first;
  const { description, code } = (first ?? {}) as { description?: unknown; code?: unknown };
  return String(description ?? code ?? 'Salesforce gave no reason');
}

/** A record of a payload; null for a page that is not one's. */
export function recordOf(id: unknown, object: unknown, name: unknown): RecordRef | null {
  if (typeof id !== 'string' || id === '') return null;
  return { id, object: String(object ?? ''), name: String(name ?? '') };
}
