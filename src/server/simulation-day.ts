/**
 * A simulation file of what is configured now: queues, agents with their skills, and the calls of a day that was, or made-up ones where
 * none is asked for.
 */
import { type Arrivals, type Duration, SimulationFile, timeOfMinutes } from '../protocol/simulation.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import type { Queue, User } from './callcenter/model.ts';
import {
  type RecordedAgent,
  type RecordedCaller,
  recordedAgents,
  recordedCallers,
} from './history/recorded-day.ts';
import type { Sql } from './store/database.ts';

export interface DaySource {
  callCenter: Pick<CallCenter, 'queues' | 'users' | 'takesCalls'>;
  /** The projections of the journal. */
  sql: Sql;
}

/** More than these of one day are left out. */
const MOST_CALLS = 100_000;
const HOUR = 3_600_000;
const DAY_HOURS = { from: '08:00', to: '18:00' };
/** Of made-up calls: what an administrator then changes. */
const CALLS_PER_HOUR = 20;
const TALK: Duration = { mean: 180, spread: 'lognormal', cv: 0.8 };
const WRAP_UP: Duration = { mean: 30, spread: 'exponential', cv: 0.8 };
const PATIENCE: Duration = { mean: 180, spread: 'exponential', cv: 0.8 };
/** From fewer callers who gave up nothing can be said of patience. */
const FEWEST_ABANDONED = 5;

/**
 * @param midnight when the day began that is to be played again, UTC milliseconds; undefined: calls are made up.
 * Undefined when there is no queue with a member, and so nothing to play.
 */
export async function configuredDay(
  { callCenter, sql }: DaySource,
  midnight: number | undefined,
): Promise<SimulationFile | undefined> {
  const takers = callCenter.users().filter(({ id }) => callCenter.takesCalls(id));
  const queues = callCenter
    .queues()
    .filter(({ memberIds }) => takers.some(({ id }) => memberIds.includes(id)));
  if (queues.length === 0) return undefined;
  const span = midnight === undefined ? undefined : { from: midnight, to: midnight + 24 * HOUR };
  const callers = span ? await recordedCallers(sql, { ...span, limit: MOST_CALLS }) : [];
  const worked = span ? await recordedAgents(sql, span.from, span.to) : [];
  const known = callers.filter(({ queueId }) => queues.some(({ id }) => id === queueId));
  const hours = midnight === undefined || known.length === 0 ? DAY_HOURS : hoursOf(known, midnight);
  return SimulationFile.parse({
    label: midnight === undefined ? 'A made-up day' : 'A day that was',
    ...hours,
    runs: 5,
    demand: queues.map((queue) =>
      midnight === undefined
        ? madeUp(queue, hours)
        : recorded(
            queue,
            known.filter(({ queueId }) => queueId === queue.id),
            midnight,
          ),
    ),
    a: {
      label: 'A: as it is',
      queues: queues.map(({ id, label, ringMs, wrapMs, requirements }) => ({
        id,
        label,
        ringSeconds: ringMs / 1_000,
        wrapUpSeconds: wrapMs / 1_000,
        requirements,
      })),
      agents: groupsOf(takers, queues, hours, worked, midnight ?? 0),
    },
  });
}

function madeUp({ id }: Queue, hours: { from: string; to: string }) {
  const arrivals: Arrivals[] = [{ ...hours, perHour: CALLS_PER_HOUR }];
  return { queueId: id, arrivals, talk: TALK, wrapUp: WRAP_UP, patience: PATIENCE };
}

function recorded({ id }: Queue, callers: readonly RecordedCaller[], midnight: number) {
  const seconds = (ms: number) => Math.round(ms / 100) / 10;
  return {
    queueId: id,
    recorded: callers.map(({ at, waitedMs, gaveUp, talkMs, wrapMs }) => ({
      at: seconds(at - midnight),
      waited: seconds(waitedMs),
      gaveUp,
      ...(talkMs === null ? {} : { talk: seconds(talkMs) }),
      ...(wrapMs === null ? {} : { wrapUp: seconds(wrapMs) }),
    })),
    talk: durationOf(
      callers.flatMap(({ talkMs }) => talkMs ?? []),
      TALK,
    ),
    wrapUp: durationOf(
      callers.flatMap(({ wrapMs }) => wrapMs ?? []),
      WRAP_UP,
    ),
    patience: patienceOf(callers),
  };
}

