import type { ReactNode } from 'react';
import type { AgentShown } from '../../protocol/softphone.ts';
import classes from './state-badge.module.css';
import { Timer } from './time.tsx';

export type Tone = 'ok' | 'warn' | 'stop' | 'copper' | 'petrol' | 'gray';

interface StateBadgeProps {
  tone: Tone;
  children: ReactNode;
  /** UTC milliseconds: shows for how long. */
  since?: number;
  now?: () => number;
}

/** A state in one word and one colour; the word carries it, the colour only helps. */
export function StateBadge({ tone, children, since, now }: StateBadgeProps) {
  return (
    <span className={classes.badge} data-tone={tone}>
      <span className={classes.dot} aria-hidden />
      {children}
      {since !== undefined && <Timer since={since} now={now} />}
    </span>
  );
}

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
