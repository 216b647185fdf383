import { Anchor, Badge } from '@mantine/core';
import { IconCircle, IconCircleCheckFilled } from '@tabler/icons-react';
import { Link } from 'wouter';
import type { ShownPlatform } from '../../protocol/platforms.ts';
import type { ShownQueue, ShownUser, SystemState } from '../../protocol/setup.ts';
import type { ShownTrunk } from '../../protocol/trunks.ts';
import { type CheckStage, checklist } from './checklist.ts';
import classes from './home-page.module.css';
import type { ShownNumber } from './numbers.tsx';
import { Loaded, Page, Section } from './page.tsx';
import { type Reading, useAnswer, useRecords } from './resource.ts';

/** What is set up and what is missing. */
export function HomePage() {
  return (
    <Page
      title="Setup"
      intro="From the first call to a whole office. What is not done yet leads to the page where it is."
    >
      <Loaded query={useStages()}>
        {(stages) => stages.map((stage) => <Stage key={stage.title} stage={stage} />)}
      </Loaded>
    </Page>
  );
}

/** Everything that the checklist looks at, as one reading. */
function useStages(): Omit<Reading<CheckStage[]>, 'isFetching'> {
  const live = { everyMs: 10_000 };
  const users = useRecords<ShownUser>('users');
  const queues = useRecords<ShownQueue>('queues');
  const numbers = useRecords<ShownNumber>('numbers');
  const platforms = useRecords<ShownPlatform>('platforms', live);
  const trunks = useRecords<ShownTrunk>('trunks', live);
  const rules = useRecords<object>('recording-rules', { field: 'rules' });
  const system = useAnswer<SystemState>('/api/system', live);
  const failed = [users, queues, numbers, platforms, trunks, rules, system].find((query) => query.isError);
  const there =
    users.data && queues.data && numbers.data && platforms.data && trunks.data && rules.data && system.data;
  const data =
    there &&
    checklist({
      users: users.data,
      queues: queues.data,
      numbers: numbers.data,
      platforms: platforms.data,
      trunks: trunks.data,
      recordingRules: rules.data.length,
      system: there,
    });
  return { data, isError: failed !== undefined, error: failed?.error, refetch: () => failed?.refetch() };
}

function Stage({ stage: { title, items } }: { stage: CheckStage }) {
  const done = items.filter((item) => item.done).length;
  return (
    <Section
      title={title}
      actions={
        <Badge variant="light" color={done === items.length ? 'ok' : 'warn'} data-testid="stage">
          {done} of {items.length}
        </Badge>
      }
    >
      <ul className={classes.items}>
        {items.map((item) => (
          <li
            key={item.id}
            className={classes.item}
            data-done={item.done || undefined}
            data-testid={`check-${item.id}`}
          >
            {item.done ? (
              <IconCircleCheckFilled size={19} className={classes.done} aria-label="Done:" />
            ) : (
              <IconCircle size={19} className={classes.open} aria-label="To do:" />
            )}
            <div>
              <Anchor component={Link} href={item.path} size="sm" fw={550}>
                {item.text}
              </Anchor>
              <div className={classes.why}>{item.why}</div>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
