import { Alert, Badge, Button, FileButton, Text } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import { formatAddress } from '../../protocol/address.ts';
import type {
  LiveQueue,
  PlatformLive,
  QueueLogFigures,
  QueueLogResult,
  ShownPlatform,
} from '../../protocol/platforms.ts';
import { api } from '../ui/api.ts';
import { formatDay } from '../ui/format.ts';
import { useMe } from '../ui/me-context.ts';
import { EmptyState, errorText } from '../ui/states.tsx';
import { DateTime, Duration, Timer } from '../ui/time.tsx';
import { useViewer } from '../ui/viewer.tsx';
import { OneRecord } from './one-record.tsx';
import { Loaded, Page, Section } from './page.tsx';
import classes from './platform-live.module.css';
import { PlatformState } from './platforms.tsx';
import { queueLogWords } from './queue-log-words.ts';
import { type Column, RecordTable } from './record-table.tsx';
import { useAnswer, useChange, useRecords } from './resource.ts';

const EVERY_MS = 2_000;

/** The queues of a telephone system that routes by itself, as they are now, and what its queue log says of the last days. */
export function PlatformLivePage({ id }: { id: string }) {
  const platforms = useRecords<ShownPlatform>('platforms');
  return (
    <OneRecord query={platforms} id={id} what="telephone system">
      {(platform) => platform && <LivePage platform={platform} />}
    </OneRecord>
  );
}

function LivePage({ platform }: { platform: ShownPlatform }) {
  const { id, label } = platform;
  const query = useAnswer<PlatformLive>(`/api/platforms/${encodeURIComponent(id)}/live`, {
    everyMs: EVERY_MS,
  });
  const { state, problem } = query.data ?? platform;
  // The server's clock counts: this computer's may be wrong.
  const ahead = query.data ? Math.round((query.dataUpdatedAt - query.data.at) / 1_000) * 1_000 : 0;
  const now = useCallback(() => Date.now() - ahead, [ahead]);
  return (
    <Page
      title={`Queues at ${label}`}
      parent={{ label, path: `/platforms/${id}` }}
      badge={<PlatformState platform={{ ...platform, state, problem }} />}
      intro="Who waits there and who answers, read anew every two seconds. That telephone system rules over them."
    >
      {query.isError && (
        <Alert color="warn" variant="light" p="xs" role="alert">
          Not read anew: {errorText(query.error)}
        </Alert>
      )}
      <Loaded query={query}>{(live) => <Queues live={live} label={label} now={now} />}</Loaded>
      <Figures platformId={id} />
    </Page>
  );
}

function Queues({ live, label, now }: { live: PlatformLive; label: string; now: () => number }) {
  if (live.state !== 'up')
    return (
      <Alert color="stop" variant="light" p="sm" data-testid="live-down">
        {label} is not connected since <DateTime at={live.since} />
        {live.problem ? `: ${live.problem.replace(/\.$/, '')}.` : '.'} What happens in its queues is not known
        until it is back.
      </Alert>
    );
  if (live.queues.length === 0)
    return (
      <EmptyState title="No queues">
        This telephone system has none, or the AMI user may not see them: test the connection.
      </EmptyState>
    );
  return live.queues.map((queue) => <Queue key={queue.id} queue={queue} now={now} />);
}

function Queue({ queue, now }: { queue: LiveQueue; now: () => number }) {
  const { label, name, members, waiting } = queue;
  const ready = members.filter((one) => one.reachable && !one.paused && !one.inCall && !one.ringing).length;
  const counts = `${waiting.length === 0 ? 'Nobody waits' : `${waiting.length} waiting`} · ${ready} of ${members.length} free`;
  return (
    <Section
      title={
        <span data-testid="live-queue" data-queue={name}>
          {label}
        </span>
      }
      intro={label === name ? counts : `${name} · ${counts}`}
      flush
    >
      {waiting.length > 0 && <Callers queue={queue} now={now} />}
      {members.length === 0 ? (
        <Text size="sm" c="dimmed" p="sm">
          Nobody is logged in to this queue.
        </Text>
      ) : (
        <RecordTable
          caption={`Members of ${label}`}
          records={members.map((member) => ({ id: member.device, ...member }))}
          columns={MEMBER_COLUMNS}
        />
      )}
    </Section>
  );
}

function Callers({ queue, now }: { queue: LiveQueue; now: () => number }) {
  const { country } = useViewer();
  return (
    <div className={classes.callers} data-testid="live-callers">
      <RecordTable
        caption={`Callers waiting in ${queue.label}`}
        records={queue.waiting}
        columns={[
          { label: 'Place', show: (caller) => caller.position },
          {
            label: 'Caller',
            show: (caller) => (
              <>
                {formatAddress(caller.number, country)}
                {caller.name && <span className={classes.detail}>{caller.name}</span>}
              </>
            ),
          },
          { label: 'Waits', align: 'right', show: (caller) => <Timer since={caller.since} now={now} /> },
        ]}
      />
    </div>
  );
}

