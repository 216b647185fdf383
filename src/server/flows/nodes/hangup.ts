import { z } from 'zod';
import { optionalPrompt, shown } from '../fields.ts';
import { defineNode, HANDED_OVER } from '../node.ts';

export const hangup = defineNode({
  kind: 'hangup',
  label: 'Hang up',
  group: 'end',
  help: 'Says goodbye, if there is something to say, and ends the call.',
  settings: z.object({
    prompt: shown('prompt', 'Said before', 'Empty for nothing.', optionalPrompt),
  }),
  exits: [],
  waits: false,
  async run({ prompt }, talk) {
    await talk.say(prompt, { through: true });
    await talk.services.hangUp(talk);
    return HANDED_OVER;
  },
});
