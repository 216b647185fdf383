import { describe, expect, it } from 'vitest';
import {
  type Estimate,
  type FigureName,
  SimulationFile,
  type SimulationResult,
} from '../../protocol/simulation.ts';
import { erlangA, erlangC } from './erlang.ts';
import { simulate } from './simulate.ts';

const constant = (mean: number) => ({ mean, spread: 'constant' });
const exponential = (mean: number) => ({ mean, spread: 'exponential' });

/** One queue, 200 calls an hour of 240 s, from 00:00; what is said is other. Measured from `from`. */
function day(said: Record<string, unknown> = {}, demand: object = {}, group: object = {}): SimulationFile {
  return SimulationFile.parse({
    from: '00:00',
    to: '01:00',
    intervalMinutes: 30,
    runs: 1,
    demand: [
      {
        queueId: 'help',
        arrivals: [{ from: '00:00', to: '48:00', perHour: 200 }],
        talk: exponential(240),
        patience: null,
        ...demand,
      },
    ],
    a: {
      queues: [{ id: 'help' }],
      agents: [
        {
          name: 'Team',
          count: 16,
          queueIds: ['help'],
          shifts: [{ from: '00:00', to: '48:00' }],
          answer: constant(0),
          ...group,
        },
      ],
    },
    ...said,
  });
}

const until = (to: string, perHour = 200) => ({ arrivals: [{ from: '00:00', to, perHour }] });

function figure(
  result: SimulationResult,
  name: FigureName,
  side: 'a' | 'b' = 'a',
  queueId: string | null = null,
): number {
  const scope = result[side]?.scopes.find((one) => one.queueId === queueId);
  return scope?.day[name]?.mean ?? NaN;
}

/** `theory` lies in the interval, and the interval is not so wide that it would hold anything. */
function expectAgreement(estimate: Estimate | null | undefined, theory: number, halfWidth: number): void {
  expect(estimate?.low).toBeLessThanOrEqual(theory);
  expect(estimate?.high).toBeGreaterThanOrEqual(theory);
  expect((estimate?.high ?? Infinity) - (estimate?.mean ?? 0)).toBeLessThan(halfWidth);
}

/** The reference's test vectors: 200 calls an hour of 240 s, 20 s. */
const LOAD = { arrivalRate: 200 / 3_600, handlingSeconds: 240 };

describe('callers at random through the real routing', () => {
  it('wait as Erlang C says when nobody gives up', async () => {
    const { a } = await simulate(day({ from: '00:45', to: '05:45', runs: 6 }, until('05:45'), { count: 17 }));
    const theory = erlangC({ ...LOAD, agents: 17 }, 20);
    const found = a.scopes[0]?.day;
    expectAgreement(found?.serviceLevel, theory?.serviceLevel ?? 0, 0.1);
    expectAgreement(found?.meanWait, theory?.meanWaitSeconds ?? 0, 14);
    expectAgreement(found?.occupancy, theory?.occupancy ?? 0, 0.05);
  });

  it('wait and give up as Erlang A says when patience is random too', async () => {
    const { a } = await simulate(
      day(
        { from: '00:30', to: '02:30', runs: 6 },
        { ...until('02:30'), patience: exponential(120) },
        { count: 14 },
      ),
    );
    const theory = erlangA({ ...LOAD, agents: 14, patienceSeconds: 120 }, 20);
    const found = a.scopes[0]?.day;
    expectAgreement(found?.serviceLevel, theory.serviceLevel, 0.1);
    expectAgreement(found?.abandoned, theory.abandoned, 0.05);
    expectAgreement(found?.meanWait, theory.meanWaitSeconds, 6);
    expectAgreement(found?.occupancy, theory.occupancy, 0.05);
  });
});