type Member = LiveQueue['members'][number] & { id: string };

const MEMBER_COLUMNS: Column<Member>[] = [
  {
    label: 'Member',
    show: ({ user, name }) => (
      <>
        {user?.name ?? name}
        {!user && <span className={classes.detail}>no user here</span>}
      </>
    ),
  },
  { label: 'Phone', show: ({ device }) => <code className={classes.device}>{device}</code> },
  { label: 'State', show: (member) => <MemberState member={member} /> },
  { label: 'Penalty', align: 'right', show: ({ penalty }) => penalty },
];

function MemberState({ member: { reachable, inCall, ringing, paused, reason } }: { member: Member }) {
  const [color, text] = !reachable
    ? ['stop', 'Phone not there']
    : inCall
      ? ['petrol', 'On a call']
      : ringing
        ? ['copper', 'Rings']
        : paused
          ? ['warn', reason ? `Paused: ${reason}` : 'Paused']
          : ['ok', 'Free'];
  return (
    <Badge variant="light" color={color} tt="none" data-testid="member-state">
      {text}
    </Badge>
  );
}

// ── Figures ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const DAYS = 7;
const DAY_MS = 86_400_000;

function Figures({ platformId }: { platformId: string }) {
  const { zone, locale } = useViewer();
  const mayImport = useMe().roles.includes('administrator');
  const [[from, to]] = useState(() => [Date.now() - DAYS * DAY_MS, Date.now() + DAY_MS]);
  const asked = new URLSearchParams({ from: String(from), to: String(to), zone });
  const figures = useAnswer<{ queues: QueueLogFigures[] }>(
    `/api/platforms/${encodeURIComponent(platformId)}/queue-figures?${asked}`,
  );
  const upload = useImport(platformId);
  return (
    <Section
      title="Figures of its queue log"
      intro={`Of the last ${DAYS} days, as its file queue_log says; give it again whenever it has grown: nothing is counted twice.`}
      actions={
        mayImport && (
          <FileButton onChange={(file) => file && upload.mutate(file)} accept=".log,.txt,text/plain,*/*">
            {(props) => (
              <Button
                {...props}
                variant="default"
                leftSection={<IconUpload size={15} />}
                loading={upload.isPending}
                data-testid="queue-log"
              >
                Import a queue_log file
              </Button>
            )}
          </FileButton>
        )
      }
      flush
    >
      {upload.isError && (
        <Alert color="stop" variant="light" p="xs" m="sm" role="alert" data-testid="queue-log-error">
          {errorText(upload.error)}
        </Alert>
      )}
      {upload.data && (
        <Alert color="ok" variant="light" p="xs" m="sm" role="status" data-testid="queue-log-result">
          {queueLogWords(upload.data, locale)}
        </Alert>
      )}
      <Loaded query={figures}>{({ queues }) => <FiguresTable rows={queues} />}</Loaded>
    </Section>
  );
}

/** The server takes this much at once. */
const MAX_BYTES = 32 * 1_048_576;

function useImport(platformId: string) {
  return useChange<QueueLogResult, File>(async (file) => {
    if (file.size > MAX_BYTES)
      throw new Error(
        'This file is larger than 32 MB. Cut it into parts at line ends, or give the last day’s.',
      );
    return api<QueueLogResult>(`/api/platforms/${encodeURIComponent(platformId)}/queue-log`, {
      body: { text: await file.text() },
    });
  });
}

function FiguresTable({ rows }: { rows: QueueLogFigures[] }) {
  const viewer = useViewer();
  if (rows.length === 0)
    return (
      <EmptyState title="No figures yet">
        Nothing of the last {DAYS} days was imported. On the telephone system the file is usually
        /var/log/asterisk/queue_log.
      </EmptyState>
    );
  const percent = new Intl.NumberFormat(viewer.locale, { style: 'percent' });
  const right = (label: string, show: Column<Row>['show']): Column<Row> => ({ label, align: 'right', show });
  type Row = QueueLogFigures & { id: string };
  return (
    <RecordTable
      caption="Figures per queue and day"
      records={rows.map((row): Row => ({ id: `${row.day} ${row.queue}`, ...row }))}
      columns={[
        { label: 'Queue', show: (row) => row.label },
        { label: 'Day', show: (row) => (row.day === null ? '–' : formatDay(row.day, viewer)) },
        right('Offered', (row) => row.offered),
        right('Answered', (row) => row.answered),
        right('Gave up', (row) => row.abandoned),
        right('Within 20 s', (row) => (row.serviceLevel2 === null ? '–' : percent.format(row.serviceLevel2))),
        right('Mean wait', (row) => <Mean ms={row.averageSpeedOfAnswerMs} />),
        right('Mean talk', (row) => <Mean ms={row.averageTalkMs} />),
      ]}
    />
  );
}

function Mean({ ms }: { ms: number | null }) {
  return ms === null ? '–' : <Duration ms={ms} />;
}
