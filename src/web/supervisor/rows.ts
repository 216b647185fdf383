/** Which rows are shown, in which order, and what stands in them: pure. */
import type { FloorAgent, FloorQueue } from '../../protocol/floor.ts';
import type { AgentShown } from '../../protocol/softphone.ts';
import { STATE_WORDS } from '../ui/agent-words.ts';

/** In the order in which they are looked at. */
export const STATES = Object.keys(STATE_WORDS) as AgentShown[];

export interface AgentFilter {
  text: string;
  teamId: string | null;
  queueId: string | null;
  state: AgentShown | null;
}

export type AgentOrder = 'name' | 'state' | 'since' | 'call';

export interface Order<K> {
  by: K;
  descending: boolean;
}

/** Those that fit every part of the filter. */
export function filterAgents(agents: Iterable<FloorAgent>, filter: AgentFilter): FloorAgent[] {
  const text = filter.text.trim().toLowerCase();
  return [...agents].filter(
    (agent) =>
      (text === '' || agent.name.toLowerCase().includes(text)) &&
      (filter.teamId === null || agent.teamIds.includes(filter.teamId)) &&
      (filter.queueId === null || agent.queueIds.includes(filter.queueId)) &&
      (filter.state === null || agent.state === filter.state),
  );
}

/** Among equals by name, so that nothing jumps. */
export function sortAgents(agents: FloorAgent[], { by, descending }: Order<AgentOrder>): FloorAgent[] {
  const compare: Record<AgentOrder, (a: FloorAgent, b: FloorAgent) => number> = {
    name: () => 0,
    state: (a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state),
    // The longest first is what one looks for.
    since: (a, b) => a.since - b.since,
    call: (a, b) => (a.call?.since ?? Number.MAX_VALUE) - (b.call?.since ?? Number.MAX_VALUE),
  };
  const sign = descending ? -1 : 1;
  return agents.sort((a, b) => sign * (compare[by](a, b) || a.name.localeCompare(b.name)));
}

/** How many agents are in each state. */
export function countStates(agents: Iterable<FloorAgent>): Record<AgentShown, number> {
  const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<AgentShown, number>;
  for (const { state } of agents) counts[state]++;
  return counts;
}

export interface Totals {
  waiting: number;
  /** Since when the longest-waiting caller of all waits. */
  oldestAt: number | null;
  answered: number;
  abandoned: number;
}

/** The sums over queues. */
export function totalsOf(queues: Iterable<FloorQueue>): Totals {
  const totals: Totals = { waiting: 0, oldestAt: null, answered: 0, abandoned: 0 };
  for (const queue of queues) {
    totals.waiting += queue.waiting;
    totals.answered += queue.answeredToday;
    totals.abandoned += queue.abandonedToday;
    if (queue.oldestAt !== null)
      totals.oldestAt = Math.min(totals.oldestAt ?? queue.oldestAt, queue.oldestAt);
  }
  return totals;
}

/** `83 %`, or a dash while there is nothing to count. */
export function percent(share: number | null): string {
  return share === null ? '–' : `${Math.round(share * 100)} %`;
}

export type Tone = 'ok' | 'warn' | 'stop' | undefined;

/** How a service level stands to its goal: within ten points of it is a warning. */
export function levelTone(share: number | null, goal: number): Tone {
  if (share === null) return undefined;
  const reached = share * 100;
  return reached >= goal ? 'ok' : reached >= goal - 10 ? 'warn' : 'stop';
}

/** How the longest wait stands to the queue's seconds. */
export function waitTone(waitMs: number | null, seconds: number): Tone {
  if (waitMs === null) return undefined;
  return waitMs <= seconds * 1_000 ? undefined : waitMs <= seconds * 2_000 ? 'warn' : 'stop';
}
