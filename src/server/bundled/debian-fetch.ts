/**
 * Puts programs of Debian and every library they need into one folder, with apt and dpkg-deb only: no root, nothing changed on
 * the host, the archive's signatures verified by apt as for any package.
 *
 *     absent ──► lists ──► packages ──► unpacked ──► checked ──► renamed into place (stamp inside)
 *        ▲         │           │            │           │
 *        └─────────┴───────────┴────────────┴───────────┘  a failure or an abort leaves nothing behind
 */
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { CodedError } from '../../protocol/errors.ts';
import { debianLayout } from './asterisk-program.ts';
import { fillFolder, letRead } from './cache-folder.ts';
import { CommandError, runCommand } from './run-command.ts';

export interface DebianFetchOptions {
  /** Absolute path of the folder to fill. Its parents are made. */
  dir: string;
  /** Address of a Debian archive; default: the one that this machine's apt uses. */
  mirror?: string;
  /** Debian suites to try in this order; the first that has what is needed wins. Default `forky`, then `sid`. */
  suites?: string[];
  /** Keyring that signs the archive; default Debian's own. */
  keyring?: string;
  /** Called with a sentence for people and how far the whole is, 0 to 100. */
  onProgress?: (text: string, percent: number) => void;
  signal?: AbortSignal;
}

/** What is fetched, and what is made of it. */
export interface DebianPrograms {
  /** In sentences: `Asterisk`. */
  label: string;
  packages: readonly string[];
  /** Packages that apt counts as needed and a program that is only run, never installed, does not need. */
  skip: RegExp;
  /** Paths that are not kept, below the folder. */
  remove: readonly string[];
  /** What else can be done where it cannot be had: `Set ASTERISK_BIN to an Asterisk 22`. */
  instead: string;
  unavailable(reason: string): CodedError;
  /** Makes ready what was unpacked into `root`. */
  finish?(root: string): Promise<void>;
  /** Runs the programs in `root` and returns their version. @throws the reason why they cannot be used. */
  check(root: string, from: DebianSource, signal?: AbortSignal): Promise<string>;
}

export interface DebianSource {
  suite: string;
  /** Names of the archives, such as `asterisk_22.10.1_amd64.deb`. */
  packages: readonly string[];
}

export interface FetchedPrograms {
  dir: string;
  /** Such as `22.10.1`. */
  version: string;
  /** Debian suite it came from. */
  suite: string;
  /** False when it was there already. */
  downloaded: boolean;
}

const KEYRINGS = [
  '/usr/share/keyrings/debian-archive-keyring.gpg',
  '/usr/share/keyrings/debian-archive-keyring.pgp',
];
const STAMP = '.crosspoint.json';

