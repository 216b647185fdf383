/** Settings of a kind (of telephone system, of CRM) by its schema: the fields of its form, its secrets, and what is wrong. */
import { z } from 'zod';
import { CodedError } from './errors.ts';

/** One thing to fill in; forms are made from these. */
export const KindField = z.object({
  name: z.string(),
  label: z.string(),
  /** What to write there, for people. */
  help: z.string(),
  type: z.enum(['text', 'secret', 'long-text', 'number', 'boolean', 'json']),
  required: z.boolean(),
  /** Shown in an empty field: what holds without a value, or an example. */
  placeholder: z.string(),
});
export type KindField = z.infer<typeof KindField>;

export type Settings = Record<string, unknown>;

/**
 * The settings of a kind, each with `.meta({ title, description, placeholder?, secret?, long? })`. A `secret` one is stored,
 * and never shown nor logged. Unknown ones are refused.
 */
export interface WithSettings {
  settings: z.ZodObject;
}

interface Meta {
  title?: string;
  description?: string;
  placeholder?: string;
  secret?: boolean;
  long?: boolean;
}

export function fieldsOf({ settings }: WithSettings): KindField[] {
  return Object.entries(settings.shape).map(([name, type]) => {
    const { title, description, placeholder } = metaOf(type);
    return {
      name,
      label: title ?? name,
      help: description ?? '',
      type: typeOf(type),
      required: !type.safeParse(undefined).success,
      placeholder: placeholder ?? '',
    };
  });
}

export function secretNames({ settings }: WithSettings): string[] {
  return Object.entries(settings.shape)
    .filter(([, type]) => metaOf(type).secret)
    .map(([name]) => name);
}

/** As they would be kept: with what holds where nothing is said. What is wrong with them stays as it is. */
export function completeSettings({ settings: { shape } }: WithSettings, settings: Settings): Settings {
  const kept = Object.entries(shape).map(([name, type]) => {
    const value = settings[name];
    return [name, (type as z.ZodType).safeParse(value).data ?? value];
  });
  return { ...settings, ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)) };
}

/** @throws CodedError `bad-input` that names the setting; never with its value. */
export function checkSettings(kind: WithSettings, settings: Settings): Settings {
  const result = kind.settings.strict().safeParse(settings);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = issue?.path.join('.') || (issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : '');
  throw new CodedError('bad-input', {
    field: `settings.${name}`,
    detail: `${name}: ${issue?.message ?? 'not valid'}`,
  });
}

/** What may be shown, and the names of the secrets that are set. */
export function withoutSecrets(
  kind: WithSettings | undefined,
  settings: Settings,
): { settings: Settings; secretsSet: string[] } {
  // A kind that is not known (a connector whose module is gone) says nothing of secrets: then nothing is shown.
  if (!kind) return { settings: {}, secretsSet: [] };
  const secrets = new Set(secretNames(kind));
  const entries = Object.entries(settings);
  return {
    settings: Object.fromEntries(entries.filter(([name]) => !secrets.has(name))),
    secretsSet: entries.filter(([name]) => secrets.has(name)).map(([name]) => name),
  };
}

/** @throws `bad-input` when there is no kind of this name. */
export function kindNamed<K extends { kind: string }>(kinds: readonly K[], name: string): K {
  const kind = kinds.find((one) => one.kind === name);
  if (!kind) throw new CodedError('bad-input', { field: 'kind', detail: `kind: there is no kind "${name}"` });
  return kind;
}

/** The stored settings with a change: null and the empty text take one away. */
export function changedSettings(stored: Settings, change: Settings): Settings {
  const merged = { ...stored, ...change };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null && value !== ''));
}

function metaOf(type: unknown): Meta {
  return ((type as z.ZodType).meta() ?? {}) as Meta;
}

function typeOf(type: unknown): KindField['type'] {
  const { secret, long } = metaOf(type);
  if (secret) return 'secret';
  if (long) return 'long-text';
  const json = z.toJSONSchema(type as z.ZodType, { io: 'input', unrepresentable: 'any' });
  if (json.type === 'boolean') return 'boolean';
  if (json.type === 'number' || json.type === 'integer') return 'number';
  return json.type === 'string' ? 'text' : 'json';
}
