import { z } from 'zod';
import { optionalPrompt, refId, shown, whole } from '../fields.ts';
import { defineNode, HANDED_OVER } from '../node.ts';

export const queue = defineNode({
  kind: 'queue',
  label: 'Queue',
  group: 'people',
  help: `The caller waits for an agent. From here on the queue's own rules hold: what he hears, when he goes elsewhere, who is rung.

Higher **priority** goes first: 0 is everybody, 50 a caller who was transferred, 100 one whose agent was lost.

**Skills** are asked of the agent beside what the queue asks; of a skill that both name, the higher level. When the queue's rule asks for
less after a while, its step counts for the skills that it names, and one that asks for nothing lets go of these, too. They hold for this
queue: where its rule or a supervisor sends the caller to another one, that one's own count.

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
    requirements: shown(
      'list',
      'Skills',
      'What the agent must be good at, such as the caller’s language.',
      z
        .array(
          z.object({
            skillId: shown('skill', 'Skill', '', refId()),
            minimum: shown('number', 'Level at least', 'From 1 to 10.', whole(1, 10).default(1)),
          }),
        )
        .max(20, 'at most 20')
        .refine(
          (all) => new Set(all.map(({ skillId }) => skillId)).size === all.length,
          'a skill is there twice',
        )
        .default([]),
    ),
  }),
  exits: [{ name: 'gone', label: 'Queue is gone', required: false }],
  waits: true,
  async run({ queueId, prompt, priority, preferred, requirements }, talk) {
    if (!talk.services.knowsQueue(queueId)) return { exit: 'gone' };
    await talk.say(prompt);
    const preference = preferred === '' ? {} : { preferredUserId: preferred };
    const asked = requirements.length === 0 ? {} : { requirements };
    await talk.services.enqueue(talk, { queueId, priority, ...preference, ...asked });
    return HANDED_OVER;
  },
});
