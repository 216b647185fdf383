import { ActionIcon, Menu, Table, UnstyledButton } from '@mantine/core';
import { IconArrowBarToUp, IconArrowRight, IconDots } from '@tabler/icons-react';
import type { FloorQueue, MoveRequest, WaitingCall } from '../../protocol/floor.ts';
import { api } from '../ui/api.ts';
import { formatPhone } from '../ui/format.ts';
import { showError } from '../ui/show-error.ts';
import { EmptyState } from '../ui/states.tsx';
import { Timer, useNow } from '../ui/time.tsx';
import { useViewer } from '../ui/viewer.tsx';
import { useFloor, useServerNow } from './floor-context.tsx';
import { levelTone, percent, waitTone } from './rows.ts';
import classes from './table.module.css';

interface QueuesTableProps {
  queues: FloorQueue[];
  /** The one whose callers and charts are shown below. */
  selectedId: string | undefined;
  onSelect: (queueId: string) => void;
}

/** Queues as they are now. Choosing one shows who waits in it, and its last hour. */
export function QueuesTable({ queues, selectedId, onSelect }: QueuesTableProps) {
  if (queues.length === 0)
    return (
      <EmptyState title="No queues here">
        You see the queues of the teams that you lead. An administrator sets teams up in Setup.
      </EmptyState>
    );
  const selected = queues.find(({ id }) => id === selectedId);
  return (
    <div className={classes.scroll}>
      <Table className={classes.table} highlightOnHover data-testid="queues">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Queue</Table.Th>
            <Table.Th className={classes.number}>Waiting</Table.Th>
            <Table.Th className={classes.number}>Longest wait</Table.Th>
            <Table.Th className={classes.number}>Service level, last hour</Table.Th>
            <Table.Th className={classes.number}>Today</Table.Th>
            <Table.Th className={classes.number}>Answered</Table.Th>
            <Table.Th className={classes.number}>Gave up</Table.Th>
            <Table.Th className={classes.number}>Ready</Table.Th>
            <Table.Th className={classes.number}>Busy</Table.Th>
            <Table.Th className={classes.number}>Not ready</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {queues.map((queue) => (
            <QueueRow
              key={queue.id}
              queue={queue}
              selected={queue.id === selectedId}
              onSelect={() => onSelect(queue.id)}
            />
          ))}
        </Table.Tbody>
      </Table>
      {selected && selected.next.length > 0 && <Waiting queue={selected} />}
    </div>
  );
}

interface QueueRowProps {
  queue: FloorQueue;
  selected: boolean;
  onSelect: () => void;
}

function QueueRow({ queue, selected, onSelect }: QueueRowProps) {
  const { seconds, goal } = queue.target;
  return (
    <Table.Tr
      className={classes.row}
      data-selected={selected || undefined}
      data-testid="queue"
      data-queue={queue.label}
    >
      <Table.Td>
        <UnstyledButton className={classes.name} aria-pressed={selected} onClick={onSelect} fz="sm">
          {queue.label}
        </UnstyledButton>
      </Table.Td>
      <Table.Td className={classes.number} data-testid="waiting">
        {queue.waiting}
      </Table.Td>
      <Table.Td className={classes.number}>
        {queue.oldestAt === null ? '–' : <Wait since={queue.oldestAt} seconds={seconds} />}
      </Table.Td>
      <Level share={queue.serviceLevel} goal={goal} seconds={seconds} />
      <Level share={queue.serviceLevelToday} goal={goal} seconds={seconds} />
      <Table.Td className={classes.number}>{queue.answeredToday}</Table.Td>
      <Table.Td className={classes.number}>{queue.abandonedToday}</Table.Td>
      <Table.Td className={classes.number}>{queue.ready}</Table.Td>
      <Table.Td className={classes.number}>{queue.busy}</Table.Td>
      <Table.Td className={classes.number}>{queue.notReady}</Table.Td>
    </Table.Tr>
  );
}

function Level({ share, goal, seconds }: { share: number | null; goal: number; seconds: number }) {
  return (
    <Table.Td
      className={`${classes.number} ${classes.tone}`}
      data-tone={levelTone(share, goal)}
      title={`Goal: ${goal} % within ${seconds} s`}
    >
      {percent(share)}
    </Table.Td>
  );
}

function Wait({ since, seconds }: { since: number; seconds: number }) {
  const now = useServerNow();
  const at = useNow(1_000, now);
  return (
    <span className={classes.tone} data-tone={waitTone(at - since, seconds)}>
      <Timer since={since} now={now} />
    </span>
  );
}

/** Those who are next, with what can be done for them. */
function Waiting({ queue }: { queue: FloorQueue }) {
  return (
    <section className={classes.waiting}>
      <h3 id="waiting-in">Waiting in {queue.label}</h3>
      <ol aria-labelledby="waiting-in" data-testid="waiting-list">
        {queue.next.map((call) => (
          <li key={call.itemId}>
            <WaitingRow queue={queue} call={call} />
          </li>
        ))}
        {queue.waiting > queue.next.length && <li>and {queue.waiting - queue.next.length} more</li>}
      </ol>
    </section>
  );
}

function WaitingRow({ queue, call }: { queue: FloorQueue; call: WaitingCall }) {
  const { queues, agents } = useFloor();
  const { country } = useViewer();
  const now = useServerNow();
  const others = [...queues.values()].filter(({ id }) => id !== queue.id);
  const move = (request: MoveRequest) => {
    const path = `/api/floor/queues/${encodeURIComponent(queue.id)}/waiting/${encodeURIComponent(call.itemId)}/move`;
    api<undefined>(path, { body: request }).catch(showError);
  };
  return (
    <>
      <Timer since={call.since} now={now} />
      <span>{call.peer === '' ? 'withheld' : formatPhone(call.peer, country)}</span>
      {call.offeredTo && (
        <span className={classes.muted}>rings {agents.get(call.offeredTo)?.name ?? 'an agent'}</span>
      )}
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <ActionIcon size="sm" aria-label="Move this caller" data-testid="move">
            <IconDots size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconArrowBarToUp size={15} />} onClick={() => move({ to: 'front' })}>
            To the front
          </Menu.Item>
          {others.map(({ id, label }) => (
            <Menu.Item
              key={id}
              leftSection={<IconArrowRight size={15} />}
              onClick={() => move({ to: 'queue', queueId: id })}
            >
              To {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
