/** The recordings of calls, where their tasks are shown. */
import { Stack, Text, UnstyledButton } from '@mantine/core';
import { IconMicrophone } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CrmRecord } from '../../protocol/crm.ts';
import { type RecordingInfo, RecordingPage } from '../../protocol/recording.ts';
import { api } from '../ui/api.ts';
import { formatDuration } from '../ui/format.ts';
import { RecordingPlayer } from '../ui/recording-player.tsx';
import { ErrorState } from '../ui/states.tsx';
import { DateTime } from '../ui/time.tsx';
import { Card } from './page.tsx';
import { readTask } from './task-view.ts';
import classes from './recordings.module.css';

/** While one is on its way to the store it is asked for again after this many milliseconds. */
const AGAIN_MS = 3_000;

/** Of these conversations, by conversation. Nothing is asked for none. */
export function useRecordings(conversationIds: readonly string[]) {
  const ids = [...new Set(conversationIds)].sort();
  return useQuery({
    queryKey: ['recordings', 'of', ids],
    queryFn: async ({ signal }) => {
      const path = `/api/recordings?limit=200&conversationId=${encodeURIComponent(ids.join(','))}`;
      const { recordings } = await api<RecordingPage>(path, { signal, schema: RecordingPage });
      const found = new Map<string, RecordingInfo[]>(ids.map((id) => [id, []]));
      for (const one of recordings.reverse()) found.get(one.conversationId)?.push(one);
      return found;
    },
    enabled: ids.length > 0,
    placeholderData: (before) => before,
    refetchInterval: ({ state }) =>
      [...(state.data?.values() ?? [])]
        .flat()
        .some((one) => one.state === 'recording' || one.state === 'waiting')
        ? AGAIN_MS
        : false,
  });
}

/** On a call's task: all of its recordings. Nothing for a call that has none. */
export function TaskRecordings({ task }: { task: CrmRecord }) {
  const id = readTask(task).conversationId;
  const recordings = useRecordings(id === undefined ? [] : [id]);
  const list = recordings.data?.get(id ?? '') ?? [];
  if (!recordings.isError && list.length === 0) return null;
  return (
    <Card title={list.length === 1 ? 'Recording' : 'Recordings'}>
      {recordings.isError ? (
        <ErrorState error={recordings.error} onRetry={() => void recordings.refetch()} />
      ) : (
        <Stack gap="sm">
          {list.map((one) => (
            <div key={one.id}>
              {list.length > 1 && (
                <Text size="xs" c="dimmed" mb={4}>
                  <DateTime at={one.startedAt} />
                </Text>
              )}
              <RecordingPlayer recording={one} />
            </div>
          ))}
        </Stack>
      )}
    </Card>
  );
}

/** In the timeline: a button that opens the player in its place. */
export function RecordingsInline({ recordings }: { recordings: readonly RecordingInfo[] }) {
  const [open, setOpen] = useState(false);
  const heard = recordings.filter((one) => one.may.play);
  if (heard.length === 0) return null;
  const ms = heard.reduce((sum, one) => sum + (one.ms ?? 0), 0);
  return (
    <div className={classes.inline}>
      <UnstyledButton
        className={classes.open}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        data-testid="timeline-recording"
      >
        <IconMicrophone size={13} stroke={1.8} aria-hidden /> Recording {formatDuration(ms)}
      </UnstyledButton>
      {open && heard.map((one) => <RecordingPlayer key={one.id} recording={one} />)}
    </div>
  );
}
