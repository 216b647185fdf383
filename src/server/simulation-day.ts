/**
 * A simulation file of what is configured now: queues, agents with their skills, and the calls of a day that was, or made-up ones where
 * none is asked for.
 */
import { type Arrivals, type Duration, SimulationFile, timeOfMinutes } from '../protocol/simulation.ts';
import type { QueueRule } from '../protocol/queue-rules.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import type { Queue, User } from './callcenter/model.ts';
import {
  type RecordedCaller,
  type RecordedPresence,
  recordedCallers,
  recordedPresence,
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
const MINUTE = 60_000;
const LAST_MINUTE = 48 * 60;
/** Minutes: who is not ready for less is taken for ready. */
const SHORTEST_BREAK = 5;
const MOST_SHIFTS = 20;
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
  const worked = span ? await recordedPresence(sql, span.from, span.to) : [];
  const known = callers.filter(({ queueId }) => queues.some(({ id }) => id === queueId));
  const hours = midnight === undefined || known.length === 0 ? DAY_HOURS : hoursOf(known, midnight);
  const groups = groupsOf(
    takers,
    queues,
    hours,
    midnight === undefined || worked.length === 0 ? undefined : shiftsOf(worked, midnight),
  );
  return SimulationFile.parse({
    label: midnight === undefined ? 'A made-up day' : 'A day that was',
    ...hours,
    runs: 5,
    demand: queues.map((queue) =>
      midnight === undefined ? madeUp(queue, hours) : recorded(queue, known, midnight),
    ),
    a: {
      label: 'A: as it is',
      queues: queues.map((queue) => ({
        id: queue.id,
        label: queue.label,
        ringSeconds: queue.ringMs / 1_000,
        wrapUpSeconds: queue.wrapMs / 1_000,
        requirements: queue.requirements,
        rule: ruleOf(queue, groups),
      })),
      agents: groups.map(({ name, users, queueIds, shifts }) => ({
        name,
        count: users.length,
        queueIds,
        skills: users[0]?.skills ?? [],
        shifts,
      })),
    },
  });
}

function madeUp({ id }: Queue, hours: { from: string; to: string }) {
  const arrivals: Arrivals[] = [{ ...hours, perHour: CALLS_PER_HOUR }];
  return { queueId: id, arrivals, talk: TALK, wrapUp: WRAP_UP, patience: PATIENCE };
}

function recorded({ id }: Queue, all: readonly RecordedCaller[], midnight: number) {
  const callers = all.filter(({ queueId }) => queueId === id);
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

interface Group {
  users: User[];
  queueIds: string[];
  shifts: Shift[];
}

interface Shift {
  from: string;
  to: string;
}

/**
 * Agents with the same queues, skills, places in queues' rules and hours are one group: `hours`, or those that they worked on a day that
 * was. Who did not work then is left out.
 */
function groupsOf(
  users: readonly User[],
  queues: readonly Queue[],
  hours: Shift,
  worked: ReadonlyMap<string, Shift[]> | undefined,
): (Group & { name: string })[] {
  const groups = new Map<string, Group>();
  for (const user of users) {
    const queueIds = queues.filter(({ memberIds }) => memberIds.includes(user.id)).map(({ id }) => id);
    const shifts = worked ? (worked.get(user.id) ?? []) : [hours];
    if (queueIds.length === 0 || shifts.length === 0) continue;
    const places = queues.map(({ rule }) =>
      rule.groups.findIndex(({ userIds }) => userIds.includes(user.id)),
    );
    const key = JSON.stringify([queueIds, user.skills, places, shifts]);
    const group = groups.get(key) ?? { users: [], queueIds, shifts };
    group.users.push(user);
    groups.set(key, group);
  }
  const names = new Set<string>();
  return [...groups.values()].map((group) => {
    const [first, ...others] = group.users;
    const name = others.length === 0 ? (first?.name ?? '') : labelsOf(queues, group.queueIds);
    return { ...group, name: unique(name, names) };
  });
}

/** The queue's rule with names of groups in place of users: all of a group are in the same places. */
function ruleOf({ rule }: Queue, groups: readonly (Group & { name: string })[]): QueueRule {
  return {
    ...rule,
    groups: rule.groups.map((one) => ({
      ...one,
      userIds: groups
        .filter(({ users }) => users.some(({ id }) => one.userIds.includes(id)))
        .map(({ name }) => name),
    })),
  };
}

/** The hours that agents worked, by user: without breaks of some minutes, and in not too many pieces. */
function shiftsOf(presence: readonly RecordedPresence[], midnight: number): Map<string, Shift[]> {
  const byUser = new Map<string, { from: number; to: number }[]>();
  for (const { userId, from, to } of presence) {
    const minutes = {
      from: Math.max(0, Math.floor((from - midnight) / MINUTE)),
      to: Math.min(LAST_MINUTE, Math.ceil((to - midnight) / MINUTE)),
    };
    if (minutes.from < minutes.to) byUser.set(userId, [...(byUser.get(userId) ?? []), minutes]);
  }
  const shift = ({ from, to }: { from: number; to: number }) => ({
    from: timeOfMinutes(from),
    to: timeOfMinutes(to),
  });
  return new Map([...byUser].map(([userId, pieces]) => [userId, joined(pieces, SHORTEST_BREAK).map(shift)]));
}

/** Pieces, in minutes and in order, with gaps of less than `gap` closed: of more where they would be too many. */
function joined(
  pieces: readonly { from: number; to: number }[],
  gap: number,
): { from: number; to: number }[] {
  const whole: { from: number; to: number }[] = [];
  for (const piece of pieces) {
    const last = whole.at(-1);
    if (last && piece.from - last.to < gap) last.to = Math.max(last.to, piece.to);
    else whole.push({ ...piece });
  }
  return whole.length > MOST_SHIFTS ? joined(whole, gap * 2) : whole;
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
