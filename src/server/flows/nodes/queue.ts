import { z } from 'zod';
import { optionalPrompt, refId, shown, whole } from '../fields.ts';
import { defineNode, HANDED_OVER } from '../node.ts';

export const queue = defineNode({
  kind: 'queue',
  label: 'Queue',
  group: 'people',
  help: `The caller waits for an agent. From here on the queue's own rules hold: what he hears, when he goes elsewhere, who is rung.

Higher **priority** goes first: 0 is everybody, 50 a caller who was transferred, 100 one whose agent was lost.

- **Queue is gone**: it has been deleted since; unconnected, the caller hears an apology.`,
  settings: z.object({
    queueId: shown('queue', 'Queue', '', refId()),
    prompt: shown(
      'prompt',
      'Said before',
      'Such as: you will be connected. Empty for nothing.',
      optionalPrompt,
    ),
    priority: shown('number', 'Priority', 'From 0 to 99.', whole(0, 99).default(0)),
    preferred: shown(
      'user',
      'Preferred agent',
      'The caller waits for him first, where the queue’s rule gives him time for that.',
      z.string().max(80).default(''),
    ),
  }),
  exits: [{ name: 'gone', label: 'Queue is gone', required: false }],
  waits: true,
  async run({ queueId, prompt, priority, preferred }, talk) {
    if (!talk.services.knowsQueue(queueId)) return { exit: 'gone' };
    await talk.say(prompt);
    const preference = preferred === '' ? {} : { preferredUserId: preferred };
    await talk.services.enqueue(talk, { queueId, priority, ...preference });
    return HANDED_OVER;
  },
});
