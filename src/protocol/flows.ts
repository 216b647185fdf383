/**
 * Flows: the dialogue that a caller has with us (IVR). A flow is a graph of nodes; each node has named exits that lead to other
 * nodes. An administrator edits the draft and publishes it as a version, which never changes: a call keeps the one it began
 * with. What kinds of nodes there are, with their settings and exits, the server says (`FlowNodeKind`); one file each in
 * `server/flows/nodes`. Bodies of `/api/flows`.
 */
import { z } from 'zod';

const text = (max: number) => z.string().max(max, `at most ${max} characters`);
const label = text(80).trim().min(1, 'this is needed');

/** Inside a flow: of a node, or of one of a node's exits. */
export const FlowName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'small letters, digits and -, at most 40 characters');

/** A language tag (BCP 47) such as `en` or `pt-BR`. */
export const FlowLanguage = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$/, 'a language tag such as en or pt-BR');

/** Name of a value of the call data. */
export const DataKey = z
  .string()
  .regex(/^[A-Za-z][\w.-]{0,63}$/, 'letters, digits and _ . - , a letter first');

/** Which call data holds the language that the dialogue goes on in; without it the first of the flow's languages. */
export const LANGUAGE_KEY = 'language';
/** Which call data holds the id of the agent script that pops for the call, in place of what the layout says. */
export const SCRIPT_KEY = 'script';

/** What is said, by language: a text with placeholders such as `{data:account}`, or an uploaded recording. */
export const FlowPrompt = z.record(
  FlowLanguage,
  z.union([z.object({ text: text(2_000) }), z.object({ recordingId: z.string().max(80) })]),
);
export type FlowPrompt = z.infer<typeof FlowPrompt>;

export const FlowNode = z.object({
  id: FlowName,
  /** Such as `menu`: the kind of a FlowNodeKind. */
  kind: z.string().max(40),
  /** What the editor calls it; empty: the label of its kind. */
  label: text(80).default(''),
  /** As the kind's fields say; what is wrong in a draft is a problem, and keeps it from being published. */
  settings: z.record(z.string().max(40), z.unknown()).default({}),
  /** Exit → id of the node where it leads. */
  exits: z.record(FlowName, FlowName).default({}),
  /** Its place on the canvas. */
  at: z.object({ x: z.number().finite(), y: z.number().finite() }),
});
export type FlowNode = z.infer<typeof FlowNode>;

export const FlowDocument = z.object({
  /** The first one is spoken where nothing else is chosen, and where a prompt lacks the chosen one. */
  languages: z.array(FlowLanguage).min(1, 'at least one').max(20, 'at most 20').default(['en']),
  /** The node where callers begin; null: none yet. */
  start: FlowName.nullable().default(null),
  nodes: z.array(FlowNode).max(500, 'at most 500').default([]),
});
export type FlowDocument = z.infer<typeof FlowDocument>;

export const FLOW_PROBLEMS = [
  /** There is no start, or it is no node. */
  'no-start',
  'duplicate-node',
  /** The server has no such kind of node. */
  'unknown-kind',
  /** Nothing leads here. */
  'unreachable',
  /** An exit that needs it leads nowhere. */
  'missing-exit',
  /** An exit leads to a node that there is not. */
  'wrong-target',
  /** The node has no exit of this name. */
  'unknown-exit',
  /** A circle in which nothing waits for the caller or for time. */
  'endless-loop',
  /** A setting is wrong; `field` says which. */
  'settings',
  /** A setting names a queue, user, recording … that there is not (any more). */
  'missing-reference',
] as const;

/** What keeps a draft from being published. */
export const FlowProblem = z.object({
  code: z.enum(FLOW_PROBLEMS),
  /** Null: of the whole flow. */
  nodeId: z.string().nullable(),
  exit: z.string().optional(),
  /** Path of the setting, such as `choices.0.key`. */
  field: z.string().optional(),
  /** A sentence for people. */
  detail: z.string(),
});
export type FlowProblem = z.infer<typeof FlowProblem>;

export const FlowFields = z.object({ label, description: text(400).default('') });

export const NewFlow = FlowFields.extend({ document: FlowDocument.optional() });
export type NewFlow = z.infer<typeof NewFlow>;

/** The whole draft, and which one it was made from: another one by now is refused as a conflict. */
export const FlowDraft = FlowFields.extend({ rev: z.number().int(), document: FlowDocument });
export type FlowDraft = z.infer<typeof FlowDraft>;

export const FlowSummary = FlowFields.extend({
  id: z.string(),
  /** Of the draft; changes with every save. */
  rev: z.number().int(),
  /** UTC milliseconds. */
  changedAt: z.number(),
  /** What new calls get; null: never published. */
  published: z.number().int().nullable(),
  /** The draft is other than the published version. */
  edited: z.boolean(),
  /** What leads to it, in words, such as `number +44 20 7946 0000`. */
  usedBy: z.array(z.string()),
});
export type FlowSummary = z.infer<typeof FlowSummary>;

export const Flow = FlowSummary.extend({ document: FlowDocument, problems: z.array(FlowProblem) });
export type Flow = z.infer<typeof Flow>;

export const FlowVersion = z.object({
  flowId: z.string(),
  /** From 1. */
  version: z.number().int(),
  publishedAt: z.number(),
  /** Id and name of who published it; the name is empty for who is no more. */
  userId: z.string(),
  userName: z.string(),
  note: z.string(),
  document: FlowDocument,
});
export type FlowVersion = z.infer<typeof FlowVersion>;

/** By which flows name a secret: `{secret:NAME}`. */
export const FlowSecretName = z.string().regex(/^[\w.-]{1,64}$/, 'letters, digits and _ . -, at most 64');
export const FlowSecretInput = z.object({ secret: z.string().min(1).max(4_000) });

/** `rev`: the draft that is meant. */
export const FlowPublish = z.object({ rev: z.number().int(), note: text(400).trim().default('') });
/** Makes the draft what the version was. */
export const FlowRevert = z.object({ rev: z.number().int(), version: z.number().int().min(1) });

/** An uploaded recording of a prompt. */
export const FlowRecording = z.object({
  id: z.string(),
  label,
  language: FlowLanguage,
  seconds: z.number(),
  bytes: z.number(),
  uploadedAt: z.number(),
});
export type FlowRecording = z.infer<typeof FlowRecording>;
