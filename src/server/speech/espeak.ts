/**
 * eSpeak NG (https://github.com/espeak-ng/espeak-ng) as Debian packages it: a child process, over a hundred languages. A voice is
 * called by the language's own tag.
 */
import type { Voice } from '../telephony/speech/speech.ts';
import type { LocalPrograms } from './pocketsphinx.ts';

/** Tags that it calls otherwise. */
const OTHERWISE: Readonly<Record<string, string>> = {
  zh: 'cmn',
  'zh-cn': 'cmn',
  no: 'nb',
  'pt-pt': 'pt',
  'es-mx': 'es-419',
};

/** @param version of the programs: another one may sound otherwise. */
export function espeakVoice(
  programs: LocalPrograms,
  { language, wordsPerMinute, version }: { language: string; wordsPerMinute: number; version: string },
): Voice {
  const tag = language.toLowerCase();
  const voice = OTHERWISE[tag] ?? tag;
  return {
    key: `espeak-ng:${version}:${voice}:${wordsPerMinute}`,
    // The text comes by standard input: nothing in it is an option.
    synthesise: (text, signal) =>
      programs.run('espeak-ng', ['-v', voice, '-s', String(wordsPerMinute), '--stdin', '--stdout'], {
        input: new TextEncoder().encode(text),
        signal,
      }),
  };
}