/** Mean and variation of what was measured, in milliseconds; `otherwise` where that is nothing. */
function durationOf(measured: readonly number[], otherwise: Duration): Duration {
  const mean = measured.reduce((sum, ms) => sum + ms, 0) / measured.length / 1_000;
  if (!(mean > 0)) return otherwise;
  const variance = measured.reduce((sum, ms) => sum + (ms / 1_000 - mean) ** 2, 0) / measured.length;
  const cv = Math.min(5, Math.max(0.05, Math.sqrt(variance) / mean));
  return { mean: round(mean), spread: 'lognormal', cv: Math.round(cv * 100) / 100 };
}

/**
 * The mean patience, as if it were exponential: all time that callers waited, by those who gave up. Who was answered had waited so long
 * and had not given up, which is the maximum likelihood estimate for censored times.
 */
function patienceOf(callers: readonly RecordedCaller[]): Duration {
  const abandoned = callers.filter(({ gaveUp }) => gaveUp).length;
  if (abandoned < FEWEST_ABANDONED) return PATIENCE;
  const waited = callers.reduce((sum, { waitedMs }) => sum + waitedMs / 1_000, 0);
  return { ...PATIENCE, mean: Math.max(1, round(waited / abandoned)) };
}

/** Whole hours around the calls. */
function hoursOf(callers: readonly RecordedCaller[], midnight: number): { from: string; to: string } {
  const hours = callers.map(({ at }) => (at - midnight) / HOUR);
  const first = hours.reduce((a, b) => Math.min(a, b));
  const last = hours.reduce((a, b) => Math.max(a, b));
  return { from: timeOfMinutes(Math.floor(first) * 60), to: timeOfMinutes((Math.floor(last) + 1) * 60) };
}

/** Agents with the same queues and skills, and of a day that was the same hours, are one group. */
function groupsOf(
  users: readonly User[],
  queues: readonly Queue[],
  hours: { from: string; to: string },
  worked: readonly RecordedAgent[],
  midnight: number,
) {
  const groups = new Map<
    string,
    { users: User[]; queueIds: string[]; shift: { from: string; to: string } }
  >();
  for (const user of users) {
    const queueIds = queues.filter(({ memberIds }) => memberIds.includes(user.id)).map(({ id }) => id);
    const took = worked.find(({ userId }) => userId === user.id);
    // Who took no call on a day that was: nobody knows whether he was there.
    if (queueIds.length === 0 || (worked.length > 0 && !took)) continue;
    const shift = took ? quarterHours(took, midnight) : hours;
    const key = JSON.stringify([queueIds, user.skills, shift]);
    const group = groups.get(key) ?? { users: [], queueIds, shift };
    group.users.push(user);
    groups.set(key, group);
  }
  const names = new Set<string>();
  return [...groups.values()].map((group) => {
    const [first] = group.users;
    const name = unique(
      group.users.length === 1 ? (first?.name ?? '') : labelsOf(queues, group.queueIds),
      names,
    );
    return {
      name,
      count: group.users.length,
      queueIds: group.queueIds,
      skills: first?.skills ?? [],
      shifts: [group.shift],
    };
  });
}

function quarterHours({ from, to }: RecordedAgent, midnight: number): { from: string; to: string } {
  const begin = Math.max(0, Math.floor((from - midnight) / (HOUR / 4)) * 15);
  const end = Math.min(48 * 60, Math.ceil((to - midnight) / (HOUR / 4)) * 15);
  return { from: timeOfMinutes(begin), to: timeOfMinutes(Math.max(end, begin + 15)) };
}

function labelsOf(queues: readonly Queue[], ids: readonly string[]): string {
  return queues
    .filter(({ id }) => ids.includes(id))
    .map(({ label }) => label)
    .join(', ')
    .slice(0, 70);
}

function unique(name: string, names: Set<string>): string {
  let found = name;
  for (let n = 2; names.has(found); n++) found = `${name.slice(0, 70)} ${n}`;
  names.add(found);
  return found;
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
