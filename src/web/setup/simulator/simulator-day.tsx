import { NumberInput, SimpleGrid, Table, TextInput } from '@mantine/core';
import type { Demand, SimulationFile } from '../../../protocol/simulation.ts';
import { Section } from '../page.tsx';
import { perHourOf, withDemand, withHours, withPerHour } from './simulation-edit.ts';
import classes from './simulator.module.css';

interface DayProps {
  file: SimulationFile;
  onChange: (file: SimulationFile) => void;
}

/** What comes: hours, callers of each queue, how many days are played. */
export function SimulatorDay({ file, onChange }: DayProps) {
  const label = (queueId: string) => file.a.queues.find(({ id }) => id === queueId)?.label ?? queueId;
  return (
    <Section
      title="The day"
      intro="Who calls, how long they talk, and when they give up. A and B get the same callers."
    >
      <DayFields file={file} onChange={onChange} />
      <div className={classes.scroll}>
        <Table mt="md" aria-label="Callers by queue">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Queue</Table.Th>
              <Table.Th>Calls an hour</Table.Th>
              <Table.Th>Mean talk</Table.Th>
              <Table.Th>Mean wrap-up</Table.Th>
              <Table.Th>Mean patience</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {file.demand.map((demand) => (
              <DemandRow
                key={demand.queueId}
                label={label(demand.queueId)}
                demand={demand}
                onPerHour={(perHour) => onChange(withPerHour(file, demand.queueId, perHour))}
                onChange={(change) => onChange(withDemand(file, demand.queueId, change))}
              />
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Section>
  );
}

function DayFields({ file, onChange }: DayProps) {
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="md">
      <TextInput
        size="xs"
        label="From"
        placeholder="08:00"
        value={file.from}
        onChange={(event) => onChange(withHours(file, event.currentTarget.value, file.to))}
      />
      <TextInput
        size="xs"
        label="To"
        placeholder="18:00"
        value={file.to}
        onChange={(event) => onChange(withHours(file, file.from, event.currentTarget.value))}
      />
      <Amount
        label="In time"
        unit="s"
        value={file.withinSeconds}
        min={1}
        max={3_600}
        onChange={(withinSeconds) => onChange({ ...file, withinSeconds })}
      />
      <Amount
        label="Days played"
        value={file.runs}
        min={1}
        max={200}
        onChange={(runs) => onChange({ ...file, runs })}
      />
    </SimpleGrid>
  );
}

interface DemandRowProps {
  label: string;
  demand: Demand;
  onPerHour: (perHour: number) => void;
  onChange: (change: Partial<Demand>) => void;
}

function DemandRow({ label, demand, onPerHour, onChange }: DemandRowProps) {
  const { talk, wrapUp, patience, recorded } = demand;
  return (
    <Table.Tr>
      <Table.Th fw={450} scope="row">
        {label}
      </Table.Th>
      <Table.Td>
        {recorded.length > 0 ? (
          `${recorded.length.toLocaleString()} calls that there were`
        ) : (
          <Amount
            hidden={`Calls an hour of ${label}`}
            value={perHourOf(demand)}
            max={50_000}
            onChange={onPerHour}
          />
        )}
      </Table.Td>
      <Table.Td>
        <Amount
          hidden={`Mean talk of ${label}`}
          unit="s"
          value={talk.mean}
          max={86_400}
          onChange={(mean) => onChange({ talk: { ...talk, mean } })}
        />
      </Table.Td>
      <Table.Td>
        <Amount
          hidden={`Mean wrap-up of ${label}`}
          unit="s"
          value={wrapUp.mean}
          max={86_400}
          onChange={(mean) => onChange({ wrapUp: { ...wrapUp, mean } })}
        />
      </Table.Td>
      <Table.Td>
        {patience ? (
          <Amount
            hidden={`Mean patience of ${label}`}
            unit="s"
            value={patience.mean}
            max={86_400}
            onChange={(mean) => onChange({ patience: { ...patience, mean } })}
          />
        ) : (
          'without end'
        )}
      </Table.Td>
    </Table.Tr>
  );
}

interface AmountProps {
  label?: string;
  /** In place of a label that would be seen. */
  hidden?: string;
  unit?: string;
  value: number;
  min?: number;
  max: number;
  disabled?: boolean;
  onChange: (value: number) => void;
}

/** A number that cannot be empty. */
export function Amount({ label, hidden, unit, value, min = 0, max, disabled, onChange }: AmountProps) {
  return (
    <NumberInput
      size="xs"
      w={label ? undefined : 110}
      label={label}
      aria-label={hidden}
      suffix={unit ? ` ${unit}` : undefined}
      decimalScale={1}
      value={value}
      min={min}
      max={max}
      disabled={disabled}
      onChange={(next) => typeof next === 'number' && onChange(next)}
    />
  );
}
