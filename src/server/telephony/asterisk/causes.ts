import type { ClearCause } from '../../../protocol/facts.ts';

/** What is known of a leg when it ends. */
export interface Ending {
  direction: 'in' | 'out';
  /** It was answered. */
  connected: boolean;
  /** It rang at the other end (`out`). */
  alerted: boolean;
  /** Q.850 cause, as Asterisk says it. */
  q850?: number;
  /** SIP status of the refusal, where there was one. */
  sip?: number;
}

/** Q.850 causes that mean that a connected call ended by itself, not by somebody. */
const BROKEN = new Set([27, 38, 41, 42, 44, 47, 102]);

/** RFC 3261 statuses of a refused INVITE. 408 and 480 depend on whether it rang. */
const BY_SIP: Record<number, ClearCause> = {
  401: 'rejected',
  403: 'rejected',
  404: 'not-found',
  407: 'rejected',
  410: 'not-found',
  484: 'not-found',
  485: 'not-found',
  486: 'busy',
  500: 'congestion',
  502: 'congestion',
  503: 'congestion',
  504: 'congestion',
  600: 'busy',
  603: 'rejected',
  604: 'not-found',
};

/** Q.850 causes (ITU-T Q.850 table 1; Asterisk's `causes.h`). */
const BY_Q850: Record<number, ClearCause> = {
  1: 'not-found',
  2: 'unreachable',
  3: 'unreachable',
  16: 'cancelled',
  17: 'busy',
  18: 'no-answer',
  19: 'no-answer',
  20: 'unreachable',
  21: 'rejected',
  22: 'not-found',
  26: 'cancelled',
  27: 'unreachable',
  28: 'not-found',
  31: 'rejected',
  34: 'congestion',
  38: 'congestion',
  41: 'congestion',
  42: 'congestion',
  44: 'congestion',
};

/** Why a leg ended that we did not end ourselves. */
export function clearCause({ direction, connected, alerted, q850 = 0, sip = 0 }: Ending): ClearCause {
  if (connected) return BROKEN.has(q850) ? 'failed' : 'normal';
  if (direction === 'in') return BROKEN.has(q850) ? 'failed' : 'cancelled';
  if (sip === 408 || sip === 480) return alerted ? 'no-answer' : 'unreachable';
  return BY_SIP[sip] ?? BY_Q850[q850] ?? 'failed';
}

/** The Q.850 cause by which Asterisk refuses with the fitting SIP status: 486, 403, 404, 503. */
export const REJECT_REASON = { busy: 17, rejected: 21, 'not-found': 1, congestion: 42 } as const;

/** ARI's words for how a transfer goes that a phone asked for: SIP 100, 200 and 603 in its NOTIFYs. */
export const TRANSFER_STATES = {
  trying: 'channel_progress',
  done: 'channel_answered',
  failed: 'channel_declined',
} as const;
