import { z } from 'zod';
import { SCRIPT_KEY } from '../../../protocol/flows.ts';
import { refId, shown } from '../fields.ts';
import { defineNode } from '../node.ts';

export const script = defineNode({
  kind: 'script',
  label: 'Script hand-over',
  group: 'people',
  help: `Says which agent script pops for whoever gets the call, in place of what his layout says. Its texts can use the call data that the flow
has collected, such as \`{data:account}\`.

- **Next**: always.`,
  settings: z.object({ scriptId: shown('script', 'Script', 'An active one.', refId()) }),
  exits: [{ name: 'next', label: 'Next', required: true }],
  waits: false,
  run({ scriptId }, talk) {
    talk.set({ [SCRIPT_KEY]: scriptId });
    return Promise.resolve({ exit: 'next' });
  },
});
