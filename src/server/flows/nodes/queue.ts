import { z } from 'zod';
import { optionalPrompt, refId, shown, whole } from '../fields.ts';
import { defineNode, HANDED_OVER } from '../node.ts';

export const queue = defineNode({
  kind: 'queue',
  label: 'Queue',
  group: 'people',
  help: `The caller waits for an agent. From here on the queue's own rules hold: what he hears, when he goes elsewhere, who is rung.

Higher **priority** goes first: 0 is everybody, 50 a caller who was transferred, 100 one whose agent was lost. Skills are asked for
in addition to those that the queue requires.

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
    requirements: shown(
      'list',
      'Skills',
      'What the agent must reach at least.',
      z
        .array(
          z.object({
            skillId: shown('skill', 'Skill', '', refId().clone()),
            minimum: shown('number', 'At least', 'From 1 to 10.', whole(1, 10)),
          }),
        )
        .max(20, 'at most 20')
        .default([]),
    ),
  }),
  exits: [{ name: 'gone', label: 'Queue is gone', required: false }],
  waits: true,
  async run({ queueId, prompt, priority, requirements }, talk) {
    if (!talk.services.knowsQueue(queueId)) return { exit: 'gone' };
    await talk.say(prompt);
    await talk.services.enqueue(talk, { queueId, priority, requirements });
    return HANDED_OVER;
  },
});
