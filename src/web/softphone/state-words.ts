import type { AgentShown } from '../../protocol/softphone.ts';

/** What an agent reads of his own state; who leads him reads web/ui/agent-words.ts. */
export const STATE_WORDS: Record<AgentShown, string> = {
  'logged-out': 'Logged out',
  ready: 'Ready',
  'not-ready': 'Not ready',
  offered: 'Call offered',
  talking: 'On a call',
  'wrap-up': 'Wrap-up',
  lost: 'Connection lost',
};
