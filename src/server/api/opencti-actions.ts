/**
 * What runApex runs: actions that whoever deploys Crosspoint registers in a folder. `MyClass.mjs` exports a function per
 * method; `MyClass.json` names an HTTP endpoint instead. Files are read anew when they have changed.
 *
 *     runApex MyClass.find 'a=1' ─► MyClass.mjs: find({a: '1'}, {user})      or POST url {method, params, user}
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { DeadlineError, withDeadline } from '../../lib/deadline.ts';
import type { RunActionAnswer } from '../../protocol/opencti.ts';

/** On whose behalf an action runs. */
export interface ActionUser {
  id: string;
  username: string;
  name: string;
}

export interface ActionsOptions {
  /** Undefined: there are no actions. */
  folder: string | undefined;
  clock: Clock;
  onError: (error: unknown, action: string) => void;
}

const DEADLINE_MS = 15_000;
const MAX_ANSWER = 1_000_000;

const Endpoint = z.object({
  url: z.url({ protocol: /^https?$/ }),
  headers: z.record(z.string(), z.string()).default({}),
});

type Method = (params: Record<string, string>, context: { user: ActionUser }) => unknown;

export class Actions {
  readonly #o: ActionsOptions;

  constructor(options: ActionsOptions) {
    this.#o = options;
  }

  /** Runs one; what goes wrong is an answer too. */
  async run(
    className: string,
    methodName: string,
    query: string,
    user: ActionUser,
  ): Promise<RunActionAnswer> {
    const action = `${className}.${methodName}`;
    if (!/^[A-Za-z]\w*(\.[A-Za-z]\w*)?$/.test(className))
      return failure('INVALID_PARAM', `apexClass is not the name of a class: ${className}`);
    if (!/^[A-Za-z]\w*$/.test(methodName))
      return failure('INVALID_PARAM', `methodName is not the name of a method: ${methodName}`);
    try {
      const work = this.#find(className, methodName, Object.fromEntries(new URLSearchParams(query)), user);
      const value = await withDeadline(this.#o.clock, DEADLINE_MS, action, work);
      return { ok: true, value: plain(value) };
    } catch (error) {
      if (error instanceof NoSuchAction) return failure('SERVER_ERROR', error.message);
      this.#o.onError(error, action);
      if (error instanceof DeadlineError) return failure('SERVER_ERROR', `${action} did not answer in time.`);
      return failure(
        'SERVER_ERROR',
        `${action} failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  async #find(
    className: string,
    methodName: string,
    params: Record<string, string>,
    user: ActionUser,
  ): Promise<unknown> {
    const { folder } = this.#o;
    const missing = new NoSuchAction(
      `The class ${className} could not be loaded: there is no file ${className}.mjs or ${className}.json in the folder of actions.`,
    );
    if (folder === undefined)
      throw new NoSuchAction(`The class ${className} could not be loaded: there is no folder of actions.`);
    const module = join(folder, `${className}.mjs`);
    const changed = await changedAt(module);
    if (changed !== undefined) {
      const { href } = pathToFileURL(module);
      const exported = (await import(`${href}?changed=${changed}`)) as Record<string, unknown>;
      const method = exported[methodName];
      if (typeof method !== 'function')
        throw new NoSuchAction(`The class ${className} has no method ${methodName}.`);
      return await (method as Method)(params, { user });
    }
    const described = await readFile(join(folder, `${className}.json`), 'utf8').catch(() => undefined);
    if (described === undefined) throw missing;
    return await callEndpoint(Endpoint.parse(JSON.parse(described)), { method: methodName, params, user });
  }
}

class NoSuchAction extends Error {}

async function changedAt(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.mtimeMs;
}

async function callEndpoint({ url, headers }: z.infer<typeof Endpoint>, body: object): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the endpoint answered ${response.status}`);
  if (text.length > MAX_ANSWER) throw new Error('the endpoint answered too much');
  const json = (response.headers.get('content-type') ?? '').includes('json');
  return json ? (JSON.parse(text) as unknown) : text;
}

/** As JSON has it: a text stays one, what is undefined is null. */
function plain(value: unknown): unknown {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown);
}

function failure(code: 'INVALID_PARAM' | 'SERVER_ERROR', description: string): RunActionAnswer {
  return { ok: false, error: { code, description } };
}
