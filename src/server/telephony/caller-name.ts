/** The longest name of a caller, in characters. */
const MAX_NAME = 80;

/**
 * A name as the caller's telephone gives it is anybody's text: without SIP's escapes, without control characters and those that
 * turn the direction of what is written after them; empty when nothing is left.
 */
export function cleanCallerName(name = ''): string {
  const text = name
    .replace(/\\(.)/gu, '$1')
    .replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
  return [...text].slice(0, MAX_NAME).join('').trim();
}
