import type { AgentShown } from '../../protocol/softphone.ts';

export type Tone = 'ok' | 'warn' | 'stop' | 'copper' | 'petrol' | 'gray';

/** The colour of an agent's state. */
export function agentTone(state: AgentShown): Tone {
  switch (state) {
    case 'ready':
      return 'ok';
    case 'offered':
      return 'copper';
    case 'talking':
      return 'petrol';
    case 'wrap-up':
    case 'not-ready':
      return 'warn';
    case 'lost':
      return 'stop';
    case 'logged-out':
      return 'gray';
  }
}
