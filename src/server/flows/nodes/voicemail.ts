import { z } from 'zod';
import { shown } from '../fields.ts';
import { defineNode, HANDED_OVER } from '../node.ts';

export const voicemail = defineNode({
  kind: 'voicemail',
  label: 'Voicemail',
  group: 'end',
  help: `The caller leaves a message, and is hung up. What he hears before the tone, how long the message may be, whom it is sent to by e-mail
and for how long it is kept is set on the queue's page, part *What a waiting caller hears*. A user's messages go to the e-mail address of the user.

It ends with the hash key, with silence, or when he hangs up.`,
  settings: z
    .object({
      to: shown('choice', 'Whose', '', z.enum(['queue', 'user']).default('queue'), {
        options: { queue: 'A queue', user: 'A user' },
      }),
      queueId: shown('queue', 'Queue', 'When it is a queue’s.', z.string().max(80).default('')),
      userId: shown('user', 'User', 'When it is a user’s.', z.string().max(80).default('')),
    })
    .refine(({ to, queueId }) => to !== 'queue' || queueId !== '', {
      path: ['queueId'],
      message: 'choose one',
    })
    .refine(({ to, userId }) => to !== 'user' || userId !== '', { path: ['userId'], message: 'choose one' }),
  exits: [],
  waits: true,
  async run({ to, queueId, userId }, talk) {
    await talk.services.voicemail(talk, { kind: to, id: to === 'queue' ? queueId : userId });
    return HANDED_OVER;
  },
});
