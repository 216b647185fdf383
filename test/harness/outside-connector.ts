/** The example of a connector as a stranger has it: a folder outside of the tree in which `crosspoint` is installed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Outcome {
  code: number | null;
  output: string;
}

export class OutsideConnector {
  readonly folder = mkdtempSync(join(tmpdir(), 'cp-outside-'));

  constructor() {
    const notInstalled = (path: string) => !path.includes('node_modules');
    cpSync(join(ROOT, 'examples/telephony-connector'), this.folder, {
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

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
