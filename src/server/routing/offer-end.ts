/** How an offer can end without a call, and what becomes of the agent then. */
import type { ClearCause } from '../../protocol/facts.ts';

export type OfferEnd = 'declined' | 'rang-out' | 'withdrawn' | 'failed';

/**
 * The reason with which the agent is not ready afterwards; the call center has its label. Undefined: he stays ready, because
 * it was not his doing.
 */
export function reasonAfter(how: OfferEnd): string | undefined {
  switch (how) {
    case 'rang-out':
      return 'no-answer';
    case 'declined':
      return 'declined';
    case 'failed':
      return 'unreachable';
    case 'withdrawn':
      return undefined;
  }
}

/** How an offer ended whose leg the switch cleared by itself. */
export function howItEnded(cause: ClearCause): OfferEnd {
  if (cause === 'no-answer' || cause === 'timeout') return 'rang-out';
  if (cause === 'rejected' || cause === 'busy') return 'declined';
  if (cause === 'normal' || cause === 'cancelled' || cause === 'lost') return 'withdrawn';
  return 'failed';
}
