import type { AgentShown } from '../../protocol/softphone.ts';

/** What an agent's state is called by who leads him; what he himself reads stands in the softphone. */
export const STATE_WORDS: Record<AgentShown, string> = {
  ready: 'Ready',
  offered: 'Ringing',
  talking: 'Talking',
  'wrap-up': 'Wrap-up',
  'not-ready': 'Not ready',
  lost: 'No page open',
  'logged-out': 'Logged out',
};
