/**
 * Where `SCREENPOP_TYPE.FLOW` is decided, and nowhere else: the desktop's page that runs a screen flow. There are none yet, so each
 * name is answered with an error; wrong arguments are told before that.
 */
import { generic, invalid } from './failure.ts';

/** An input of a flow, as adapters give it: `{name, type, value}`. */
export interface FlowArgument {
  name: string;
  type: string;
  value: unknown;
}

/**
 * The page of a flow with its inputs.
 * @param params of screenPop: `flowDevName`, and `flowArgs` or none.
 * @throws CtiFailure: INVALID_PARAM for wrong arguments, GENERIC_ERROR for a flow that is not there or not active.
 */
export async function flowPath(params: Record<string, unknown>): Promise<string> {
  const { flowDevName } = params;
  if (typeof flowDevName !== 'string' || flowDevName.trim() === '')
    throw invalid('flowDevName is missing: the name of a screen flow is needed.');
  readArguments(params.flowArgs);
  throw generic(`There is no active screen flow ${flowDevName} here.`);
}

function readArguments(given: unknown): FlowArgument[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) throw invalid('flowArgs must be a list of {name, type, value}.');
  return given.map((one: unknown) => {
    const { name, type, value } = (one ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || name === '') throw invalid('Each of flowArgs needs a name.');
    return { name, type: typeof type === 'string' ? type : 'String', value };
  });
}
