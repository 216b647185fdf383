import { z } from 'zod';
import { dataKey, optionalPrompt, requiredPrompt, seconds, shown, whole } from '../fields.ts';
import { defineNode } from '../node.ts';
import { hasValidCheckDigit } from './check-digits.ts';

export const collect = defineNode({
  kind: 'collect',
  label: 'Collect digits',
  group: 'talk',
  help: `Asks for a number, such as of an account or a card, and keeps the digits in the call data: every agent who gets the call sees them,
and other nodes use them, such as **Look up in the CRM**.

What is too short, or has a wrong check digit, is asked for again. **Masked** digits are a secret: they are known to this dialogue
only, never written down, and gone when the server is restarted.

- **Entered**: the digits are there.
- **Failed**: the tries are used up, or nothing was pressed.`,
  settings: z
    .object({
      prompt: shown('prompt', 'Question', 'Such as: please enter your account number.', requiredPrompt),
      into: dataKey('Keep as', 'The name in the call data, such as account.'),
      min: shown('number', 'Digits at least', '', whole(1, 40).default(1)),
      max: shown('number', 'Digits at most', 'With so many it goes on at once.', whole(1, 40).default(16)),
      terminator: shown(
        'choice',
        'Key that ends it',
        'It does not count as a digit.',
        z.enum(['#', '*', 'none']).default('#'),
        { options: { '#': '#', '*': '*', none: 'None' } },
      ),
      firstTimeout: shown(
        'number',
        'Time to the first digit',
        'Counted from the end of the question.',
        seconds(1, 120, 8),
        { unit: 'seconds' },
      ),
      timeout: shown('number', 'Time between two digits', '', seconds(1, 60, 4), { unit: 'seconds' }),
      check: shown(
        'choice',
        'Check digit',
        'Whether the last digit proves the others.',
        z.enum(['none', 'luhn', 'mod11', 'mod97']).default('none'),
        {
          options: {
            none: 'None',
            luhn: 'Luhn (payment cards, IMEI)',
            mod11: 'Modulo 11 (ISBN-10 weights)',
            mod97: 'Modulo 97 (ISO 7064)',
          },
        },
      ),
      tries: shown('number', 'Tries', 'How often it is asked at most.', whole(1, 10).default(3)),
      again: shown(
        'prompt',
        'Before it is asked again',
        'Such as: this number is not complete. Empty for nothing.',
        optionalPrompt,
      ),
      masked: shown(
        'boolean',
        'Masked',
        'A secret such as a PIN: never written down nor shown.',
        z.boolean().default(false),
      ),
    })
    .refine(({ min, max }) => min <= max, { path: ['max'], message: 'not less than at least' }),
  exits: [
    { name: 'done', label: 'Entered', required: true },
    { name: 'failed', label: 'Failed', required: true },
  ],
  waits: true,
  async run(settings, talk) {
    const { prompt, into, min, max, terminator, firstTimeout, timeout, check, tries, again, masked } =
      settings;
    for (let attempt = 0; attempt < tries; attempt++) {
      if (attempt > 0) await talk.say(again);
      await talk.say(prompt);
      const { keys } = await talk.readKeys({
        max,
        ...(terminator === 'none' ? {} : { terminator }),
        firstMs: firstTimeout * 1_000,
        betweenMs: timeout * 1_000,
      });
      if (keys.length >= min && /^\d+$/.test(keys) && hasValidCheckDigit(keys, check)) {
        talk.set({ [into]: keys }, { sensitive: masked });
        return { exit: 'done' };
      }
      talk.clearKeys();
    }
    return { exit: 'failed' };
  },
});
