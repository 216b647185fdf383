import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { isEmergency } from './address.ts';
import { EMERGENCY_NUMBERS } from './emergency-numbers.ts';

/** The part of the package that is asked here; it brings no types. */
interface Google {
  ShortNumberInfo: { getInstance(): { isEmergencyNumber(number: string, region: string): boolean } };
  PhoneNumberUtil: { getInstance(): { getSupportedRegions(): string[] } };
}

const google = createRequire(import.meta.url)('google-libphonenumber') as Google;
const short = google.ShortNumberInfo.getInstance();
const regions = google.PhoneNumberUtil.getInstance().getSupportedRegions();

/** Every number of two to four digits that is an emergency number there; longer ones are too many to ask for. */
function asked(region: string): string[] {
  const all = [2, 3, 4].flatMap((length) =>
    Array.from({ length: 10 ** length }, (_, n) => String(n).padStart(length, '0')),
  );
  return all.filter((number) => short.isEmergencyNumber(number, region));
}

describe('the table of emergency numbers', () => {
  it('is what libphonenumber says, country by country', () => {
    const now = Object.fromEntries(regions.map((region) => [region, asked(region)] as const));
    for (const region of regions) {
      const ours = EMERGENCY_NUMBERS[region]?.split(' ') ?? [];
      expect(
        ours.filter((number) => number.length < 5),
        `${region}: '${now[region]?.join(' ')}'`,
      ).toEqual(now[region]);
      for (const number of ours)
        expect(short.isEmergencyNumber(number, region), `${region} ${number}`).toBe(true);
    }
  }, 60_000);

  it.each([
    ['AU', '000'],
    ['DE', '110'],
    ['FR', '15'],
    ['ZA', '10111'],
    ['CH', '117'],
    ['BR', '190'],
  ])('knows the one of %s: %s', (country, number) => expect(isEmergency(number, country)).toBe(true));

  it.each(['112', '911', '999'])('takes %s for one in every country', (number) => {
    for (const region of regions) expect(isEmergency(number, region), region).toBe(true);
  });
});
