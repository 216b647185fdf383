import { Badge, Button, Code, Group, Select } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import type { ShownTraffic } from '../../protocol/opencti.ts';
import { DateTime } from '../ui/time.tsx';
import { ListPage } from './record-table.tsx';
import { mapReading, useRecords } from './resource.ts';

type Row = ShownTraffic & { id: number };

/** The newest that are shown. */
const SHOWN = 300;

/** What adapters call and get, as it happens: kept in memory only, until the server ends. */
export function AdapterTrafficPage() {
  const [paused, setPaused] = useState(false);
  const [userId, setUserId] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  const reading = useRecords<ShownTraffic>('opencti/traffic', {
    field: 'traffic',
    everyMs: paused ? undefined : 1_000,
  });
  const users = new Map(reading.data?.map((one) => [one.userId, one.userName]));
  const rows = mapReading(reading, (all): Row[] =>
    all
      .filter((one) => (userId === null || one.userId === userId) && (!failed || !one.ok))
      .slice(-SHOWN)
      .reverse()
      .map((one) => ({ ...one, id: one.seq })),
  );
  return (
    <ListPage
      title="Adapter traffic"
      one="call"
      intro="Every call of an Open CTI adapter with its arguments and answer, and every event that it was told, newest first. It is kept in memory only."
      query={rows}
      words={(one) => `${one.method} ${one.args} ${one.answer}`}
      empty="Nothing yet: open the desktop as a user of a call center whose adapter is another’s."
      actions={
        <Group gap="xs">
          <Select
            size="xs"
            w={160}
            aria-label="User"
            placeholder="All users"
            clearable
            data={[...users].map(([value, label]) => ({ value, label: label || value }))}
            value={userId}
            onChange={setUserId}
          />
          <Button
            size="xs"
            variant={failed ? 'filled' : 'default'}
            aria-pressed={failed}
            onClick={() => setFailed(!failed)}
          >
            Errors only
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={paused ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
            onClick={() => setPaused(!paused)}
          >
            {paused ? 'Go on' : 'Pause'}
          </Button>
        </Group>
      }
      columns={[
        { label: 'Call', show: (one) => <Name one={one} /> },
        { label: 'Arguments', show: (one) => <Json text={one.args} /> },
        { label: 'Answer', show: (one) => <AnswerCell one={one} /> },
        { label: 'Took', align: 'right', show: (one) => (one.kind === 'call' ? `${one.ms} ms` : '') },
        { label: 'User', show: (one) => one.userName },
        { label: 'When', show: (one) => <DateTime at={one.at} /> },
      ]}
    />
  );
}

function Name({ one }: { one: ShownTraffic }) {
  return (
    <Group gap={6} wrap="nowrap">
      <Badge size="xs" variant="light" color={one.ok ? 'gray' : 'red'}>
        {one.ok ? one.surface : 'error'}
      </Badge>
      <span>{one.method}</span>
    </Group>
  );
}

/** What went wrong is said in full; a value is folded. */
function AnswerCell({ one }: { one: ShownTraffic }) {
  if (one.kind !== 'call') return <>event</>;
  const error = one.ok ? undefined : readError(one.answer);
  return error === undefined ? <Json text={one.answer} /> : <span>{error}</span>;
}

function readError(answer: string): string | undefined {
  try {
    const { code, description } = JSON.parse(answer) as { code?: string; description?: string };
    return code === undefined ? undefined : `${code}: ${description ?? ''}`;
  } catch {
    // An answer that was too long to be kept whole.
    return undefined;
  }
}

function Json({ text }: { text: string }) {
  if (text.length <= 80) return <Code>{text}</Code>;
  return (
    <details style={{ maxWidth: 360 }}>
      <summary>
        <Code>{text.slice(0, 60)}…</Code>
      </summary>
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {text}
      </Code>
    </details>
  );
}
