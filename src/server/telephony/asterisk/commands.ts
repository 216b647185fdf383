import { DeadlineError } from '../../../lib/deadline.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { AriLink } from './ari-link.ts';
import { AriError, AriGoneError } from './ari-rest.ts';

/** How long a command may take unless the caller says otherwise, milliseconds. */
export const DEADLINE_MS = 5_000;

/**
 * Runs a command that needs the link up (or, where `early` says so, a connection that is still being reconciled); whatever
 * goes wrong becomes an error of our catalogue.
 */
export async function carryOut<T>(link: AriLink, work: () => Promise<T>, early = false): Promise<T> {
  if (link.link !== 'up' && !(early && link.link === 'reconciling')) throw new CodedError('switch-down');
  try {
    return await work();
  } catch (error) {
    const coded = codedError(error);
    if (coded instanceof Error && coded !== error) coded.cause = error; // for our log: it holds no secret
    throw coded;
  }
}

/** 400 and 500: the caller hung up between being found and TIMEOUT() being set, or the answer. */
const GONE_MEANWHILE = new Set(['Failed to execute function', 'Failed to answer channel']);

/**
 * ARI's status as our code. 404: the channel is gone. 409: it has left our application (or an id is taken, which originate
 * tells apart). 412: it is in a state that does not allow the operation. 422: it is not in Stasis (any more).
 */
function codedError(error: unknown): unknown {
  if (error instanceof AriGoneError) return new CodedError('switch-down');
  if (error instanceof DeadlineError) return new CodedError('timeout', { what: 'The telephone system' });
  if (!(error instanceof AriError)) return error;
  if ([404, 409, 422].includes(error.status) || GONE_MEANWHILE.has(error.detail))
    return new CodedError('no-such-line');
  if (error.status === 412) return new CodedError('wrong-state', { state: 'ending' });
  if (error.status === 400)
    return new CodedError('bad-input', { detail: 'the telephone system refused the request' });
  return error;
}

/** Waits for work that may be refused with one of these statuses of ARI: what it asks for is so already. */
export async function ignoring(statuses: number[], work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof AriError && statuses.includes(error.status))) throw error;
  }
}
