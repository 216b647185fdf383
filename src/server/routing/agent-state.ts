/**
 * An agent's state is three things (DESIGN section 2); what is shown is a pure function of them.
 *
 *     requested   ready ◄──► not-ready (reason) ◄──► logged-out        what the agent (or RONA) asked for
 *     work        idle ──► offered ──► talking ──► wrap-up ──► idle     derived from offers, calls and segments
 *     presence    online ◄──► lost                                      whether some page of his answers
 *
 * Work wins over what was requested: who talks is shown as talking. What he chooses meanwhile is pending, and becomes what he
 * requested when the work is done (`Agents`):
 *
 *     none ── chosen while he talks, is rung directly or wraps up ──► pending ──┬─ the work is done ──► requested
 *                                                                ▲      └─ another one chosen ─┘  └─ what holds chosen: taken back ──► none
 */
import type { AgentShown, RequestedState } from '../../protocol/softphone.ts';
import type { AgentView, WorkState } from './ports.ts';

export interface AgentParts {
  requested: RequestedState;
  work: WorkState;
  online: boolean;
}

export function shownState({ requested, work, online }: AgentParts): AgentShown {
  if (work !== 'idle') return work;
  if (requested === 'logged-out') return 'logged-out';
  return online ? requested : 'lost';
}

/** Whether a call may be offered to the agent. */
export function isEligible(parts: AgentParts): boolean {
  return shownState(parts) === 'ready';
}

/** He has no call and nothing rings him; wrap-up does not count. A call that he gave away may come back to him. */
export function isFree(view: Pick<AgentView, 'work' | 'online' | 'requested'>): boolean {
  return (
    (view.work === 'idle' || view.work === 'wrap-up') && view.online && view.requested.state !== 'logged-out'
  );
}
