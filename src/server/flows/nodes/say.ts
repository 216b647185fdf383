import { z } from 'zod';
import { requiredPrompt, shown } from '../fields.ts';
import { defineNode } from '../node.ts';

export const say = defineNode({
  kind: 'say',
  label: 'Say',
  group: 'talk',
  help: `Says a text in the caller's language, or plays an uploaded recording, and goes on.

A text may name what is known of the call: \`{data:account}\`, \`{ANI}\` (the caller's number), \`{DNIS}\` (the number that was dialled).
The language is the one in the call data \`language\`; where nothing is there for it, the flow's first language is spoken.

- **Next**: it has been said, or a key has cut it short. The key is kept for the next node that reads keys.`,
  settings: z.object({
    prompt: shown('prompt', 'What is said', 'By language: a text, or a recording.', requiredPrompt),
    interruptible: shown(
      'boolean',
      'A key cuts it short',
      'Callers who know the menu need not hear it to its end.',
      z.boolean().default(true),
    ),
  }),
  exits: [{ name: 'next', label: 'Next', required: true }],
  waits: false,
  async run({ prompt, interruptible }, talk) {
    await talk.say(prompt, { through: !interruptible });
    return { exit: 'next' };
  },
});
