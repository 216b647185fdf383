/** What the server says of a kind of node: the editor's palette, forms and help are made from it. */
import { z } from 'zod';
import type { FlowNode } from './flows.ts';

export const FLOW_FIELD_TYPES = [
  'text',
  'long-text',
  'number',
  'boolean',
  /** One of `options`. */
  'choice',
  /** A FlowPrompt. */
  'prompt',
  /** A key of the call data. */
  'data-key',
  /** A text with placeholders: `{data:KEY}`, `{ANI}`, `{DNIS}`. */
  'template',
  /** Ids, to be chosen from what there is. */
  'queue',
  'user',
  'hours',
  'script',
  'skill',
  'flow',
  /** API name of an object of the CRM, and of a field of it. */
  'crm-object',
  'crm-field',
  /** The name of a secret in the vault. */
  'secret',
  /** Some texts, one a line. */
  'lines',
  /** Entries with `columns`. */
  'list',
] as const;

const column = {
  name: z.string(),
  label: z.string(),
  /** What to write there, for people. */
  help: z.string(),
  type: z.enum(FLOW_FIELD_TYPES),
  required: z.boolean(),
  /** What holds while nothing is set. */
  initial: z.unknown().optional(),
  /** Of a `choice`. */
  options: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
  /** Of a number. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** Of a number: `seconds`. */
  unit: z.string().optional(),
};

export const FlowField = z.object({
  ...column,
  /** Of a `list`. */
  columns: z.array(z.object(column)).optional(),
});
export type FlowField = z.infer<typeof FlowField>;

export const FLOW_NODE_GROUPS = ['talk', 'decide', 'data', 'people', 'end'] as const;

export const FlowNodeKind = z.object({
  kind: z.string(),
  label: z.string(),
  group: z.enum(FLOW_NODE_GROUPS),
  /** What it does, when to use it, and where each exit leads: Markdown. */
  help: z.string(),
  fields: z.array(FlowField),
  exits: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      /** It must lead somewhere. */
      required: z.boolean(),
    }),
  ),
  /** The `list` field each entry of which has an exit, named by the entry's `exit`; these must lead somewhere. */
  exitsFrom: z.string().optional(),
  /** It waits for the caller or for time: a circle with such a node in it is no endless loop. */
  waits: z.boolean(),
});
export type FlowNodeKind = z.infer<typeof FlowNodeKind>;

export type FlowExit = FlowNodeKind['exits'][number];

/** The exits of a node as it is set: those of its entries first. */
export function exitsOf(kind: FlowNodeKind, { settings }: Pick<FlowNode, 'settings'>): FlowExit[] {
  const entries = kind.exitsFrom === undefined ? [] : settings[kind.exitsFrom];
  const names = (Array.isArray(entries) ? entries : [])
    .map((entry: unknown) => (entry as { exit?: unknown } | null)?.exit)
    .filter((name) => typeof name === 'string' && name !== '');
  const own = [...new Set(names as string[])].map((name) => ({ name, label: name, required: true }));
  return [...own, ...kind.exits.filter(({ name }) => !own.some((one) => one.name === name))];
}
