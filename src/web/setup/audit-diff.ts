/** One field that differs between two states of an object. */
export interface Difference {
  /** Path with dots, such as `connection.host`. */
  field: string;
  before: string | undefined;
  after: string | undefined;
}

/** Fields that say nothing to a person. */
const DULL = new Set(['id']);

/** What differs, field by field; lists are compared as wholes. An object that came or went has all its fields. */
export function differences(before: unknown, after: unknown): Difference[] {
  const [old, now] = [flatten(before), flatten(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((field) => !DULL.has(field))
    .map((field) => ({ field, before: old.get(field), after: now.get(field) }))
    .filter((one) => one.before !== one.after);
}

function flatten(value: unknown, path = ''): Map<string, string> {
  if (value === null || value === undefined) return new Map(path === '' ? [] : [[path, '']]);
  if (Array.isArray(value)) return new Map([[path, value.map(show).join(', ')]]);
  if (typeof value !== 'object') return new Map([[path, show(value)]]);
  return new Map(
    Object.entries(value).flatMap(([name, inner]) => [
      ...flatten(inner, path === '' ? name : `${path}.${name}`),
    ]),
  );
}

function show(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const label = (value as { label?: unknown } | null)?.label;
  return typeof label === 'string' ? label : JSON.stringify(value);
}

/** `ringMs` as `Ring ms`, `connection.host` as `Connection › host`. */
export function fieldName(path: string): string {
  const words = path
    .split('.')
    .map((part) => part.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase())
    .join(' › ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
