import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryJournal } from '../../../test/harness/memory-journal.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { ConversationEvent } from '../../protocol/facts.ts';
import { Conversations } from './conversations.ts';
import type { LegInfo, Switch, SwitchFact } from './ports.ts';
import { reconcile } from './reconcile.ts';

const address = { kind: 'extension' as const, raw: '100', value: '100' };
const arrival = { entry: 'public', ani: '+442079460958', dnis: '100' };

let conversations: Conversations;
let hungUp: string[];
let facts: SwitchFact[];
let legs: LegInfo[];
/** What happens while the switch is being asked. */
let meanwhile: () => void;

beforeEach(() => {
  const clock = new VirtualClock();
  conversations = new Conversations({
    journal: new MemoryJournal(clock, () => 1),
    clock,
    onListenerError: () => undefined,
  });
  [hungUp, facts, legs] = [[], [], []];
  meanwhile = () => undefined;
});

const node = {
  async list() {
    const listed = { legs: [...legs], bridges: [] };
    await Promise.resolve();
    meanwhile();
    return listed;
  },
  async hangup(legId: string) {
    hungUp.push(legId);
    if (legId === 'gone') throw new CodedError('no-such-line');
  },
} as unknown as Switch;

const run = () => reconcile(conversations, 'sim', node, 5_000, (fact) => facts.push(fact));
const record = (...events: ConversationEvent[]) => conversations.record('c', events);
const ofCall = { callId: 'call', legId: 'caller' };
const arrived = (platformId = 'sim'): ConversationEvent => ({
  type: 'call.arrived',
  ...ofCall,
  platformId,
  entry: 'public',
  ani: address,
  dnis: address,
});
const info = (legId: string, state: LegInfo['state'], more: Partial<LegInfo> = {}): LegInfo => ({
  legId,
  state,
  direction: 'out',
  ...more,
});

describe('reconciling with the switch', () => {
  it('adopts a leg that is as we know it, and tells nothing', async () => {
    record(arrived(), { type: 'leg.connected', ...ofCall });
    legs = [info('caller', 'connected')];
    expect(await run()).toEqual({ adopted: 1, closed: 0, strangers: 0 });
    expect([facts, hungUp]).toEqual([[], []]);
  });

  it.each([
    ['alerting', 'leg.alerting'],
    ['connected', 'leg.connected'],
  ] as const)('tells of a leg that became %s meanwhile', async (state, type) => {
    record(arrived());
    legs = [info('caller', state)];
    await run();
    expect(facts).toEqual([{ type, legId: 'caller', at: 5_000 }]);
  });

  it('tells no ringing of a leg that we know to be connected or on hold', async () => {
    record(arrived(), { type: 'leg.connected', ...ofCall }, { type: 'leg.held', ...ofCall, by: 'caller' });
    legs = [info('caller', 'connected')];
    await run();
    expect(facts).toEqual([]);
  });

  it('closes a leg that is gone as lost, and lets ended ones rest', async () => {
    record(arrived(), { type: 'leg.created', callId: 'call', legId: 'agent', role: 'agent', address });
    record({ type: 'leg.cleared', callId: 'call', legId: 'agent', cause: 'normal' });
    expect(await run()).toEqual({ adopted: 0, closed: 1, strangers: 0 });
    expect(facts).toEqual([{ type: 'leg.cleared', legId: 'caller', at: 5_000, cause: 'lost' }]);
  });

  it('takes a caller who came meanwhile as an arrival', async () => {
    legs = [info('new', 'alerting', { direction: 'in', arrival })];
    expect(await run()).toMatchObject({ strangers: 1 });
    expect(facts).toEqual([{ type: 'leg.arrived', legId: 'new', at: 5_000, ...arrival }]);
    expect(hungUp).toEqual([]);
  });

  it('takes one whom a process answered that died before it could write so as answered', async () => {
    legs = [info('new', 'connected', { direction: 'in', arrival })];
    await run();
    expect(facts).toEqual([
      { type: 'leg.arrived', legId: 'new', at: 5_000, ...arrival },
      { type: 'leg.connected', legId: 'new', at: 5_000 },
    ]);
  });

  it('hangs up a leg of ours that nobody knows, also one that ends just then', async () => {
    legs = [info('gone', 'alerting'), info('orphan', 'connected')];
    expect(await run()).toMatchObject({ strangers: 2 });
    expect(hungUp).toEqual(['gone', 'orphan']);
    expect(facts).toEqual([]);
  });

  it('leaves the legs of another platform alone', async () => {
    record(arrived('other'));
    expect(await run()).toEqual({ adopted: 0, closed: 0, strangers: 0 });
    expect(facts).toEqual([]);
  });

  it('neither closes nor hangs up a leg that was made while the switch was asked', async () => {
    record(arrived());
    legs = [info('caller', 'initiated'), info('agent', 'initiated')];
    meanwhile = () => record({ type: 'leg.created', callId: 'call', legId: 'agent', role: 'agent', address });
    expect(await run()).toEqual({ adopted: 1, closed: 0, strangers: 0 });
    expect([facts, hungUp]).toEqual([[], []]);
  });
});
