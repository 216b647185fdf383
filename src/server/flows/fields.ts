/** The settings of a node as its form shows them, read off the schema: `.meta({ title, description, type, unit, options })`. */
import { z } from 'zod';
import { DataKey, FlowName, FlowPrompt } from '../../protocol/flows.ts';
import type { FlowField } from '../../protocol/flow-nodes.ts';

interface FieldMeta {
  title?: string;
  description?: string;
  type?: FlowField['type'];
  unit?: string;
  /** Labels by value, of a choice. */
  options?: Record<string, string>;
}

/** Says of a setting how the form shows it. */
export function shown<T extends z.ZodType>(
  type: FlowField['type'],
  title: string,
  description: string,
  schema: T,
  more: Pick<FieldMeta, 'unit' | 'options'> = {},
): T {
  return schema.meta({ title, description, type, ...more }) as T;
}

export function fieldsOf(settings: z.ZodObject): FlowField[] {
  return Object.entries(settings.shape).map(([name, schema]) => {
    const field = fieldOf(name, schema as z.ZodType);
    const entry = entryOf(schema as z.ZodType);
    if (field.type !== 'list' || !entry) return field;
    return {
      ...field,
      columns: Object.entries(entry.shape).map(([column, of]) => fieldOf(column, of as z.ZodType)),
    };
  });
}

function fieldOf(name: string, schema: z.ZodType): FlowField {
  const { title, description, type, unit, options } = (schema.meta() ?? {}) as FieldMeta;
  const initial = schema.safeParse(undefined);
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return {
    name,
    label: title ?? name,
    help: description ?? '',
    type: type ?? 'text',
    required: !initial.success,
    initial: initial.success ? initial.data : undefined,
    ...(options ? { options: Object.entries(options).map(([value, label]) => ({ value, label })) } : {}),
    ...(json.minimum === undefined ? {} : { min: json.minimum }),
    ...(json.maximum === undefined ? {} : { max: json.maximum }),
    ...(unit ? { unit } : {}),
  };
}

/** What the entries of a list look like, behind a default. */
function entryOf(schema: z.ZodType): z.ZodObject | undefined {
  let at: unknown = schema;
  while (at instanceof z.ZodDefault) at = at.unwrap();
  const element = at instanceof z.ZodArray ? at.element : undefined;
  return element instanceof z.ZodObject ? element : undefined;
}

// ── Settings that several kinds have ──────────────────────────────────────────────────────────────────────────────────

const Id = z.string().min(1, 'choose one').max(80);
export const refId = () => Id;

/** What is said; in every language that it has something for. */
export const requiredPrompt = FlowPrompt.refine(
  (prompt) => Object.keys(prompt).length > 0,
  'say something in one language at least',
);
export const optionalPrompt = FlowPrompt.default({});

export const seconds = (min: number, max: number, initial: number) =>
  z.number().min(min, `at least ${min}`).max(max, `at most ${max}`).default(initial);
export const whole = (min: number, max: number) =>
  z.number().int('a whole number').min(min, `at least ${min}`).max(max, `at most ${max}`);

export const template = (max = 1_000) => z.string().max(max, `at most ${max} characters`);
export const neededTemplate = (max = 1_000) => template(max).min(1, 'this is needed');

export const exitName = () =>
  shown('text', 'Exit', 'The name of the exit that it takes: small letters, digits and -.', FlowName.clone());
export const dataKey = (title: string, description: string) =>
  shown('data-key', title, description, DataKey.clone());
