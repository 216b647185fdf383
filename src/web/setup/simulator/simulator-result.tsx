import { Select, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type {
  Estimate,
  FigureName,
  ScopeResult,
  SimulationResult,
  Yardstick,
} from '../../../protocol/simulation.ts';
import { Section } from '../page.tsx';
import { IntervalChart, type Series } from './interval-chart.tsx';
import classes from './simulator.module.css';

const share = (value: number) => `${(100 * value).toFixed(value > 0 && value < 0.1 ? 1 : 0)} %`;
const seconds = (value: number) => `${value.toFixed(value > 0 && value < 10 ? 1 : 0)} s`;
const count = (value: number) => value.toLocaleString(undefined, { maximumFractionDigits: 1 });

const ROWS: [FigureName, string, (value: number) => string, (keyof Yardstick)?][] = [
  ['offered', 'Calls', count],
  ['serviceLevel', 'Answered in time', share, 'serviceLevel'],
  ['abandoned', 'Gave up', share, 'abandoned'],
  ['sentAway', 'Sent elsewhere', share],
  ['meanWait', 'Mean wait of all', seconds, 'meanWait'],
  ['answeredWait', 'Mean wait until the answer', seconds],
  ['wait50', 'Half wait at most', seconds],
  ['wait90', '90 % wait at most', seconds],
  ['wait95', '95 % wait at most', seconds],
  ['longestWait', 'Longest wait', seconds],
  ['occupancy', 'Occupancy of agents', share, 'occupancy'],
  ['staffed', 'Agents there', count],
  ['missedOffers', 'Missed offers', count],
];

const ALL = '';
const COLOR_A = 'petrol.6';
const COLOR_B = 'copper.5';

/** What came of it: charts of the intervals and a table of the day, for all queues or one. */
export function SimulatorResult({ result }: { result: SimulationResult }) {
  const [scopeId, setScopeId] = useState<string>(ALL);
  const of = (side: SimulationResult['a'] | null) =>
    side?.scopes.find(({ queueId }) => (queueId ?? ALL) === scopeId);
  const a = of(result.a) ?? result.a.scopes[0];
  const b = of(result.b);
  if (!a) return null;
  return (
    <Section
      title="What came of it"
      intro={`${result.runs} ${result.runs === 1 ? 'day' : 'days'} of callers. In time: within ${result.withinSeconds} seconds, of all who called.`}
      actions={
        result.a.scopes.length > 1 && (
          <Select
            size="xs"
            aria-label="Queue"
            data={result.a.scopes.map(({ queueId, label }) => ({ value: queueId ?? ALL, label }))}
            value={scopeId}
            onChange={(value) => setScopeId(value ?? ALL)}
            allowDeselect={false}
          />
        )
      }
    >
      <Charts result={result} a={a} b={b} />
      <DayTable result={result} a={a} b={b} />
      <Text size="xs" c="dimmed" mt="xs">
        ± holds the true figure with 95 % confidence; a bold difference is one that chance does not explain.
        Erlang C and A know nothing of skills, shifts and missed offers; there is none where agents are shared
        with another queue.
      </Text>
    </Section>
  );
}

interface SidesProps {
  result: SimulationResult;
  a: ScopeResult;
  b: ScopeResult | undefined;
}

function Charts({ result, a, b }: SidesProps) {
  const lines = (name: FigureName, theory: keyof Yardstick): Series[] => {
    const of = (scope: ScopeResult, label: string, color: string): Series[] => [
      { label, color, values: scope.intervals.map(({ figures }) => figures[name]?.mean ?? null) },
      ...(scope.erlangA
        ? [
            {
              label: `Erlang A for ${label}`,
              color,
              dashed: true,
              values: scope.intervals.map(({ erlangA }) => erlangA?.[theory] ?? null),
            },
          ]
        : []),
    ];
    return [...of(a, result.a.label, COLOR_A), ...(b && result.b ? of(b, result.b.label, COLOR_B) : [])];
  };
  const labels = a.intervals.map(({ from }) => from);
  return (
    <div className={classes.charts}>
      <IntervalChart
        title="Answered in time"
        labels={labels}
        series={lines('serviceLevel', 'serviceLevel')}
        top={1}
        format={share}
      />
      <IntervalChart
        title="Mean wait"
        labels={labels}
        series={lines('meanWait', 'meanWait')}
        format={seconds}
      />
      <IntervalChart
        title="Occupancy of agents"
        labels={labels}
        series={lines('occupancy', 'occupancy')}
        top={1}
        format={share}
      />
      <IntervalChart
        title="Gave up"
        labels={labels}
        series={lines('abandoned', 'abandoned')}
        format={share}
      />
    </div>
  );
}

function DayTable({ result, a, b }: SidesProps) {
  const changes = result.difference?.find(({ queueId }) => queueId === a.queueId)?.day;
  return (
    <div className={classes.scroll}>
      <Table mt="md" aria-label="Figures of the day" data-testid="day-figures">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Over the day</Table.Th>
            <SideHead label={result.a.label} />
            {b && result.b && <SideHead label={result.b.label} />}
            {b && <Table.Th ta="right">B less A</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {ROWS.map(([name, label, format, theory]) => (
            <Table.Tr key={name}>
              <Table.Th fw={450} scope="row">
                {label}
              </Table.Th>
              <SideCells scope={a} name={name} format={format} theory={theory} />
              {b && <SideCells scope={b} name={name} format={format} theory={theory} />}
              {b && <Difference estimate={changes?.[name]} format={format} />}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function SideHead({ label }: { label: string }) {
  return (
    <>
      <Table.Th ta="right">{label}</Table.Th>
      <Table.Th ta="right" c="dimmed">
        Erlang C
      </Table.Th>
      <Table.Th ta="right" c="dimmed">
        Erlang A
      </Table.Th>
    </>
  );
}

interface SideCellsProps {
  scope: ScopeResult;
  name: FigureName;
  format: (value: number) => string;
  theory: keyof Yardstick | undefined;
}

function SideCells({ scope, name, format, theory }: SideCellsProps) {
  const yardstick = (of: Yardstick | null) => (theory && of ? format(of[theory]) : theory ? '–' : '');
  return (
    <>
      <Table.Td ta="right">{estimateText(scope.day[name], format)}</Table.Td>
      <Table.Td ta="right" c="dimmed">
        {yardstick(scope.erlangC)}
      </Table.Td>
      <Table.Td ta="right" c="dimmed">
        {yardstick(scope.erlangA)}
      </Table.Td>
    </>
  );
}

function Difference({
  estimate,
  format,
}: {
  estimate: Estimate | null | undefined;
  format: (value: number) => string;
}) {
  const sure = estimate && estimate.low !== estimate.high && (estimate.low > 0 || estimate.high < 0);
  return (
    <Table.Td ta="right" className={sure ? classes.changed : undefined}>
      {estimate && estimate.mean > 0 ? '+' : ''}
      {estimateText(estimate, format)}
    </Table.Td>
  );
}

function estimateText(estimate: Estimate | null | undefined, format: (value: number) => string): string {
  if (!estimate) return '–';
  const half = estimate.high - estimate.mean;
  return half > 0 ? `${format(estimate.mean)} ± ${format(half)}` : format(estimate.mean);
}
