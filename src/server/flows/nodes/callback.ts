import { z } from 'zod';
import { refId, shown, whole } from '../fields.ts';
import { defineNode, HANDED_OVER } from '../node.ts';

export const callback = defineNode({
  kind: 'callback',
  label: 'Callback',
  group: 'people',
  help: `Asks the caller at which number he is to be called: the one he calls from, or another one that he types, where the queue's page allows it.
Who confirms it by a key is told so and hung up; he waits in the queue since the beginning of this call, and an agent calls him when it is his turn.
How often and when is set on the queue's page, part *What a waiting caller hears*.

- **Did not confirm**: he pressed another key, or none.`,
  settings: z.object({
    queueId: shown('queue', 'Queue', 'Whose agents call.', refId()),
    priority: shown('number', 'Priority', 'From 0 to 99.', whole(0, 99).default(0)),
  }),
  exits: [{ name: 'declined', label: 'Did not confirm', required: true }],
  waits: true,
  async run({ queueId, priority }, talk) {
    if (!talk.services.knowsQueue(queueId)) return { exit: 'declined' };
    talk.clearKeys();
    const noted = await talk.services.callback(talk, { queueId, priority });
    talk.clearKeys();
    return noted ? HANDED_OVER : { exit: 'declined' };
  },
});
