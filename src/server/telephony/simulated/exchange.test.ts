import fc from 'fast-check';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { realClock, VirtualClock } from '../../../lib/clock.ts';
import type { SwitchFact } from '../ports.ts';
import { type ExchangeOptions, SimulatedExchange } from './exchange.ts';
import { SimulatedProvisioning, SimulatedSwitch } from './switch.ts';

const log = pino({ level: 'silent' });
const CALL = { entry: 'trunk:main', ani: '02079460958', dnis: '8001', callerName: 'Ada' };
const ANNA = {
  name: 'anna',
  password: 'secret',
  kind: 'browser',
  callerId: { number: '201', name: 'Anna' },
} as const;

let clock: VirtualClock;
let exchange: SimulatedExchange;
let facts: SwitchFact[];

function build(options: Partial<ExchangeOptions> = {}): void {
  clock = new VirtualClock();
  exchange = new SimulatedExchange({ clock, log, ...options });
  facts = [];
}

async function connected(): Promise<SimulatedSwitch> {
  const connector = new SimulatedSwitch({ id: 'sim', exchange, clock, log });
  connector.events.on('fact', (fact) => facts.push(fact));
  const started = connector.start();
  await clock.advance(5);
  await started;
  return connector;
}

/** The command's outcome: undefined, or the code of its error. */
async function outcome(command: Promise<unknown>, ms = 10): Promise<unknown> {
  const settled = command.then(
    () => undefined,
    (error: { code: string }) => error.code,
  );
  await clock.advance(ms);
  return settled;
}

function originate(legId: string, autoAnswer = false) {
  return {
    legId,
    endpoint: { kind: 'device', name: 'anna' } as const,
    callerId: { number: '1', name: '' },
    autoAnswer,
    ringMs: 1_000,
  };
}

beforeEach(() => build());

describe('the wire', () => {
  it('brings facts later than they happen, with the instant at which they happened', async () => {
    await connected();
    const at = clock.now();
    exchange.arrive(CALL);
    expect(facts).toEqual([]);
    await clock.advance(1);
    expect(facts).toEqual([]);
    await clock.advance(1);
    expect(facts).toEqual([{ type: 'leg.arrived', legId: expect.any(String), at, ...CALL }]);
  });

  it('takes as long as it is told to', async () => {
    build({ latencies: { commandMs: 30, factMs: 50 } });
    const connector = new SimulatedSwitch({ id: 'slow', exchange, clock, log });
    const started = connector.start();
    await clock.advance(30);
    await started;
    const party = exchange.arrive(CALL);
    const answered = connector.answer(party.legId);
    await clock.advance(29);
    expect(party.state).toBe('ringing');
    await clock.advance(1);
    expect(party.state).toBe('talking');
    await clock.advance(50);
    await expect(answered).resolves.toBeUndefined();
  });

  it('ends a command at its deadline', async () => {
    build({ latencies: { commandMs: 10_000 } });
    const connector = new SimulatedSwitch({ id: 'slow', exchange, clock, log });
    const started = connector.start({ deadlineMs: 20_000 });
    await clock.advance(10_000);
    await started;
    expect(await outcome(connector.list({ deadlineMs: 200 }), 200)).toBe('timeout');
    expect(await outcome(connector.list(), 5_000)).toBe('timeout');
  });

  it('loses commands and facts that were on it when it was cut', async () => {
    const connector = await connected();
    const party = exchange.arrive(CALL);
    const answer = connector.answer(party.legId);
    exchange.cutLink();
    await expect(answer).rejects.toMatchObject({ code: 'switch-down' });
    await clock.advance(100);
    expect(facts).toEqual([]);
    expect(party.state).toBe('ringing');
    expect(connector.link).toBe('down');
  });

  it('is not there for a start while it is cut, and comes up by itself when it is back', async () => {
    exchange.cutLink();
    const connector = new SimulatedSwitch({ id: 'sim', exchange, clock, log });
    expect(await outcome(connector.start({ deadlineMs: 500 }), 500)).toBe('switch-down');
    exchange.restoreLink();
    await clock.advance(100);
    expect(connector.link).toBe('up');
  });

  it('belongs to the connector that came last', async () => {
    const first = await connected();
    const second = await connected();
    expect([first.link, second.link]).toEqual(['down', 'up']);
    facts.length = 0;
    exchange.arrive(CALL);
    await clock.advance(10);
    expect(facts).toHaveLength(1);
  });

  it('leaves no timer behind when the connector closes', async () => {
    const connector = await connected();
    exchange.arrive(CALL);
    const listing = connector.list();
    await connector.close();
    await expect(listing).rejects.toMatchObject({ code: 'switch-down' });
    expect(clock.pending).toBe(0);
  });

  it('goes down for good, with every timer, when the exchange closes', async () => {
    const connector = await connected();
    const party = exchange.arrive(CALL);
    await outcome(connector.answer(party.legId));
    await outcome(connector.armFallback(party.legId, 60_000, 'hangup'));
    await outcome(connector.play(party.legId, 'p1', [{ kind: 'sound', name: 'beep' }]));
    await exchange.close();
    await exchange.close();
    expect(connector.link).toBe('down');
    expect(clock.pending).toBe(0);
    expect(await outcome(connector.list())).toBe('switch-down');
  });

  it('works in real time too', async () => {
    const real = new SimulatedExchange({ clock: realClock, log, latencies: { commandMs: 0, factMs: 0 } });
    const connector = new SimulatedSwitch({ id: 'real', exchange: real, clock: realClock, log });
    await connector.start();
    const party = real.arrive(CALL);
    await connector.answer(party.legId);
    expect(party.state).toBe('talking');
    await connector.close();
  });
});

