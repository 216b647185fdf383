import { z } from 'zod';
import { FlowPrompt } from '../../../protocol/flows.ts';
import { refId, requiredPrompt, shown } from '../fields.ts';
import { defineNode } from '../node.ts';

export const position = defineNode({
  kind: 'position',
  label: 'Play position',
  group: 'talk',
  help: `Tells the caller which place he would have in a queue, before he chooses whether to wait. It keeps the place as \`{data:position}\` and the
expected minutes as \`{data:waitMinutes}\` in the call data, and says the first text when the wait can be honestly foretold, else the second one.

While he waits, the queue's own announcements tell him: see the queue's page in Setup.

- **Next**: always.`,
  settings: z.object({
    queueId: shown('queue', 'Queue', '', refId()),
    prompt: shown(
      'prompt',
      'When the wait is known',
      'Such as: you are number {data:position}; the wait is about {data:waitMinutes} minutes.',
      requiredPrompt,
    ),
    unknown: shown(
      'prompt',
      'When it is not known',
      'Such as: you are number {data:position}. Empty for nothing.',
      FlowPrompt.default({}),
    ),
  }),
  exits: [{ name: 'next', label: 'Next', required: true }],
  waits: false,
  async run({ queueId, prompt, unknown }, talk) {
    const { waiting, waitMs } = talk.services.waitingIn(queueId);
    talk.set({
      position: String(waiting + 1),
      waitMinutes: waitMs === undefined ? '' : String(Math.max(1, Math.round(waitMs / 60_000))),
    });
    await talk.say(waitMs === undefined ? unknown : prompt);
    return { exit: 'next' };
  },
});
