/**
 * A number as it may be written in an outside CRM, whose search compares texts: every usual way of writing it goes out, and
 * what comes back is compared by digits, as the built-in CRM does.
 */
import parsePhoneNumber from 'libphonenumber-js/max';
import { callingCode } from '../../protocol/address.ts';
import { readPhoneNumber, sameNumber, SIGNIFICANT_DIGITS } from './builtin/phone-number.ts';

export interface NumberQuery {
  /** With `+`, when it is known in full. */
  e164: string | undefined;
  /** Country code and national number, or all digits there are, without leading zeros. */
  digits: string;
  /** As it is dialled within its country, without the leading zero; all digits where the country is not known. */
  national: string;
  /** Every usual way of writing it, the likeliest first; each once. */
  spellings: readonly string[];
  /** Whether a text of the CRM writes this number, an extension left aside. */
  isWritten(text: string): boolean;
}

/** Undefined for what is nobody's: too short, or no number. */
export function numberQuery(raw: string, country: string): NumberQuery | undefined {
  const read = readPhoneNumber(raw, country);
  if (!read || read.digits.length < SIGNIFICANT_DIGITS) return undefined;
  const home = callingCode(country);
  const e164 = read.e164 ?? read.guess;
  return {
    e164,
    digits: read.digits,
    national: (e164 && parsePhoneNumber(e164)?.nationalNumber) || read.digits,
    spellings: e164 ? spellingsOf(e164, country) : [read.digits, raw.trim()].filter(once),
    isWritten: (text) => {
      const other = readPhoneNumber(text, country);
      return (
        other !== undefined && sameNumber(read, { e164: other.e164 ?? null, digits: other.digits }, home)
      );
    },
  };
}

function spellingsOf(e164: string, country: string): string[] {
  const parsed = parsePhoneNumber(e164, country as never);
  const digits = e164.slice(1);
  if (!parsed) return [e164, digits];
  const national = parsed.formatNational();
  const international = parsed.formatInternational();
  const bare = parsed.nationalNumber;
  return [
    e164,
    digits,
    national.replace(/\D/g, ''),
    bare,
    `00${digits}`,
    national,
    international,
    national.replace(/[()]/g, ''),
    national.replace(/[^\d]+/g, '-').replace(/^-|-$/g, ''),
    national.replace(/[^\d]+/g, '.').replace(/^\.|\.$/g, ''),
    international.replace(/[^\d+]+/g, '-'),
    `+${parsed.countryCallingCode} (0)${international.replace(/^\+\d+ /, '')}`,
  ].filter(once);
}

function once(text: string, index: number, all: readonly string[]): boolean {
  return text !== '' && all.indexOf(text) === index;
}