/** What is in the folder already, or undefined: reads one small file. */
export async function fetchedPrograms(dir: string): Promise<FetchedPrograms | undefined> {
  const text = await readFile(join(dir, STAMP), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const stamp = JSON.parse(text) as { version: string; suite: string };
  return { dir, version: stamp.version, suite: stamp.suite, downloaded: false };
}

/**
 * Fills `dir` unless it is filled already; safe to repeat and to run twice at once.
 * Rejects with `programs.unavailable`, whose sentence says why and what to do, when they cannot be had here.
 */
export async function fetchPrograms(
  programs: DebianPrograms,
  options: DebianFetchOptions,
): Promise<FetchedPrograms> {
  const present = await fetchedPrograms(options.dir);
  if (present) return present;
  try {
    return await download(programs, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof CodedError) throw error;
    throw programs.unavailable(
      error instanceof CommandError ? explain(error, programs.instead) : String(error),
    );
  }
}

async function download(programs: DebianPrograms, options: DebianFetchOptions): Promise<FetchedPrograms> {
  const { dir, suites = ['forky', 'sid'], signal, onProgress = () => {} } = options;
  checkMachine(programs, dir);
  if (process.arch !== 'x64') onProgress(`This kind of processor (${process.arch}) has not been tested`, 0);
  onProgress('Looking for the Debian archive that this machine uses', 1);
  const mirror = options.mirror ?? (await machineMirror(programs, signal));
  const keyring = await findKeyring(programs, options.keyring);
  const failures: unknown[] = [];
  for (const suite of suites) {
    try {
      return await fillFolder(dir, (work) =>
        fetchSuite({ programs, dir, work, suite, mirror, keyring, signal, onProgress }),
      );
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(error);
      if (isUnreachable(error)) break;
    }
  }
  throw failures[0];
}

/** Whether the archive itself was out of reach, so that another suite of it would be too. */
function isUnreachable(error: unknown): boolean {
  return (
    error instanceof CommandError &&
    /could not (resolve|connect)|timed out|failure resolving/i.test(error.output)
  );
}

function checkMachine(programs: DebianPrograms, dir: string): void {
  if (process.platform !== 'linux' || !debianLayout()) {
    const machine = `${process.platform} on ${process.arch}`;
    throw programs.unavailable(`Debian's programs do not run on ${machine}. ${programs.instead}`);
  }
  // the program loader takes a list of folders with these characters between them
  if (/[:;]/.test(dir)) {
    throw new CodedError('folder-unusable', { folder: dir, reason: 'a colon or semicolon is in its name' });
  }
}

interface Job {
  programs: DebianPrograms;
  dir: string;
  work: string;
  suite: string;
  mirror: string;
  keyring: string;
  signal?: AbortSignal;
  onProgress: (text: string, percent: number) => void;
}

async function fetchSuite(job: Job): Promise<FetchedPrograms> {
  const { programs, suite, signal } = job;
  const archives = await downloadPackages(job);
  const root = await unpack(job, archives);
  job.onProgress(`Checking that ${programs.label} runs`, 97);
  const packages = archives.map((a) => basename(a));
  const version = await programs.check(root, { suite, packages }, signal);
  await writeFile(join(root, STAMP), JSON.stringify({ version, suite, packages }, null, 2));
  await putInPlace(root, job.dir);
  job.onProgress(`${programs.label} ${version} is ready`, 100);
  return { dir: job.dir, version, suite, downloaded: true };
}

/** Renames into place. Whoever else filled the folder meanwhile keeps it: both copies are the same. */
async function putInPlace(root: string, dir: string): Promise<void> {
  if (await fetchedPrograms(dir)) return;
  await rm(dir, { recursive: true, force: true });
  try {
    await rename(root, dir);
  } catch (error) {
    if (!(await fetchedPrograms(dir))) throw error;
  }
}

async function downloadPackages(job: Job): Promise<string[]> {
  const apt = join(job.work, 'apt');
  for (const d of ['lists/partial', 'archives/partial']) await mkdir(join(apt, d), { recursive: true });
  await writeFile(join(apt, 'status'), '');
  await writeFile(
    join(apt, 'sources.list'),
    `deb [signed-by=${job.keyring}] ${job.mirror} ${job.suite} main\n`,
  );
  const run = (args: string[], text: string, from: number, to: number) => {
    job.onProgress(text, from);
    return runCommand('apt-get', [...aptOptions(apt), ...args], {
      signal: job.signal,
      onStatusLine: (line) =>
        reportDownload(line, (share) => job.onProgress(text, Math.round(from + (to - from) * share))),
    });
  };
  await run(['update'], `Reading the package lists of Debian ${job.suite}`, 2, 20);
  await run(
    ['-y', '--download-only', 'install', ...job.programs.packages],
    `Downloading ${job.programs.label} and its libraries`,
    20,
    75,
  );
  const names = await readdir(join(apt, 'archives'));
  return names.filter((n) => n.endsWith('.deb')).map((n) => join(apt, 'archives', n));
}

/** An apt of its own: no file of the host is read for state or written; its proxy, credentials and checks stay in force. */
function aptOptions(apt: string): string[] {
  const set: Record<string, string> = {
    'Dir::Etc::SourceList': join(apt, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::Etc::PreferencesParts': '/dev/null',
    'Dir::Etc::Preferences': '/dev/null',
    'Dir::State': apt,
    'Dir::State::Lists': join(apt, 'lists'),
    'Dir::State::status': join(apt, 'status'),
    'Dir::Cache': apt,
    'Dir::Cache::Archives': join(apt, 'archives'),
    'Dir::Log': apt,
    'APT::Install-Recommends': 'false',
    'APT::Install-Suggests': 'false',
    'APT::Sandbox::User': 'root', // the sandbox's user cannot write into our folder
    'APT::Get::List-Cleanup': 'false',
    'APT::Keep-Downloaded-Packages': 'true',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'APT::Update::Error-Mode': 'any', // else a list that could not be read is only a warning
    // whatever the machine allows itself, nothing unsigned gets in here
    'Acquire::AllowInsecureRepositories': 'false',
    'APT::Get::AllowUnauthenticated': 'false',
    'APT::Status-Fd': '3',
    'DPkg::Pre-Install-Pkgs::': '',
    'DPkg::Post-Invoke::': '',
    'APT::Update::Post-Invoke::': '',
    'APT::Update::Post-Invoke-Success::': '',
  };
  return ['-q', ...Object.entries(set).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
}

/** apt's status lines: `dlstatus:COUNT:PERCENT:TEXT`. */
function reportDownload(line: string, report: (share: number) => void): void {
  const percent = /^dlstatus:\d+:([\d.]+):/.exec(line)?.[1];
  if (percent !== undefined) report(Number(percent) / 100);
}

async function unpack(job: Job, archives: string[]): Promise<string> {
  const root = join(job.work, 'root');
  await mkdir(root);
  const wanted = archives.filter((a) => !job.programs.skip.test(basename(a)));
  for (const [i, archive] of wanted.entries()) {
    job.onProgress('Unpacking', 75 + Math.round((20 * i) / wanted.length));
    await runCommand('dpkg-deb', ['-x', archive, root], { signal: job.signal });
  }
  for (const path of job.programs.remove) await rm(join(root, path), { recursive: true, force: true });
  await job.programs.finish?.(root);
  await letRead(root, job.signal);
  return root;
}

async function findKeyring(programs: DebianPrograms, given?: string): Promise<string> {
  for (const path of given ? [given] : KEYRINGS) {
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw programs.unavailable(
    `the keys of the Debian archive are not on this machine (${given ?? KEYRINGS[0]}). ` +
      `Install the package debian-archive-keyring. ${programs.instead}`,
  );
}

/** The Debian archive that this machine's own sources name; read from apt itself, so it works before any `apt-get update`. */
async function machineMirror(programs: DebianPrograms, signal?: AbortSignal): Promise<string> {
  const lists = await mkdtemp(join(tmpdir(), 'crosspoint-lists-'));
  try {
    await mkdir(join(lists, 'partial'));
    const args = ['update', '--print-uris', '-o', `Dir::State::Lists=${lists}`];
    const mirror = debianMirrorIn(await runCommand('apt-get', args, { signal, timeoutMs: 30_000 }));
    if (mirror) return mirror;
  } finally {
    await rm(lists, { recursive: true, force: true });
  }
  throw programs.unavailable(
    "this machine's apt names no Debian archive. Set CROSSPOINT_ASTERISK_MIRROR to the address of one. " +
      programs.instead,
  );
}

/** The first address of a Debian archive in what `apt-get update --print-uris` writes, or undefined. */
export function debianMirrorIn(uris: string): string | undefined {
  return /^'(\S+\/debian)\/+dists\/[^']*\/InRelease'/m.exec(uris)?.[1];
}

function explain(error: CommandError, instead: string): string {
  if (/ENOENT/.test(error.outcome))
    return `${basename(error.command)} is not on this machine: it is not a Debian. ${instead}`;
  const lines = error.output.split('\n').filter((line) => /^(E:|dpkg-deb:)/.test(line));
  const said = (lines[0] ?? error.output.split('\n').at(-1) ?? '')
    .replace(/^E:\s*/, '')
    .replace(/[\s.]+$/, '');
  return `${basename(error.command)} ${error.outcome}: ${said}. Check the network. ${instead}`;
}
