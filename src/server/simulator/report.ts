/** What a simulation found, as text for a terminal. */
import type {
  Estimate,
  FigureName,
  ScopeResult,
  SimulationResult,
  Yardstick,
} from '../../protocol/simulation.ts';

const share = (value: number) => `${(100 * value).toFixed(1)} %`;
const secondsText = (value: number) => `${value.toFixed(value < 100 ? 1 : 0)} s`;
const number = (value: number) => value.toFixed(value < 100 ? 1 : 0);

/** The rows of the day's table: what it is called, and how it is written. */
const ROWS: [FigureName, string, (value: number) => string, (keyof Yardstick)?][] = [
  ['offered', 'Calls', number],
  ['answered', 'Answered', number],
  ['abandoned', 'Gave up', share, 'abandoned'],
  ['sentAway', 'Sent elsewhere', share],
  ['serviceLevel', 'Answered in time', share, 'serviceLevel'],
  ['meanWait', 'Mean wait, all', secondsText, 'meanWait'],
  ['answeredWait', 'Mean wait, answered', secondsText],
  ['wait50', 'Half wait at most', secondsText],
  ['wait90', '90 % wait at most', secondsText],
  ['wait95', '95 % wait at most', secondsText],
  ['longestWait', 'Longest wait', secondsText],
  ['occupancy', 'Occupancy', share, 'occupancy'],
  ['staffed', 'Agents', number],
  ['missedOffers', 'Missed offers', number],
];

/** Tables of the day and of its intervals, for every scope. */
export function reportOf(result: SimulationResult): string {
  const { label, runs, withinSeconds, a, b } = result;
  const head =
    `${label}: ${runs} ${runs === 1 ? 'run' : 'runs'}. In time: within ${withinSeconds} s, of all callers. ` +
    (runs > 1 ? '± holds the true figure with 95 % confidence.' : 'One run says nothing of chance.');
  const parts = a.scopes.flatMap((scope) => {
    const other = b?.scopes.find(({ queueId }) => queueId === scope.queueId);
    const title = (side: string) =>
      b ? `${scope.label}, ${side}, by interval` : `${scope.label}, by interval`;
    return [
      `## ${scope.label}`,
      dayTable(result, scope, other),
      `${title(a.label)}\n${intervalTable(scope)}`,
      ...(b && other ? [`${title(b.label)}\n${intervalTable(other)}`] : []),
    ];
  });
  return [head, ...parts].join('\n\n');
}

function dayTable(
  { a, b, difference }: SimulationResult,
  scope: ScopeResult,
  other: ScopeResult | undefined,
): string {
  const changes = difference?.find(({ queueId }) => queueId === scope.queueId)?.day;
  const theory = (of: ScopeResult | undefined) => [of?.erlangC, of?.erlangA];
  const head = other
    ? ['', a.label, 'Erlang C', 'Erlang A', b?.label ?? 'B', 'Erlang C', 'Erlang A', 'B less A']
    : ['', a.label, 'Erlang C', 'Erlang A'];
  const rows = ROWS.map(([name, label, write, key]) => {
    const side = (of: ScopeResult | undefined) => [
      plusMinus(of?.day[name], write),
      ...theory(of).map((yardstick) => (key && yardstick ? write(yardstick[key]) : '')),
    ];
    return [label, ...side(scope), ...(other ? [...side(other), changeOf(changes?.[name], write)] : [])];
  });
  return table([head, ...rows]);
}

function intervalTable({ intervals }: ScopeResult): string {
  const head = [
    'From',
    'Calls',
    'Agents',
    'In time',
    'Erlang C',
    'Erlang A',
    'Mean wait',
    'Gave up',
    'Occupancy',
  ];
  const rows = intervals.map(({ from, figures, erlangC, erlangA }) => [
    from,
    plain(figures.offered, number),
    plain(figures.staffed, number),
    plain(figures.serviceLevel, share),
    erlangC ? share(erlangC.serviceLevel) : '–',
    erlangA ? share(erlangA.serviceLevel) : '–',
    plain(figures.meanWait, secondsText),
    plain(figures.abandoned, share),
    plain(figures.occupancy, share),
  ]);
  return table([head, ...rows]);
}

function plain(estimate: Estimate | null | undefined, write: (value: number) => string): string {
  return estimate ? write(estimate.mean) : '–';
}

function plusMinus(estimate: Estimate | null | undefined, write: (value: number) => string): string {
  if (!estimate) return '–';
  const half = estimate.high - estimate.mean;
  return half > 0 ? `${write(estimate.mean)} ± ${write(half)}` : write(estimate.mean);
}

/** With a star where chance is no explanation. */
function changeOf(estimate: Estimate | null | undefined, write: (value: number) => string): string {
  if (!estimate) return '–';
  const sure = estimate.low !== estimate.high && (estimate.low > 0 || estimate.high < 0);
  return `${estimate.mean > 0 ? '+' : ''}${plusMinus(estimate, write)}${sure ? ' *' : ''}`;
}

/** Columns as wide as their widest cell; the first flush left, numbers flush right. */
function table(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
