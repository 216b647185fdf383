/** What is different between two plain values, field by field. */
import type { FieldDifference } from '../../protocol/configuration.ts';

/** Objects are gone into; a list is one value: its order counts. */
export function differences(before: unknown, after: unknown, path = ''): FieldDifference[] {
  if (isPlain(before) && isPlain(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((name) => differences(before[name], after[name], path ? `${path}.${name}` : name));
  }
  return stable(before) === stable(after) ? [] : [{ path, before: before ?? null, after: after ?? null }];
}

/** JSON with the keys of every object in order: equal values are equal texts. */
export function stable(value: unknown): string {
  return JSON.stringify(sorted(value) ?? null);
}

/** The same value with the keys of every object in order, without what is undefined. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, sorted(inner)]),
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
