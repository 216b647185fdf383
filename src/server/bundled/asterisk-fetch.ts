/** Debian's Asterisk 22 with its sounds, in a folder of the cache. */
import { access, mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../protocol/errors.ts';
import { asteriskVersion, debianLayout, programInFolder } from './asterisk-program.ts';
import {
  type DebianFetchOptions,
  type DebianPrograms,
  type DebianSource,
  type FetchedPrograms,
  fetchedPrograms,
  fetchPrograms,
} from './debian-fetch.ts';

/** Part of the folder's name in the cache: raised when what we unpack changes, so that a running one is never replaced. */
const LAYOUT_VERSION = 1;
const INSTEAD = 'Set ASTERISK_BIN to an Asterisk 22';
const REMOVE_SHARE = 'doc man locale info perl perl5 lintian bug zoneinfo i18n debconf common-licenses'.split(
  ' ',
);
const REMOVE_LIB = ['gconv', 'perl', 'perl5', 'perl-base'];

const ASTERISK: DebianPrograms = {
  label: 'Asterisk',
  packages: ['asterisk', 'asterisk-core-sounds-en-gsm', 'asterisk-moh-opsound-gsm'],
  skip: /^(perl-modules.*|perl|perl-base|coreutils|util-linux.*|passwd|gnupg-l10n|dirmngr|gpg.*|tar|bash|dpkg|debconf.*|adduser|login.*|pci\.ids)_/,
  remove: [
    'etc',
    'var',
    'usr/bin',
    'usr/games',
    ...REMOVE_SHARE.map((name) => `usr/share/${name}`),
    ...REMOVE_LIB.map((name) => `usr/lib/${debianLayout()?.triplet ?? ''}/${name}`),
  ],
  instead: INSTEAD,
  unavailable: (reason) => new CodedError('asterisk-unavailable', { reason }),
  finish: linkSounds,
  check: checkAsterisk,
};

/** The folder inside the cache folder that `fetchAsterisk` fills. */
export function asteriskFolder(cache: string, arch: string = process.arch): string {
  return join(cache, `asterisk-22-${debianLayout(arch)?.debian ?? arch}-${LAYOUT_VERSION}`);
}

/** What is in the folder already, or undefined. */
export const fetchedAsterisk = fetchedPrograms;

/** Rejects with `asterisk-unavailable`, whose sentence says why and what to do, when it cannot be had here. */
export function fetchAsterisk(options: DebianFetchOptions): Promise<FetchedPrograms> {
  return fetchPrograms(ASTERISK, options);
}

async function checkAsterisk(root: string, { suite }: DebianSource, signal?: AbortSignal): Promise<string> {
  const version = await asteriskVersion(programInFolder(root), signal).catch((error: unknown) => {
    throw ASTERISK.unavailable(`the Asterisk of Debian ${suite} does not run here (${String(error)})`);
  });
  if (version.startsWith('22.')) return version;
  throw ASTERISK.unavailable(
    `Debian ${suite} has Asterisk ${version}, and Crosspoint needs 22. Set ASTERISK_BIN to one.`,
  );
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
