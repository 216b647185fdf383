import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPhoneNumber, sameNumber, storedPhone } from './phone-number.ts';

/** One subscriber of London, as people, switches and address books write him. */
const ONE_NUMBER = [
  '+44 (0)20 7946 0958',
  '00442079460958',
  '020 7946 0958',
  '02079460958',
  '442079460958',
  '+44.20.7946.0958',
  '+44‑20‑7946‑0958',
  '(020) 7946-0958',
  '02079460958',
  '\u202a+44 20 7946 0958\u202c',
  '020 7946 0958 ext. 12',
  '020 7946 0958 x12',
  '020 7946 0958 #12',
  '020 7946 0958,,12',
  'tel:+44-20-7946-0958;ext=12',
  'sip:+442079460958@198.51.100.1;user=phone',
  'sip:02079460958@pbx.example',
  '"Ada Lovelace" <sip:+442079460958@pbx.example;user=phone>',
];

describe('reading a number', () => {
  it.each(ONE_NUMBER)('reads %s as the one number it is', (raw) => {
    expect(readPhoneNumber(raw, 'GB')?.e164).toBe('+442079460958');
  });

  it('keeps the extension apart and stores it behind the number', () => {
    expect(readPhoneNumber('020 7946 0958 ext. 12', 'GB')?.extension).toBe('12');
    expect(storedPhone('020 7946 0958 ext. 12', 'GB')).toBe('+442079460958 x12');
    expect(storedPhone('+442079460958 x12', 'GB')).toBe('+442079460958 x12');
  });

  it.each([
    '',
    ' ',
    'anonymous',
    'sip:anonymous@anonymous.invalid',
    'Restricted',
    '+',
    '000',
    'alice7946095812',
    'sip:bob@x',
  ])('reads %j as no number', (raw) => {
    expect(readPhoneNumber(raw, 'GB')).toBeUndefined();
  });

  it('takes a number that lacks its plus as a guess only where it is none of the country', () => {
    expect(readPhoneNumber('442079460958', 'US')).toMatchObject({ e164: undefined, guess: '+442079460958' });
    expect(readPhoneNumber('02079460958', 'US')).toMatchObject({ e164: undefined, guess: undefined });
  });

  it('reads back what it stores, whatever was typed', () => {
    const typed = fc.string({ unit: fc.constantFrom(...'+0123456789 ()-./x#,;ext'), maxLength: 30 });
    fc.assert(
      fc.property(typed, fc.constantFrom('GB', 'US', 'DE', 'IT', 'ZZ'), (raw, country) => {
        const first = readPhoneNumber(raw, country);
        const again = readPhoneNumber(storedPhone(raw, country), country);
        expect(again).toEqual(first);
      }),
    );
  });
});

describe('comparing by last digits', () => {
  const read = (raw: string, country = 'GB') =>
    readPhoneNumber(raw, country) ?? expect.fail(`no number: ${raw}`);
  const kept = (raw: string, country = 'GB') => {
    const { e164, digits } = read(raw, country);
    return { e164: e164 ?? null, digits };
  };

  it('takes a number without its country for the same', () => {
    expect(sameNumber(read('02079460958', 'US'), kept('+44 20 7946 0958'), '1')).toBe(true);
  });

  it('takes a number without its area for the same at home, not abroad', () => {
    expect(sameNumber(read('7946 0958'), kept('+44 20 7946 0958'), '44')).toBe(true);
    expect(sameNumber(read('7946 0958'), kept('+33 1 79 46 09 58'), '44')).toBe(false);
  });

  it('never takes two numbers that are known in full for the same', () => {
    expect(sameNumber(read('+44 20 7946 0958'), kept('+1 207 946 0958'), '44')).toBe(false);
  });

  it('compares no fewer than seven digits', () => {
    expect(sameNumber(read('46 0958'), kept('+44 20 7946 0958'), '44')).toBe(false);
  });
});
