import { z } from 'zod';
import { FieldValue } from './crm.ts';
import { CALL_TYPES } from './layouts.ts';

/**
 * Open CTI: call centers as their definition files describe them, and what an adapter's script and our
 * desktop say to each other by postMessage (`AdapterMessage` up, `HostMessage` down).
 */

/** One setting of a call center. Its place in the list is its `sortOrder`. */
export const DefinitionItem = z.object({
  name: z.string().max(40),
  label: z.string().max(1_000),
  value: z.string().max(1_000),
});
export type DefinitionItem = z.infer<typeof DefinitionItem>;

export const DefinitionSection = z.object({
  name: z.string().max(40),
  label: z.string().max(1_000),
  items: z.array(DefinitionItem).max(200),
});
export type DefinitionSection = z.infer<typeof DefinitionSection>;

/** A definition file's content: sections in their order; `reqGeneralInfo` holds name and adapter address. */
export const Definition = z.object({ sections: z.array(DefinitionSection).min(1).max(100) });
export type Definition = z.infer<typeof Definition>;

/** What is wrong with, or odd about, a definition file. An error keeps it from being imported. */
export const Diagnostic = z.object({
  severity: z.enum(['error', 'warning']),
  /** Of the file, from 1; 0 where it has none. */
  line: z.number(),
  /** The rule's name, such as `sort-order`. */
  rule: z.string(),
  message: z.string(),
});
export type Diagnostic = z.infer<typeof Diagnostic>;

export const CompatibilityMode = z.enum(['Classic', 'Lightning', 'Classic_and_Lightning']);
export type CompatibilityMode = z.infer<typeof CompatibilityMode>;

/** A call center as Setup shows it. */
export const ShownCallCenter = Definition.extend({
  id: z.string(),
  internalName: z.string(),
  displayName: z.string(),
  adapterUrl: z.string(),
  mode: CompatibilityMode,
  /** The adapter is another's: its page replaces our softphone. */
  external: z.boolean(),
  userIds: z.array(z.string()),
});
export type ShownCallCenter = z.infer<typeof ShownCallCenter>;

/** A definition file, or a metadata file (`*.callCenter`), as text. */
export const DefinitionFile = z.object({
  text: z.string().min(1).max(500_000),
  /** Gives a metadata file, which has none in it, its internal name. */
  fileName: z.string().max(255).optional(),
});
export const CheckedDefinition = z.object({
  /** Null when the file cannot be used. */
  definition: Definition.nullable(),
  diagnostics: z.array(Diagnostic),
});
export type CheckedDefinition = z.infer<typeof CheckedDefinition>;
export const ImportedCallCenter = z.object({ callCenter: ShownCallCenter, diagnostics: z.array(Diagnostic) });
export type ImportedCallCenter = z.infer<typeof ImportedCallCenter>;
export const CallCenterClone = z.object({
  internalName: z.string().min(1).max(40),
  displayName: z.string().min(1).max(1_000),
});

/** The adapter of the user who is signed in. */
export const MyAdapter = z.object({
  callCenterId: z.string(),
  displayName: z.string(),
  adapterUrl: z.string(),
  standbyUrl: z.string().nullable(),
  /** Milliseconds until `standbyUrl` is tried. */
  timeoutMs: z.number().nullable(),
  height: z.number(),
  width: z.number(),
  mode: CompatibilityMode,
  /** It is a service-cloud-voice connector (protocol/voice.ts), not an Open CTI adapter. */
  voice: z.boolean(),
  /** Answer of getCallCenterSettings. */
  settings: z.record(z.string(), z.string()),
});
export type MyAdapter = z.infer<typeof MyAdapter>;
/** Whether the user's adapter runs in this browser, or may: of all that he has open, it runs in one. */
export const AdapterLeader = z.object({ leading: z.boolean() });
export type AdapterLeader = z.infer<typeof AdapterLeader>;
export const MyAdapterAnswer = z.object({ adapter: MyAdapter.nullable() });

