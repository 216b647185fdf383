import { ActionIcon, Badge, Button, Code, CopyButton, Group, SegmentedControl, Select } from '@mantine/core';
import { IconCheck, IconCopy, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import type { ShownTraffic } from '../../protocol/opencti.ts';
import { useViewer } from '../ui/viewer.tsx';
import { ListPage } from './record-table.tsx';
import { mapReading, useRecords } from './resource.ts';

type Row = ShownTraffic & { id: number };

/** The newest that are shown. */
const SHOWN = 300;

/** What adapters call and get, as it happens: kept in memory only, until the server ends. */
export function AdapterTrafficPage() {
  const [paused, setPaused] = useState(false);
  const [userId, setUserId] = useState<string | null>(null);
  const [only, setOnly] = useState<Only>('all');
  const reading = useRecords<ShownTraffic>('opencti/traffic', {
    field: 'traffic',
    everyMs: paused ? undefined : 1_000,
  });
  const users = new Map(reading.data?.map((one) => [one.userId, one.userName]));
  const rows = mapReading(reading, (all): Row[] =>
    all
      .filter((one) => (userId === null || one.userId === userId) && ONLY[only](one))
      .slice(-SHOWN)
      .reverse()
      .map((one) => ({ ...one, id: one.seq })),
  );
  return (
    <ListPage
      title="Adapter traffic"
      one="call"
      intro="What adapters and connectors call, answer and are told, as it happens, newest first. Kept in memory only."
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
          <SegmentedControl
            size="xs"
            aria-label="What is shown"
            data={[
              { value: 'all', label: 'All' },
              { value: 'calls', label: 'Calls' },
              { value: 'errors', label: 'Errors' },
            ]}
            value={only}
            onChange={(value) => setOnly(value as Only)}
          />
          <Copy text={rows.data?.map(asText).join('\n') ?? ''} label="Copy all that is shown" />
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
        { label: 'Time', show: (one) => <Instant at={one.at} /> },
        { label: 'Call', show: (one) => <Name one={one} /> },
        { label: 'Arguments', show: (one) => <Json text={one.args} /> },
        { label: 'Answer', show: (one) => <AnswerCell one={one} /> },
        { label: 'Took', align: 'right', show: (one) => (one.kind === 'call' ? `${one.ms}\u00a0ms` : '') },
        { label: 'User', show: (one) => one.userName },
        {
          label: '',
          align: 'right',
          show: (one) => <Copy text={asText(one)} label={`Copy ${one.method}`} />,
        },
      ]}
    />
  );
}

type Only = 'all' | 'calls' | 'errors';

const ONLY: Record<Only, (one: ShownTraffic) => boolean> = {
  all: () => true,
  calls: (one) => one.kind === 'call',
  errors: (one) => !one.ok,
};

/** One line of JSON, for a mail to the adapter's author. */
function asText({ at, surface, kind, method, args, answer, ok, ms }: ShownTraffic): string {
  return JSON.stringify({ at: new Date(at).toISOString(), surface, kind, method, args, answer, ok, ms });
}

/** To the millisecond: what came first is often the question. */
function Instant({ at }: { at: number }) {
  const { locale, zone: timeZone } = useViewer();
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 } as const;
  return (
    <time dateTime={new Date(at).toISOString()} style={{ whiteSpace: 'nowrap' }}>
      {new Intl.DateTimeFormat(locale, { ...time, hourCycle: 'h23', timeZone }).format(at)}
    </time>
  );
}

function Copy({ text, label }: { text: string; label: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <ActionIcon size="sm" aria-label={label} onClick={copy}>
          {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
        </ActionIcon>
      )}
    </CopyButton>
  );
}

const FAILED = { color: 'var(--mantine-color-stop-text)', fontWeight: 600 };

function Name({ one }: { one: ShownTraffic }) {
  return (
    <Group gap={6} wrap="nowrap">
      <Badge
        size="xs"
        style={{ flexShrink: 0 }}
        variant={one.ok ? 'light' : 'filled'}
        color={one.ok ? 'gray' : 'stop'}
      >
        {one.ok ? one.surface : 'error'}
      </Badge>
      <span style={{ whiteSpace: 'nowrap', ...(one.ok ? {} : FAILED) }}>{one.method}</span>
    </Group>
  );
}

/** What went wrong is said in full; a value is folded. */
function AnswerCell({ one }: { one: ShownTraffic }) {
  const error = one.ok ? undefined : readError(one.answer);
  if (error === undefined && one.kind !== 'call') return <>{one.kind === 'host' ? 'said to it' : 'event'}</>;
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
