import { Badge, Button, Center, Modal, Select } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { RecordingInfo, RecordingPage, RecordingState } from '../../protocol/recording.ts';
import type { ShownQueue, ShownUser } from '../../protocol/setup.ts';
import { api } from '../ui/api.ts';
import { useMe } from '../ui/me-context.ts';
import { RecordingPlayer } from '../ui/recording-player.tsx';
import { EmptyState } from '../ui/states.tsx';
import { DateTime, Duration } from '../ui/time.tsx';
import classes from './audit-page.module.css';
import { RemoveButton } from './form-page.tsx';
import { Loaded, Page } from './page.tsx';
import { RecordTable } from './record-table.tsx';
import { mapReading, useChange, useRecords } from './resource.ts';

const STATES = {
  recording: ['copper', 'Being recorded'],
  waiting: ['warn', 'Waits for the store'],
  stored: ['ok', 'Stored'],
  failed: ['stop', 'Failed'],
  deleted: ['gray', 'Deleted'],
} as const satisfies Record<RecordingState, readonly [string, string]>;

interface Filter {
  queueId: string | null;
  userId: string | null;
  state: string | null;
}

/** What was recorded, to be heard. Each hearing is written down. */
export function RecordingsPage() {
  const [filter, setFilter] = useState<Filter>({ queueId: null, userId: null, state: null });
  const recordings = useRecordings(filter);
  const users = useRecords<ShownUser>('users').data ?? [];
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  return (
    <Page
      title="Recordings"
      intro="Newest first. Who hears or saves one is written down, and shown to administrators by REST."
    >
      <div className={classes.filters}>
        <Select
          size="xs"
          aria-label="Queue"
          placeholder="All queues"
          clearable
          data={queues.map((queue) => ({ value: queue.id, label: queue.label }))}
          value={filter.queueId}
          onChange={(queueId) => setFilter({ ...filter, queueId })}
        />
        <Select
          size="xs"
          aria-label="Agent"
          placeholder="All agents"
          clearable
          searchable
          data={users.map((user) => ({ value: user.id, label: user.name }))}
          value={filter.userId}
          onChange={(userId) => setFilter({ ...filter, userId })}
        />
        <Select
          size="xs"
          aria-label="State"
          placeholder="In any state"
          clearable
          data={Object.entries(STATES).map(([value, [, label]]) => ({ value, label }))}
          value={filter.state}
          onChange={(state) => setFilter({ ...filter, state })}
        />
      </div>
      <section className={classes.card}>
        <Loaded query={mapReading(recordings, (read) => read.pages.flatMap((page) => page.recordings))}>
          {(found) => <Found recordings={found} users={users} queues={queues} />}
        </Loaded>
        {recordings.hasNextPage && (
          <Center p="xs">
            <Button variant="subtle" onClick={() => void recordings.fetchNextPage()}>
              Show more
            </Button>
          </Center>
        )}
      </section>
    </Page>
  );
}

function useRecordings(filter: Filter) {
  return useInfiniteQuery({
    queryKey: ['setup', 'recordings', filter],
    queryFn: ({ signal, pageParam }) => {
      const asked = new URLSearchParams(
        Object.entries({ ...filter, after: pageParam }).flatMap(([name, value]) =>
          value ? [[name, value]] : [],
        ),
      );
      return api<RecordingPage>(`/api/recordings?${asked}`, { signal });
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    refetchInterval: 10_000,
  });
}

function Found({
  recordings,
  users,
  queues,
}: {
  recordings: RecordingInfo[];
  users: ShownUser[];
  queues: ShownQueue[];
}) {
  const mayDelete = useMe().roles.includes('administrator');
  if (recordings.length === 0)
    return (
      <EmptyState title="No recordings">
        Calls are recorded by a recording rule, or when an agent asks for it. They show here when they begin.
      </EmptyState>
    );
  const nameOf = (id: string) => users.find((user) => user.id === id)?.name ?? id;
  return (
    <RecordTable
      caption="Recordings"
      records={recordings}
      columns={[
        { label: 'Began', show: (one) => <DateTime at={one.startedAt} /> },
        { label: 'Agents', show: (one) => one.userIds.map(nameOf).join(', ') || '–' },
        {
          label: 'Queue',
          show: (one) => queues.find((queue) => queue.id === one.queueId)?.label ?? one.direction,
        },
        {
          label: 'Length',
          align: 'right',
          show: (one) => (one.ms === null ? '–' : <Duration ms={one.ms} />),
        },
        { label: 'State', show: (one) => <State recording={one} /> },
        { label: 'Listen', show: (one) => <Listen recording={one} /> },
        {
          label: '',
          align: 'right',
          show: (one) =>
            mayDelete && one.state !== 'recording' && one.state !== 'deleted' && <Delete recording={one} />,
        },
      ]}
    />
  );
}

function State({ recording: { state, problem } }: { recording: RecordingInfo }) {
  const [color, text] = STATES[state];
  return (
    <Badge variant="light" color={color} title={problem?.error}>
      {text}
    </Badge>
  );
}

function Listen({ recording }: { recording: RecordingInfo }) {
  const [opened, setOpened] = useState(false);
  if (!recording.may.play) return '–';
  return (
    <>
      <Button
        variant="default"
        size="compact-xs"
        leftSection={<IconPlayerPlay size={13} />}
        onClick={() => setOpened(true)}
        data-testid="listen"
      >
        Listen
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title="Recording" size="lg">
        <RecordingPlayer recording={recording} />
      </Modal>
    </>
  );
}

function Delete({ recording }: { recording: RecordingInfo }) {
  const remove = useChange<unknown, string>((id) =>
    api(`/api/recordings/${encodeURIComponent(id)}`, { method: 'DELETE' }),
  );
  return (
    <RemoveButton
      compact
      removal={{
        what: 'this recording',
        consequences: [
          'Its sound is deleted from the store for good.',
          'That there was one, and who heard or deleted it, stays.',
        ],
        run: () => remove.mutateAsync(recording.id),
      }}
    />
  );
}