/** An error as Open CTI tells it. */
export const CTI_ERROR_CODES = [
  'INVALID_PARAM',
  'GENERIC_ERROR',
  'SERVER_ERROR',
  'SOFTPHONE_CONTAINER_ERROR',
] as const;
export const CtiError = z.object({
  code: z.enum(CTI_ERROR_CODES),
  description: z.string(),
  /** Of saveLog: one for each field that was refused. */
  details: z.array(z.object({ message: z.string(), field: z.string().optional() })).optional(),
});
export type CtiError = z.infer<typeof CtiError>;

export const SaveLogRequest = z.object({
  /** Creates a record of this object. */
  object: z.string().max(80).optional(),
  /** Changes this record. */
  id: z.string().max(18).optional(),
  fields: z.record(z.string().max(80), z.unknown()),
});
export const SaveLogAnswer = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    recordId: z.string(),
    /** Fields that the object does not have, and that were left out. */
    left: z.array(z.string()),
  }),
  z.object({ ok: z.literal(false), error: CtiError }),
]);
export type SaveLogAnswer = z.infer<typeof SaveLogAnswer>;

export const AdapterSearch = z.object({
  text: z.string().max(1_000),
  callType: z.enum(CALL_TYPES),
});
export const FoundRecord = z.record(z.string(), FieldValue);
/** The records by id, and what the layout says to show: arguments of screenPop, or null for nothing. */
export const AdapterSearchAnswer = z.object({
  records: z.record(z.string(), FoundRecord),
  pop: z.object({ type: z.string(), params: z.record(z.string(), z.unknown()) }).nullable(),
});
export type AdapterSearchAnswer = z.infer<typeof AdapterSearchAnswer>;

export const RunActionRequest = z.object({
  className: z.string().max(120),
  methodName: z.string().max(120),
  /** `a=1&b=2`. */
  params: z.string().max(32_000),
});
export const RunActionAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: CtiError }),
]);
export type RunActionAnswer = z.infer<typeof RunActionAnswer>;

/** One call of an adapter, or one event that it got: for the page of live traffic. */
export const Traffic = z.object({
  /** UTC milliseconds. */
  at: z.number(),
  kind: z.enum(['call', 'event', 'host']),
  surface: z.string().max(20),
  method: z.string().max(80),
  /** JSON, cut. */
  args: z.string().max(20_000),
  answer: z.string().max(20_000),
  ok: z.boolean(),
  ms: z.number(),
});
export type Traffic = z.infer<typeof Traffic>;
export const ShownTraffic = Traffic.extend({ seq: z.number(), userId: z.string(), userName: z.string() });
export type ShownTraffic = z.infer<typeof ShownTraffic>;

export const Surface = z.enum(['lightning', 'classic', 'console']);
export type Surface = z.infer<typeof Surface>;

const frame = { crosspointCti: z.literal(1), nonce: z.string().max(100), surface: Surface };

/** What an adapter's script sends to the window around it. */
export const AdapterMessage = z.discriminatedUnion('type', [
  /** Sent again until `welcome` comes. `page` is another one after each load of the adapter's page. */
  z.object({ ...frame, type: z.literal('hello'), page: z.string().max(40), version: z.string().max(20) }),
  z.object({
    ...frame,
    type: z.literal('call'),
    id: z.string().max(40),
    method: z.string().max(80),
    /** As JSON has them: without functions and undefined. */
    args: z.array(z.unknown()).max(20),
    /** Names or positions of the arguments that are functions. */
    functions: z.array(z.string().max(80)).max(20),
  }),
]);
export type AdapterMessage = z.infer<typeof AdapterMessage>;

export type HostMessage = { crosspointCti: 1; nonce: string } & (
  | { type: 'welcome'; surface: Surface }
  | { type: 'answer'; surface: Surface; id: string; value: unknown }
  | { type: 'answer'; surface: Surface; id: string; error: CtiError }
  /** `event`: `clickToDial`, `navigation`, `channel` (of `target`, a subscription) or a console event. */
  | { type: 'event'; surface: Surface; event: string; target?: string; payload: unknown }
);
