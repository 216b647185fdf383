/** Texts within SOQL and SOSL (SOQL and SOSL Reference, "Quoted String Escape Sequences" and "FIND {SearchQuery}"). */

/** A text within single quotes. */
export function soqlText(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r')}'`;
}

const RESERVED = /[?&|!{}[\]()^~*:\\"'+-]/g;
const OPERATORS = /^(?:and|or|not)$/i;
const MAX_WORDS = 8;

function escaped(text: string): string {
  return text.replace(RESERVED, '\\$&');
}

/** Any of these texts, each as a phrase. */
export function anyPhrase(texts: readonly string[]): string {
  return texts.map((text) => `"${escaped(text)}"`).join(' OR ');
}

/** Records that have words with all these beginnings; undefined when there is nothing to look for. */
export function wordBeginnings(text: string): string | undefined {
  const words = text
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}].*[\p{L}\p{N}]/u.test(word))
    .slice(0, MAX_WORDS);
  if (words.length === 0) return undefined;
  return words.map((word) => (OPERATORS.test(word) ? `"${word}"` : `${escaped(word)}*`)).join(' AND ');
}
