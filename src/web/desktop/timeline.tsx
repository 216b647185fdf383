import { Anchor, Button, Skeleton, Stack } from '@mantine/core';
import {
  IconChecklist,
  IconMail,
  IconPhone,
  IconPhoneCall,
  IconPhoneIncoming,
  IconPhoneOutgoing,
  IconPlus,
} from '@tabler/icons-react';
import { Link } from 'wouter';
import type { CrmRecord } from '../../protocol/crm.ts';
import type { RecordingInfo } from '../../protocol/recording.ts';
import { formatDay } from '../ui/format.ts';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import { DateTime, Duration } from '../ui/time.tsx';
import { useViewer } from '../ui/viewer.tsx';
import { useActivity } from './data.ts';
import { Card } from './page.tsx';
import { pathOf } from './softphone-host.ts';
import { RecordingsInline, useRecordings } from './recordings.tsx';
import { readTask, type TaskView } from './task-view.ts';
import classes from './timeline.module.css';

/** The tasks about a record, newest first; calls with their direction, duration, wrap-up code and comments. */
export function ActivityTimeline({ object, record }: { object: string; record: CrmRecord }) {
  const activity = useActivity(object, record.id);
  const tasks = activity.data?.pages.flatMap((one) => one.records.map(readTask));
  const recordings = useRecordings(tasks?.flatMap((task) => task.conversationId ?? []) ?? []).data;
  const field = object === 'Contact' || object === 'Lead' ? 'WhoId' : 'WhatId';
  return (
    <Card
      title="Activity"
      count={activity.data?.pages[0]?.total || undefined}
      actions={
        <Button
          variant="subtle"
          component={Link}
          href={`/Task/new?${field}=${encodeURIComponent(record.id)}`}
          leftSection={<IconPlus size={14} />}
        >
          New task
        </Button>
      }
    >
      {activity.isError ? (
        <ErrorState error={activity.error} onRetry={() => void activity.refetch()} />
      ) : !tasks ? (
        <Stack gap="md" aria-hidden>
          {[80, 60, 70].map((width) => (
            <Skeleton key={width} h={34} w={`${width}%`} />
          ))}
        </Stack>
      ) : tasks.length === 0 ? (
        <EmptyState title="Nothing has happened yet" icon={<IconPhone size={26} stroke={1.5} aria-hidden />}>
          Each call with {record.name} is logged here by itself, with its length, its wrap-up code and your
          notes.
        </EmptyState>
      ) : (
        <ol className={classes.list}>
          {tasks.map((task) => (
            <Item key={task.id} task={task} recordings={recordings?.get(task.conversationId ?? '') ?? []} />
          ))}
        </ol>
      )}
      {activity.hasNextPage && (
        <Button
          variant="subtle"
          loading={activity.isFetchingNextPage}
          onClick={() => void activity.fetchNextPage()}
        >
          Show older
        </Button>
      )}
    </Card>
  );
}

const CALL_ICONS = { Inbound: IconPhoneIncoming, Outbound: IconPhoneOutgoing, Internal: IconPhoneCall };

function Item({ task, recordings }: { task: TaskView; recordings: readonly RecordingInfo[] }) {
  const viewer = useViewer();
  const call = task.kind === 'call';
  const kind = task.direction ? `${task.direction} call` : 'Call';
  const Icon = call
    ? CALL_ICONS[task.direction ?? 'Inbound']
    : task.kind === 'email'
      ? IconMail
      : IconChecklist;
  return (
    <li className={classes.item} data-testid="timeline-item" data-id={task.id} data-kind={task.kind}>
      <span className={classes.icon} data-kind={task.kind} aria-hidden>
        <Icon size={15} stroke={1.8} />
      </span>
      <div className={classes.body}>
        <div className={classes.top}>
          <Anchor
            component={Link}
            href={pathOf({ object: 'Task', id: task.id })}
            inherit
            fw={600}
            c="inherit"
          >
            {task.subject}
          </Anchor>
          <span className={classes.when}>
            {task.due ? formatDay(task.due, viewer) : <DateTime at={task.at} relative />}
          </span>
        </div>
        <div className={classes.facts}>
          {call && kind !== task.subject && <span>{kind}</span>}
          {task.durationMs !== undefined && <Duration ms={task.durationMs} />}
          {task.disposition && <span className={classes.disposition}>{task.disposition}</span>}
          {task.status && <span>{task.status}</span>}
          {task.owner && <span>{task.owner}</span>}
        </div>
        <RecordingsInline recordings={recordings} />
        {task.comments && <p className={classes.comments}>{task.comments}</p>}
      </div>
    </li>
  );
}
