/** The softphone obeys each setting of its layout. */
import { describe, expect, it } from 'vitest';
import { CALLER, type SoftphoneWorld, worldForEachTest } from '../../../test/harness/softphone-world.ts';
import {
  type CallTypeLayout,
  DEFAULT_LAYOUT,
  type PopRules,
  type PopTarget,
} from '../../protocol/layouts.ts';

const JANE = { id: '003000000000001', object: 'Contact', name: 'Jane Smith', number: CALLER };
const JOE = { ...JANE, id: '003000000000002', name: 'Joe' };
const ACME = { id: '001000000000001', object: 'Account', name: 'Acme', number: CALLER };

let world: SoftphoneWorld;
worldForEachTest((made) => {
  world = made;
});

type Type = 'inbound' | 'outbound' | 'internal';

async function set(change: Partial<CallTypeLayout>, type: Type = 'inbound') {
  await world.layouts.change('default', { [type]: { ...DEFAULT_LAYOUT[type], ...change } });
}

const setPop = (pop: Partial<PopRules>, type: Type = 'inbound') =>
  set({ pop: { ...DEFAULT_LAYOUT[type].pop, ...pop } }, type);

describe('what pops', () => {
  const url = '/orders?n={ANI}&d={DNIS}&q={QUEUE}&u={USER_ID}&r={RECORD_ID}&k={data:order}';
  const filled = (record: string) => `/orders?n=%2B442079460958&d=100&q=Queue%20sales&u=ann&r=${record}&k=`;
  const cases: [keyof PopRules & ('none' | 'one' | 'many'), PopTarget, object | undefined][] = [
    ['none', { kind: 'nothing' }, undefined],
    ['none', { kind: 'search' }, { decision: 'list', number: CALLER }],
    [
      'none',
      { kind: 'new', object: 'Contact' },
      { decision: 'new', object: 'Contact', prefill: { Phone: CALLER } },
    ],
    ['none', { kind: 'page', url }, { decision: 'page', url: filled('') }],
    ['one', { kind: 'nothing' }, undefined],
    ['one', { kind: 'record' }, { decision: 'record', record: { id: JANE.id } }],
    ['one', { kind: 'search' }, { decision: 'list' }],
    ['one', { kind: 'new', object: 'Case' }, { decision: 'new', object: 'Case' }],
    ['one', { kind: 'page', url }, { decision: 'page', url: filled(JANE.id) }],
    [
      'none',
      { kind: 'script', scriptId: 'script_active' },
      { decision: 'script', url: expect.stringMatching(/^\/scripts\/script_active\?conversation=conv_\w+$/) },
    ],
    ['one', { kind: 'script', scriptId: 'script_active' }, { decision: 'script', record: { id: JANE.id } }],
    ['many', { kind: 'nothing' }, undefined],
    ['many', { kind: 'search' }, { decision: 'list' }],
    ['many', { kind: 'new', object: 'Lead' }, { decision: 'new', object: 'Lead' }],
    ['many', { kind: 'page', url }, { decision: 'page', url: filled('') }],
  ];
  it.each(cases)('for %s matches may be %j', async (count, target, pop) => {
    world.records.push(...{ none: [], one: [JANE], many: [JANE, JOE] }[count]);
    await setPop({ [count]: target });
    const { page } = await world.ring();
    expect(page.line.match.status).toBe('done');
    if (pop) expect(page.line.pop).toMatchObject({ ...pop, open: 'tab', done: false });
    else expect(page.line.pop).toBeUndefined();
  });

  it.each(['tab', 'subtab', 'window'] as const)('opens in a %s', async (open) => {
    await setPop({ open });
    const { page } = await world.ring();
    expect(page.line.pop).toMatchObject({ decision: 'new', open });
  });

  it('never leads to a page that its values turned into another', async () => {
    await setPop({ none: { kind: 'page', url: '/{data:a}/evil.example' } });
    const { page } = await world.ring();
    expect(page.line.pop).toBeUndefined();
  });
});

