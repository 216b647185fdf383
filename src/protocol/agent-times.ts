/** `GET /api/me/state-times`: how long the user has been what today. */
import { z } from 'zod';
import { AgentShown } from './softphone.ts';

export const StateTimes = z.object({
  /** UTC milliseconds: since midnight in the user's zone. */
  from: z.number(),
  to: z.number(),
  /** Milliseconds logged in: the sum of `states`. */
  loggedInMs: z.number(),
  /** The longest first; `reason` is a label. */
  states: z.array(z.object({ shown: AgentShown, reason: z.string().optional(), ms: z.number() })),
});
export type StateTimes = z.infer<typeof StateTimes>;
