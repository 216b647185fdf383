/** A second Asterisk, started from exactly the files of examples/asterisk, as a company's own would run: all modules, no file of ours beside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asteriskFolder, fetchedAsterisk } from '../../src/server/bundled/asterisk-fetch.ts';
import { type AsteriskProgram, programInFolder } from '../../src/server/bundled/asterisk-program.ts';
import { cacheFolder } from '../../src/server/bundled/cache-folder.ts';

export const EXAMPLES = fileURLToPath(new URL('../../examples/asterisk', import.meta.url));
/** As the files have it. */
export const EXAMPLE = {
  url: 'http://127.0.0.1:8088/ari',
  user: 'crosspoint',
  password: 'change-me-please',
  sip: { host: '127.0.0.1', port: 5060 },
} as const;
const BOOT_MS = 30_000;

/** Edits for one beside the first on the same machine, and where it is then. */
export const SECOND = {
  url: 'http://127.0.0.1:8188/ari',
  user: EXAMPLE.user,
  password: EXAMPLE.password,
  sip: { host: '127.0.0.1', port: 5160 },
  edits: {
    'http.conf': (text: string) => text.replace('bindport = 8088', 'bindport = 8188'),
    'manager.conf': (text: string) => text.replace('port = 5038', 'port = 5138'),
    'pjsip.conf': (text: string) => text.replaceAll(':5060', ':5160').replace(':5061', ':5161'),
    'rtp.conf': (text: string) => text.replace('10000', '22000').replace('15998', '23998'),
  },
} as const;

/** Replaces a file's text; undefined leaves the file out. */
export type Edit = (text: string) => string | undefined;

export class ExampleAsterisk {
  readonly folder: string;
  readonly #program: AsteriskProgram;
  #child: ChildProcess | undefined;

  private constructor(folder: string, program: AsteriskProgram) {
    this.folder = folder;
    this.#program = program;
  }

  /**
   * @param edits how files differ from the examples, to make an Asterisk that is wrong in exactly one way; a name that is none of the
   * examples' is a further file, whose text is made of nothing.
   */
  static async start(edits: Record<string, Edit> = {}): Promise<ExampleAsterisk> {
    const fetched = await fetchedAsterisk(asteriskFolder(cacheFolder()));
    if (!fetched) throw new Error('Asterisk was not fetched: run `npm run fetch` first');
    const program = programInFolder(fetched.dir);
    const folder = await mkdtemp(join(tmpdir(), 'cp-ex-'));
    for (const name of ['etc', 'lib/keys', 'log', 'run', 'spool/recording', 'spool/tmp'])
      await mkdir(join(folder, name), { recursive: true });
    for (const name of (await readdir(EXAMPLES)).filter((file) => file.endsWith('.conf')))
      await cp(join(EXAMPLES, name), join(folder, 'etc', name));
    await writeBeside(folder, program);
    for (const [name, edit] of Object.entries(edits)) await change(join(folder, 'etc', name), edit);
    const asterisk = new ExampleAsterisk(folder, program);
    await asterisk.boot();
    return asterisk;
  }

  /** Starts it; after `kill` once more, on the same files. Resolves when it is fully booted. */
  async boot(): Promise<void> {
    const { command, prefix } = this.#program;
    const config = ['-C', join(this.folder, 'etc/asterisk.conf')];
    await rm(join(this.folder, 'run/asterisk.pid'), { force: true });
    this.#child = spawn(command, [...prefix, '-f', ...config], { stdio: 'ignore' });
    await this.#until(() => ran(command, [...prefix, ...config, '-rx', 'core waitfullybooted']));
  }

  /** It dies, with all its calls. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    await rm(this.folder, { recursive: true, force: true });
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const impatience = setTimeout(() => child.kill('SIGKILL'), 8_000);
    await ended;
    clearTimeout(impatience);
  }

  async #until(ready: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + BOOT_MS;
    while (!(await ready())) {
      if (this.#child?.exitCode !== null || Date.now() > deadline) {
        const log = await readFile(join(this.folder, 'log/messages.log'), 'utf8').catch(() => 'no log');
        await this.stop();
        throw new Error(`the example Asterisk did not start: ${log.slice(-2_000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** What every installed Asterisk has in its own way: folders, all modules, music. */
async function writeBeside(folder: string, program: { moduleDir?: string; dataDir?: string }): Promise<void> {
  const directories = {
    astetcdir: `${folder}/etc`,
    astvarlibdir: `${folder}/lib`,
    astdbdir: `${folder}/lib`,
    astkeydir: `${folder}/lib`,
    astspooldir: `${folder}/spool`,
    astlogdir: `${folder}/log`,
    astrundir: `${folder}/run`,
    astmoddir: program.moduleDir,
    astdatadir: program.dataDir,
  };
  const lines = Object.entries(directories).map(([name, path]) => `${name} => ${path}\n`);
  const files = {
    'asterisk.conf': `[directories]\n${lines.join('')}\n[options]\nentityid = 02:00:00:00:00:02\n`,
    'modules.conf': '[modules]\nautoload = yes\n',
    'musiconhold.conf': `[default]\nmode = files\ndirectory = ${program.dataDir}/moh\n`,
    'logger.conf': '[general]\n[logfiles]\nmessages.log => notice,warning,error\n',
    'indications.conf':
      '[general]\ncountry = us\n[us]\nring = 440+480/2000,0/4000\nbusy = 480+620/500,0/500\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'etc', name), text);
}

async function change(path: string, edit: Edit): Promise<void> {
  const before = await readFile(path, 'utf8').catch(() => '');
  const after = edit(before);
  if (after === before) throw new Error(`the edit changes nothing in ${path}`);
  if (after === undefined) await rm(path);
  else await writeFile(path, after);
}

/** The console's command, which fails until Asterisk listens to it. */
function ran(command: string, args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
