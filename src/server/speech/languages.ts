/** What has to be known of a language to understand short answers in it. Words are in small letters, without accents. */
export interface LanguageWords {
  yes: readonly string[];
  no: readonly string[];
  /** Word → its digits, such as `forty` → `40`. */
  numbers: Readonly<Record<string, string>>;
  /** Words that sound like a digit, and are one between digits only, such as `for`. */
  soundsLike: Readonly<Record<string, string>>;
  /** Word → how often the next digit is meant. */
  repeats: Readonly<Record<string, number>>;
  /** Said around the answer, and no part of it. */
  fillers: readonly string[];
}

const words = (text: string): readonly string[] => text.split(' | ');

/** `zero one …` counted from `from`, by `step`. */
function counted(text: string, from = 0, step = 1): Record<string, string> {
  return Object.fromEntries(text.split(' ').map((word, i) => [word, String(from + i * step)]));
}

const ENGLISH: LanguageWords = {
  yes: words(
    'yes | yeah | yep | yup | correct | right | sure | ok | okay | exactly | of course | that is right | thats right | i do',
  ),
  no: words(
    'no | nope | nah | wrong | incorrect | not right | that is wrong | thats wrong | i do not | i dont',
  ),
  numbers: {
    ...counted('zero one two three four five six seven eight nine'),
    ...counted('ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen', 10),
    ...counted('twenty thirty forty fifty sixty seventy eighty ninety', 20, 10),
    oh: '0',
    o: '0',
    nought: '0',
    null: '0',
    hundred: '00',
  },
  soundsLike: { for: '4', to: '2', too: '2', won: '1', ate: '8', tree: '3', fife: '5', niner: '9' },
  repeats: { double: 2, triple: 3, treble: 3 },
  fillers: words(
    'please | um | uh | er | well | the | a | an | my | is | it | its | number | and | dash | i | want',
  ),
};

const GERMAN: LanguageWords = {
  yes: words('ja | jawohl | jo | richtig | korrekt | genau | stimmt | gerne | ok | okay | naturlich'),
  no: words('nein | ne | nee | falsch | stimmt nicht | nicht richtig'),
  numbers: {
    ...counted('null eins zwei drei vier funf sechs sieben acht neun'),
    ...counted('zehn elf zwolf dreizehn vierzehn funfzehn sechzehn siebzehn achtzehn neunzehn', 10),
    ...germanTens(),
    ein: '1',
    eine: '1',
    zwo: '2',
  },
  soundsLike: {},
  repeats: { doppel: 2, doppelt: 2, zweimal: 2, dreimal: 3 },
  fillers: words(
    'bitte | ah | ahm | also | die | der | das | meine | nummer | ist | und | ich | mochte | zur | zum',
  ),
};

/** German says the unit first: `zweiundvierzig` is 42. */
function germanTens(): Record<string, string> {
  const tens = 'zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig'.split(' ');
  const units = 'ein zwei drei vier funf sechs sieben acht neun'.split(' ');
  const made = tens.flatMap((ten, t): [string, string][] => [
    [ten, `${t + 2}0`],
    ...units.map((unit, u): [string, string] => [`${unit}und${ten}`, `${t + 2}${u + 1}`]),
  ]);
  return Object.fromEntries(made);
}

const FRENCH: LanguageWords = {
  yes: words('oui | ouais | exact | exactement | correct | d accord | bien sur | c est ca | ok'),
  no: words('non | faux | incorrect | pas du tout | ce n est pas ca'),
  numbers: {
    ...counted('zero un deux trois quatre cinq six sept huit neuf'),
    ...counted('dix onze douze treize quatorze quinze seize', 10),
    ...counted('vingt trente quarante cinquante soixante', 20, 10),
    une: '1',
  },
  soundsLike: {},
  repeats: { double: 2, triple: 3 },
  fillers: words('s il vous plait | euh | le | la | les | mon | numero | est | c est | et | je | voudrais'),
};

const SPANISH: LanguageWords = {
  yes: words('si | claro | correcto | exacto | vale | de acuerdo | por supuesto | ok'),
  no: words('no | incorrecto | negativo | para nada'),
  numbers: {
    ...counted('cero uno dos tres cuatro cinco seis siete ocho nueve'),
    ...counted('diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve', 10),
    ...counted('veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa', 20, 10),
    ...counted('veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete', 21),
    un: '1',
    una: '1',
  },
  soundsLike: {},
  repeats: { doble: 2, triple: 3 },
  fillers: words('por favor | eh | pues | el | la | mi | numero | es | y | quiero'),
};

const LANGUAGES: Readonly<Record<string, LanguageWords>> = {
  en: ENGLISH,
  de: GERMAN,
  fr: FRENCH,
  es: SPANISH,
};

/** Whose words these are; of another language only digits as figures and the words of the choices are understood. */
export function wordsOf(language: string): LanguageWords {
  return (
    LANGUAGES[baseOf(language)] ?? { yes: [], no: [], numbers: {}, soundsLike: {}, repeats: {}, fillers: [] }
  );
}

/** Languages in which yes and no, and numbers, are understood. */
export const UNDERSTOOD = Object.keys(LANGUAGES);

/** `pt-BR` → `pt`. */
export function baseOf(language: string): string {
  return language.split('-')[0]?.toLowerCase() ?? '';
}
