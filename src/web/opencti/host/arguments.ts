/** Reads what adapters give: each reader throws INVALID_PARAM with the name of the argument. */
import { CALL_TYPES, type CallType } from '../../../protocol/layouts.ts';
import { invalid } from './failure.ts';

export type Given = Record<string, unknown>;

/** The one object of a call in Lightning; no argument is an empty one. */
export function oneObject(args: readonly unknown[], method: string): Given {
  const [given] = args;
  if (given === undefined || given === null) return {};
  if (typeof given === 'object' && !Array.isArray(given)) return given as Given;
  const what =
    typeof given === 'string'
      ? 'a text, such as JSON'
      : Array.isArray(given)
        ? 'an array'
        : `a ${typeof given}`;
  throw invalid(`${method} takes one object, not ${what}.`);
}

export function text(given: Given, name: string): string {
  const value = given[name];
  if (typeof value !== 'string' || value.trim() === '') throw wrong(name, 'a text', value);
  return value;
}

/** Adapters take sizes from their settings, where all values are texts. */
export function pixels(given: Given, name: string, min: number, max: number): number {
  const value = given[name];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw wrong(name, 'a number', value);
  if (number < min || number > max) throw invalid(`${name} must be ${min} to ${max}, not ${number}.`);
  return Math.round(number);
}

export function truth(given: Given, name: string): boolean {
  const value = given[name];
  if (typeof value !== 'boolean') throw wrong(name, 'true or false', value);
  return value;
}

/** An object, or undefined when it is not given. */
export function optionalObject(given: Given, name: string): Given | undefined {
  const value = given[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) throw wrong(name, 'an object', value);
  return value as Given;
}

export function object(given: Given, name: string): Given {
  const value = optionalObject(given, name);
  if (!value) throw wrong(name, 'an object', given[name]);
  return value;
}

/** In any case: `INBOUND`, `inbound`. */
export function callType(value: unknown): CallType {
  const found =
    typeof value === 'string' ? CALL_TYPES.find((type) => type === value.trim().toLowerCase()) : undefined;
  if (!found) throw wrong('callType', 'inbound, outbound or internal', value);
  return found;
}

function wrong(name: string, wanted: string, value: unknown): Error {
  if (value === undefined || value === null) return invalid(`${name} is missing: ${wanted} is needed.`);
  return invalid(`${name} must be ${wanted}, not ${JSON.stringify(value)?.slice(0, 80)}.`);
}
