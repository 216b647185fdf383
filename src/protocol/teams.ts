import { z } from 'zod';

/** Who works together, who leads them, and for which queues: what a supervisor sees and may do is limited by his teams. */
const ids = (max: number, what: string) =>
  z
    .array(z.string().max(80))
    .max(max, `at most ${max} ${what}`)
    .refine((all) => new Set(all).size === all.length, 'each once');

export const TeamInput = z.object({
  label: z.string().trim().min(1, 'a team needs a name').max(80, 'at most 80 characters'),
  memberIds: ids(5_000, 'members').default([]),
  /** Users with the role supervisor. */
  supervisorIds: ids(200, 'supervisors').default([]),
  queueIds: ids(1_000, 'queues').default([]),
});
export type TeamInput = z.infer<typeof TeamInput>;

export const Team = TeamInput.extend({ id: z.string() });
export type Team = z.infer<typeof Team>;

/** What is left out stays as it is. */
export const TeamChange = z.object({
  label: TeamInput.shape.label.optional(),
  memberIds: ids(5_000, 'members').optional(),
  supervisorIds: ids(200, 'supervisors').optional(),
  queueIds: ids(1_000, 'queues').optional(),
});
export type TeamChange = z.infer<typeof TeamChange>;
