/** What the page does to a simulation file: pure. B holds only what is other than A, and is null while nothing is. */
import {
  type AgentGroup,
  type Demand,
  minutesOf,
  type SimulatedQueue,
  SimulationFile,
  timeOfMinutes,
} from '../../../protocol/simulation.ts';

/** The hours, and with them the arrivals and shifts that lasted just as long. */
export function withHours(file: SimulationFile, from: string, to: string): SimulationFile {
  const follow = <T extends { from: string; to: string }>(span: T): T =>
    span.from === file.from && span.to === file.to ? { ...span, from, to } : span;
  return {
    ...file,
    from,
    to,
    demand: file.demand.map((one) => ({ ...one, arrivals: one.arrivals.map(follow) })),
    a: { ...file.a, agents: file.a.agents.map((group) => ({ ...group, shifts: group.shifts.map(follow) })) },
  };
}

/** The file with this of the callers of a queue. */
export function withDemand(file: SimulationFile, queueId: string, change: Partial<Demand>): SimulationFile {
  return {
    ...file,
    demand: file.demand.map((one) => (one.queueId === queueId ? { ...one, ...change } : one)),
  };
}

/** Calls in an average hour of its arrivals; the pieces keep their shape. */
export function perHourOf({ arrivals }: Demand): number {
  const hours = arrivals.reduce((sum, { from, to }) => sum + (minutesOf(to) - minutesOf(from)) / 60, 0);
  const calls = arrivals.reduce(
    (sum, { from, to, perHour }) => sum + ((minutesOf(to) - minutesOf(from)) / 60) * perHour,
    0,
  );
  return hours > 0 ? Math.round((calls / hours) * 10) / 10 : 0;
}

/** So many calls in an average hour: the pieces keep their shape, and without calls one piece lasts the whole day. */
export function withPerHour(file: SimulationFile, queueId: string, perHour: number): SimulationFile {
  const demand = file.demand.find((one) => one.queueId === queueId);
  if (!demand) return file;
  const before = perHourOf(demand);
  const arrivals =
    before > 0
      ? demand.arrivals.map((piece) => ({ ...piece, perHour: (piece.perHour * perHour) / before }))
      : [{ from: file.from, to: file.to, perHour }];
  return withDemand(file, queueId, { arrivals });
}

/** What B says of the queue, and A where it says nothing. */
export function queueInB(file: SimulationFile, queue: SimulatedQueue): SimulatedQueue {
  return { ...queue, ...file.b?.queues.find(({ id }) => id === queue.id) };
}

/** What B says of the agents, and A where it says nothing. */
export function groupInB(file: SimulationFile, group: AgentGroup): AgentGroup {
  return { ...group, ...file.b?.agents.find(({ name }) => name === group.name) };
}

/** B with this of the queue; what is as in A is left out. */
export function tryQueue(
  file: SimulationFile,
  queue: SimulatedQueue,
  change: Partial<SimulatedQueue>,
): SimulationFile {
  const b = file.b ?? NOTHING;
  return withB(file, { ...b, queues: overlaid(b.queues, queue, 'id', change) });
}

/** B with this of the agents; what is as in A is left out. */
export function tryGroup(
  file: SimulationFile,
  group: AgentGroup,
  change: Partial<AgentGroup>,
): SimulationFile {
  const b = file.b ?? NOTHING;
  return withB(file, { ...b, agents: overlaid(b.agents, group, 'name', change) });
}

type B = NonNullable<SimulationFile['b']>;
const NOTHING: B = { label: 'B: as tried', queues: [], agents: [] };

function withB(file: SimulationFile, b: B): SimulationFile {
  return { ...file, b: b.queues.length === 0 && b.agents.length === 0 ? null : b };
}

function overlaid<K extends string, T extends Record<K, string>>(
  changes: readonly T[],
  base: object & Record<K, string>,
  key: K,
  change: object,
): T[] {
  const others = changes.filter((one) => one[key] !== base[key]);
  const said = { ...changes.find((one) => one[key] === base[key]), ...change };
  const asInA = new Map(Object.entries(base).map(([name, value]) => [name, JSON.stringify(value)]));
  const other = Object.entries(said).filter(
    ([name, value]) => name !== key && asInA.get(name) !== JSON.stringify(value),
  );
  if (other.length === 0) return others;
  return [...others, { ...Object.fromEntries(other), [key]: base[key] } as T];
}

/** The file, or what is wrong with the text, a line each. */
export function readFile(text: string): { file: SimulationFile } | { problems: string[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problems: ['The file is no JSON.'] };
  }
  return check(value);
}

/** The file as it is played, or what is wrong with it, a line each. */
export function check(value: unknown): { file: SimulationFile } | { problems: string[] } {
  const parsed = SimulationFile.safeParse(value);
  if (parsed.success) return { file: parsed.data };
  return {
    problems: parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'The file'}: ${message}`),
  };
}

/** `08:00–12:00, 12:30–16:30`. */
export function shiftsText({ shifts }: Pick<AgentGroup, 'shifts'>): string {
  return shifts
    .map(({ from, to }) => `${timeOfMinutes(minutesOf(from))}–${timeOfMinutes(minutesOf(to))}`)
    .join(', ');
}
