/** How an offer can end without a call, and what becomes of the agent then. */
import { DEFAULT_AGENT_RULES, type NoAnswerRule } from '../../protocol/agent-rules.ts';
import type { ClearCause } from '../../protocol/facts.ts';
import type { RequestedState } from '../../protocol/softphone.ts';

export type OfferEnd = 'declined' | 'rang-out' | 'withdrawn' | 'failed';

/**
 * The state of the agent afterwards, with its reason; the call center has its label. Undefined: he stays ready, because it was not
 * his doing, or his queue lets it pass (RONA, ring on no answer).
 * @param unanswered how many offers rang out at him in a row, this one included.
 */
export function stateAfter(
  how: OfferEnd,
  unanswered: number,
  rule: NoAnswerRule = DEFAULT_AGENT_RULES.noAnswer,
): { state: RequestedState; reason?: string } | undefined {
  switch (how) {
    case 'rang-out':
      return unanswered < rule.after ? undefined : afterNoAnswer(rule);
    case 'declined':
      return { state: 'not-ready', reason: 'declined' };
    case 'failed':
      return { state: 'not-ready', reason: 'unreachable' };
    case 'withdrawn':
      return undefined;
  }
}

function afterNoAnswer({ state, reasonId }: NoAnswerRule): ReturnType<typeof stateAfter> {
  if (state === 'ready') return undefined;
  const reason = reasonId ?? (state === 'not-ready' ? 'no-answer' : undefined);
  return { state, ...(reason === undefined ? {} : { reason }) };
}

/** How an offer ended whose leg the switch cleared by itself. */
export function howItEnded(cause: ClearCause): OfferEnd {
  if (cause === 'no-answer' || cause === 'timeout') return 'rang-out';
  if (cause === 'rejected' || cause === 'busy') return 'declined';
  if (cause === 'normal' || cause === 'cancelled' || cause === 'lost') return 'withdrawn';
  return 'failed';
}
