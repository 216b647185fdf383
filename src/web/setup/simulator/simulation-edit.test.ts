import { describe, expect, it } from 'vitest';
import { SimulationFile } from '../../../protocol/simulation.ts';
import { check, perHourOf, readFile, tryGroup, tryQueue, withHours, withPerHour } from './simulation-edit.ts';

const FILE = SimulationFile.parse({
  from: '08:00',
  to: '12:00',
  demand: [
    {
      queueId: 'sales',
      talk: { mean: 100 },
      arrivals: [
        { from: '08:00', to: '09:00', perHour: 40 },
        { from: '09:00', to: '12:00', perHour: 20 },
      ],
    },
  ],
  a: {
    queues: [{ id: 'sales' }],
    agents: [{ name: 'Team', count: 3, queueIds: ['sales'], shifts: [{ from: '08:00', to: '12:00' }] }],
  },
});
const [queue] = FILE.a.queues;
const [group] = FILE.a.agents;
if (!queue || !group) throw new Error('there is a queue and a group');

describe('a simulation file on its page', () => {
  it('changes calls per hour and keeps how they are spread over the day', () => {
    const [demand] = withPerHour(FILE, 'sales', 50).demand;
    expect(demand?.arrivals.map(({ perHour }) => perHour)).toEqual([80, 40]);
    expect(demand && perHourOf(demand)).toBe(50);
  });

  it('changes the hours with what lasts as long', () => {
    const file = withHours(FILE, '07:00', '13:00');
    expect(file.a.agents[0]?.shifts).toEqual([{ from: '07:00', to: '13:00' }]);
    expect(file.demand[0]?.arrivals[1]).toMatchObject({ from: '09:00', to: '12:00' });
  });

  it('holds in B only what is other, and no B when nothing is', () => {
    const fewer = tryGroup(FILE, group, { count: 2 });
    expect(fewer.b?.agents).toEqual([{ name: 'Team', count: 2 }]);
    const both = tryQueue(fewer, queue, { ringSeconds: 10 });
    expect(both.b?.queues).toEqual([{ id: 'sales', ringSeconds: 10 }]);
    expect(tryGroup(both, group, { count: 3 }).b?.agents).toEqual([]);
    expect(tryGroup(fewer, group, { count: 3 }).b).toBeNull();
  });

  it('says what is wrong with a file', () => {
    expect(readFile('{')).toEqual({ problems: ['The file is no JSON.'] });
    expect(check({ ...FILE, runs: 0 })).toEqual({ problems: [expect.stringMatching(/^runs: /)] });
    expect(readFile(JSON.stringify(FILE))).toEqual({ file: FILE });
  });
});
