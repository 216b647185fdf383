/** Countries and time zones to choose from, in the words of the viewer's language. */
import type { Choice } from './fields.tsx';

/** Codes that name no country: unions, pseudo-locales, what is unknown. */
const NO_COUNTRY = new Set(['EU', 'EZ', 'UN', 'QO', 'XA', 'XB', 'ZZ']);

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const known = new Map<string, Choice[]>();

/** ISO 3166 codes with their names, by name. */
export function countryChoices(locale: string): Choice[] {
  const made = known.get(locale) ?? makeCountries(locale);
  known.set(locale, made);
  return made;
}

function makeCountries(locale: string): Choice[] {
  const names = new Intl.DisplayNames(locale, { type: 'region', fallback: 'none' });
  return LETTERS.flatMap((a) => LETTERS.map((b) => a + b))
    .filter((code) => !NO_COUNTRY.has(code))
    .flatMap((value) => {
      const name = names.of(value);
      return name === undefined ? [] : [{ value, label: `${name} (${value})` }];
    })
    .sort((a, b) => a.label.localeCompare(b.label, locale));
}

/** Every IANA time zone that the browser knows. */
export function zoneChoices(current: string): Choice[] {
  const zones = Intl.supportedValuesOf('timeZone');
  return [...new Set([current, 'UTC', ...zones])]
    .filter(Boolean)
    .map((zone) => ({ value: zone, label: zone }));
}

/** Language tags to begin with; any other may be typed. */
export const LOCALES = [
  'da-DK',
  'de-AT',
  'de-CH',
  'de-DE',
  'en-AU',
  'en-GB',
  'en-IE',
  'en-US',
  'es-ES',
  'fi-FI',
  'fr-FR',
  'it-IT',
  'ja-JP',
  'nl-NL',
  'no-NO',
  'pl-PL',
  'pt-BR',
  'pt-PT',
  'sv-SE',
];
