/**
 * Templates of requests: `{name}` stands for a value. In an address it is encoded; in a body a text that is nothing but one `{name}` becomes
 * the value itself, a number or an object too. Nothing else is understood, and nothing is evaluated.
 */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Values = Readonly<Record<string, Json | undefined>>;

const NAME = /\{([a-zA-Z][\w.]*)\}/g;
const ONLY_A_NAME = /^\{([a-zA-Z][\w.]*)\}$/;

/** Every name that is used anywhere in it. */
export function namesIn(template: unknown): string[] {
  if (typeof template === 'string') return [...template.matchAll(NAME)].map(([, name]) => name ?? '');
  if (typeof template !== 'object' || template === null) return [];
  return Object.values(template).flatMap(namesIn);
}

/** A part of an address. Undefined when a value is missing, or would lead to another folder. */
export function fillPath(template: string, values: Values): string | undefined {
  const filled = template.replace(NAME, (_, name: string) => encodeURIComponent(textOf(values[name])));
  const climbs = filled.split('/').some((part) => /^(?:\.|%2e){1,2}$/i.test(part));
  const empty = namesIn(template).some((name) => textOf(values[name]) === '');
  return climbs || empty ? undefined : filled;
}

export function fillText(template: string, values: Values): string {
  return template.replace(NAME, (_, name: string) => textOf(values[name]));
}

/** Of a query or a header: undefined when it is nothing but a value that is missing; several for a list. */
export function fillTexts(template: string, values: Values): string[] {
  const only = ONLY_A_NAME.exec(template)?.[1];
  if (only === undefined) return [fillText(template, values)];
  const value = values[only];
  const all = Array.isArray(value) ? value : [value];
  return all.map(textOf).filter((text) => text !== '');
}

/** A value that is missing is null. */
export function fillJson(template: Json, values: Values): Json {
  if (typeof template === 'string') {
    const only = ONLY_A_NAME.exec(template)?.[1];
    return only === undefined ? fillText(template, values) : (values[only] ?? null);
  }
  if (Array.isArray(template)) return template.map((one) => fillJson(one, values));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([name, one]) => [name, fillJson(one, values)]));
}

function textOf(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
