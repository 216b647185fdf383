/**
 * What `SCREENPOP_TYPE.FLOW` says, in our own words: a screen flow of Salesforce is an agent script here, known by its API name, and
 * its arguments are answers given beforehand. Those that the script does not know are ignored.
 */
import type { ScriptRunStart } from '../../../protocol/scripts.ts';
import { invalid } from './failure.ts';

/**
 * How to begin the script of a flow.
 * @param params of screenPop: `flowDevName`, and `flowArgs` or none; of a layout's pop also `recordId`.
 * @throws CtiFailure: INVALID_PARAM for wrong arguments.
 */
export function flowStart(params: Record<string, unknown>): Partial<ScriptRunStart> {
  const { flowDevName: name, recordId } = params;
  if (typeof name !== 'string' || !/^\w{1,80}$/.test(name.trim()))
    throw invalid('flowDevName must be the API name of a screen flow.');
  const answers = Object.fromEntries(readArguments(params.flowArgs));
  return { name: name.trim(), answers, ...(typeof recordId === 'string' ? { recordId } : {}) };
}

type Answer = string | number | boolean;

function readArguments(given: unknown): [string, Answer][] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) throw invalid('flowArgs must be a list of {name, type, value}.');
  return given.flatMap((one: unknown): [string, Answer][] => {
    const { name, value } = (one ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || name === '') throw invalid('Each of flowArgs needs a name.');
    const simple = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return simple && name.length <= 40 ? [[name, value]] : [];
  });
}
