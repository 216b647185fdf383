/** An example of a connector as a stranger has it: a folder outside of the tree in which `crosspoint` is installed. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as Conformance from '../conformance/published.ts';
import type { CheckResult } from '../conformance/run.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Outcome {
  code: number | null;
  output: string;
}

export class OutsideConnector {
  readonly folder = mkdtempSync(join(tmpdir(), 'cp-outside-'));

  /** @param example its folder in `examples`. */
  constructor(example: 'telephony-connector' | 'pbx-connector' | 'crm-connector' = 'telephony-connector') {
    const notInstalled = (path: string) => !path.includes('node_modules');
    cpSync(join(ROOT, 'examples', example), this.folder, {
      recursive: true,
      filter: notInstalled,
    });
    mkdirSync(join(this.folder, 'node_modules'));
    // what `npm install` makes of a `file:` dependency
    symlinkSync(ROOT, join(this.folder, 'node_modules/crosspoint'));
    symlinkSync(join(ROOT, 'node_modules/@types'), join(this.folder, 'node_modules/@types'));
  }

  get module(): string {
    return join(this.folder, 'index.js');
  }

  /** Runs a program of Node's in the folder. */
  async run(script: string, ...args: string[]): Promise<Outcome> {
    const child = spawn(process.execPath, [join(this.folder, script), ...args], { cwd: this.folder });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  }

  /** `npx crosspoint conformance …` */
  conformance(...args: string[]): Promise<Outcome> {
    return this.run('node_modules/crosspoint/scripts/crosspoint.mjs', 'conformance', ...args);
  }

  /**
   * What the command does, without a process of its own: the published suites of a module of the folder. `only`: as `--only`.
   */
  async check(module: string, only?: string): Promise<CheckResult[]> {
    const { runSuites, suitesOf } = await published();
    const json = (name: string): Record<string, unknown> => {
      const file = join(this.folder, name);
      return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
    };
    const { suites, parallel } = await suitesOf({
      module: join(this.folder, module),
      settings: json('settings.json'),
      secrets: json('secrets.json'),
    });
    return runSuites(suites, { parallel, ...(only === undefined ? {} : { only }) });
  }

  /** What the compiler says of the folder; empty when all is well. Rejects with it otherwise. */
  types(): string {
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    return execFileSync(process.execPath, [compiler, '-p', this.folder], { encoding: 'utf8' });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

type Published = Pick<typeof Conformance, 'runSuites' | 'suitesOf'>;

let built: Promise<Published> | undefined;

/** `crosspoint/conformance` as it is published: a connector's own imports are of the same build. */
function published(): Promise<Published> {
  built ??= (async () => {
    const script = pathToFileURL(join(ROOT, 'scripts/build.mjs')).href;
    const { build } = (await import(script)) as {
      build(say: (line: string) => void, parts: string[]): Promise<void>;
    };
    await build(() => undefined, ['sdk']);
    return (await import(pathToFileURL(join(ROOT, 'dist/sdk/conformance.js')).href)) as never;
  })();
  return built;
}
