/** Identifiers: a prefix, the time in milliseconds and 60 random bits, so that they sort by creation. */
declare const crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new id such as `call_01kbq3f2c4x8…`: prefix, underscore, 10 characters of time, 12 random ones. */
export function newId(prefix: string): string {
  return `${prefix}_${encodeTime(Date.now())}${tokenOf(someRandom(12))}`;
}

/** An id that people may write: of the label's letters and digits, at most 32; where these give none, or one that is taken, a new one. */
export function readableId(label: string, prefix: string, isTaken: (id: string) => boolean): string {
  const id = label
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 32);
  return id !== '' && !isTaken(id) ? id : newId(prefix).replace('_', '-').toLowerCase();
}

/** `length` characters of a 32-letter alphabet, 5 random bits each: 26 are enough for a secret. */
export function randomToken(length: number): string {
  return tokenOf(crypto.getRandomValues(new Uint8Array(length)));
}

function tokenOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += ALPHABET[byte & 31];
  return text;
}

/** Random bytes for ids, fetched many at a time: a call makes some forty ids, and asking the system takes longer than the rest. */
function someRandom(length: number): Uint8Array {
  if (used + length > stock.length) {
    crypto.getRandomValues(stock);
    used = 0;
  }
  used += length;
  return stock.subarray(used - length, used);
}

const stock = new Uint8Array(3_072);
let used = stock.length;

function encodeTime(ms: number): string {
  let rest = ms;
  let text = '';
  for (let i = 0; i < 10; i++) {
    text = ALPHABET[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
