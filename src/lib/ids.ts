/** Identifiers: a prefix, the time in milliseconds and 60 random bits, so that they sort by creation. */
declare const crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new id such as `call_01kbq3f2c4x8…`: prefix, underscore, 10 characters of time, 12 random ones. */
export function newId(prefix: string): string {
  return `${prefix}_${encodeTime(Date.now())}${randomToken(12)}`;
}

/** `length` characters of a 32-letter alphabet, 5 random bits each: 26 are enough for a secret. */
export function randomToken(length: number): string {
  return [...crypto.getRandomValues(new Uint8Array(length))].map((b) => ALPHABET[b & 31]).join('');
}

function encodeTime(ms: number): string {
  let rest = ms;
  let text = '';
  for (let i = 0; i < 10; i++) {
    text = ALPHABET[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
