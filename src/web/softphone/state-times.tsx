import { useEffect, useState } from 'react';
import { StateTimes } from '../../protocol/agent-times.ts';
import { api } from '../ui/api.ts';
import { formatHours } from '../ui/format.ts';
import { STATE_WORDS } from './state-words.ts';
import classes from './state-times.module.css';

/** How long the agent has been what today, as of when this was opened. Nothing while he has not logged in, or it cannot be read. */
export function TodayTimes() {
  const [times, setTimes] = useState<StateTimes>();
  useEffect(() => {
    const gone = new AbortController();
    api<StateTimes>('/api/me/state-times', { signal: gone.signal, schema: StateTimes }).then(
      (read) => gone.signal.aborted || setTimes(read),
      () => undefined,
    );
    return () => gone.abort();
  }, []);
  if (!times || times.loggedInMs < MINUTE_MS) return null;
  const shown = times.states.filter(({ ms }) => ms >= MINUTE_MS);
  return (
    <dl className={classes.times} aria-label="Your time today" data-testid="state-times">
      {shown.map(({ shown: state, reason, ms }) => (
        <div key={`${state} ${reason ?? ''}`}>
          <dt>{reason ? `${STATE_WORDS[state]}: ${reason}` : STATE_WORDS[state]}</dt>
          <dd>{formatHours(ms)}</dd>
        </div>
      ))}
      <div className={classes.sum}>
        <dt>Logged in today</dt>
        <dd>{formatHours(times.loggedInMs)}</dd>
      </div>
    </dl>
  );
}

const MINUTE_MS = 60_000;
