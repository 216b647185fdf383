import { Progress } from '@mantine/core';
import { IconCheck, IconClockPlus } from '@tabler/icons-react';
import { describeDuration, formatDuration } from '../ui/format.ts';
import { useNow } from '../ui/time.tsx';
import { ActionButton } from './action-button.tsx';
import classes from './wrap-up.module.css';
import { usePending, useSession } from './session-context.tsx';
import type { Line } from '../../protocol/softphone.ts';

/** The time after a call: what is left of it, an end to it, or more of it. */
export function WrapUp({ line }: { line: Line }) {
  const session = useSession();
  const finishing = usePending('wrap.finish', line);
  const extending = usePending('wrap.extend', line);
  if (!line.wrap) return null;
  return (
    <div className={classes.wrap}>
      <Countdown line={line} />
      <div className={classes.buttons}>
        <ActionButton
          label="Finish"
          icon={<IconCheck size={18} />}
          action={line.wrap.finish}
          tone="ok"
          wide
          shortcut="f"
          pending={finishing}
          testId="wrap-finish"
          onClick={() => void session.finishWrapUp(line.id)}
        />
        <ActionButton
          label="More time"
          icon={<IconClockPlus size={18} stroke={1.7} />}
          action={line.wrap.extend}
          wide
          pending={extending}
          testId="wrap-extend"
          onClick={() => session.run({ verb: 'wrap.extend', lineId: line.id })}
        />
      </div>
      {!line.wrap.finish.enabled && (
        <p className={classes.text} aria-hidden>
          {line.wrap.finish.text}
        </p>
      )}
    </div>
  );
}

function Countdown({ line }: { line: Line }) {
  const now = useNow(500, useSession().serverNow);
  const { wrapEndsAt, ended } = line.t;
  if (wrapEndsAt === undefined) return <p className={classes.text}>Finish when your notes are complete.</p>;
  const left = Math.max(0, wrapEndsAt - now);
  const whole = Math.max(1, wrapEndsAt - (ended ?? now));
  return (
    <div>
      <p className={classes.text}>
        Your notes are kept.{' '}
        <strong role="timer" aria-label={`${describeDuration(left)} left`} data-testid="wrap-left">
          {formatDuration(left + 999)}
        </strong>{' '}
        left
      </p>
      <Progress value={(100 * left) / whole} size={5} color={left < 10_000 ? 'copper' : 'warn'} aria-hidden />
    </div>
  );
}
