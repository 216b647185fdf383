import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Address, formatAddress, isEmergency, parseAddress, toE164 } from './address.ts';

const table: [typed: string, country: string, kind: Address['kind'], value: string][] = [
  // One caller, however it is typed.
  ['+44 (0)20 7946 0958', 'GB', 'e164', '+442079460958'],
  ['+44(0)2079460958', 'US', 'e164', '+442079460958'],
  ['00442079460958', 'GB', 'e164', '+442079460958'],
  ['0044 (0)20 7946 0958', 'GB', 'e164', '+442079460958'],
  ['020 7946 0958', 'GB', 'e164', '+442079460958'],
  ['(020) 7946-0958', 'GB', 'e164', '+442079460958'],
  ['020.7946.0958', 'GB', 'e164', '+442079460958'],
  ['  +44\u00a020\u00a07946\u00a00958 ', 'GB', 'e164', '+442079460958'],
  ['tel:+44-20-7946-0958', 'DE', 'e164', '+442079460958'],
  ['tel:+442079460958;ext=12', 'GB', 'e164', '+442079460958'],
  ['sip:+442079460958@gateway.example;user=phone', 'GB', 'e164', '+442079460958'],
  ['SIPS:02079460958@10.0.0.1:5061', 'GB', 'e164', '+442079460958'],
  ['020 7946 0958 ext. 12', 'GB', 'e164', '+442079460958'],
  ['020 7946 0958 x12', 'GB', 'e164', '+442079460958'],
  // Other countries' ways.
  ['(212) 555-0100', 'US', 'e164', '+12125550100'],
  ['1-212-555-0100', 'US', 'e164', '+12125550100'],
  ['011 44 20 7946 0958', 'US', 'e164', '+442079460958'],
  ['030 23125 000', 'DE', 'e164', '+493023125000'],
  ['06 698 12345', 'IT', 'e164', '+390669812345'],
  ['0653 5678 90', 'XX', 'unknown', '0653567890'],
  // Inside.
  ['101', 'GB', 'extension', '101'],
  ['*70', 'GB', 'extension', '*70'],
  ['sip:2001@pbx.example', 'GB', 'extension', '2001'],
  ['sip:Bob@Example.COM', 'GB', 'sip', 'bob@example.com'],
  ['alice911@example.com', 'US', 'sip', 'alice911@example.com'],
  // Nobody says who he is.
  ['', 'GB', 'withheld', ''],
  ['Anonymous', 'GB', 'withheld', ''],
  ['sip:anonymous@anonymous.invalid', 'GB', 'withheld', ''],
  ['RESTRICTED', 'GB', 'withheld', ''],
  // Emergency numbers go past everything.
  ['112', 'GB', 'service', '112'],
  ['9-1-1', 'US', 'service', '911'],
  ['sip:999@pbx.example', 'GB', 'service', '999'],
  ['tel:112', 'DE', 'service', '112'],
  // Nothing that we know.
  ['hello', 'GB', 'unknown', 'hello'],
  ['7', 'GB', 'unknown', '7'],
];

describe('an address', () => {
  it.each(table)('%j typed in %s is %s %j', (typed, country, kind, value) => {
    expect(parseAddress(typed, country)).toMatchObject({ kind, value });
  });

  it('keeps what came in, without the blanks around it', () => {
    expect(parseAddress(' 020 7946 0958 ', 'GB').raw).toBe('020 7946 0958');
  });

  it('is an address whatever comes: it never throws, is never too long, and E.164 is a plus and digits', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.string({ unit: fc.constantFrom(...'+0123456789 ()-./x*#@;:İ'), maxLength: 400 }),
      fc.string({ minLength: 250, maxLength: 300 }).map((text) => `sip:${text}@İİİİ`),
    );
    fc.assert(
      fc.property(hostile, fc.constantFrom('GB', 'US', 'DE', 'IT', '', 'XX', 'gb'), (raw, country) => {
        const address = parseAddress(raw, country);
        expect(Address.safeParse(address).success).toBe(true);
        if (address.kind === 'e164') expect(address.value).toMatch(/^\+\d{6,15}$/);
        if (address.kind === 'extension') expect(address.value).toMatch(/^[\d*#]{2,6}$/);
      }),
      { numRuns: 500 },
    );
  });

  it('is parsed in no time, however long the input is', () => {
    const inputs = [
      '1'.repeat(1e5),
      '+'.repeat(1e5),
      ' '.repeat(1e5),
      '(0)'.repeat(1e5),
      `${'1 '.repeat(1e5)}x`,
      '@;'.repeat(1e5),
    ];
    const from = performance.now();
    for (const input of inputs) {
      parseAddress(input, 'GB');
      toE164(input, 'GB');
    }
    expect(performance.now() - from).toBeLessThan(500);
  });

  it('is the same again when its own value is parsed', () => {
    for (const [typed, country, kind] of table.filter(
      (row) => row[2] !== 'withheld' && row[2] !== 'unknown',
    )) {
      const once = parseAddress(typed, country);
      expect(parseAddress(once.value, country)).toMatchObject({ kind, value: once.value });
    }
  });
});

describe('an emergency number', () => {
  it.each(['112', ' 999 ', '1 1 2', '911'])('is %j everywhere', (raw) =>
    expect(isEmergency(raw, 'GB')).toBe(true),
  );
  it.each(['+112', '1123', 'room112', '112@x', '', '11'])('is not %j', (raw) =>
    expect(isEmergency(raw, 'GB')).toBe(false),
  );
  it('is one only in the country that has it: elsewhere it may be an extension', () => {
    expect(parseAddress('110', 'DE').kind).toBe('service');
    expect(parseAddress('110', 'GB').kind).toBe('extension');
    expect(parseAddress('15', 'FR').kind).toBe('service');
  });
});

describe('an address as people write it', () => {
  it('is national at home and international elsewhere', () => {
    const london = parseAddress('+442079460958', 'GB');
    expect(formatAddress(london, 'GB')).toBe('020 7946 0958');
    expect(formatAddress(london, 'DE')).toBe('+44 20 7946 0958');
  });

  it('says so when the number is withheld or unknown', () => {
    expect(formatAddress(parseAddress('anonymous', 'GB'), 'GB')).toBe('Number withheld');
    expect(formatAddress({ kind: 'unknown', raw: '', value: '' }, 'GB')).toBe('Unknown');
    expect(formatAddress(parseAddress('101', 'GB'), 'GB')).toBe('101');
  });
});
