/**
 * Puts Debian's Asterisk 22 and every library it needs into one folder, with apt and dpkg-deb only: no root, nothing
 * changed on the host, the archive's signatures verified by apt as for any package.
 *
 *     absent ──► lists ──► packages ──► unpacked ──► checked ──► renamed into place (stamp inside)
 *        ▲         │           │            │           │
 *        └─────────┴───────────┴────────────┴───────────┘  a failure or an abort leaves nothing behind
 */
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { CodedError } from '../../protocol/errors.ts';
import { asteriskVersion, debianLayout, programInFolder } from './asterisk-program.ts';
import { fillFolder, letRead } from './cache-folder.ts';
import { CommandError, runCommand } from './run-command.ts';

export interface FetchAsteriskOptions {
  /** Absolute path of the folder to fill. Its parents are made. */
  dir: string;
  /** Address of a Debian archive; default: the one that this machine's apt uses. */
  mirror?: string;
  /** Debian suites to try in this order; the first that has an Asterisk 22 wins. Default `forky`, then `sid`. */
  suites?: string[];
  /** Keyring that signs the archive; default Debian's own. */
  keyring?: string;
  /** Called with a sentence for people and how far the whole is, 0 to 100. */
  onProgress?: (text: string, percent: number) => void;
  signal?: AbortSignal;
}

export interface FetchedAsterisk {
  dir: string;
  /** Such as `22.10.1`. */
  version: string;
  /** Debian suite it came from. */
  suite: string;
  /** False when it was there already. */
  downloaded: boolean;
}

/** Part of the folder's name in the cache: raised when what we unpack changes, so that a running one is never replaced. */
const LAYOUT_VERSION = 1;
const PACKAGES = ['asterisk', 'asterisk-core-sounds-en-gsm', 'asterisk-moh-opsound-gsm'];
const KEYRINGS = [
  '/usr/share/keyrings/debian-archive-keyring.gpg',
  '/usr/share/keyrings/debian-archive-keyring.pgp',
];
const STAMP = '.crosspoint.json';

/** Packages that apt counts as needed and a program that is only run, never installed, does not need. */
const SKIP =
  /^(perl-modules.*|perl|perl-base|coreutils|util-linux.*|passwd|gnupg-l10n|dirmngr|gpg.*|tar|bash|dpkg|debconf.*|adduser|login.*|pci\.ids)_/;
const REMOVE_SHARE = 'doc man locale info perl perl5 lintian bug zoneinfo i18n debconf common-licenses'.split(
  ' ',
);
const REMOVE_LIB = ['gconv', 'perl', 'perl5', 'perl-base'];

/** The folder inside the cache folder that `fetchAsterisk` fills. */
export function asteriskFolder(cache: string, arch: string = process.arch): string {
  return join(cache, `asterisk-22-${debianLayout(arch)?.debian ?? arch}-${LAYOUT_VERSION}`);
}

