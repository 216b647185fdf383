import { z } from 'zod';
import { CodedError } from '../../../protocol/errors.ts';
import { shown } from '../fields.ts';
import { defineNode } from '../node.ts';

export const record = defineNode({
  kind: 'record',
  label: 'Record',
  group: 'data',
  help: `Begins, or ends, recording the call: what the caller says and hears, from here on and also with the agent. Tell him before. A rule that
forbids recording wins. End it before **Collect digits** that are a secret.

- **Next**: it is as you wished.
- **Failed**: nothing can be recorded here; unconnected, it goes on with Next.`,
  settings: z.object({
    action: shown('choice', 'What', '', z.enum(['start', 'stop']).default('start'), {
      options: { start: 'Begin', stop: 'End' },
    }),
  }),
  exits: [
    { name: 'next', label: 'Next', required: true },
    { name: 'failed', label: 'Failed', required: false },
  ],
  waits: false,
  async run({ action }, talk) {
    try {
      await talk.services.record(talk, action === 'start');
      return { exit: 'next' };
    } catch (error) {
      if (error instanceof CodedError) return { exit: 'failed', otherwise: 'next' };
      throw error;
    }
  },
});
