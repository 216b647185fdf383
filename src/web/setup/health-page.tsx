import { Badge, Progress } from '@mantine/core';
import type { SystemState } from '../../protocol/setup.ts';
import { Facts } from '../ui/data-list.tsx';
import { DateTime, useNow } from '../ui/time.tsx';
import { useViewer } from '../ui/viewer.tsx';
import { describeSpan, formatBytes } from './amounts.ts';
import { Loaded, Page, Section } from './page.tsx';
import { useAnswer } from './resource.ts';

/** What an operator looks at first; read anew every five seconds. */
export function HealthPage() {
  const state = useAnswer<SystemState>('/api/system', { everyMs: 5_000 });
  return (
    <Page title="System health" intro="The parts that everything stands on. Read anew every five seconds.">
      <Loaded query={state}>{(system) => <Health system={system} />}</Loaded>
    </Page>
  );
}

/** Below this share of the disk it is a warning. */
const LITTLE = 0.1;

function Health({ system }: { system: SystemState }) {
  const { locale } = useViewer();
  const now = useNow(10_000);
  const { database, disk, outbox } = system;
  const free = disk.freeBytes / disk.totalBytes;
  return (
    <>
      <Section title="Program">
        <Facts
          items={[
            { label: 'Version', value: system.version },
            { label: 'Runs since', value: <DateTime at={system.startedAt} /> },
            { label: 'For', value: describeSpan(now - system.startedAt) },
            { label: 'Node.js', value: system.node },
            { label: 'Memory', value: formatBytes(system.memoryBytes, locale) },
            { label: 'Pages by https', value: <State ok={system.https} yes="Yes" no="No" warn /> },
          ]}
        />
      </Section>
      <Section title="Database">
        <Facts
          items={[
            { label: 'State', value: <State ok={database.up} yes="Connected" no="Away" /> },
            { label: 'PostgreSQL', value: database.version },
            { label: 'Size', value: formatBytes(database.bytes, locale) },
          ]}
        />
      </Section>
      <Section title="Disk" intro="Of the data folder: database, recordings, logs.">
        <Facts
          items={[
            {
              label: 'Free',
              value: `${formatBytes(disk.freeBytes, locale)} of ${formatBytes(disk.totalBytes, locale)}`,
            },
            { label: 'State', value: <State ok={free >= LITTLE} yes="Enough" no="Nearly full" /> },
          ]}
        />
        <Progress
          mt="sm"
          value={100 * (1 - free)}
          color={free >= LITTLE ? 'petrol' : 'stop'}
          aria-label="Share of the disk that is used"
        />
      </Section>
      <Section title="Work that waits">
        <Facts
          items={[
            { label: 'Writes to other systems', value: outbox.waiting },
            {
              label: 'Of these stuck',
              value: <State ok={outbox.stuck === 0} yes="None" no={String(outbox.stuck)} />,
            },
          ]}
        />
      </Section>
    </>
  );
}

function State({ ok, yes, no, warn = false }: { ok: boolean; yes: string; no: string; warn?: boolean }) {
  return (
    <Badge variant="light" color={ok ? 'ok' : warn ? 'warn' : 'stop'}>
      {ok ? yes : no}
    </Badge>
  );
}
