/** `npm run simulate -- FILE [--json]`: an entry of its own, which needs neither a server nor a database. */
import { readFile } from 'node:fs/promises';
import { CodedError } from '../../protocol/errors.ts';
import { SimulationFile } from '../../protocol/simulation.ts';
import { reportOf } from './report.ts';
import { simulate } from './simulate.ts';

const USAGE = `npm run simulate -- FILE          plays the days of a simulation file and prints what became of the callers
               … --json     as JSON
               … --runs N   so many runs, whatever the file says
               … --seed N   other callers

docs/simulator.md describes the file; examples/simulator/two-queues.json is one.`;

/** Where it writes. */
export interface Output {
  print(text: string): void;
  /** Errors, and how far it is: not part of the result. */
  note(text: string): void;
}

/** Resolves to the exit code: 1 with a sentence for each thing that is wrong with the file. */
export async function runCommand(args: readonly string[], out: Output): Promise<number> {
  const words = parseArguments(args);
  if (!words) {
    out.note(USAGE);
    return 1;
  }
  const { path, json, ...said } = words;
  try {
    const file = SimulationFile.safeParse({ ...asObject(await readJson(path)), ...said });
    if (!file.success) {
      for (const issue of file.error.issues)
        out.note(`${path}: ${issue.path.join('.') || 'the file'}: ${issue.message}`);
      return 1;
    }
    let told = 0;
    const result = await simulate(file.data, (share) => {
      const tenth = Math.floor(share * 10);
      if (tenth > told) out.note(`${tenth * 10} %`);
      told = Math.max(told, tenth);
    });
    out.print(json ? JSON.stringify(result, null, 2) : reportOf(result));
    return 0;
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof CodedError)) throw error;
    out.note(
      `${path}: ${error instanceof CodedError ? String(error.data.detail ?? error.message) : error.message}`,
    );
    return 1;
  }
}

/** What is wrong is the caller's doing. */
class Refused extends Error {}

function parseArguments(
  args: readonly string[],
): { path: string; json: boolean; runs?: number; seed?: number } | undefined {
  const numbers: { runs?: number; seed?: number } = {};
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const option = /^--(runs|seed)$/.exec(args[i] ?? '')?.[1] as 'runs' | 'seed' | undefined;
    if (option) numbers[option] = Number(args[++i]);
    else rest.push(args[i] ?? '');
  }
  const json = rest.includes('--json');
  const [path, ...more] = rest.filter((word) => word !== '--json');
  if (path === undefined || path.startsWith('-') || more.length > 0) return undefined;
  return { path, json, ...numbers };
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    throw new Refused('the file cannot be read');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refused(`this is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function asObject(value: unknown): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refused('the file must be one JSON object');
  return value;
}
