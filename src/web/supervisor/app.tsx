import { Alert, Center, Loader, Select, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconPlugConnectedX, IconSearch } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import type { QueueMinute } from '../../protocol/floor.ts';
import { STATE_WORDS } from '../ui/agent-words.ts';
import { api } from '../ui/api.ts';
import { AppHeader } from '../ui/app-header.tsx';
import { useMe } from '../ui/me-context.ts';
import { NotForAgents } from '../ui/not-for-agents.tsx';
import { Timer } from '../ui/time.tsx';
import { useHotkey } from '../ui/use-hotkey.ts';
import { openWebSocket, socketUrl } from '../client/socket-like.ts';
import { AgentsTable } from './agents-table.tsx';
import classes from './app.module.css';
import { EmergencySwitches } from './emergency.tsx';
import { FloorProvider, useFloor, useServerNow } from './floor-context.tsx';
import { QueueCharts } from './queue-charts.tsx';
import { QueuesTable } from './queues-table.tsx';
import { type AgentFilter, countStates, filterAgents, STATES, totalsOf } from './rows.ts';
import { Tiles } from './tiles.tsx';

const openSocket = () => openWebSocket(socketUrl('/api/floor/socket', location));
/** Perhaps the sign-in is over: then this request is told so, and a new one is asked for. */
const onRefused = () => {
  api('/api/me').catch(() => undefined); // a server that is away shows in the floor's status
};

/** The live floor. */
export function App() {
  if (useMe().roles.every((role) => role === 'agent'))
    return (
      <NotForAgents title="The live floor is for supervisors">
        Ask an administrator for the role.
      </NotForAgents>
    );
  return (
    <FloorProvider openSocket={openSocket} onRefused={onRefused}>
      <div className={classes.app}>
        <AppHeader name="Live floor" />
        <FloorPage />
      </div>
    </FloorProvider>
  );
}

const NO_MINUTES: readonly QueueMinute[] = [];
const NO_FILTER: AgentFilter = { text: '', teamId: null, queueId: null, state: null };

function FloorPage() {
  const floor = useFloor();
  const [filter, setFilter] = useState(NO_FILTER);
  const [queueId, setQueueId] = useState<string>();
  const change = (part: Partial<AgentFilter>) => setFilter((before) => ({ ...before, ...part }));
  if (floor.status === 'connecting')
    return (
      <Center className={classes.main}>
        <Loader aria-label="Loading" />
      </Center>
    );
  const agents = filterAgents(floor.agents.values(), filter);
  const queues = [...floor.queues.values()].sort((a, b) => a.label.localeCompare(b.label));
  const charted = floor.queues.get(queueId ?? '') ?? queues[0];
  return (
    <main className={classes.main} data-testid="floor" data-status={floor.status}>
      <h1 className="cp-visually-hidden">Live floor</h1>
      {floor.status === 'lost' && (
        <Alert color="warn" icon={<IconPlugConnectedX size={18} />} role="status" mb="sm">
          The connection is lost: this is how it was. It comes back by itself.
        </Alert>
      )}
      <Alarms />
      <EmergencySwitches />
      <Tiles totals={totalsOf(floor.queues.values())} states={countStates(floor.agents.values())} />
      <section className={classes.card} aria-label="Queues">
        <h2 className={classes.title}>Queues</h2>
        <QueuesTable queues={queues} selectedId={charted?.id} onSelect={setQueueId} />
        {charted && (
          <QueueCharts
            label={charted.label}
            goal={charted.target.goal}
            minutes={floor.history.get(charted.id) ?? NO_MINUTES}
          />
        )}
      </section>
      <section className={classes.card} aria-label="Agents">
        <div className={classes.head}>
          <h2 className={classes.title}>Agents</h2>
          <Filters filter={filter} onChange={change} />
        </div>
        <AgentsTable
          agents={agents}
          filtered={agents.length < floor.agents.size}
          onClear={() => setFilter(NO_FILTER)}
        />
      </section>
    </main>
  );
}

function Filters({
  filter,
  onChange,
}: {
  filter: AgentFilter;
  onChange: (part: Partial<AgentFilter>) => void;
}) {
  const { teams, queues } = useFloor();
  const field = useRef<HTMLInputElement>(null);
  useHotkey('/', () => field.current?.focus());
  const choices = (all: Iterable<{ id: string; label: string }>) =>
    [...all].map(({ id, label }) => ({ value: id, label }));
  return (
    <div className={classes.filters}>
      <TextInput
        ref={field}
        size="xs"
        w={170}
        aria-label="Find an agent"
        placeholder="Find an agent  /"
        leftSection={<IconSearch size={14} />}
        value={filter.text}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
        onKeyDown={(event) => event.key === 'Escape' && onChange({ text: '' })}
      />
      {teams.length > 0 && (
        <Select
          size="xs"
          w={140}
          clearable
          aria-label="Team"
          placeholder="All teams"
          data={choices(teams)}
          value={filter.teamId}
          onChange={(teamId) => onChange({ teamId })}
        />
      )}
      <Select
        size="xs"
        w={140}
        clearable
        searchable
        aria-label="Queue"
        placeholder="All queues"
        data={choices(queues.values())}
        value={filter.queueId}
        onChange={(queueId) => onChange({ queueId })}
      />
      <Select
        size="xs"
        w={130}
        clearable
        aria-label="State"
        placeholder="All states"
        data={STATES.map((state) => ({ value: state, label: STATE_WORDS[state] }))}
        value={filter.state}
        onChange={(state) => onChange({ state: state as AgentFilter['state'] })}
      />
    </div>
  );
}

function Alarms() {
  const { alarms } = useFloor();
  const now = useServerNow();
  // There while it is empty too: what comes into it is read out.
  return (
    <ul className={classes.alarms} aria-label="Alarms" aria-live="polite" data-testid="alarms">
      {alarms.map(({ id, label, text, since }) => (
        <li key={id} className={classes.alarm}>
          <IconAlertTriangle size={17} aria-hidden />
          <span>
            <strong>{label}</strong> {text}
          </span>
          <Timer since={since} now={now} />
        </li>
      ))}
    </ul>
  );
}