describe('a simulated day', () => {
  it('is the same for the same seed, and another for another', async () => {
    const play = (seed: number) =>
      simulate(
        day(
          { seed, runs: 2 },
          { ...until('01:00', 60), patience: exponential(60) },
          { count: 5, missed: 0.1 },
        ),
      );
    const first = await play(7);
    expect(await play(7)).toEqual(first);
    expect(await play(8)).not.toEqual(first);
  });

  it('has every caller answered or gone, also those who wait when it ends', async () => {
    const result = await simulate(day({}, { ...until('01:00'), patience: exponential(120) }, { count: 8 }));
    const gone = figure(result, 'abandoned') * figure(result, 'offered');
    expect(figure(result, 'answered') + gone).toBeCloseTo(figure(result, 'offered'), 6);
    expect(figure(result, 'offered')).toBeGreaterThan(150);
  });

  it('counts agents by their shifts, and lets who talks at the end finish', async () => {
    const shifts = [{ from: '00:00', to: '00:30' }];
    const result = await simulate(
      day(
        {},
        { ...until('00:30', 120), talk: constant(1_500), patience: constant(300) },
        { count: 10, shifts },
      ),
    );
    const [early, late] = result.a.scopes[0]?.intervals ?? [];
    expect(early?.figures.staffed?.mean).toBeCloseTo(10, 1);
    // Everybody's second call began shortly before 00:30 and lasts 25 minutes.
    expect(late?.figures.staffed?.mean).toBeGreaterThan(6);
    expect(late?.figures.staffed?.mean).toBeLessThan(9);
    expect(late?.figures.occupancy?.mean).toBeCloseTo(1, 2);
  });

  it('takes wrap-up and its limit into account', async () => {
    const busy = async (wrapUpSeconds: number) => {
      const file = day({}, { ...until('01:00', 60), talk: constant(60), wrapUp: constant(60) }, { count: 5 });
      file.a.queues[0]!.wrapUpSeconds = wrapUpSeconds;
      return figure(await simulate(file), 'occupancy');
    };
    const [none, limited, whole] = [await busy(0), await busy(30), await busy(300)];
    expect(limited / none).toBeCloseTo(1.5, 1);
    expect(whole / none).toBeCloseTo(2, 1);
  });

  it('rings the next agent when one misses it, who is away for a while', async () => {
    const answer = constant(4);
    const result = await simulate(
      day({ runs: 2 }, until('01:00', 100), { missed: 0.3, answer, away: constant(60) }),
    );
    const missed = figure(result, 'missedOffers') / figure(result, 'offered');
    expect(missed).toBeGreaterThan(0.25);
    // Of all offers 3 in 10 are missed: 3 for 7 calls.
    expect(missed).toBeLessThan(0.6);
    expect(figure(result, 'wait50')).toBe(4);
    expect(figure(result, 'wait90')).toBeGreaterThan(20);
  });
});

describe('two configurations', () => {
  const agents = [{ name: 'Team', count: 12 }];

  it('get the same callers, so that the difference is surer than both', async () => {
    const result = await simulate(
      day(
        { runs: 4, b: { label: 'Two fewer', agents } },
        { ...until('01:00'), patience: exponential(120) },
        { count: 14 },
      ),
    );
    expect(figure(result, 'offered', 'b')).toBe(figure(result, 'offered'));
    const [all] = result.difference ?? [];
    expect(all?.day.serviceLevel?.high).toBeLessThan(0);
    expect(all?.day.abandoned?.low).toBeGreaterThan(0);
    expect(all?.day.occupancy?.low).toBeGreaterThan(0);
    expect(all?.day.offered).toEqual({ mean: 0, low: 0, high: 0 });
  });

  const twoQueues = (b: object) =>
    SimulationFile.parse({
      from: '00:00',
      to: '01:00',
      runs: 2,
      demand: ['sales', 'french'].map((queueId) => ({
        queueId,
        arrivals: [{ from: '00:00', to: '01:00', perHour: 60 }],
        talk: exponential(180),
      })),
      a: {
        queues: [{ id: 'sales' }, { id: 'french', requirements: [{ skillId: 'fr', minimum: 5 }] }],
        agents: ['All', 'French'].map((name, index) => ({
          name,
          count: 4,
          queueIds: ['sales', 'french'],
          skills: index === 0 ? [{ skillId: 'fr', level: 3 }] : [{ skillId: 'fr', level: 8 }],
          shifts: [{ from: '00:00', to: '03:00' }],
        })),
      },
      b,
    });

  it('show what a requirement costs: with a lower one the queue waits less', async () => {
    const result = await simulate(
      twoQueues({ queues: [{ id: 'french', requirements: [{ skillId: 'fr', minimum: 3 }] }] }),
    );
    expect(figure(result, 'meanWait', 'b', 'french')).toBeLessThan(figure(result, 'meanWait', 'a', 'french'));
    expect(figure(result, 'serviceLevel', 'b', 'french')).toBeGreaterThan(
      figure(result, 'serviceLevel', 'a', 'french'),
    );
  });

  it('show what relaxing a requirement brings: less than lowering it, more than leaving it', async () => {
    const wait = async (french: object) =>
      figure(await simulate(twoQueues({ queues: [{ id: 'french', ...french }] })), 'meanWait', 'b', 'french');
    const low = [{ skillId: 'fr', minimum: 3 }];
    const [strict, relaxed, lowered] = [
      await wait({}),
      await wait({ rule: { steps: [{ afterMs: 20_000, requirements: low }] } }),
      await wait({ requirements: low }),
    ];
    expect(relaxed).toBeLessThan(strict);
    expect(relaxed).toBeGreaterThan(lowered);
  });

  it('show whose callers wait less when one queue goes first', async () => {
    const result = await simulate(twoQueues({ queues: [{ id: 'sales', rule: { priority: 10 } }] }));
    const gain = (queueId: string) =>
      figure(result, 'meanWait', 'b', queueId) - figure(result, 'meanWait', 'a', queueId);
    expect(gain('sales')).toBeLessThan(0);
    expect(gain('french')).toBeGreaterThan(0);
  });

  it('ring the second group of a rule only after a while', async () => {
    const groups = [{ label: 'Later', afterMs: 15_000, userIds: ['French'] }];
    const result = await simulate(twoQueues({ queues: [{ id: 'french', rule: { groups } }] }));
    expect(figure(result, 'wait50', 'b', 'french')).toBeGreaterThanOrEqual(15);
    expect(figure(result, 'wait50', 'a', 'french')).toBeLessThan(15);
  });

  it('send callers on by a rule: to the queue that has agents, at their old place, or away', async () => {
    const overflow = (target: object) => ({
      queues: [{ id: 'french', rule: { overflow: [{ when: 'wait', afterMs: 30_000, target }] } }],
    });
    const toSales = await simulate(twoQueues(overflow({ kind: 'queue', queueId: 'sales' })));
    expect(figure(toSales, 'sentAway', 'a')).toBe(0);
    expect(figure(toSales, 'sentAway', 'b', 'french')).toBeGreaterThan(0);
    // Of all queues nobody was lost, and those who could be helped elsewhere waited less.
    expect(figure(toSales, 'sentAway', 'b')).toBe(0);
    expect(figure(toSales, 'meanWait', 'b')).toBeLessThan(figure(toSales, 'meanWait', 'a'));
    const away = await simulate(twoQueues(overflow({ kind: 'hangup', text: 'Call again.' })));
    expect(figure(away, 'sentAway', 'b')).toBeGreaterThan(0);
    expect(figure(away, 'longestWait', 'b', 'french')).toBeLessThanOrEqual(50);
  });

  it('say nothing by theory of a queue that shares its agents', async () => {
    const result = await simulate(twoQueues({}));
    const [all, sales] = result.a.scopes;
    expect(all?.erlangA?.serviceLevel).toBeGreaterThan(0);
    expect(sales).toMatchObject({ queueId: 'sales', erlangA: null, erlangC: null });
  });

  it('refuse a B that is none, and say where', async () => {
    const wrong = (b: object) => simulate(day({ b }));
    await expect(wrong({ agents: [{ name: 'New' }] })).rejects.toMatchObject({
      code: 'bad-input',
      data: { detail: expect.stringContaining('b.agents.1.count') as string },
    });
    await expect(wrong({ agents: [{ name: 'Team', queueIds: ['other'] }] })).rejects.toThrow(
      /no queue other/,
    );
  });
});

