/** Where something is in a JSON answer: JSONPath (RFC 9535). */
import { compile, type JSONPathQuery } from 'json-p3';
import { z } from 'zod';
import type { Json } from './template.ts';

/** @throws what is wrong with it, in a sentence. */
export function compilePath(path: string): JSONPathQuery {
  return compile(path);
}

/** A setting that is a JSONPath. */
export const JsonPath = z
  .string()
  .max(500)
  .superRefine((path, context) => {
    try {
      compilePath(path);
    } catch (error) {
      const why = error instanceof Error ? error.message : 'it cannot be read';
      context.addIssue({ code: 'custom', message: `"${path}" is no JSONPath such as $.items[*]: ${why}` });
    }
  });

export function valuesAt(path: string, answer: Json): Json[] {
  return compilePath(path).query(answer).values() as Json[];
}

export function valueAt(path: string | undefined, answer: Json): Json | undefined {
  return path === undefined ? undefined : valuesAt(path, answer)[0];
}

export function textAt(path: string | undefined, answer: Json): string | undefined {
  const value = valueAt(path, answer);
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  return typeof value === 'number' ? String(value) : undefined;
}

const NAMES = /^\$(?:\.[A-Za-z_]\w*|\['[^'\\]+'\])+$/;

/** The names that lead to what a path names, for one that can be written to: `$.address['post code']`. Undefined for any other. */
export function namesOf(path: string): string[] | undefined {
  if (!NAMES.test(path)) return undefined;
  return [...path.matchAll(/\.([A-Za-z_]\w*)|\['([^'\\]+)'\]/g)].map(
    ([, plain, quoted]) => plain ?? quoted ?? '',
  );
}

/** An object in which each path has its value. */
export function objectOf(values: readonly (readonly [path: string, value: Json])[]): Json {
  const root: Record<string, Json> = {};
  for (const [path, value] of values) {
    const names = namesOf(path) ?? [];
    let at = root;
    for (const name of names.slice(0, -1)) at = (at[name] ??= {}) as Record<string, Json>;
    at[names.at(-1) ?? path] = value;
  }
  return root;
}
