import { describe, expect, it } from 'vitest';
import type { FloorAgent, FloorQueue } from '../../protocol/floor.ts';
import { countStates, filterAgents, levelTone, percent, sortAgents, totalsOf, waitTone } from './rows.ts';

const agent = (name: string, more: Partial<FloorAgent> = {}): FloorAgent => ({
  id: name,
  name,
  state: 'ready',
  since: 0,
  teamIds: [],
  queueIds: [],
  ...more,
});
const all = [
  agent('Ann', { state: 'talking', since: 30, teamIds: ['t1'], queueIds: ['q1'] }),
  agent('Bob', { since: 20, queueIds: ['q1', 'q2'] }),
  agent('Cleo', { since: 10, teamIds: ['t1'] }),
];
const names = (agents: FloorAgent[]) => agents.map(({ name }) => name);
const NO_FILTER = { text: '', teamId: null, queueId: null, state: null };

describe('agents', () => {
  it('are found by name, team, queue and state', () => {
    expect(names(filterAgents(all, { ...NO_FILTER, text: ' BO' }))).toEqual(['Bob']);
    expect(names(filterAgents(all, { ...NO_FILTER, teamId: 't1' }))).toEqual(['Ann', 'Cleo']);
    expect(names(filterAgents(all, { ...NO_FILTER, queueId: 'q1', state: 'ready' }))).toEqual(['Bob']);
  });

  it('are sorted by a column, and by name among equals', () => {
    expect(names(sortAgents([...all], { by: 'state', descending: false }))).toEqual(['Bob', 'Cleo', 'Ann']);
    expect(names(sortAgents([...all], { by: 'since', descending: false }))).toEqual(['Cleo', 'Bob', 'Ann']);
    expect(names(sortAgents([...all], { by: 'name', descending: true }))).toEqual(['Cleo', 'Bob', 'Ann']);
  });

  it('are counted by state', () => {
    expect(countStates(all)).toMatchObject({ ready: 2, talking: 1, lost: 0 });
  });
});

it('totals are of all queues, the longest wait that of the first to come', () => {
  const queue = (waiting: number, oldestAt: number | null) =>
    ({ waiting, oldestAt, answeredToday: 2, abandonedToday: 1 }) as FloorQueue;
  expect(totalsOf([queue(1, 50), queue(0, null), queue(3, 20)])).toEqual({
    waiting: 4,
    oldestAt: 20,
    answered: 6,
    abandoned: 3,
  });
  expect(totalsOf([]).oldestAt).toBeNull();
});

it('a level is good from its goal on, a wait bad from twice its seconds on', () => {
  expect([levelTone(0.8, 80), levelTone(0.71, 80), levelTone(0.5, 80), levelTone(null, 80)]).toEqual([
    'ok',
    'warn',
    'stop',
    undefined,
  ]);
  expect([waitTone(20_000, 20), waitTone(30_000, 20), waitTone(41_000, 20)]).toEqual([
    undefined,
    'warn',
    'stop',
  ]);
  expect([percent(0.826), percent(null)]).toEqual(['83 %', '–']);
});
