import { useState } from 'react';
import type { FloorQueue } from '../../protocol/floor.ts';
import { SOCKET_PROTOCOL } from '../../protocol/socket.ts';
import { openWebSocket, socketUrl } from '../client/socket-like.ts';
import { formatDuration } from '../ui/format.ts';
import { EmptyState } from '../ui/states.tsx';
import { useNow } from '../ui/time.tsx';
import { FloorProvider, useFloor, useServerNow } from './floor-context.tsx';
import { levelTone, percent, totalsOf, waitTone } from './rows.ts';
import classes from './wallboard.module.css';

/** The board's id stands in the path, its token behind `#`, where no log sees it. */
function openBoard() {
  const board = location.pathname.split('/')[2] ?? '';
  const path = `/api/wallboards/socket?board=${encodeURIComponent(board)}`;
  return openWebSocket(socketUrl(path, location), [SOCKET_PROTOCOL, `bearer.${location.hash.slice(1)}`]);
}

/** For a big screen: large figures, dark, nothing to press. */
export function Wallboard() {
  const [refused, setRefused] = useState(false);
  const [onRefused] = useState(() => () => setRefused(true));
  return (
    <main className={classes.board} data-testid="wallboard">
      <FloorProvider openSocket={openBoard} onRefused={onRefused}>
        <Board refused={refused} />
      </FloorProvider>
    </main>
  );
}

function Board({ refused }: { refused: boolean }) {
  const { status, queues, alarms } = useFloor();
  const now = useNow(1_000, useServerNow());
  if (status === 'connecting')
    return refused ? (
      <EmptyState title="This link opens no wallboard">
        It may have been replaced, or the server cannot be reached: it is tried again by itself. An
        administrator makes a new link in Setup.
      </EmptyState>
    ) : null;
  const totals = totalsOf(queues.values());
  const all = [...queues.values()].sort((a, b) => b.waiting - a.waiting || a.label.localeCompare(b.label));
  return (
    <>
      {status === 'lost' && <p className={classes.lost}>No connection: this is how it was.</p>}
      <h1 className="cp-visually-hidden">Wallboard</h1>
      <div className={classes.totals}>
        <Figure label="Waiting" value={String(totals.waiting)} tone={totals.waiting > 0 ? 'warn' : 'ok'} />
        <Figure
          label="Longest wait"
          value={totals.oldestAt === null ? '–' : formatDuration(now - totals.oldestAt)}
        />
        <Figure label="Answered today" value={String(totals.answered)} />
        <Figure label="Gave up today" value={String(totals.abandoned)} />
      </div>
      {alarms.map(({ id, text }) => (
        <p key={id} className={classes.alarm}>
          {text}
        </p>
      ))}
      <div className={classes.queues}>
        {all.map((queue) => (
          <Queue key={queue.id} queue={queue} now={now} />
        ))}
      </div>
    </>
  );
}

function Queue({ queue, now }: { queue: FloorQueue; now: number }) {
  const wait = queue.oldestAt === null ? null : now - queue.oldestAt;
  const { seconds, goal } = queue.target;
  return (
    <section className={classes.queue} aria-label={queue.label} data-testid="board-queue">
      <h2>{queue.label}</h2>
      <div className={classes.figures}>
        <Figure label="Waiting" value={String(queue.waiting)} tone={waitTone(wait, seconds)} />
        <Figure
          label="Longest"
          value={wait === null ? '–' : formatDuration(wait)}
          tone={waitTone(wait, seconds)}
        />
        <Figure
          label={`In ${seconds} s`}
          value={percent(queue.serviceLevel)}
          tone={levelTone(queue.serviceLevel, goal)}
        />
        <Figure label="Ready" value={String(queue.ready)} />
      </div>
    </section>
  );
}

function Figure({ label, value, tone }: { label: string; value: string; tone?: string }) {
  return (
    <div className={classes.figure} data-tone={tone}>
      <span className={classes.value}>{value}</span>
      <span className={classes.label}>{label}</span>
    </div>
  );
}
