import { Badge, Button, Table, UnstyledButton } from '@mantine/core';
import {
  IconArrowDownLeft,
  IconArrowsLeftRight,
  IconArrowUpRight,
  IconChevronDown,
  IconChevronUp,
  IconEar,
} from '@tabler/icons-react';
import { type KeyboardEvent, memo, type ReactNode, useState } from 'react';
import type { FloorAgent } from '../../protocol/floor.ts';
import { agentTone } from '../ui/agent-tone.ts';
import { STATE_WORDS } from '../ui/agent-words.ts';
import { EmptyState } from '../ui/states.tsx';
import { Timer } from '../ui/time.tsx';
import { AgentActions } from './agent-actions.tsx';
import { useFloorPart, useServerNow } from './floor-context.tsx';
import { type AgentOrder, type Order, sortAgents } from './rows.ts';
import classes from './table.module.css';

/** More rows than anybody reads: a filter finds the others. */
const MOST = 300;

const DIRECTIONS = {
  inbound: { Icon: IconArrowDownLeft, word: 'Inbound' },
  outbound: { Icon: IconArrowUpRight, word: 'Outbound' },
  internal: { Icon: IconArrowsLeftRight, word: 'Internal' },
} as const;

interface AgentsTableProps {
  agents: FloorAgent[];
  /** Others are hidden by a filter. */
  filtered: boolean;
  onClear: () => void;
}

/** Agents as they are now. Arrow keys go from one agent's menu to the next. */
export function AgentsTable({ agents, filtered, onClear }: AgentsTableProps) {
  const [order, setOrder] = useState<Order<AgentOrder>>({ by: 'state', descending: false });
  if (agents.length === 0)
    return filtered ? (
      <EmptyState
        title="No agent is like that now"
        action={
          <Button variant="default" onClick={onClear}>
            Show all
          </Button>
        }
      />
    ) : (
      <EmptyState title="No agents here">
        You see the members of the teams that you lead. An administrator sets teams up in Setup.
      </EmptyState>
    );
  const rows = sortAgents(agents, order);
  const head = (by: AgentOrder, children: ReactNode) => (
    <SortHead by={by} order={order} onSort={setOrder}>
      {children}
    </SortHead>
  );
  return (
    <div className={classes.scroll} onKeyDown={moveBetweenRows}>
      <Table className={classes.table} highlightOnHover data-testid="agents">
        <Table.Thead>
          <Table.Tr>
            {head('name', 'Agent')}
            {head('state', 'State')}
            {head('since', 'For')}
            {head('call', 'Call')}
            <Table.Th>Teams</Table.Th>
            <Table.Th>
              <span className="cp-visually-hidden">Actions</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.slice(0, MOST).map((agent) => (
            <AgentRow key={agent.id} agent={agent} />
          ))}
        </Table.Tbody>
      </Table>
      {rows.length > MOST && (
        <div className={classes.more} role="status">
          {rows.length - MOST} more: filter or sort to see them.
        </div>
      )}
    </div>
  );
}

/** Rendered when it is this agent that changed: the floor changes up to ten times a second. */
const AgentRow = memo(function AgentRow({ agent }: { agent: FloorAgent }) {
  const teams = useFloorPart((view) => view.teams);
  const now = useServerNow();
  const labels = teams.filter(({ id }) => agent.teamIds.includes(id)).map(({ label }) => label);
  return (
    <Table.Tr data-testid="agent" data-state={agent.state} data-agent={agent.name}>
      <Table.Td className={classes.name}>{agent.name}</Table.Td>
      <Table.Td>
        <Badge color={agentTone(agent.state)} variant="light">
          {STATE_WORDS[agent.state]}
        </Badge>{' '}
        {agent.reason && <span className={classes.muted}>{agent.reason}</span>}
      </Table.Td>
      <Table.Td>{agent.state !== 'logged-out' && <Timer since={agent.since} now={now} />}</Table.Td>
      <Table.Td>{agent.call && <Call agent={agent} call={agent.call} />}</Table.Td>
      <Table.Td className={classes.muted}>{labels.join(', ')}</Table.Td>
      <Table.Td className={classes.number}>
        <AgentActions agent={agent} />
      </Table.Td>
    </Table.Tr>
  );
});

function Call({ agent, call }: { agent: FloorAgent; call: NonNullable<FloorAgent['call']> }) {
  const queue = useFloorPart(({ queues }) => queues.get(call.queueId ?? '')?.label);
  const hearing = useFloorPart(({ agents }) =>
    (agent.supervisors ?? []).map(({ userId }) => agents.get(userId)?.name ?? 'a supervisor').join(', '),
  );
  const now = useServerNow();
  const { Icon, word } = DIRECTIONS[call.direction];
  return (
    <span className={classes.call}>
      <Icon size={15} aria-label={word} />
      <span>{queue ?? call.peer ?? word}</span>
      <Timer since={call.since} now={now} />
      {call.held && <Badge color="warn">Hold</Badge>}
      {hearing !== '' && (
        <Badge color="petrol" variant="light" leftSection={<IconEar size={12} />}>
          {hearing}
        </Badge>
      )}
    </span>
  );
}

interface SortHeadProps<K> {
  by: K;
  order: Order<K>;
  onSort: (order: Order<K>) => void;
  children: ReactNode;
}

/** A column's head that sorts by it. */
function SortHead<K extends string>({ by, order, onSort, children }: SortHeadProps<K>) {
  const mine = order.by === by;
  const Icon = order.descending ? IconChevronUp : IconChevronDown;
  return (
    <Table.Th aria-sort={mine ? (order.descending ? 'descending' : 'ascending') : 'none'}>
      <UnstyledButton
        className={classes.sort}
        onClick={() => onSort({ by, descending: mine && !order.descending })}
      >
        {children}
        {mine && <Icon size={13} aria-hidden />}
      </UnstyledButton>
    </Table.Th>
  );
}

function moveBetweenRows(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('[data-row-menu]')];
  const at = buttons.indexOf(event.target as HTMLButtonElement);
  const next = buttons[at + (event.key === 'ArrowDown' ? 1 : -1)];
  if (at < 0 || !next || (event.target as HTMLElement).getAttribute('aria-expanded') === 'true') return;
  event.preventDefault();
  next.focus();
}