describe('a call while nobody is connected', () => {
  it('gets the apology and is hung up, and is never anybody’s leg', async () => {
    const party = exchange.arrive(CALL);
    expect(party.hears).toBe('playback');
    const connector = await connected();
    const listing = connector.list();
    await clock.advance(5);
    expect((await listing).legs).toEqual([]);
    await clock.advance(4_000);
    expect([party.state, party.cause]).toEqual(['ended', 'fallback']);
    expect(facts).toEqual([]);
  });

  it('may hang up during the apology', async () => {
    const party = exchange.arrive(CALL);
    party.hangup();
    party.hangup();
    expect(party.state).toBe('ended');
    expect(clock.pending).toBe(0);
  });
});

describe('a party', () => {
  it('is told whenever something changes for it', async () => {
    const connector = await connected();
    const party = exchange.arrive(CALL);
    const seen: unknown[] = [];
    party.events.on('change', () => seen.push([party.state, party.hears]));
    await outcome(connector.ring(party.legId));
    await outcome(connector.answer(party.legId));
    await outcome(connector.startMusic(party.legId));
    await outcome(connector.hangup(party.legId));
    expect(seen).toEqual(
      expect.arrayContaining([
        ['ringing', 'tone'],
        ['talking', 'silence'],
        ['talking', 'music'],
      ]),
    );
    expect(seen.at(-1)).toEqual(['ended', 'silence']);
  });

  it('hears the ids of the legs that it is bridged with, and nobody who holds or is muted', async () => {
    const connector = await connected();
    const [a, b] = [exchange.arrive(CALL), exchange.arrive(CALL)];
    for (const party of [a, b]) await outcome(connector.answer(party.legId));
    await outcome(connector.bridge('b1', [a.legId, b.legId]));
    expect([a.hears, b.hears]).toEqual([[b.legId], [a.legId]]);
    b.hold();
    expect([a.hears, b.hears]).toEqual(['silence', 'silence']);
    b.retrieve();
    await outcome(connector.mute(b.legId, true));
    expect([a.hears, b.hears]).toEqual(['silence', [a.legId]]);
  });

  it('has the keys of a telephone only, and they do nothing before the answer', async () => {
    await connected();
    const party = exchange.arrive(CALL);
    party.digit('5');
    expect(() => party.digit('55')).toThrow('no key');
    await clock.advance(10);
    expect(facts.map((fact) => fact.type)).toEqual(['leg.arrived']);
  });
});

describe('a device', () => {
  it('rings until the test says what it does', async () => {
    const connector = await connected();
    const anna = exchange.device('anna');
    anna.register();
    await outcome(connector.originate(originate('leg-1')));
    expect([anna.call?.state, anna.call?.callerId]).toEqual(['ringing', { number: '1', name: '' }]);
    anna.answer();
    expect(anna.call?.state).toBe('talking');
    await outcome(connector.originate(originate('leg-2')));
    anna.reject('busy');
    anna.answer();
    await clock.advance(10);
    const cleared = facts.filter((fact) => fact.type === 'leg.cleared');
    expect(cleared).toEqual([expect.objectContaining({ legId: 'leg-2', cause: 'busy' })]);
  });

  it('answers an auto-answer call by itself', async () => {
    const connector = await connected();
    exchange.device('anna').register();
    await outcome(connector.originate(originate('leg-1', true)), 50);
    expect(exchange.party('leg-1')?.state).toBe('talking');
  });

  it('rejects when its user hangs up while it rings', async () => {
    const connector = await connected();
    exchange.device('anna').register();
    await outcome(connector.originate(originate('leg-1')));
    exchange.device('anna').hangup();
    await clock.advance(10);
    expect(facts.at(-1)).toMatchObject({ type: 'leg.cleared', cause: 'rejected' });
  });

  it('registers itself when it is put, and is picked up by a command, where there are no phones', async () => {
    build({ devicesRegisterThemselves: true });
    const connector = await connected();
    const provisioning = new SimulatedProvisioning(connector);
    await outcome(provisioning.put(ANNA));
    expect(facts).toEqual([
      expect.objectContaining({ type: 'device.registration', name: 'anna', registered: true }),
    ]);
    await outcome(connector.originate(originate('leg-1')));
    await outcome(connector.answer('leg-1'));
    expect(exchange.party('leg-1')?.state).toBe('talking');
  });
});

