import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../protocol/address.ts';
import { TrunkNumbers } from '../../protocol/trunks.ts';
import { applyRules, fromTrunk, internationalPrefix, nationalPrefix, toTrunk } from './trunk-numbers.ts';

const numbers = (more: Partial<TrunkNumbers> & { country: string }) => TrunkNumbers.parse(more);
const e164 = (value: string) => ({ kind: 'e164' as const, value });

/** Real subscriber and service numbers from national numbering plans, one or more a country. */
const REAL: [country: string, number: string][] = [
  ['GB', '+442079460958'],
  ['GB', '+447911123456'],
  ['US', '+12125550123'],
  ['CA', '+14165550198'],
  ['DE', '+4930123456'],
  ['DE', '+4915112345678'],
  ['FR', '+33142685300'],
  ['IT', '+390612345678'],
  ['ES', '+34912345678'],
  ['CH', '+41446681800'],
  ['AT', '+431234567'],
  ['PL', '+48221234567'],
  ['AU', '+61291920000'],
  ['JP', '+81312345678'],
  ['IN', '+911123456789'],
  ['BR', '+551131234567'],
  ['RU', '+74951234567'],
  ['SG', '+6561234567'],
  ['HU', '+3611234567'],
  ['DK', '+4532123456'],
  ['ZA', '+27101234567'],
];

describe('what is sent on a trunk', () => {
  it.each<[TrunkNumbers['format'], string, string, string]>([
    ['plus', 'GB', '+442079460958', '+442079460958'],
    ['digits', 'GB', '+442079460958', '442079460958'],
    ['prefix', 'GB', '+442079460958', '00442079460958'],
    ['prefix', 'US', '+442079460958', '011442079460958'],
    ['prefix', 'AU', '+442079460958', '0011442079460958'],
    ['prefix', 'JP', '+442079460958', '010442079460958'],
    ['national', 'GB', '+442079460958', '02079460958'],
    ['national', 'GB', '+33142685300', '0033142685300'],
    ['national', 'US', '+12125550123', '12125550123'],
    ['national', 'FR', '+33142685300', '0142685300'],
    // Italy keeps the zero of its area codes inside the number; Spain and Denmark have none at all
    ['national', 'IT', '+390612345678', '0612345678'],
    ['national', 'ES', '+34912345678', '912345678'],
    ['national', 'DK', '+4532123456', '32123456'],
    ['national', 'RU', '+74951234567', '84951234567'],
    ['national', 'HU', '+3611234567', '0611234567'],
  ])('as %s in %s: %s is %s', (format, country, number, sent) => {
    expect(toTrunk(e164(number), numbers({ country, format }))).toBe(sent);
  });

  it('leaves an emergency number and an extension of the peer as they are, whatever the rules', () => {
    const rules = numbers({
      country: 'GB',
      format: 'national',
      outbound: [{ prefix: '', strip: 0, prepend: '9' }],
    });
    expect(toTrunk({ kind: 'service', value: '999' }, rules)).toBe('999');
    expect(toTrunk({ kind: 'extension', value: '4711' }, rules)).toBe('4711');
  });

  it('takes the first rule that fits, by beginning and length', () => {
    const rules = [
      { prefix: '+4420', strip: 3, prepend: '0' },
      { prefix: '+44', length: 13, strip: 1, prepend: '' },
      { prefix: '', strip: 1, prepend: '9011' },
    ];
    expect(applyRules('+442079460958', rules)).toBe('02079460958');
    expect(applyRules('+447911123456', rules)).toBe('447911123456');
    expect(applyRules('+33142685300', rules)).toBe('901133142685300');
    expect(applyRules('112', [])).toBe('112');
  });
});

describe('what comes in by a trunk', () => {
  it.each<[Partial<TrunkNumbers> & { country: string }, string, string]>([
    [{ country: 'GB' }, '+442079460958', '+442079460958'],
    [{ country: 'GB' }, '02079460958', '+442079460958'],
    [{ country: 'GB' }, '00442079460958', '+442079460958'],
    [{ country: 'GB' }, 'sip:+442079460958@gw.example;user=phone', '+442079460958'],
    [{ country: 'GB', format: 'digits' }, '442079460958', '+442079460958'],
    [{ country: 'GB', format: 'digits' }, '33142685300', '+33142685300'],
    [{ country: 'GB', format: 'digits' }, '02079460958', '+442079460958'],
    [{ country: 'US', format: 'digits' }, '12125550123', '+12125550123'],
    [{ country: 'US', format: 'national' }, '2125550123', '+12125550123'],
    [{ country: 'US', format: 'prefix' }, '011442079460958', '+442079460958'],
    [{ country: 'DE', inbound: [{ prefix: '49', strip: 0, prepend: '+' }] }, '4930123456', '+4930123456'],
    // a gateway that leaves the country's zero out
    [{ country: 'DE', inbound: [{ prefix: '30', strip: 0, prepend: '+49' }] }, '30123456', '+4930123456'],
  ])('of %o: %s is %s', (settings, raw, value) => {
    expect(fromTrunk(raw, numbers(settings))).toMatchObject({ kind: 'e164', value });
  });

  it('keeps what it was as raw, so that people can see it', () => {
    expect(fromTrunk('442079460958', numbers({ country: 'GB', format: 'digits' })).raw).toBe('442079460958');
  });

  it.each(['anonymous', '', 'sip:anonymous@anonymous.invalid'])('withheld stays withheld: %j', (raw) => {
    expect(fromTrunk(raw, numbers({ country: 'GB', format: 'digits' })).kind).toBe('withheld');
  });

  it('leaves a short number an extension', () => {
    expect(fromTrunk('4711', numbers({ country: 'DE', format: 'digits' }))).toMatchObject({
      kind: 'extension',
      value: '4711',
    });
  });
});

it('what we send is read back as the same number: every format, home and abroad', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...REAL),
      fc.constantFrom(...REAL),
      fc.constantFrom('plus' as const, 'digits' as const, 'prefix' as const, 'national' as const),
      ([country], [, number], format) => {
        const settings = numbers({ country, format });
        // a national number that begins as an international one does cannot be told from it, on any network
        const sent = toTrunk(e164(number), settings);
        expect(fromTrunk(sent, settings).value, `${sent} in ${country} as ${format}`).toBe(number);
      },
    ),
    { numRuns: 2_000 },
  );
});

it('inbound rules that undo the outbound ones give the number back', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...REAL),
      fc.stringMatching(/^[1-9*#]{1,4}$/),
      ([country, number], prefix) => {
        const settings = numbers({
          country,
          outbound: [{ prefix: '+', strip: 1, prepend: prefix }],
          inbound: [{ prefix, strip: prefix.length, prepend: '+' }],
        });
        expect(fromTrunk(toTrunk(e164(number), settings), settings).value).toBe(number);
      },
    ),
  );
});

it('a number dialled with the prefixes that a country uses is read as that number', () => {
  for (const [country, number] of REAL) {
    const settings = numbers({ country, format: 'national' });
    expect(parseAddress(toTrunk(e164(number), settings), country).value, `${country} ${number}`).toBe(number);
    expect(internationalPrefix(country)).toMatch(/^\d{2,4}$/);
    expect(nationalPrefix(country)).toMatch(/^\d{0,2}$/);
  }
});
