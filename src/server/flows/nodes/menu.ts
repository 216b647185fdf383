import { z } from 'zod';
import { exitName, optionalPrompt, requiredPrompt, seconds, shown, whole } from '../fields.ts';
import { defineNode } from '../node.ts';

export const menu = defineNode({
  kind: 'menu',
  label: 'Menu',
  group: 'talk',
  help: `Asks the caller to press a key, and goes where that key leads. A key may be pressed while the question is still being said.

Another key, or none in time, repeats the question, after the text for it if there is one.

- **One exit per choice**, by the name that the choice gives it; two keys may share one.
- **No valid choice**: the tries are used up. Lead it to a person rather than to the end: who cannot press keys is a caller, too.`,
  settings: z.object({
    prompt: shown('prompt', 'Question', 'Such as: for sales press 1, for service press 2.', requiredPrompt),
    choices: shown(
      'list',
      'Choices',
      'Each key once.',
      z
        .array(
          z.object({
            key: shown(
              'text',
              'Key',
              'One of 0 to 9, * and #.',
              z.string().regex(/^[0-9*#]$/, 'one of 0 to 9, * and #'),
            ),
            exit: exitName(),
          }),
        )
        .min(1, 'at least one')
        .max(12, 'at most 12')
        .refine((all) => new Set(all.map(({ key }) => key)).size === all.length, 'a key is there twice'),
    ),
    timeout: shown('number', 'Time to choose', 'Counted from the end of the question.', seconds(1, 60, 6), {
      unit: 'seconds',
    }),
    tries: shown('number', 'Tries', 'How often the question is asked at most.', whole(1, 10).default(3)),
    again: shown(
      'prompt',
      'Before it is asked again',
      'Such as: this was no choice. Empty for nothing.',
      optionalPrompt,
    ),
  }),
  exits: [{ name: 'failed', label: 'No valid choice', required: true }],
  exitsFrom: 'choices',
  waits: true,
  async run({ prompt, choices, timeout, tries, again }, talk) {
    for (let attempt = 0; attempt < tries; attempt++) {
      if (attempt > 0) await talk.say(again);
      await talk.say(prompt);
      const { keys } = await talk.readKeys({ max: 1, firstMs: timeout * 1_000, betweenMs: 1_000 });
      const choice = choices.find(({ key }) => key === keys);
      if (choice) return { exit: choice.exit };
      talk.clearKeys();
    }
    return { exit: 'failed' };
  },
});
