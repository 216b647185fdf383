/**
 * Plays the days of a simulation file: so many runs, each with callers of its own, who call both configurations. Takes the time of the
 * process that it runs in: see simulator-worker.ts for one beside.
 */
import {
  type Configuration,
  type Demand,
  FIGURES,
  type FigureSet,
  minutesOf,
  type SideResult,
  type ScopeResult,
  type SimulationFile,
  type SimulationResult,
  timeOfMinutes,
} from '../../protocol/simulation.ts';
import { agentsOf, alternativeOf } from './configuration.ts';
import type { DayFrame } from './day-log.ts';
import { type Caller, drawCallers } from './demand.ts';
import { difference, estimate, type Quotient } from './estimate.ts';
import { figuresOf, type RunFigures, type Scope } from './figures.ts';
import { playDay } from './play-day.ts';
import { overDay, type Workload, yardsticksOf } from './yardsticks.ts';

type ScopeRun = ReturnType<typeof figuresOf>;
interface LabelledScope extends Scope {
  label: string;
  /** Its agents serve nothing else: theory can be asked of it. */
  alone: boolean;
}
interface Side {
  configuration: Configuration;
  scopes: LabelledScope[];
  /** By scope, then by run. */
  runs: ScopeRun[][];
  /** What the callers of all runs brought, by queue. */
  brought: Map<string, Brought>;
}
/** Callers, and their milliseconds: talk with wrap-up as the queue allows it, and patience. */
interface Brought {
  callers: number;
  handlingMs: number;
  patienceMs: number;
}

/** Any day will do: it is one without a change of clocks. */
const MIDNIGHT = Date.UTC(2026, 0, 5);

/**
 * @param onProgress told now and then with the share that is done, 0 to 1.
 * @throws CodedError `bad-input` when B does not come to a whole configuration.
 */
export async function simulate(
  file: SimulationFile,
  onProgress: (share: number) => void = () => undefined,
): Promise<SimulationResult> {
  const frame = frameOf(file);
  const sides = [sideOf(file.a), ...(file.b ? [sideOf(alternativeOf(file.a, file.b))] : [])];
  const parts = file.runs * sides.length;
  for (let run = 0, done = 0; run < file.runs; run++) {
    for (const side of sides) {
      // Drawn for each anew: what is drawn later, such as how soon agents answer, begins the same in both.
      const callers = drawCallers(file.demand, file.seed + run);
      note(side, callers);
      const log = await playDay(callers, side.configuration, frame, (share) =>
        onProgress((done + share) / parts),
      );
      side.scopes.forEach((scope, index) =>
        side.runs[index]?.push(figuresOf(log, scope, frame, file.withinSeconds * 1_000)),
      );
      done++;
    }
  }
  return resultOf(file, frame, sides);
}

function frameOf({ from, to, intervalMinutes }: SimulationFile): DayFrame {
  const length = minutesOf(to) - minutesOf(from);
  return {
    midnight: MIDNIGHT,
    from: minutesOf(from) * 60_000,
    intervalMs: intervalMinutes * 60_000,
    intervals: Math.ceil(length / intervalMinutes),
  };
}

function sideOf(configuration: Configuration): Side {
  const agents = agentsOf(configuration);
  const all: LabelledScope = {
    queueId: null,
    label: 'All queues',
    agentIds: agents.map(({ id }) => id),
    alone: true,
  };
  const queues = configuration.queues.map(({ id, label }): LabelledScope => {
    const members = agents.filter(({ queueIds }) => queueIds.has(id));
    return {
      queueId: id,
      label: label ?? id,
      agentIds: members.map((agent) => agent.id),
      alone: members.every(({ queueIds }) => queueIds.size === 1),
    };
  });
  const scopes = queues.length > 1 ? [all, ...queues] : [all];
  return { configuration, scopes, runs: scopes.map(() => []), brought: new Map() };
}

/** The callers of one run: what theory is told of them is summed up, as a simulation may have millions. */
function note({ configuration, brought }: Side, callers: readonly Caller[]): void {
  const limits = new Map(configuration.queues.map(({ id, wrapUpSeconds }) => [id, wrapUpSeconds * 1_000]));
  for (const { queueId, talkMs, wrapUpMs, patienceMs } of callers) {
    const sums = brought.get(queueId) ?? { callers: 0, handlingMs: 0, patienceMs: 0 };
    brought.set(queueId, sums);
    sums.callers++;
    sums.handlingMs += talkMs + Math.min(wrapUpMs, limits.get(queueId) ?? 0);
    sums.patienceMs += patienceMs;
  }
}