/** What is in the folder already, or undefined: reads one small file. */
export async function fetchedAsterisk(dir: string): Promise<FetchedAsterisk | undefined> {
  const text = await readFile(join(dir, STAMP), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const stamp = JSON.parse(text) as { version: string; suite: string };
  return { dir, version: stamp.version, suite: stamp.suite, downloaded: false };
}

/**
 * Fills `dir` unless it is filled already; safe to repeat and to run twice at once.
 * Rejects with `asterisk-unavailable`, whose sentence says why and what to do, when it cannot be had here.
 */
export async function fetchAsterisk(options: FetchAsteriskOptions): Promise<FetchedAsterisk> {
  const present = await fetchedAsterisk(options.dir);
  if (present) return present;
  try {
    return await download(options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof CodedError) throw error;
    throw unavailable(error instanceof CommandError ? explain(error) : String(error));
  }
}

async function download(options: FetchAsteriskOptions): Promise<FetchedAsterisk> {
  const { dir, suites = ['forky', 'sid'], signal, onProgress = () => {} } = options;
  checkMachine(dir);
  if (process.arch !== 'x64') onProgress(`This kind of processor (${process.arch}) has not been tested`, 0);
  onProgress('Looking for the Debian archive that this machine uses', 1);
  const mirror = options.mirror ?? (await machineMirror(signal));
  const keyring = await findKeyring(options.keyring);
  const failures: unknown[] = [];
  for (const suite of suites) {
    try {
      return await fillFolder(dir, (work) =>
        fetchSuite({ dir, work, suite, mirror, keyring, signal, onProgress }),
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

function checkMachine(dir: string): void {
  if (process.platform !== 'linux' || !debianLayout()) {
    const machine = `${process.platform} on ${process.arch}`;
    throw unavailable(`Debian's programs do not run on ${machine}. Set ASTERISK_BIN to an Asterisk 22`);
  }
  // the program loader takes a list of folders with these characters between them
  if (/[:;]/.test(dir)) {
    throw new CodedError('folder-unusable', { folder: dir, reason: 'a colon or semicolon is in its name' });
  }
}

interface Job {
  dir: string;
  work: string;
  suite: string;
  mirror: string;
  keyring: string;
  signal?: AbortSignal;
  onProgress: (text: string, percent: number) => void;
}

async function fetchSuite(job: Job): Promise<FetchedAsterisk> {
  const archives = await downloadPackages(job);
  const root = await unpack(job, archives);
  job.onProgress('Checking that Asterisk runs', 97);
  const version = await asteriskVersion(programInFolder(root), job.signal).catch((error: unknown) => {
    throw unavailable(`the Asterisk of Debian ${job.suite} does not run here (${String(error)})`);
  });
  if (!version.startsWith('22.')) {
    throw unavailable(
      `Debian ${job.suite} has Asterisk ${version}, and Crosspoint needs 22. Set ASTERISK_BIN to one.`,
    );
  }
  const packages = archives.map((a) => basename(a));
  const stamp = { version, suite: job.suite, packages };
  await writeFile(join(root, STAMP), JSON.stringify(stamp, null, 2));
  await putInPlace(root, job.dir);
  job.onProgress(`Asterisk ${version} is ready`, 100);
  return { dir: job.dir, version, suite: job.suite, downloaded: true };
}

/** Renames into place. Whoever else filled the folder meanwhile keeps it: both copies are the same. */
async function putInPlace(root: string, dir: string): Promise<void> {
  if (await fetchedAsterisk(dir)) return;
  await rm(dir, { recursive: true, force: true });
  try {
    await rename(root, dir);
  } catch (error) {
    if (!(await fetchedAsterisk(dir))) throw error;
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
    ['-y', '--download-only', 'install', ...PACKAGES],
    'Downloading Asterisk and its libraries',
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
  const wanted = archives.filter((a) => !SKIP.test(basename(a)));
  for (const [i, archive] of wanted.entries()) {
    job.onProgress('Unpacking', 75 + Math.round((20 * i) / wanted.length));
    await runCommand('dpkg-deb', ['-x', archive, root], { signal: job.signal });
  }
  await prune(root);
  await linkSounds(root);
  await letRead(root, job.signal);
  return root;
}

async function prune(root: string): Promise<void> {
  const triplet = debianLayout()?.triplet ?? '';
  const paths = [
    'etc',
    'var',
    'usr/bin',
    'usr/games',
    ...REMOVE_SHARE.map((name) => `usr/share/${name}`),
    ...REMOVE_LIB.map((name) => `usr/lib/${triplet}/${name}`),
  ];
  for (const path of paths) await rm(join(root, path), { recursive: true, force: true });
}

/** What the packages' maintainer scripts would have done: the language `en` is a link, and some links lead out of the folder. */
async function linkSounds(root: string): Promise<void> {
  const sounds = join(root, 'usr/share/asterisk/sounds');
  const voice = 'en_US_f_Allison';
  await access(join(sounds, voice));
  for (const name of ['en', 'en_US']) {
    await rm(join(sounds, name), { recursive: true, force: true });
    await symlink(voice, join(sounds, name));
  }
  for (const name of ['custom', 'recordings', 'priv-callerintros']) {
    await rm(join(sounds, name), { recursive: true, force: true });
    await mkdir(join(sounds, name));
  }
}

async function findKeyring(given?: string): Promise<string> {
  for (const path of given ? [given] : KEYRINGS) {
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw unavailable(
    `the keys of the Debian archive are not on this machine (${given ?? KEYRINGS[0]}). ` +
      'Install the package debian-archive-keyring, or set ASTERISK_BIN to an Asterisk 22',
  );
}

/** The Debian archive that this machine's own sources name; read from apt itself, so it works before any `apt-get update`. */
async function machineMirror(signal?: AbortSignal): Promise<string> {
  const lists = await mkdtemp(join(tmpdir(), 'crosspoint-lists-'));
  try {
    await mkdir(join(lists, 'partial'));
    const args = ['update', '--print-uris', '-o', `Dir::State::Lists=${lists}`];
    const mirror = debianMirrorIn(await runCommand('apt-get', args, { signal, timeoutMs: 30_000 }));
    if (mirror) return mirror;
  } finally {
    await rm(lists, { recursive: true, force: true });
  }
  throw unavailable(
    "this machine's apt names no Debian archive. Set CROSSPOINT_ASTERISK_MIRROR to the address of one, " +
      'or ASTERISK_BIN to an Asterisk 22',
  );
}

/** The first address of a Debian archive in what `apt-get update --print-uris` writes, or undefined. */
export function debianMirrorIn(uris: string): string | undefined {
  return /^'(\S+\/debian)\/+dists\/[^']*\/InRelease'/m.exec(uris)?.[1];
}

function unavailable(reason: string): CodedError {
  return new CodedError('asterisk-unavailable', { reason });
}

function explain(error: CommandError): string {
  if (/ENOENT/.test(error.outcome)) {
    return `${basename(error.command)} is not on this machine: it is not a Debian. Set ASTERISK_BIN to an Asterisk 22`;
  }
  const lines = error.output.split('\n').filter((line) => /^(E:|dpkg-deb:)/.test(line));
  const said = (lines[0] ?? error.output.split('\n').at(-1) ?? '')
    .replace(/^E:\s*/, '')
    .replace(/[\s.]+$/, '');
  return `${basename(error.command)} ${error.outcome}: ${said}. Check the network, or set ASTERISK_BIN to an Asterisk 22`;
}
