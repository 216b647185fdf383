/** What the digits of a telephone number mean, however it was typed. */
import { parseAddress, toE164 } from '../../../protocol/address.ts';

export interface PhoneNumber {
  /** With `+`; undefined when the digits are no number of the default country nor a marked international one. */
  e164: string | undefined;
  /** What it is if it is an international number that lacks its plus. */
  guess: string | undefined;
  /** Country code and national number without `+`, or all significant digits when `e164` is unknown. */
  digits: string;
  extension: string | undefined;
}

/** Fewer than these last digits tell nobody apart. */
export const SIGNIFICANT_DIGITS = 7;

const EXTENSION = /(?:\s*(?:;\s*ext\s*=|ext(?:ension|n)?\s*[.:]?|x|#|,+)\s*(\d{1,8}))\s*$/i;

/** Reads a number as a person typed it or a switch signalled it; undefined when it is not made of digits. */
export function readPhoneNumber(raw: string, country: string): PhoneNumber | undefined {
  const { number, extension } = splitExtension(plain(raw));
  const address = parseAddress(number, country);
  if (address.kind === 'e164') {
    return { e164: address.value, guess: undefined, digits: address.value.slice(1), extension };
  }
  const local = number.replace(/^(sips?|tel):/i, '').replace(/[@;].*$/, '');
  const typed = local.replace(/\D/g, '');
  const digits = typed.replace(/^0+/, '');
  if (digits === '' || /\p{L}/u.test(local)) return undefined;
  const guess = typed.length >= 10 && typed === digits ? toE164(`+${digits}`, country) : undefined;
  return { e164: undefined, guess, digits, extension };
}

/** How a field keeps a number: E.164 and ` x` with the extension, else as it was typed. */
export function storedPhone(raw: string, country: string): string {
  return keptPhone(readPhoneNumber(raw, country), raw);
}

/** The same of a number that has been read already. */
export function keptPhone(read: PhoneNumber | undefined, raw: string): string {
  if (!read?.e164) return raw.trim();
  return read.extension ? `${read.e164} x${read.extension}` : read.e164;
}

/** The country code that international digits begin with (ITU-T E.164, annex D): what is not listed has three digits. */
const COUNTRY_CODE = /^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[1-9]\d\d)/;

/** The digits of an index entry. */
interface Candidate {
  e164: string | null;
  digits: string;
}

/**
 * Whether two numbers with the same last digits may be one. Two that are known in full are one only when equal; else the
 * shorter must be the whole end of the longer, and what the shorter lacks must be a country code, or the country code
 * and area of `home` (the calling code, such as `44`), where people dial without them.
 */
export function sameNumber(mine: PhoneNumber, other: Candidate, home: string): boolean {
  if (mine.e164 && other.e164) return mine.e164 === other.e164;
  const [short, long] =
    mine.digits.length <= other.digits.length ? [mine.digits, other.digits] : [other.digits, mine.digits];
  if (short.length < SIGNIFICANT_DIGITS || !long.endsWith(short)) return false;
  const missing = long.slice(0, long.length - short.length);
  const atHome = home !== '' && missing.startsWith(home);
  return missing === '' || missing === COUNTRY_CODE.exec(long)?.[0] || atHome;
}

export function reverse(digits: string): string {
  return [...digits].reverse().join('');
}

/** Full-width digits, odd dashes and spaces become the plain ones; invisible marks and a SIP display name go. */
function plain(raw: string): string {
  const inside = /<([^>]*)>/.exec(raw.slice(0, 256));
  return (inside?.[1] ?? raw.slice(0, 256))
    .normalize('NFKC')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function splitExtension(text: string): { number: string; extension: string | undefined } {
  const found = EXTENSION.exec(text);
  if (!found || found.index === 0) return { number: text, extension: undefined };
  return { number: text.slice(0, found.index).trim(), extension: found[1] };
}
