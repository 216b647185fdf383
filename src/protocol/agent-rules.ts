/** What a queue asks of its agents: reasons for their states, what an unanswered call makes of them, how wrap-up may go. */
import { z } from 'zod';

/** What a reason is given for. */
export const ReasonKind = z.enum(['not-ready', 'logged-out']);
export type ReasonKind = z.infer<typeof ReasonKind>;

/** What becomes of an agent who does not answer (RONA, ring on no answer). */
export const NoAnswerRule = z.object({
  state: z.enum(['not-ready', 'logged-out', 'ready']),
  /** The reason of that state; null: *No answer* for not ready, none for logged out. */
  reasonId: z.string().max(80).nullable(),
  /** After so many unanswered calls in a row; until then he stays ready. */
  after: z.number().int().min(1, 'at least 1').max(20, 'at most 20'),
});
export type NoAnswerRule = z.infer<typeof NoAnswerRule>;

export const AgentRules = z.object({
  /** Ids of the reasons that its agents may choose; empty: all. */
  reasonIds: z.array(z.string().max(80)).max(200),
  notReadyReasonRequired: z.boolean(),
  logoutReasonRequired: z.boolean(),
  /** When a state that was chosen during a call takes effect. A wrap-up that needs a code is never skipped. */
  pendingState: z.enum(['after-wrap-up', 'instead-of-wrap-up']),
  /** How often an agent may take more time for one wrap-up. */
  wrapExtensions: z.number().int().min(0).max(100, 'at most 100'),
  noAnswer: NoAnswerRule,
});
export type AgentRules = z.infer<typeof AgentRules>;

export const DEFAULT_AGENT_RULES: AgentRules = {
  reasonIds: [],
  notReadyReasonRequired: true,
  logoutReasonRequired: false,
  pendingState: 'after-wrap-up',
  wrapExtensions: 10,
  noAnswer: { state: 'not-ready', reasonId: null, after: 1 },
};
