/** Asks a waiting caller at which number he is to be called, and has him confirm it by a key. */
import type { Address } from '../../../protocol/address.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { CallerEar } from './ears.ts';
import { phrasesIn, readOut, speech } from './phrases.ts';

export interface NumberQuestion {
  /** Where he calls from. */
  from: Address;
  /** He may type another one. */
  otherNumber: boolean;
  language: string;
  /** The number as it is called. @throws CodedError for one that may not be called. */
  callable(number: string): Address;
}

/** How long a key is waited for after each sentence, and between digits, in milliseconds. */
const KEY_MS = 8_000;
const MOST_DIGITS = 20;
/** How often he may type one that cannot be called, or not confirm it. */
const TRIES = 3;

/** @returns the number that he confirmed; undefined when he did not: he goes on waiting. */
export async function askForNumber(ear: CallerEar, question: NumberQuestion): Promise<Address | undefined> {
  const { from, otherNumber, language } = question;
  const phrases = phrasesIn(language);
  const own = from.kind === 'e164' ? allowed(question, from.value) : undefined;
  if (own) {
    const say = speech([phrases.callbackHere(readOut(own.value), otherNumber)], language);
    // Asked twice: who was not ready the first time is the second.
    const key = (await ear.ask(say, KEY_MS)) ?? (await ear.ask(say, KEY_MS));
    if (key === '1') return ear.closed ? undefined : own;
    if (key !== '2' || !otherNumber) return undefined;
  }
  return otherNumber ? await typedNumber(ear, question) : undefined;
}

async function typedNumber(ear: CallerEar, question: NumberQuestion): Promise<Address | undefined> {
  const { language } = question;
  const phrases = phrasesIn(language);
  for (let tries = 0; tries < TRIES && !ear.closed; tries++) {
    const typed = await ear.digits(speech([phrases.enterNumber], language), KEY_MS, MOST_DIGITS);
    if (typed === '') return undefined;
    const number = allowed(question, typed);
    if (!number) {
      await ear.say(speech([phrases.cannotCall], language));
      continue;
    }
    const key = await ear.ask(speech([phrases.confirmNumber(readOut(typed))], language), KEY_MS);
    if (key === '1') return ear.closed ? undefined : number;
    if (key !== '2') return undefined;
  }
  return undefined;
}

function allowed({ callable }: NumberQuestion, number: string): Address | undefined {
  try {
    return callable(number);
  } catch (error) {
    if (error instanceof CodedError) return undefined;
    throw error;
  }
}
