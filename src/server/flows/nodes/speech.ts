import { z } from 'zod';
import type { Expectation } from '../../speech/ports.ts';
import { dataKey, exitName, optionalPrompt, requiredPrompt, seconds, shown, whole } from '../fields.ts';
import { defineNode, type Outcome, type SpokenAnswer, type Talk } from '../node.ts';

/** Pressed instead of saying it. */
const YES_NO_KEYS: Readonly<Record<string, string>> = { 1: 'yes', 2: 'no' };
/** How long a silence ends what he says: digits are said with pauses. */
const END_MS = { digits: 1_300, 'yes-no': 800, choices: 800 };
const BETWEEN_KEYS_MS = 3_000;

const choice = z.object({
  words: shown(
    'text',
    'Words',
    'What he may say, with commas between: billing, my invoice.',
    z.string().trim().min(1, 'this is needed').max(400, 'at most 400 characters'),
  ),
  key: shown(
    'text',
    'Key',
    'What he may press instead.',
    z
      .string()
      .regex(/^[0-9*#]?$/, 'one of 0 to 9, * and #')
      .default(''),
  ),
  exit: exitName(),
});

const settings = z
  .object({
    prompt: shown(
      'prompt',
      'Question',
      'Such as: what is it about, sales or billing? You may also press 1 or 2.',
      requiredPrompt,
    ),
    expects: shown('choice', 'He says', '', z.enum(['choices', 'yes-no', 'digits']).default('choices'), {
      options: { choices: 'One of the words below', 'yes-no': 'Yes or no', digits: 'Digits' },
    }),
    choices: shown(
      'list',
      'Words',
      'Where words are said: one entry for each exit.',
      z.array(choice).max(30, 'at most 30').default([]),
    ),
    min: shown('number', 'Digits at least', 'Where digits are said.', whole(1, 30).default(1)),
    max: shown(
      'number',
      'Digits at most',
      'The closer to the least, the better they are heard.',
      whole(1, 30).default(8),
    ),
    into: shown(
      'text',
      'Keep as',
      'The name in the call data for what he said, such as account; empty for nowhere.',
      dataKey('', '').or(z.literal('')).default(''),
    ),
    timeout: shown('number', 'Time to answer', 'Counted from the end of the question.', seconds(1, 60, 6), {
      unit: 'seconds',
    }),
    tries: shown('number', 'Tries', 'How often it is asked at most.', whole(1, 10).default(3)),
    again: shown(
      'prompt',
      'Before it is asked again',
      'Such as: I have not understood you. Empty for nothing.',
      optionalPrompt,
    ),
  })
  .refine(({ min, max }) => min <= max, { path: ['max'], message: 'not less than at least' })
  .refine(({ expects, choices }) => expects !== 'choices' || choices.length > 0, {
    path: ['choices'],
    message: 'one at least',
  })
  .refine(({ choices }) => isDistinct(choices.map(({ key }) => key).filter(Boolean)), {
    path: ['choices'],
    message: 'a key stands in two entries',
  })
  .refine(({ choices }) => isDistinct(choices.flatMap(({ words }) => phrasesIn(words))), {
    path: ['choices'],
    message: 'the same words stand in two entries',
  });
type Settings = z.infer<typeof settings>;

export const speech = defineNode({
  kind: 'speech',
  label: 'Speech',
  group: 'talk',
  help: `Asks the caller to say something: yes or no, digits, or one of your words. He may speak while the question is still being said,
and he may always press keys instead: say so in the question. Yes is 1 and no is 2; digits end with #.

Keep words short and unlike each other. What is not understood, or fits two entries, is asked again. Which engine hears him, and for
which languages, stands in Setup, **Speech**; where none does, only keys count.

- **One exit per entry of words**, by the name that the entry gives it.
- **Yes**, **No**, **Digits**: where those are asked for. One that leads nowhere goes on at *Not understood*.
- **Not understood**: the tries are used up. Lead it to a person or to a menu.`,
  settings,
  exitsFrom: 'choices',
  exits: [
    { name: 'yes', label: 'Yes', required: false },
    { name: 'no', label: 'No', required: false },
    { name: 'digits', label: 'Digits', required: false },
    { name: 'failed', label: 'Not understood', required: true },
  ],
  waits: true,
  async run(of, talk) {
    for (let attempt = 0; attempt < of.tries; attempt++) {
      if (attempt > 0 && (await talk.say(of.again)) === 'done') talk.clearKeys();
      const answer = await talk.ask(of.prompt, {
        expected: expectationOf(of),
        silenceMs: of.timeout * 1_000,
        endMs: END_MS[of.expects],
      });
      const value = await valueOf(answer, of, talk);
      if (value !== undefined) return outcome(value, of, talk);
      talk.clearKeys();
    }
    return { exit: 'failed' };
  },
});

function expectationOf({ expects, choices, min, max }: Settings): Expectation {
  if (expects === 'digits') return { kind: 'digits', min, max };
  if (expects === 'yes-no') return { kind: 'yes-no' };
  return {
    kind: 'choices',
    choices: choices.map(({ words, exit }) => ({ name: exit, phrases: phrasesIn(words) })),
  };
}

function phrasesIn(words: string): string[] {
  return words
    .split(',')
    .map((phrase) => phrase.trim().toLowerCase())
    .filter(Boolean);
}

/** What he said, or the keys that he pressed in its place. Where nobody hears him there is time for keys. */
async function valueOf(answer: SpokenAnswer, of: Settings, talk: Talk): Promise<string | undefined> {
  if (answer.kind === 'understood') return answer.value;
  if (answer.kind !== 'keyed' && answer.kind !== 'unheard') return undefined;
  const firstMs = answer.kind === 'keyed' ? BETWEEN_KEYS_MS : of.timeout * 1_000;
  const digits = of.expects === 'digits';
  const { keys } = await talk.readKeys({
    max: digits ? of.max : 1,
    ...(digits ? { terminator: '#' } : {}),
    firstMs,
    betweenMs: BETWEEN_KEYS_MS,
  });
  if (digits) return keys.length >= of.min && /^\d+$/.test(keys) ? keys : undefined;
  if (of.expects === 'yes-no') return YES_NO_KEYS[keys];
  return of.choices.find(({ key }) => key !== '' && key === keys)?.exit;
}

function outcome(value: string, { expects, into }: Settings, talk: Talk): Outcome {
  if (into) talk.set({ [into]: value });
  return { exit: expects === 'digits' ? 'digits' : value, otherwise: 'failed' };
}

function isDistinct(all: readonly string[]): boolean {
  return new Set(all).size === all.length;
}
