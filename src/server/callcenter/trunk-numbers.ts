/**
 * How numbers are written on a trunk, and read from it. Pure. What we send out is read back as the same number:
 * `fromTrunk(toTrunk(n)) = n` where the inbound rules undo the outbound ones.
 */
import { type Address, callingCode, parseAddress } from '../../protocol/address.ts';
import type { PrefixRule, TrunkNumbers } from '../../protocol/trunks.ts';

/** What people dial in front of another country's code, where it is not `00` (ITU-T E.164 supplement, operational bulletin 991). */
const INTERNATIONAL_PREFIX: Readonly<Record<string, string>> = {
  AU: '0011',
  BR: '0014',
  CO: '00',
  HK: '001',
  JP: '010',
  KE: '000',
  KR: '001',
  RU: '810',
  KZ: '810',
  SG: '001',
  TH: '001',
  TW: '002',
  TZ: '000',
  UG: '000',
};
/** The North American Numbering Plan dials 011. */
const NANP = '1';

/** What people dial in front of an area code, where it is not `0`. Countries without one have the empty string. */
const NATIONAL_PREFIX: Readonly<Record<string, string>> = {
  BY: '8',
  KZ: '8',
  RU: '8',
  TM: '8',
  HU: '06',
  LT: '0',
  MX: '',
  ...Object.fromEntries(
    'AD BH BN BT BZ CI CL CM CR CV CY CZ DK EE ES FO GA GI GM GR GT HK HN IS IT KW LV LU MC MO MT MU NE NI NO OM PA PL PT QA SG SM SN SV SC TG TN UY VA'
      .split(' ')
      .map((country) => [country, '']),
  ),
};

export function internationalPrefix(country: string): string {
  return INTERNATIONAL_PREFIX[country] ?? (callingCode(country) === NANP ? '011' : '00');
}

export function nationalPrefix(country: string): string {
  return NATIONAL_PREFIX[country] ?? (callingCode(country) === NANP ? '1' : '0');
}

/**
 * The digits to send: an E.164 number in the trunk's format and by its rules; any other address (an emergency number, an
 * extension of the peer) as it is.
 */
export function toTrunk(address: Pick<Address, 'kind' | 'value'>, numbers: TrunkNumbers): string {
  const { value, kind } = address;
  if (kind !== 'e164') return value;
  return applyRules(format(value, numbers), numbers.outbound);
}

/** What came in, as an address: by the trunk's rules, then as a number of the trunk's country. */
export function fromTrunk(raw: string, numbers: TrunkNumbers): Address {
  const bare = raw.replace(/^(sips?|tel):/i, '').split(/[;@]/)[0] ?? '';
  const ruled = applyRules(bare, numbers.inbound);
  if (ruled !== bare) return { ...parseAddress(ruled, numbers.country), raw };
  const written = unformat(bare, numbers);
  return written === undefined
    ? parseAddress(raw, numbers.country)
    : { ...parseAddress(written, numbers.country), raw };
}

/** The first rule that fits. */
export function applyRules(number: string, rules: readonly PrefixRule[]): string {
  const rule = rules.find(
    ({ prefix, length }) => number.startsWith(prefix) && (length === undefined || number.length === length),
  );
  return rule ? rule.prepend + number.slice(rule.strip) : number;
}

function format(e164: string, { format: as, country }: TrunkNumbers): string {
  const digits = e164.slice(1);
  if (as === 'plus') return e164;
  if (as === 'digits') return digits;
  const code = callingCode(country);
  if (as === 'national' && code !== '' && digits.startsWith(code))
    return nationalPrefix(country) + digits.slice(code.length);
  return internationalPrefix(country) + digits;
}

/** The E.164 number of what is written in the trunk's own format, or undefined: then it is read as people write it. */
function unformat(text: string, { format: as, country }: TrunkNumbers): string | undefined {
  if (!/^\d{7,20}$/.test(text)) return undefined;
  // without a prefix of any kind, an international number cannot be told from a national one but by the trunk's word
  if (as === 'digits' && !text.startsWith('0')) return `+${text}`;
  const abroad = internationalPrefix(country);
  if (text.startsWith(abroad) && (as === 'prefix' || as === 'national'))
    return `+${text.slice(abroad.length)}`;
  const home = nationalPrefix(country);
  if (as === 'national' && text.startsWith(home)) return `+${callingCode(country)}${text.slice(home.length)}`;
  return undefined;
}
