import type { AgentShown } from '../../protocol/softphone.ts';
import { Timer } from '../ui/time.tsx';
import { useServerNow } from './floor-context.tsx';
import type { Totals } from './rows.ts';
import classes from './tiles.module.css';

/** The figures that are looked at first. */
export function Tiles({ totals, states }: { totals: Totals; states: Record<AgentShown, number> }) {
  const now = useServerNow();
  const busy = states.talking + states.offered + states['wrap-up'];
  return (
    <dl className={classes.tiles} data-testid="tiles">
      <Tile label="Waiting" tone={totals.waiting > 0 ? 'copper' : undefined}>
        {totals.waiting}
      </Tile>
      <Tile label="Longest wait">
        {totals.oldestAt === null ? '–' : <Timer since={totals.oldestAt} now={now} />}
      </Tile>
      <Tile label="Ready" tone={states.ready > 0 ? 'ok' : undefined}>
        {states.ready}
      </Tile>
      <Tile label="Busy">{busy}</Tile>
      <Tile label="Not ready">{states['not-ready']}</Tile>
      <Tile label="Answered today">{totals.answered}</Tile>
      <Tile label="Gave up today">{totals.abandoned}</Tile>
    </dl>
  );
}

function Tile({ label, tone, children }: { label: string; tone?: string; children: React.ReactNode }) {
  return (
    <div className={classes.tile} data-tone={tone}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