function resultOf(file: SimulationFile, frame: DayFrame, [a, b]: Side[]): SimulationResult {
  const { label, runs, withinSeconds, intervalMinutes } = file;
  const show = (side: Side): SideResult => ({
    label: side.configuration.label,
    scopes: side.scopes.map((scope, index) =>
      scopeResult(scope, side.runs[index] ?? [], frame, workloadOf(file, side, scope)),
    ),
  });
  if (!a) throw new Error('there is no configuration');
  return {
    label,
    runs,
    withinSeconds,
    intervalMinutes,
    a: show(a),
    b: b ? show(b) : null,
    difference: b ? differencesOf(a, b) : null,
  };
}

function differencesOf(a: Side, b: Side): SimulationResult['difference'] {
  return a.scopes.flatMap(({ queueId }, index) => {
    const other = b.scopes.findIndex((scope) => scope.queueId === queueId);
    const [runsA, runsB] = [a.runs[index], b.runs[other]];
    if (!runsA || !runsB) return [];
    return [{ queueId, day: figureSet((name) => difference(days(runsA, name), days(runsB, name))) }];
  });
}

function scopeResult(scope: LabelledScope, runs: ScopeRun[], frame: DayFrame, work: Workload): ScopeResult {
  const spans = Array.from({ length: frame.intervals }, (_, index) => ({
    from: timeOfMinutes((frame.from + index * frame.intervalMs) / 60_000),
    figures: figureSet((name) => estimate(runs.map((run) => quotient(run.intervals[index], name)))),
  }));
  const loads = spans.map(({ figures }) => ({
    seconds: frame.intervalMs / 1_000,
    offered: figures.offered?.mean ?? 0,
    staffed: figures.staffed?.mean ?? 0,
  }));
  const theory = loads.map((load) =>
    scope.alone ? yardsticksOf(load, work) : { erlangC: null, erlangA: null },
  );
  return {
    queueId: scope.queueId,
    label: scope.label,
    day: figureSet((name) => estimate(days(runs, name))),
    erlangC: overDay(
      loads,
      theory.map(({ erlangC }) => erlangC),
    ),
    erlangA: overDay(
      loads,
      theory.map(({ erlangA }) => erlangA),
    ),
    intervals: spans.map((span, index) => ({
      ...span,
      ...(theory[index] ?? { erlangC: null, erlangA: null }),
    })),
  };
}

/** What theory is told: the means of what was drawn for the callers of the scope. */
function workloadOf(
  { withinSeconds, demand }: SimulationFile,
  { configuration, brought }: Side,
  { queueId }: Scope,
): Workload {
  const concerns = (one: { queueId: string }) => queueId === null || one.queueId === queueId;
  const sums = [...brought].flatMap(([id, one]) => (concerns({ queueId: id }) ? [one] : []));
  const sumOf = (what: keyof Brought) => sums.reduce((sum, one) => sum + one[what], 0);
  const meanSeconds = (what: keyof Brought) => sumOf(what) / Math.max(1, sumOf('callers')) / 1_000;
  const groups = configuration.agents.filter(
    ({ queueIds }) => queueId === null || queueIds.includes(queueId),
  );
  const answering =
    groups.reduce((sum, { count, answer }) => sum + count * answer.mean, 0) /
    Math.max(
      1,
      groups.reduce((sum, { count }) => sum + count, 0),
    );
  return {
    withinSeconds,
    handlingSeconds: answering + meanSeconds('handlingMs'),
    patienceSeconds: isPatient(demand.filter(concerns)) ? undefined : meanSeconds('patienceMs'),
  };
}

/** Somebody waits for ever. */
function isPatient(demand: readonly Demand[]): boolean {
  return demand.length === 0 || demand.some(({ patience }) => patience === null);
}

function figureSet(of: (name: (typeof FIGURES)[number]) => FigureSet[keyof FigureSet]): FigureSet {
  return Object.fromEntries(FIGURES.map((name) => [name, of(name)])) as FigureSet;
}

function days(runs: readonly ScopeRun[], name: keyof RunFigures): Quotient[] {
  return runs.map(({ day }) => quotient(day, name));
}

function quotient(figures: RunFigures | undefined, name: keyof RunFigures): Quotient {
  return figures?.[name] ?? { sum: 0, of: 0 };
}
