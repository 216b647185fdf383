/** Texts in several languages as lines of a text field: `en: Please wait.`; a line without a language is English. Pure. */
import type { Spoken } from '../../protocol/waiting.ts';

/** One language a line; further lines of the same language go on with its text. */
export function parseSpoken(text: string): Spoken {
  const spoken: Record<string, string> = {};
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '') continue;
    const [, language = 'en', words = line] =
      /^([a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}):\s*(.*)$/.exec(line) ?? [];
    if (words !== '') spoken[language] = spoken[language] ? `${spoken[language]} ${words}` : words;
  }
  return spoken;
}

/** The lines of it; English alone needs no language before it. */
export function formatSpoken(spoken: Spoken): string {
  const languages = Object.keys(spoken);
  const plain = languages.length === 1 && languages[0] === 'en';
  return languages.map((one) => (plain ? spoken[one] : `${one}: ${spoken[one]}`)).join('\n');
}

/** Several texts, with an empty line between. */
export function parseSpokenList(text: string): Spoken[] {
  return text
    .split(/\n\s*\n/)
    .map(parseSpoken)
    .filter((one) => Object.keys(one).length > 0);
}

/** Several, with an empty line between. */
export function formatSpokenList(texts: readonly Spoken[]): string {
  return texts.map(formatSpoken).join('\n\n');
}
