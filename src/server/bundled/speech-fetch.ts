/** Debian's PocketSphinx with its model of American English, and eSpeak NG with its voices, in a folder of the cache. */
import { join } from 'node:path';
import { CodedError } from '../../protocol/errors.ts';
import { debianLayout } from './asterisk-program.ts';
import {
  type DebianFetchOptions,
  type DebianPrograms,
  type DebianSource,
  type FetchedPrograms,
  fetchPrograms,
} from './debian-fetch.ts';
import { type RunOptions, runForBytes } from './run-command.ts';

/** Raised when what we unpack changes. */
const LAYOUT_VERSION = 1;

export type SpeechProgram = 'pocketsphinx' | 'espeak-ng';

const SPEECH: DebianPrograms = {
  label: 'PocketSphinx',
  packages: ['pocketsphinx', 'pocketsphinx-en-us', 'espeak-ng'],
  skip: /^(gcc-.*-base|libc-gconv-modules.*|libx11-data|libasound2-data)_/,
  remove: ['etc', 'var', 'usr/share/doc', 'usr/share/man', 'usr/share/lintian', 'usr/share/locale'],
  instead: 'Calls go on without it; an engine that is reached by HTTP can be set in Setup',
  unavailable: (reason) => new CodedError('speech-unavailable', { reason }),
  check: checkSpeech,
};

/** The folder inside the cache folder that `fetchSpeech` fills. */
export function speechFolder(cache: string, arch: string = process.arch): string {
  return join(cache, `speech-${debianLayout(arch)?.debian ?? arch}-${LAYOUT_VERSION}`);
}

/** Rejects with `speech-unavailable`, whose sentence says why and what to do, when they cannot be had here. */
export function fetchSpeech(options: DebianFetchOptions): Promise<FetchedPrograms> {
  return fetchPrograms(SPEECH, options);
}

/** Where PocketSphinx finds its acoustic model and its dictionary of pronunciations. */
export function sphinxModel(dir: string): { acoustic: string; dictionary: string; language: string } {
  const model = join(dir, 'usr/share/pocketsphinx/model/en-us');
  return {
    acoustic: join(model, 'en-us'),
    dictionary: join(model, 'cmudict-en-us.dict'),
    language: join(model, 'en-us.lm.bin'),
  };
}

/**
 * Runs a program that lies unpacked in `dir`, by that folder's own loader and libraries; resolves with what it writes.
 * @throws CommandError.
 */
export function runSpeechProgram(
  dir: string,
  name: SpeechProgram,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Uint8Array> {
  const libraries = join(dir, 'usr/lib', debianLayout()?.triplet ?? '');
  const path = [libraries, join(libraries, 'pulseaudio')].join(':');
  const data = name === 'espeak-ng' ? [`--path=${libraries}`] : [];
  return runForBytes(
    join(libraries, debianLayout()?.loader ?? ''),
    ['--argv0', name, '--library-path', path, join(dir, 'usr/bin', name), ...data, ...args],
    options,
  );
}

/** PocketSphinx has no option that says its version: the package's is meant. */
async function checkSpeech(root: string, from: DebianSource, signal?: AbortSignal): Promise<string> {
  try {
    await runSpeechProgram(root, 'pocketsphinx', ['config'], { signal, timeoutMs: 20_000 });
    await runSpeechProgram(root, 'espeak-ng', ['-q', '-v', 'de', 'ja'], { signal, timeoutMs: 20_000 });
  } catch (error) {
    throw SPEECH.unavailable(`the speech engines of Debian ${from.suite} do not run here (${String(error)})`);
  }
  const archive = from.packages.find((name) => name.startsWith('pocketsphinx_')) ?? '';
  return /^pocketsphinx_([\d.]+\d)/.exec(archive)?.[1] ?? '';
}
