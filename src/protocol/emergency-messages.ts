/**
 * Emergency messages: what callers hear first on a day on which something is wrong, such as a fault that everybody calls about.
 * Written beforehand, and switched on and off by a supervisor. Bodies of `/api/emergency-messages`.
 */
import { z } from 'zod';

export const EmergencyMessageInput = z.object({
  label: z.string().trim().min(1, 'this is needed').max(80, 'at most 80 characters'),
  /** What callers hear. */
  text: z.string().trim().min(1, 'what callers hear').max(1_000, 'at most 1,000 characters'),
  /** What becomes of the call then: it ends, or goes where its number leads. */
  afterwards: z.enum(['hang-up', 'go-on']).default('go-on'),
  /** Numbers whose callers hear it; none: those of every number. */
  numberIds: z.array(z.string().max(80)).max(1_000).default([]),
});
export type EmergencyMessageInput = z.infer<typeof EmergencyMessageInput>;

export const EmergencyMessage = EmergencyMessageInput.extend({
  id: z.string(),
  /** Callers hear it now. */
  on: z.boolean(),
  /** Who has switched it last, and when (UTC milliseconds); null: nobody yet. */
  switchedBy: z.string().nullable(),
  switchedAt: z.number().nullable(),
});
export type EmergencyMessage = z.infer<typeof EmergencyMessage>;

export const EmergencySwitch = z.object({ on: z.boolean() });
