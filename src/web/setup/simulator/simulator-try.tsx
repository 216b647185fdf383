import { Anchor, MultiSelect, Table } from '@mantine/core';
import { Link } from 'wouter';
import type { AgentGroup, SimulatedQueue, SimulationFile } from '../../../protocol/simulation.ts';
import type { Skill } from '../../../protocol/skills.ts';
import { Section } from '../page.tsx';
import { useRecords } from '../resource.ts';
import { groupInB, queueInB, shiftsText, tryGroup, tryQueue } from './simulation-edit.ts';
import { Amount } from './simulator-day.tsx';
import classes from './simulator.module.css';

interface TryProps {
  file: SimulationFile;
  onChange: (file: SimulationFile) => void;
}

/** What is tried: for each thing what it is in A, and a field for B. */
export function SimulatorTry({ file, onChange }: TryProps) {
  return (
    <Section
      title="What is tried"
      intro={
        <>
          A is what is configured now, in{' '}
          <Anchor component={Link} href="/queues" inherit underline="always">
            Queues
          </Anchor>{' '}
          and{' '}
          <Anchor component={Link} href="/users" inherit underline="always">
            Users
          </Anchor>
          ; B is A with what you change here. Nothing of it is saved.
        </>
      }
    >
      <AgentTable file={file} onChange={onChange} />
      <QueueTable file={file} onChange={onChange} />
    </Section>
  );
}

function AgentTable({ file, onChange }: TryProps) {
  const queues = file.a.queues.map(({ id, label }) => ({ value: id, label: label ?? id }));
  const labelOf = (id: string) => queues.find(({ value }) => value === id)?.label ?? id;
  return (
    <div className={classes.scroll}>
      <Table aria-label="Agents in A and B">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Agents</Table.Th>
            <Table.Th>Shift</Table.Th>
            <Table.Th ta="right">A</Table.Th>
            <Table.Th>B</Table.Th>
            <Table.Th>Queues in A</Table.Th>
            <Table.Th>Queues in B</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {file.a.agents.map((group) => {
            const tried = groupInB(file, group);
            const change = (what: Partial<AgentGroup>) => onChange(tryGroup(file, group, what));
            return (
              <Table.Tr key={group.name} data-testid="agent-group">
                <Table.Th fw={450} scope="row">
                  {group.name}
                </Table.Th>
                <Table.Td>{shiftsText(group)}</Table.Td>
                <Table.Td ta="right">{group.count}</Table.Td>
                <Table.Td>
                  <Amount
                    hidden={`${group.name} in B`}
                    value={tried.count}
                    max={2_000}
                    onChange={(count) => change({ count: Math.round(count) })}
                  />
                </Table.Td>
                <Table.Td>{group.queueIds.map(labelOf).join(', ')}</Table.Td>
                <Table.Td>
                  <MultiSelect
                    size="xs"
                    aria-label={`Queues of ${group.name} in B`}
                    data={queues}
                    value={tried.queueIds}
                    onChange={(queueIds) => queueIds.length > 0 && change({ queueIds })}
                  />
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function QueueTable({ file, onChange }: TryProps) {
  return (
    <div className={classes.scroll}>
      <Table mt="md" aria-label="Queues in A and B">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Queue</Table.Th>
            <Table.Th ta="right">Rings, A</Table.Th>
            <Table.Th>Rings, B</Table.Th>
            <Table.Th ta="right">Wrap-up at most, A</Table.Th>
            <Table.Th>Wrap-up at most, B</Table.Th>
            <Table.Th>Level at least, A; B</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {file.a.queues.map((queue) => (
            <QueueRow
              key={queue.id}
              queue={queue}
              tried={queueInB(file, queue)}
              onChange={(change) => onChange(tryQueue(file, queue, change))}
            />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

interface QueueRowProps {
  queue: SimulatedQueue;
  tried: SimulatedQueue;
  onChange: (change: Partial<SimulatedQueue>) => void;
}

function QueueRow({ queue, tried, onChange }: QueueRowProps) {
  const name = queue.label ?? queue.id;
  return (
    <Table.Tr>
      <Table.Th fw={450} scope="row">
        {name}
      </Table.Th>
      <Table.Td ta="right">{queue.ringSeconds} s</Table.Td>
      <Table.Td>
        <Amount
          hidden={`Ring time of ${name} in B`}
          unit="s"
          min={1}
          max={300}
          value={tried.ringSeconds}
          onChange={(ringSeconds) => onChange({ ringSeconds })}
        />
      </Table.Td>
      <Table.Td ta="right">{queue.wrapUpSeconds} s</Table.Td>
      <Table.Td>
        <Amount
          hidden={`Wrap-up limit of ${name} in B`}
          unit="s"
          max={3_600}
          value={tried.wrapUpSeconds}
          onChange={(wrapUpSeconds) => onChange({ wrapUpSeconds })}
        />
      </Table.Td>
      <Table.Td>
        <Levels queue={queue} tried={tried} onChange={onChange} />
      </Table.Td>
    </Table.Tr>
  );
}

/** The levels that the queue asks for. */
function Levels({ queue, tried, onChange }: QueueRowProps) {
  const skills = useRecords<Skill>('skills').data ?? [];
  if (queue.requirements.length === 0) return '–';
  return queue.requirements.map(({ skillId, minimum }) => {
    const label = skills.find(({ id }) => id === skillId)?.label ?? skillId;
    const now = tried.requirements.find((one) => one.skillId === skillId)?.minimum ?? 0;
    return (
      <div key={skillId} className={classes.level}>
        <span>
          {label} ≥ {minimum}
        </span>
        <Amount
          hidden={`Level of ${label} in B; 0: not asked for`}
          max={10}
          value={now}
          onChange={(level) =>
            onChange({
              requirements: queue.requirements
                .map((one) =>
                  one.skillId === skillId
                    ? { skillId, minimum: Math.round(level) }
                    : (tried.requirements.find((other) => other.skillId === one.skillId) ?? {
                        ...one,
                        minimum: 0,
                      }),
                )
                .filter((one) => one.minimum > 0),
            })
          }
        />
      </div>
    );
  });
}
