import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { z } from 'zod';
import { EMERGENCY_NUMBERS } from './emergency-numbers.ts';

/**
 * A party's address, normalised once, at the door (DESIGN rule 7): `value` is E.164 with `+` for numbers,
 * digits for extensions and services, `user@host` for SIP, empty when withheld or unknown. `raw` is what came in.
 */
export const Address = z.object({
  kind: z.enum(['e164', 'extension', 'service', 'sip', 'withheld', 'unknown']),
  raw: z.string().max(256),
  value: z.string().max(256),
});
export type Address = z.infer<typeof Address>;

/** Nobody's. */
export const UNKNOWN_ADDRESS: Address = { kind: 'unknown', raw: '', value: '' };

const WITHHELD = new Set(['', 'anonymous', 'restricted', 'withheld', 'private', 'unavailable', 'unknown']);
/** Reach emergency services in nearly every network (3GPP TS 22.101, 10.1.1), and are worth no extension anywhere. */
const EMERGENCY_EVERYWHERE = ['112', '911', '999'];

/** True for a number that reaches emergency services in `country` (ISO 3166): it goes first and past every rule. */
export function isEmergency(raw: string, country: string): boolean {
  if (!/^[\d\s()./-]+$/.test(raw)) return false;
  const digits = raw.replace(/\D/g, '');
  return (
    EMERGENCY_EVERYWHERE.includes(digits) ||
    (EMERGENCY_NUMBERS[country]?.split(' ').includes(digits) ?? false)
  );
}

/** The address, as an emergency number where it is one in this country, whatever it is elsewhere. */
export function asEmergencyIn(address: Address, country: string | undefined): Address {
  if (country === undefined || address.kind === 'service' || !isEmergency(address.raw, country))
    return address;
  return { kind: 'service', raw: address.raw, value: address.raw.replace(/\D/g, '') };
}

/**
 * Normalises what a switch, a person or a CRM gave as an address.
 * @param defaultCountry ISO 3166 code of the country whose national numbers have no prefix, such as `GB`.
 */
export function parseAddress(raw: string, defaultCountry: string): Address {
  const text = raw.trim().slice(0, 256);
  const bare = text.replace(/^(sips?|tel):/i, '');
  const user = bare.split(';')[0] ?? '';
  if (WITHHELD.has(user.split('@')[0]?.toLowerCase() ?? ''))
    return { kind: 'withheld', raw: text, value: '' };
  const local = user.split('@')[0] ?? '';
  const digits = local.replace(/[^\d]/g, '');
  if (isEmergency(local, defaultCountry)) return { kind: 'service', raw: text, value: digits };
  const e164 = toE164(local, defaultCountry);
  if (e164) return { kind: 'e164', raw: text, value: e164 };
  if (/^[\d*#]{2,6}$/.test(local)) return { kind: 'extension', raw: text, value: local };
  if (user.includes('@')) return { kind: 'sip', raw: text, value: user.toLowerCase().slice(0, 256) };
  return { kind: 'unknown', raw: text, value: digits || local };
}

/** The number in E.164 with `+`, or undefined when it is no possible telephone number of any country. */
export function toE164(raw: string, defaultCountry: string): string | undefined {
  const key = `${defaultCountry} ${raw}`;
  if (lastRead.has(key)) return lastRead.get(key);
  const number = readE164(raw, defaultCountry);
  if (lastRead.size >= MAX_LAST_READ) lastRead.clear();
  lastRead.set(key, number);
  // Its own value is what it is from now on.
  if (number !== undefined) lastRead.set(`${defaultCountry} ${number}`, number);
  return number;
}

/** A call's numbers are read again for the match and for the log, the dialled one by every call. */
const lastRead = new Map<string, string | undefined>();
const MAX_LAST_READ = 1_000;

function readE164(raw: string, defaultCountry: string): string | undefined {
  if (!/^[+\d\s()./\u00a0-]+(x\d+|ext\.?\s*\d+)?$/i.test(raw.trim())) return undefined;
  const country = isSupportedCountry(defaultCountry) ? (defaultCountry as CountryCode) : undefined;
  // "+44 (0)20" is how people write it; the (0) is dialled only inside the country.
  const text = raw.trim().replace(/^(\+|00)(\d{1,3})\s*\(0\)/, '+$2 ');
  const international = text.startsWith('00') ? `+${text.slice(2)}` : text;
  const parsed =
    parsePhoneNumberFromString(international, country) ?? parsePhoneNumberFromString(text, country);
  return parsed?.isPossible() && parsed.nationalNumber.length >= 6 ? parsed.number : undefined;
}

/** The number as people of `country` write it: national form at home, international elsewhere. */
export function formatAddress(address: Address, country: string): string {
  if (address.kind === 'withheld') return 'Number withheld';
  if (address.kind !== 'e164') return address.value || address.raw || 'Unknown';
  const parsed = parsePhoneNumberFromString(address.value);
  if (!parsed) return address.value;
  // Numbers reserved for films and tests belong to no country, but to a calling code.
  const home = parsed.country
    ? parsed.country === country
    : isSupportedCountry(country) && getCountryCallingCode(country) === parsed.countryCallingCode;
  return home ? parsed.formatNational() : parsed.formatInternational();
}

/** The calling code of a country, such as `44` for `GB`; empty for a country that has none. */
export function callingCode(country: string): string {
  return isSupportedCountry(country) ? getCountryCallingCode(country) : '';
}

/** What kind of call a number is, seen from `home` (ISO 3166). `country` is left out for numbers of no single country. */
export interface NumberClass {
  country?: string;
  reach: 'national' | 'international';
  /** The called party earns by it: premium rate and shared cost, and numbers of no country (satellites, +882, +979). */
  premium: boolean;
}

export function classifyNumber(e164: string, home: string): NumberClass {
  const parsed = parsePhoneNumberFromString(e164);
  // national freephone and films' numbers have a calling code and no country
  const sameCode = isSupportedCountry(home) && parsed?.countryCallingCode === getCountryCallingCode(home);
  const country = parsed?.country ?? (sameCode ? home : undefined);
  const type = parsed?.getType();
  return {
    ...(country ? { country } : {}),
    reach: country === home ? 'national' : 'international',
    premium:
      type === 'PREMIUM_RATE' || type === 'SHARED_COST' || (country === undefined && !isFreephone(type)),
  };
}

/** +800 is free for who calls it. */
function isFreephone(type: string | undefined): boolean {
  return type === 'TOLL_FREE';
}