describe('a recorded day', () => {
  const call = (at: number, more: object) => ({ at, waited: 0, gaveUp: false, ...more });

  it('has the calls that there were, at their times', async () => {
    const recorded = [
      call(60, { talk: 100, wrapUp: 20 }),
      call(90, { waited: 30, gaveUp: true }),
      call(1_900, { talk: 50 }),
    ];
    const result = await simulate(
      day({}, { arrivals: [], recorded, patience: exponential(60), talk: constant(10) }, { count: 1 }),
    );
    expect(figure(result, 'offered')).toBe(3);
    expect(figure(result, 'answered')).toBe(2);
    const [early, late] = result.a.scopes[0]?.intervals ?? [];
    expect(early?.figures.abandoned?.mean).toBe(0.5);
    expect(early?.figures.occupancy?.mean).toBeCloseTo(120 / 1_800, 3);
    expect(late?.figures.occupancy?.mean).toBeCloseTo(50 / 1_800, 3);
  });

  it('lets who was answered after a wait have at least that patience', async () => {
    const recorded = [call(0, { talk: 300 }), call(1, { waited: 299, talk: 10 })];
    const result = await simulate(
      day({ runs: 3 }, { arrivals: [], recorded, patience: exponential(5) }, { count: 1 }),
    );
    expect(figure(result, 'answered')).toBe(2);
  });
});

describe('a simulation file', () => {
  const problems = (said: Record<string, unknown>) => {
    const parsed = SimulationFile.safeParse({ ...day(), ...said });
    return parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
  };
  it.each([
    [{ from: '25:00' }, 'to: must be later than its beginning'],
    [{ to: '8 pm' }, 'to: a time such as 08:30, beyond midnight such as 25:30'],
    [{ demand: [{ queueId: 'other', talk: { mean: 1 } }] }, 'demand.0.queueId: there is no queue other'],
    [
      { a: { ...day().a, agents: [...day().a.agents, ...day().a.agents] } },
      'a.agents.1.name: each name once',
    ],
    [
      {
        demand: [
          { queueId: 'help', talk: { mean: 1 }, arrivals: [{ from: '00:00', to: '48:00', perHour: 9e3 }] },
        ],
      },
      'demand: a day has at most 100000 calls',
    ],
  ])('says what is wrong: %j', (said, problem) => {
    expect(problems(said)).toContain(problem);
  });
});