describe('when it pops', () => {
  it('on answer: not while it rings', async () => {
    world.records.push(JANE);
    await setPop({ when: 'answer' });
    const { page } = await world.ring();
    expect(page.line.pop).toBeUndefined();
    await page.command({ verb: 'answer', lineId: page.line.id });
    await world.pass(60);
    expect(page.line.pop).toMatchObject({ decision: 'record', tab: 'ann-tab-1' });
  });

  it('by hand: a button says what it would be, and does it', async () => {
    await setPop({ when: 'hand', none: { kind: 'new', object: 'Lead' }, open: 'subtab' });
    const { page } = await world.talk();
    expect(page.line.pop).toBeUndefined();
    expect(page.line.popChoice).toEqual({ decision: 'new', object: 'Lead' });
    await page.command({ verb: 'pop', lineId: page.line.id });
    expect(page.line.pop).toMatchObject({ decision: 'new', object: 'Lead', open: 'subtab' });
  });

  it('of an outbound call and of an internal one: by their own rules', async () => {
    world.records.push(JANE);
    await setPop({ one: { kind: 'record' }, open: 'window' }, 'outbound');
    const page = await world.agent('ann');
    await page.command({ verb: 'dial', number: CALLER });
    await world.pass(60);
    expect(page.line).toMatchObject({ direction: 'outbound', pop: { decision: 'record', open: 'window' } });
  });
});

describe('what is searched and shown', () => {
  it('are the records of its objects alone, the first object first: also in name and pop', async () => {
    world.records.push(ACME, JANE);
    await set({ objects: [{ object: 'Contact', fields: [] }] });
    const { page } = await world.ring();
    expect(page.line.match.records.map(({ id }) => id)).toEqual([JANE.id]);
    expect(page.line).toMatchObject({ peerName: 'Jane Smith', pop: { decision: 'record' } });
  });

  it('puts objects in its order', async () => {
    world.records.push(ACME, JANE);
    const of = (object: string) => ({ object, fields: [] });
    await set({ objects: [of('Contact'), of('Account')] });
    const { page } = await world.ring();
    expect(page.line.match.records.map(({ object }) => object)).toEqual(['Contact', 'Account']);
  });

  it('are none without objects, as for an unknown number', async () => {
    world.records.push(JANE);
    await set({ objects: [] });
    const { page } = await world.ring();
    expect(page.line).toMatchObject({ match: { status: 'done', records: [] }, pop: { decision: 'new' } });
  });

  it('shows the fields of a match that have a value', async () => {
    world.records.push(JANE);
    await set({ objects: [{ object: 'Contact', fields: ['Phone', 'AccountId'] }] });
    const { page } = await world.ring();
    expect(page.line.match.records).toMatchObject([{ fields: [{ label: 'Phone', value: CALLER }] }]);
  });

  it.each([
    [['ANI', 'data:*'], ['ANI'], ['order', 'vip']],
    [['QUEUE', 'data:vip', 'DNIS'], ['DNIS', 'QUEUE'], ['vip']],
    [['data:vip', 'data:*'], [], ['vip', 'order']],
    [[], [], []],
  ])('of the call are its fields %j', async (fields, shown, keys) => {
    await set({ fields });
    const { page } = await world.ring();
    const data = (key: string) => ({ type: 'data.set', key, value: '1', from: 'ivr' }) as const;
    world.conversations.record(page.line.conversationId, [data('order'), data('vip')]);
    await world.pass(60);
    expect(page.line.fields).toEqual(shown);
    expect(page.line.data.map(({ key }) => key)).toEqual(keys);
  });
});

describe('which layout holds', () => {
  it('is the user’s own, at once for the next call; a call keeps the one it began with, also over a restart', async () => {
    world.records.push(JANE);
    const { page, caller } = await world.ring();
    await world.pass(10);
    const { id: _id, ...standard } = DEFAULT_LAYOUT;
    await world.layouts.add({
      ...standard,
      label: 'Ann',
      isDefault: false,
      userIds: ['ann'],
      inbound: { ...standard.inbound, fields: [], pop: { ...standard.inbound.pop, one: { kind: 'search' } } },
    });
    expect(page.line.fields).toEqual(['ANI', 'DNIS', 'QUEUE']);
    await page.command({ verb: 'answer', lineId: page.line.id });
    await world.pass(60);
    await world.stop();
    await world.startProcess();
    const again = world.page('ann');
    await world.pass(50);
    expect(again.line.fields).toEqual(['ANI', 'DNIS', 'QUEUE']);
    caller.hangup();
    await world.pass(60);
    await again.command({ verb: 'wrap.finish', lineId: again.line.id });
    await world.pass(2_000);
    await world.call('100', CALLER);
    expect(again.line).toMatchObject({ fields: [], pop: { decision: 'list' } });
  });
});
