/** Something that the quick find can lead to. */
export interface Findable {
  label: string;
  path: string;
  /** Further words it is looked for by. */
  words?: string;
}

/**
 * What matches all words of `text`: those whose label begins with it first, then those with a word that does, then the rest.
 * Nothing typed finds nothing.
 */
export function quickFind<T extends Findable>(things: readonly T[], text: string, limit = 50): T[] {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return things
    .map((thing) => ({ thing, rank: rankOf(thing, words) }))
    .filter(({ rank }) => rank < NONE)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map(({ thing }) => thing);
}

const NONE = 3;

function rankOf({ label, words: further = '' }: Findable, words: string[]): number {
  const name = label.toLowerCase();
  const all = `${name} ${further.toLowerCase()}`;
  if (!words.every((word) => all.includes(word))) return NONE;
  if (name.startsWith(words.join(' '))) return 0;
  return words.every((word) => ` ${name}`.includes(` ${word}`)) ? 1 : 2;
}
