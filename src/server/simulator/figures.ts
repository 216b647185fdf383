/** The figures of one run, as quotients: of all queues or of one, over the day or in one interval of it. */
import type { FigureName } from '../../protocol/simulation.ts';
import type { AgentTime, DayFrame, DayLog } from './day-log.ts';
import type { Quotient } from './estimate.ts';

export type RunFigures = Record<FigureName, Quotient>;

/** What is looked at. */
export interface Scope {
  /** Null: all. */
  queueId: string | null;
  agentIds: readonly string[];
}

/** What became of a caller, in a queue or in all. Milliseconds since midnight. */
interface Outcome {
  at: number;
  waitMs: number;
  how: 'answered' | 'abandoned' | 'other';
}

/** Of the whole day first, then of each interval. A caller counts where he entered. */
export function figuresOf(
  log: DayLog,
  scope: Scope,
  frame: DayFrame,
  withinMs: number,
): { day: RunFigures; intervals: RunFigures[] } {
  const outcomes = scope.queueId === null ? callersOutcomes(log) : staysOutcomes(log, scope.queueId);
  const missed = log.missed.filter(({ queueId }) => scope.queueId === null || queueId === scope.queueId);
  const times = scope.agentIds.flatMap((id) => log.times.get(id) ?? []);
  const all = Array.from({ length: frame.intervals }, (_, index) => index);
  const of = (indexes: readonly number[]) => {
    const inside = ({ at }: { at: number }) =>
      indexes.includes(Math.floor((at - frame.from) / frame.intervalMs));
    return {
      ...callFigures(outcomes.filter(inside), withinMs),
      ...agentFigures(times, indexes, frame.intervalMs),
      missedOffers: count(missed.filter(inside).length),
    };
  };
  return { day: of(all), intervals: all.map((index) => of([index])) };
}

function staysOutcomes({ stays }: DayLog, queueId: string): Outcome[] {
  return stays
    .filter((stay) => stay.queueId === queueId)
    .map(({ enteredAt, leftAt, how }) => outcomeOf(enteredAt, leftAt, how));
}

/** A caller who goes from one queue to another is one, and waits from the first. */
function callersOutcomes({ stays }: DayLog): Outcome[] {
  const callers = new Map<string, Outcome>();
  for (const { conversationId, enteredAt, leftAt, how } of stays) {
    const first = callers.get(conversationId)?.at ?? enteredAt;
    callers.set(conversationId, outcomeOf(first, leftAt, how));
  }
  return [...callers.values()];
}

function outcomeOf(at: number, leftAt: number | undefined, how: string | undefined): Outcome {
  const ended = how === 'answered' || how === 'abandoned' ? how : 'other';
  return { at, waitMs: leftAt === undefined ? 0 : leftAt - at, how: ended };
}

function callFigures(outcomes: readonly Outcome[], withinMs: number) {
  const answered = outcomes.filter(({ how }) => how === 'answered');
  const ended = outcomes.filter(({ how }) => how !== 'other');
  const waits = answered.map(({ waitMs }) => waitMs).sort((a, b) => a - b);
  const inTime = answered.filter(({ waitMs }) => waitMs <= withinMs).length;
  const abandoned = outcomes.filter(({ how }) => how === 'abandoned').length;
  return {
    offered: count(outcomes.length),
    answered: count(answered.length),
    abandoned: { sum: abandoned, of: outcomes.length },
    serviceLevel: { sum: inTime, of: outcomes.length },
    sentAway: { sum: outcomes.length - ended.length, of: outcomes.length },
    meanWait: { sum: seconds(ended), of: ended.length },
    answeredWait: { sum: seconds(answered), of: answered.length },
    wait50: percentile(waits, 0.5),
    wait90: percentile(waits, 0.9),
    wait95: percentile(waits, 0.95),
    longestWait: percentile(waits, 1),
  };
}

function agentFigures(times: readonly AgentTime[], indexes: readonly number[], intervalMs: number) {
  const sumOf = (kind: keyof AgentTime) =>
    times.reduce((sum, time) => sum + indexes.reduce((all, index) => all + (time[kind][index] ?? 0), 0), 0);
  const busy = sumOf('busy');
  const ready = sumOf('ready');
  return {
    occupancy: { sum: busy, of: busy + ready },
    staffed: { sum: busy + ready, of: intervalMs * indexes.length },
  };
}

function count(value: number): Quotient {
  return { sum: value, of: 1 };
}

function seconds(outcomes: readonly Outcome[]): number {
  return outcomes.reduce((sum, { waitMs }) => sum + waitMs / 1_000, 0);
}

/** Nearest rank, of those who were answered. */
function percentile(sorted: readonly number[], share: number): Quotient {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return value === undefined ? { sum: 0, of: 0 } : { sum: value / 1_000, of: 1 };
}
