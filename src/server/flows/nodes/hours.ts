import { z } from 'zod';
import { refId, shown } from '../fields.ts';
import { defineNode } from '../node.ts';

export const hours = defineNode({
  kind: 'hours',
  label: 'Hours',
  group: 'decide',
  help: `Goes on by whether business hours are open when the caller came: who came in time is not turned away because the dialogue took long.
What those hours say of closed times (a message, another queue) does not apply here: the flow decides.

- **Open**, **Closed**: outside of the hours, and closures.
- **Holiday**: closed because of a holiday; unconnected, it goes where Closed leads.`,
  settings: z.object({
    hoursId: shown('hours', 'Business hours', 'Those of Setup, Business hours.', refId()),
  }),
  exits: [
    { name: 'open', label: 'Open', required: true },
    { name: 'closed', label: 'Closed', required: true },
    { name: 'holiday', label: 'Holiday', required: false },
  ],
  waits: false,
  run({ hoursId }, talk) {
    const state = talk.services.hoursAt(hoursId, talk.startedAt);
    if (!state || state.open) return Promise.resolve({ exit: 'open' });
    return Promise.resolve({ exit: state.because === 'holiday' ? 'holiday' : 'closed', otherwise: 'closed' });
  },
});