describe('a restart', () => {
  it('ends every call, forgets every device and comes back without a fact', async () => {
    const connector = await connected();
    const provisioning = new SimulatedProvisioning(connector);
    await outcome(provisioning.put(ANNA));
    exchange.device('anna').register('secret');
    const party = exchange.arrive(CALL);
    await outcome(connector.answer(party.legId));
    await outcome(connector.armFallback(party.legId, 60_000, 'hangup'));
    facts.length = 0;
    exchange.restart();
    expect([connector.link, party.state]).toEqual(['down', 'ended']);
    await clock.advance(20);
    expect(connector.link).toBe('up');
    expect(exchange.device('anna').registered).toBe(false);
    expect(exchange.device('anna').register('secret')).toBe(false);
    expect(facts).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});

describe('whatever happens in whatever order', () => {
  type World = { connector: SimulatedSwitch; legs: string[] };
  type Step = { name: string; leg: number; other: number };
  const pick = (world: World, index: number) => world.legs[index % Math.max(1, world.legs.length)] ?? 'none';

  const STEPS: Record<string, (world: World, step: Step, n: number) => unknown> = {
    arrive: (world) => world.legs.push(exchange.arrive(CALL).legId),
    originate: (world, _step, n) => {
      world.legs.push(`out-${n}`);
      return world.connector.originate({ ...originate(`out-${n}`), ringMs: 40 });
    },
    pickUp: () => exchange.device('anna').answer(),
    answer: (world, step) => world.connector.answer(pick(world, step.leg)),
    reject: (world, step) => world.connector.reject(pick(world, step.leg), 'busy'),
    hangup: (world, step) => world.connector.hangup(pick(world, step.leg)),
    farHangup: (world, step) => exchange.party(pick(world, step.leg))?.hangup(),
    bridge: (world, step) =>
      world.connector.bridge(`b${step.leg % 2}`, [pick(world, step.leg), pick(world, step.other)]),
    unbridge: (world, step) => world.connector.unbridge(pick(world, step.leg)),
    endBridge: (world, step) => world.connector.endBridge(`b${step.leg % 2}`),
    play: (world, step, n) =>
      world.connector.play(pick(world, step.leg), `p${n}`, [{ kind: 'sound', name: 'beep' }]),
    music: (world, step) => world.connector.startMusic(pick(world, step.leg)),
    arm: (world, step) => world.connector.armFallback(pick(world, step.leg), step.other * 20, 'apology'),
    wait: (_world, step) => clock.advance(step.other * 10),
  };

  async function end(world: World): Promise<void> {
    await clock.advance(1_000);
    for (const legId of world.legs) exchange.party(legId)?.hangup();
    await clock.advance(10_000);
  }

  it('each leg is cleared once, each playback ends once before that, and bridges hold living legs only', async () => {
    const step = fc.record({
      name: fc.constantFrom(...Object.keys(STEPS)),
      leg: fc.nat(5),
      other: fc.nat(5),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        build();
        exchange.device('anna').register();
        const world: World = { connector: await connected(), legs: [] };
        const played: string[] = [];
        for (const [n, each] of steps.entries()) {
          const result = STEPS[each.name]?.(world, each, n);
          await clock.advance(each.leg);
          if (!(result instanceof Promise)) continue;
          const code = await outcome(result);
          if (code !== undefined) expect(['no-such-line', 'wrong-state']).toContain(code);
          else if (each.name === 'play') played.push(`p${n}`);
          expectConsistent();
        }
        await end(world);
        expectClearedOnce(world.legs, played);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  function expectConsistent(): void {
    const { legs, bridges } = exchange.list();
    const inBridges = bridges.flatMap(({ bridgeId, legIds }) =>
      legIds.map((legId) => `${bridgeId} ${legId}`),
    );
    const saidByLegs = legs.flatMap(({ bridgeId, legId }) => (bridgeId ? [`${bridgeId} ${legId}`] : []));
    expect(inBridges.toSorted()).toEqual(saidByLegs.toSorted());
  }

  function expectClearedOnce(legIds: string[], played: string[]): void {
    const cleared = facts.flatMap((fact) => (fact.type === 'leg.cleared' ? [fact.legId] : []));
    expect(cleared.toSorted()).toEqual(legIds.toSorted());
    const finished = facts.flatMap((fact) => (fact.type === 'playback.finished' ? [fact.playbackId] : []));
    expect(finished.toSorted()).toEqual(played.toSorted());
    for (const legId of legIds) {
      const said = facts.filter((fact) => 'legId' in fact && fact.legId === legId);
      expect(said.at(-1)?.type).toBe('leg.cleared');
    }
  }
});
