import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Arrival, Switch, SwitchFact, TrunkEndpoint } from './ports.ts';
import { SimulatedExchange } from './simulated/exchange.ts';
import { SimulatedSwitch } from './simulated/switch.ts';
import { withTrunks } from './trunking.ts';

const quiet = pino({ level: 'silent' });
const NUMBER = '+33142685300';

let clock: VirtualClock;
let exchange: SimulatedExchange;
let node: Switch;
let facts: SwitchFact[];
let routed: string[];
let full: Set<string>;
let refused: string[];

beforeEach(async () => {
  clock = new VirtualClock();
  exchange = new SimulatedExchange({ clock, log: quiet });
  [facts, routed, refused, full] = [[], [], [], new Set()];
  const rules = {
    admits: (trunkId: string) => !full.has(trunkId),
    read: (_trunkId: string, arrival: Arrival) => ({ ...arrival, ani: `+44${arrival.ani.slice(1)}` }),
    onRouted: (_legId: string, trunkId: string) => routed.push(trunkId),
    onRefused: (trunkId: string) => refused.push(trunkId),
    onError: (what: string, error: unknown) => {
      throw new Error(what, { cause: error });
    },
  };
  node = withTrunks(new SimulatedSwitch({ id: 'sim', exchange, clock, log: quiet }), () => rules, clock);
  node.events.on('fact', (fact) => facts.push(fact));
  const started = node.start();
  await clock.advance(50);
  await started;
});

async function dial(trunks: string[], more: Partial<TrunkEndpoint> = {}, legId = 'leg_1'): Promise<unknown> {
  const [first, ...otherwise] = trunks.map(
    (trunk): TrunkEndpoint => ({
      kind: 'trunk',
      trunk,
      number: NUMBER,
      callerId: '+442079460000',
      ...more,
    }),
  );
  const endpoint = { ...(first as TrunkEndpoint), otherwise };
  const asked = node
    .originate({ legId, endpoint, callerId: { number: '', name: '' }, autoAnswer: false, ringMs: 60_000 })
    .catch((error: unknown) => error);
  await clock.advance(500);
  return asked;
}

const said = (legId = 'leg_1') => facts.filter((fact) => 'legId' in fact && fact.legId === legId);

describe('a call by trunks', () => {
  it('stays on the first one when that works, and shows its number', async () => {
    await dial(['a', 'b']);
    expect(routed).toEqual(['a']);
    expect(exchange.party('leg_1')?.callerId?.number).toBe('+442079460000');
    expect(said().map((fact) => fact.type)).toEqual(['leg.alerting']);
  });

  it('goes on to the next one as the same leg when the first is down, and says nothing of that', async () => {
    exchange.devices.setTrunk('a', false);
    await dial(['a', 'b']);
    expect(routed).toEqual(['a', 'b']);
    exchange.outside(NUMBER).answer();
    await clock.advance(100);
    expect(said().map((fact) => fact.type)).toEqual(['leg.alerting', 'leg.connected']);
  });

  it('passes over a full one, and is refused when all are full', async () => {
    full = new Set(['a']);
    await dial(['a', 'b']);
    expect(routed).toEqual(['b']);
    full = new Set(['a', 'b']);
    expect(await dial(['a', 'b'], {}, 'leg_2')).toMatchObject({ code: 'trunks-full' });
    expect(said('leg_2')).toEqual([]);
  });

  it('is over with the last one’s cause when all are down', async () => {
    exchange.devices.setTrunk('a', false);
    exchange.devices.setTrunk('b', false);
    await dial(['a', 'b']);
    expect(routed).toEqual(['a', 'b']);
    expect(said()).toMatchObject([{ type: 'leg.cleared', cause: 'unreachable' }]);
  });

  it('does not ring a busy party a second time by another trunk', async () => {
    await dial(['a', 'b']);
    exchange.outside(NUMBER).reject('busy');
    await clock.advance(100);
    expect(routed).toEqual(['a']);
    expect(said().at(-1)).toMatchObject({ type: 'leg.cleared', cause: 'busy' });
  });

  it('is not tried again after its caller gave up', async () => {
    exchange.devices.setTrunk('a', false);
    const endpoint = { kind: 'trunk', trunk: 'a', number: NUMBER, callerId: '+442079460000' } as const;
    void node.originate({
      legId: 'leg_1',
      endpoint: { ...endpoint, otherwise: [{ ...endpoint, trunk: 'b' }] },
      callerId: { number: '', name: '' },
      autoAnswer: false,
      ringMs: 60_000,
    });
    await clock.advance(3);
    const over = node.hangup('leg_1').catch((error: unknown) => error);
    await clock.advance(500);
    await over;
    expect(routed).toEqual(['a']);
    expect(said()).toMatchObject([{ type: 'leg.cleared' }]);
  });

  it('never leaves without a number of ours', async () => {
    expect(await dial(['a'], { callerId: 'anonymous' })).toMatchObject({ code: 'no-caller-id' });
    expect(await dial(['a'], { callerId: '' }, 'leg_2')).toBeInstanceOf(CodedError);
    expect(exchange.party('leg_1')).toBeUndefined();
  });

  it('to an emergency number goes past the limits', async () => {
    full = new Set(['a', 'b']);
    await dial(['a', 'b'], { emergency: true });
    expect(routed).toEqual(['a']);
  });
});

describe('a caller who comes by a trunk', () => {
  it('has his number read by its rules; one from elsewhere not', async () => {
    exchange.arrive({ entry: 'trunk:a', ani: '02079460958', dnis: '100' });
    exchange.arrive({ entry: 'public', ani: '02079460958', dnis: '100' });
    await clock.advance(50);
    const arrivals = facts.filter((fact) => fact.type === 'leg.arrived');
    expect(arrivals.map((fact) => fact.ani)).toEqual(['+442079460958', '02079460958']);
    const listed = node.list();
    await clock.advance(50);
    expect((await listed).legs[0]?.arrival?.ani).toBe('+442079460958');
  });

  it('is refused with congestion, and not told of, when the trunk is full', async () => {
    full = new Set(['a']);
    const party = exchange.arrive({ entry: 'trunk:a', ani: '02079460958', dnis: '100' });
    await clock.advance(100);
    expect(party.cause).toBe('congestion');
    expect(refused).toEqual(['a']);
    expect(facts.filter((fact) => fact.type === 'leg.arrived')).toEqual([]);
  });
});
