import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

/** How to run one Asterisk: the command, what comes before its own arguments, and where its parts lie. */
export interface AsteriskProgram {
  command: string;
  /** Arguments before Asterisk's own ones (the loader's). */
  prefix: string[];
  /** Folder of the loadable modules; undefined: what was compiled in. */
  moduleDir?: string;
  /** Folder of sounds and of the documentation without which modules refuse to load; undefined: what was compiled in. */
  dataDir?: string;
}

/** Debian's names for what Node calls `process.arch`: the package architecture, the library folder, the program loader. */
const LAYOUT: Record<string, { debian: string; triplet: string; loader: string }> = {
  x64: { debian: 'amd64', triplet: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { debian: 'arm64', triplet: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};

/** Debian's layout for an architecture of Node's; undefined where we know of none. */
export function debianLayout(arch: string = process.arch): (typeof LAYOUT)[string] | undefined {
  return LAYOUT[arch];
}

/**
 * The Asterisk that lies unpacked in `dir`. It runs by the folder's own program loader and libraries, so the host's
 * C library, however old, plays no part.
 */
export function programInFolder(dir: string, arch: string = process.arch): AsteriskProgram {
  const layout = debianLayout(arch);
  if (!layout) throw new Error(`there is no layout for the architecture ${arch}`);
  const libraries = join(dir, 'usr/lib', layout.triplet);
  return {
    command: join(libraries, layout.loader),
    prefix: ['--argv0', 'asterisk', '--library-path', libraries, join(dir, 'usr/sbin/asterisk')],
    moduleDir: join(libraries, 'asterisk/modules'),
    dataDir: join(dir, 'usr/share/asterisk'),
  };
}

/** An Asterisk that is installed on this machine (`ASTERISK_BIN`), with the folders that were compiled into it. */
export function installedProgram(path: string): AsteriskProgram {
  return { command: path, prefix: [] };
}

/** What `asterisk -V` says, such as `22.10.1`. Rejects when the program does not run or says something else. */
export async function asteriskVersion(program: AsteriskProgram, signal?: AbortSignal): Promise<string> {
  await access(program.command);
  const said = await runCommand(program.command, [...program.prefix, '-V'], { timeoutMs: 10_000, signal });
  const version = /^Asterisk (?:certified\/)?(\d+\.\d+\S*)/.exec(said.trim())?.[1];
  if (!version) throw new Error(`${program.command} -V says "${said.trim().slice(0, 100)}"`);
  return version;
}
