/** Messages that callers left: of one's own box and of one's queues. Who plays one has heard it, and that is written down. */
import { ActionIcon, Badge, Button, Center, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconMail, IconMailOpened, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Voicemail, VoicemailPage as VoicemailAnswer } from '../../protocol/waiting.ts';
import { api } from '../ui/api.ts';
import { formatDuration } from '../ui/format.ts';
import { PhoneNumber } from '../ui/phone-number.tsx';
import { RecordingPlayer } from '../ui/recording-player.tsx';
import { EmptyState, ErrorState, Refusal } from '../ui/states.tsx';
import { DateTime } from '../ui/time.tsx';
import { Card, PageHeader } from './page.tsx';
import page from './page.module.css';
import { useTabTitle } from './tab-context.tsx';

const KEY = 'voicemail';
const EVERY_MS = 10_000;
const ALL = 'all';

/** @param box `kind:id`; all of them without. */
export function useVoicemails(box = ALL) {
  return useInfiniteQuery({
    queryKey: [KEY, box],
    queryFn: ({ signal, pageParam }) => {
      const asked = new URLSearchParams({
        ...(box === ALL ? {} : { box }),
        ...(pageParam === '' ? {} : { after: pageParam }),
      });
      return api<VoicemailAnswer>(`/api/voicemails?${asked}`, { signal, schema: VoicemailAnswer });
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    refetchInterval: EVERY_MS,
  });
}

/** Messages, of all boxes or one. */
export function VoicemailPage() {
  const [box, setBox] = useState(ALL);
  const query = useVoicemails(box);
  useTabTitle('Voicemail');
  const pages = query.data?.pages ?? [];
  const boxes = pages[0]?.boxes ?? [];
  const messages = pages.flatMap(({ voicemails }) => voicemails);
  return (
    <div className={page.page} data-testid="voicemail-page">
      <PageHeader kind="Messages" title="Voicemail" />
      <Stack gap="md">
        {boxes.length > 1 && (
          <SegmentedControl
            aria-label="Box"
            value={box}
            onChange={setBox}
            data={[
              { value: ALL, label: 'All' },
              ...boxes.map(({ kind, id, label, unread }) => ({
                value: `${kind}:${id}`,
                label: unread > 0 ? `${label} (${unread})` : label,
              })),
            ]}
          />
        )}
        {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.isSuccess && messages.length === 0 && (
          <EmptyState title="No messages">Callers leave them when nobody takes their call.</EmptyState>
        )}
        {messages.map((message) => (
          <Message
            key={message.id}
            message={message}
            label={
              boxes.find(({ kind, id }) => kind === message.box.kind && id === message.box.id)?.label ?? ''
            }
          />
        ))}
        {query.hasNextPage && (
          <Center>
            <Button variant="subtle" onClick={() => void query.fetchNextPage()}>
              Show more
            </Button>
          </Center>
        )}
      </Stack>
    </div>
  );
}

function Message({ message, label }: { message: Voicemail; label: string }) {
  const client = useQueryClient();
  const path = `/api/voicemails/${encodeURIComponent(message.id)}`;
  const onSuccess = () => client.invalidateQueries({ queryKey: [KEY] });
  const mark = useMutation({
    mutationFn: (read: boolean) => api(path, { method: 'PUT', body: { read } }),
    onSuccess,
  });
  const remove = useMutation({ mutationFn: () => api(path, { method: 'DELETE' }), onSuccess });
  const unread = message.readAt === null;
  const { from, callerName, recording } = message;
  return (
    <Card title={callerName ?? 'Message'}>
      <Stack gap="xs" data-testid="voicemail" data-unread={unread || undefined}>
        <Group gap="sm" justify="space-between">
          <Group gap="sm">
            {from.kind === 'e164' ? (
              <PhoneNumber value={from.value} />
            ) : (
              <Text size="sm">{from.value || 'Unknown number'}</Text>
            )}
            <Text size="sm" c="dimmed">
              {label} · <DateTime at={message.at} /> · {formatDuration(recording.ms ?? 0)}
            </Text>
            {unread && <Badge variant="light">New</Badge>}
          </Group>
          <Group gap={4}>
            <ActionIcon
              variant="subtle"
              aria-label={unread ? 'Mark as heard' : 'Mark as new'}
              loading={mark.isPending}
              onClick={() => mark.mutate(unread)}
            >
              {unread ? <IconMailOpened size={16} /> : <IconMail size={16} />}
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="stop"
              aria-label="Delete this message"
              loading={remove.isPending}
              onClick={() => remove.mutate()}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        </Group>
        <RecordingPlayer recording={recording} onPlayed={() => unread && mark.mutate(true)} />
        <Refusal error={remove.error ?? mark.error} />
      </Stack>
    </Card>
  );
}
