/** The softphone with real routing, flow, call control and journal, on the simulated exchange. */
import { describe, expect, it } from 'vitest';
import { WRAP_MS } from '../../../test/harness/call-world.ts';
import { CALLER, type SoftphoneWorld, worldForEachTest } from '../../../test/harness/softphone-world.ts';
import type { Role } from '../../protocol/api.ts';
import { SoftphoneState } from '../../protocol/softphone.ts';

const JANE = { id: '003000000000001', object: 'Contact', name: 'Jane Smith' };
const CASE = { id: '500000000000001', object: 'Case', name: 'Broken' };

let world: SoftphoneWorld;
worldForEachTest((fresh) => (world = fresh));

describe('a page', () => {
  it('gets welcome, a snapshot and the credentials of its phone, and is registered', async () => {
    const page = world.page('ann');
    await world.pass(50);
    expect(page.received.slice(0, 2).map((m) => m.type)).toEqual(['welcome', 'snapshot']);
    expect(page.credentials).toMatchObject({ path: '/sip', domain: 'example.test' });
    expect(page.credentials?.username).toMatch(/^b-/);
    expect(page.state?.phone).toMatchObject({ kind: 'browser', audioTab: 'ann-tab-1', registered: true });
  });

  it('of a user who does not exist is sent away', async () => {
    const page = world.page('nobody');
    expect(page.received).toMatchObject([{ type: 'bye', error: { code: 'not-signed-in' } }]);
    expect(page.state).toBeUndefined();
  });

  it('tells why a button cannot be used, and refuses the command for the same reason', async () => {
    const page = world.page('ann', 'ann-tab-1', { phone: false });
    await world.pass(50);
    expect(page.state?.dial).toMatchObject({ enabled: false, reason: 'no-phone' });
    expect(await page.command({ verb: 'dial', number: '020 7946 0000' })).toMatchObject({ code: 'no-phone' });
    expect(await page.command({ verb: 'hold', lineId: 'conv_none' })).toMatchObject({ code: 'no-such-line' });
  });

  it.each<[Role, unknown, unknown]>([
    ['agent', true, true],
    ['supervisor', true, true],
    ['administrator', { code: 'not-allowed' }, { code: 'not-allowed' }],
  ])('as %s may choose a state and dial, or not', async (role, state, dial) => {
    world.roles = [role];
    const page = world.page('ann');
    await world.pass(200);
    const ready = await page.command({ verb: 'agent.state', state: 'ready' });
    const dialled = await page.command({ verb: 'dial', number: '020 7946 0958' });
    expect([ready, dialled]).toEqual(
      [state, dial].map((one) => (one === true ? true : expect.objectContaining(one as object))),
    );
  });

  it('wants a reason for not ready, one that exists', async () => {
    const page = await world.agent('ann');
    expect(await page.command({ verb: 'agent.state', state: 'not-ready' })).toMatchObject({
      code: 'reason-required',
    });
    expect(
      await page.command({ verb: 'agent.state', state: 'not-ready', reason: 'no-answer' }),
    ).toMatchObject({ code: 'bad-input' });
    expect(await page.command({ verb: 'agent.state', state: 'not-ready', reason: 'lunch' })).toBe(true);
    expect(page.state?.agent).toMatchObject({ shown: 'not-ready', reason: 'Lunch' });
  });

  it('shows what was asked of the telephone system that rules over the state, and is not confirmed', async () => {
    const page = await world.agent('ann');
    const authority = page.state?.platforms[0]?.id ?? '';
    const platform = page.state?.platforms[0]?.label;
    const ours = world.routing.agent.bind(world.routing);
    const pending = { state: 'not-ready' as const, reason: 'lunch', since: 7 };
    world.routing.agent = (userId) => ({ ...ours(userId), authority, pending });
    world.softphone.refresh();
    await world.pass(50);
    expect(page.state?.agent).toMatchObject({
      shown: 'ready',
      pending: { ...pending, reason: 'Lunch', platform },
    });
    world.routing.agent = ours;
    world.softphone.refresh();
    await world.pass(50);
    expect(page.state?.agent.pending).toBeUndefined();
  });

  it('that is gone takes its agent out of ready after a grace in which a reload is no absence', async () => {
    const page = await world.agent('ann');
    page.close();
    await world.pass(2_500);
    expect(world.shown('ann')).toBe('ready');
    await world.pass(600);
    expect(world.shown('ann')).toBe('lost');
    world.page('ann');
    await world.pass(50);
    expect(world.shown('ann')).toBe('ready');
  });
});

describe('a call that rings', () => {
  it('shows the caller, the queue, the match and the pop at once', async () => {
    world.records.push({ ...JANE, number: CALLER });
    const { page } = await world.ring();
    expect(page.line).toMatchObject({
      direction: 'inbound',
      state: 'alerting',
      peer: { kind: 'e164', value: CALLER },
      peerName: 'Jane Smith',
      queue: { label: 'Queue sales' },
      match: { status: 'done', records: [JANE] },
      pop: { decision: 'record', record: JANE, number: CALLER, tab: 'ann-tab-1', done: false },
    });
    expect(page.line.actions.answer).toEqual({ enabled: true });
    expect(page.line.actions.hangup).toMatchObject({ enabled: false, reason: 'wrong-state' });
    expect(await page.command({ verb: 'pop.done', lineId: page.line.id, popId: page.line.pop?.id })).toBe(
      true,
    );
    expect(page.line.pop?.done).toBe(true);
  });

  it('pops the new-contact form for an unknown number, the list for several matches, nothing for a withheld one', async () => {
    const { page, caller } = await world.ring();
    expect(page.line.pop).toMatchObject({ decision: 'new', number: CALLER });
    caller.hangup();
    await world.pass(60);
    expect(page.state?.lines).toEqual([]);
    world.records.push(
      { ...JANE, number: CALLER },
      { ...JANE, id: '003000000000002', name: 'Joe', number: CALLER },
    );
    const second = await world.call('100', CALLER);
    expect(page.line.pop).toMatchObject({ decision: 'list' });
    second.hangup();
    await world.pass(60);
    await world.call('100', 'anonymous');
    expect(page.line.pop).toBeUndefined();
    expect(page.line.match.status).toBe('done');
  });

  it('pops in the tab that was looked at last', async () => {
    const page = await world.agent('ann');
    const other = world.page('ann', 'ann-tab-2');
    await world.pass(50);
    page.focus();
    await world.call('100', CALLER);
    expect(other.line.pop?.tab).toBe('ann-tab-1');
    expect(other.credentials).toBeNull();
  });

  it('rings on when the CRM fails, and says that there is no match', async () => {
    const page = await world.agent('ann');
    world.crmFails = true;
    await world.call('100', CALLER);
    expect(page.line).toMatchObject({ state: 'alerting', match: { status: 'failed', records: [] } });
    expect(page.line.pop).toBeUndefined();
    expect(world.errors.splice(0)).toEqual(['match a number: the CRM is down']);
  });

  it('rings while the CRM is still searching, and goes without a match after two seconds', async () => {
    const page = await world.agent('ann');
    world.crmHangs = true;
    await world.call('100', CALLER);
    expect(page.line).toMatchObject({ state: 'alerting', match: { status: 'searching' } });
    await world.pass(2_000);
    expect(page.line).toMatchObject({ state: 'alerting', match: { status: 'timeout' } });
    expect(world.errors.splice(0)).toHaveLength(1);
  });

  it('searches again when the agent asks: the caller is known, pops and is in the log', async () => {
    world.records.push({ id: '003000000000001', object: 'Contact', name: 'Anna Adams', number: CALLER });
    world.crmHangs = true;
    const { page } = await world.talk();
    await world.pass(2_000);
    const again = { verb: 'match.again', lineId: page.line.id };
    expect(page.line.match.status).toBe('timeout');
    expect(await page.command(again)).toMatchObject({ code: 'timeout' });
    expect(page.line, 'nothing is lost by asking').toMatchObject({
      state: 'connected',
      match: { status: 'timeout' },
    });
    world.crmHangs = false;
    expect(await page.command(again)).toBe(true);
    expect(page.line).toMatchObject({
      peerName: 'Anna Adams',
      match: { status: 'done', records: [{ name: 'Anna Adams' }] },
      pop: { decision: 'record', record: { name: 'Anna Adams' } },
      log: { who: { name: 'Anna Adams' } },
    });
    world.crmFails = true;
    expect(await page.command(again), 'what is found already is not asked for').toBe(true);
    expect(page.line.match.status).toBe('done');
    world.errors.length = 0;
  });

  it('rings anew in the page that was reloaded', async () => {
    const { page, caller } = await world.ring();
    const legId = page.line.legId;
    page.close();
    const again = world.page('ann');
    await world.pass(200);
    expect(again.line.state).toBe('alerting');
    expect(again.line.legId).not.toBe(legId);
    expect(await again.command({ verb: 'answer', lineId: again.line.id })).toBe(true);
    await world.pass(60);
    expect(caller.hears).toEqual([again.line.legId]);
  });

  it('leaves nothing behind when the agent answers in the moment in which the caller hangs up', async () => {
    const { page, caller } = await world.ring();
    const { id: lineId } = page.line;
    caller.hangup();
    await page.command({ verb: 'answer', lineId });
    await world.pass(1_000);
    expect(page.state?.lines).toEqual([]);
    expect(page.state?.agent.shown).toBe('ready');
    expect(world.conversations.all()).toEqual([]);
    expect(await page.command({ verb: 'answer', lineId })).toMatchObject({ code: 'no-such-line' });
  });

  it('says so when the phone in the page does not pick up', async () => {
    const { page } = await world.ring();
    page.credentials = null;
    expect(await page.command({ verb: 'answer', lineId: page.line.id })).toMatchObject({
      code: 'phone-no-answer',
    });
  });

  it('waits with its pop for the first page, when the agent has none', async () => {
    world.sipPhones.push({
      id: 'desk',
      userId: 'ann',
      kind: 'sip',
      label: 'Desk',
      username: 'ann-desk',
      control: 'none',
      platformId: 'sim',
    });
    world.chosen.set('ann', 'desk');
    world.exchange.device('ann-desk').register();
    await world.pass(50);
    await world.ready('ann');
    await world.call('100', CALLER);
    const page = world.page('ann', 'ann-tab-7');
    expect(page.line.pop).toMatchObject({ decision: 'new', tab: 'ann-tab-7', done: false });
  });

  it('can be declined', async () => {
    const { page } = await world.ring();
    expect(await page.command({ verb: 'decline', lineId: page.line.id })).toBe(true);
    await world.pass(60);
    expect(page.state?.lines).toEqual([]);
    expect(page.state?.agent.shown).toBe('not-ready');
  });

  it('is answered on the phone itself when the device cannot be answered from the page', async () => {
    world.sipPhones.push({
      id: 'desk',
      userId: 'ann',
      kind: 'sip',
      label: 'Desk',
      username: 'ann-desk',
      control: 'none',
      platformId: 'sim',
    });
    const page = world.page('ann');
    await world.pass(50);
    expect(await page.command({ verb: 'device', deviceId: 'desk' })).toBe(true);
    expect(page.state?.phone).toMatchObject({ kind: 'sip', registered: false });
    expect(page.credentials).toBeNull();
    world.exchange.device('ann-desk').register();
    await world.pass(50);
    await page.command({ verb: 'agent.state', state: 'ready' });
    await world.call('100', CALLER);
    expect(page.line.actions.answer).toMatchObject({
      enabled: false,
      reason: 'not-capable',
      text: 'Lift the handset of your phone.',
    });
    world.exchange.device('ann-desk').answer();
    await world.pass(60);
    expect(page.line.state).toBe('connected');
  });
});

describe('a switch without browser phones', () => {
  worldForEachTest((fresh) => (world = fresh), { browserPhones: false });

  it('answers by itself what the page answers', async () => {
    const page = world.page('ann', 'ann-tab-1', { phone: false });
    await world.pass(50);
    world.exchange.device(page.credentials?.username ?? '').register();
    await world.pass(50);
    await page.command({ verb: 'agent.state', state: 'ready' });
    const caller = await world.call('100', CALLER);
    expect(await page.command({ verb: 'answer', lineId: page.line.id })).toBe(true);
    await world.pass(60);
    expect(page.line.state).toBe('connected');
    expect(caller.hears).toEqual([page.line.legId]);
    expect(page.received.some((m) => m.type === 'phone.answer')).toBe(false);
  });
});

describe('a call that is talked', () => {
  it('is held, retrieved, muted, sent digits and hung up from the page', async () => {
    const { page, caller } = await world.talk();
    const lineId = page.line.id;
    expect(page.line.state).toBe('connected');
    expect(await page.command({ verb: 'retrieve', lineId })).toMatchObject({ code: 'wrong-state' });
    expect(await page.command({ verb: 'hold', lineId })).toBe(true);
    await world.pass(50);
    expect(page.line.state).toBe('held');
    expect(caller.hears).toBe('music');
    expect(await page.command({ verb: 'retrieve', lineId })).toBe(true);
    expect(await page.command({ verb: 'mute', lineId })).toBe(true);
    await world.pass(50);
    expect(page.line).toMatchObject({ state: 'connected', muted: true });
    expect(page.line.actions.mute.enabled).toBe(false);
    expect(await page.command({ verb: 'dtmf', lineId, digits: '12#' })).toBe(true);
    expect(caller.digits).toBe('12#');
    expect(await page.command({ verb: 'hangup', lineId })).toBe(true);
    await world.pass(60);
    expect(caller.state).toBe('ended');
    expect(page.line.state).toBe('wrap-up');
  });

  it('is the same in every tab after all that happened: patches add up to the snapshot', async () => {
    const { page } = await world.talk();
    const late = world.page('ann', 'ann-tab-2');
    await page.command({ verb: 'hold', lineId: page.line.id });
    await page.command({ verb: 'log.edit', lineId: page.line.id, comments: 'x'.repeat(2_000), who: JANE });
    await page.command({ verb: 'retrieve', lineId: page.line.id });
    await world.pass(100);
    const newest = world.page('ann', 'ann-tab-3');
    await world.pass(50);
    const without = (p: typeof page) => ({ ...p.state, serverNow: 0 });
    expect(without(page)).toEqual(without(newest));
    expect(without(late)).toEqual(without(newest));
    expect(SoftphoneState.parse(newest.state)).toEqual(newest.state);
  });

  it('does a command that comes twice once, and shows a pending one in every tab', async () => {
    const { page } = await world.ring();
    const other = world.page('ann', 'ann-tab-2');
    await world.pass(50);
    const first = page.command({ verb: 'answer', lineId: page.line.id, commandId: 'answer-once' });
    const again = other.command({ verb: 'answer', lineId: page.line.id, commandId: 'answer-once' });
    expect([await first, await again]).toEqual([true, true]);
    const pending = other.received.some(
      (m) => m.type === 'patch' && JSON.stringify(m.ops).includes('answer-once'),
    );
    expect(pending).toBe(true);
    expect(page.received.filter((m) => m.type === 'phone.answer')).toHaveLength(1);
    expect(other.received.some((m) => m.type === 'phone.answer')).toBe(false);
  });
});

describe('dialling', () => {
  it('calls the number, matched with the record that was clicked, and logs an outbound call', async () => {
    world.records.push({ ...JANE, number: '+15550100' });
    const page = await world.agent('ann');
    expect(await page.command({ verb: 'dial', number: '020 7946 0958', record: JANE })).toBe(true);
    await world.pass(100);
    expect(page.line).toMatchObject({
      direction: 'outbound',
      peer: { value: CALLER },
      peerName: 'Jane Smith',
      state: 'alerting',
    });
    expect(page.state?.dial).toMatchObject({ enabled: false, reason: 'busy' });
    expect(page.line.actions.answer.enabled).toBe(false);
    world.exchange.outside(CALLER).answer();
    await world.pass(100);
    expect(page.line).toMatchObject({ state: 'connected', log: { subject: 'Outbound call', who: JANE } });
    expect(page.line.pop).toBeUndefined();
    await page.command({ verb: 'hangup', lineId: page.line.id });
    await world.pass(2_000);
    expect(world.written).toMatchObject([{ entry: { direction: 'outbound', to: CALLER, who: JANE } }]);
    expect(page.state?.lines).toEqual([]);
  });

  it('calls a colleague, whose line rings and is answered; each of the two has a log', async () => {
    const ann = await world.agent('ann');
    const bob = await world.agent('bob');
    expect(await ann.command({ verb: 'dial', number: '802' })).toBe(true);
    await world.pass(100);
    expect(ann.line).toMatchObject({ direction: 'internal', peerName: 'bob', state: 'alerting' });
    expect(bob.line).toMatchObject({ direction: 'internal', peerName: 'ann', state: 'alerting' });
    expect(bob.line.actions.decline.enabled).toBe(true);
    expect(await bob.command({ verb: 'answer', lineId: bob.line.id })).toBe(true);
    await world.pass(100);
    expect([ann.line.state, bob.line.state]).toEqual(['connected', 'connected']);
    await bob.command({ verb: 'hangup', lineId: bob.line.id });
    await world.pass(2_000);
    expect(world.written.map(({ entry }) => [entry.userId, entry.direction]).sort()).toEqual([
      ['ann', 'internal'],
      ['bob', 'internal'],
    ]);
  });

  it('ends a direct call that is declined', async () => {
    const ann = await world.agent('ann');
    const bob = await world.agent('bob');
    await ann.command({ verb: 'dial', number: '802' });
    await world.pass(100);
    expect(await bob.command({ verb: 'decline', lineId: bob.line.id })).toBe(true);
    await world.pass(100);
    expect([ann.state?.lines, bob.state?.lines]).toEqual([[], []]);
    expect(ann.state?.dial.enabled).toBe(true);
  });

  it('refuses what is no number, and leaves the agent free', async () => {
    const page = await world.agent('ann');
    expect(await page.command({ verb: 'dial', number: 'hello' })).toMatchObject({ code: 'number-invalid' });
    expect(page.state?.agent.shown).toBe('ready');
  });
});

describe('the call log', () => {
  it('links the matched person, his account, and the case that was opened during the call', async () => {
    world.records.push({ ...JANE, number: CALLER, accountId: '001000000000001' });
    const { page } = await world.talk();
    expect(page.line.log).toMatchObject({
      subject: 'Inbound call',
      who: JANE,
      what: { id: '001000000000001', name: 'Acme' },
    });
    page.focus(CASE);
    await world.pass(20);
    expect(page.line.log).toMatchObject({ who: JANE, what: CASE });
    expect(page.line.log?.candidates.map((r) => r.id)).toContain(JANE.id);
    await page.command({ verb: 'log.edit', lineId: page.line.id, what: null });
    page.focus(CASE);
    await world.pass(20);
    expect(page.line.log?.what).toBeNull();
  });

  it('is not offered a code that is out of use, but keeps one that it has', async () => {
    const { page } = await world.talk();
    const lineId = page.line.id;
    const offered = () => page.line.log?.dispositions.map(({ id }) => id);
    expect(offered()).toEqual(['d1', 'd2']);
    expect(await page.command({ verb: 'log.edit', lineId, disposition: 'd3' })).toMatchObject({
      code: 'bad-input',
    });
    world.faxActive = true;
    expect(await page.command({ verb: 'log.edit', lineId, disposition: 'd3' })).toBe(true);
    world.faxActive = false;
    expect(await page.command({ verb: 'log.edit', lineId, comments: 'sent' })).toBe(true);
    await world.pass(60);
    expect(page.line.log).toMatchObject({ disposition: 'd3' });
    expect(offered()).toEqual(['d1', 'd2', 'd3']);
    expect(await page.command({ verb: 'log.edit', lineId, disposition: 'd1' })).toBe(true);
    await world.pass(60);
    expect(offered()).toEqual(['d1', 'd2']);
  });

  it('is edited until wrap-up ends, written once, and shown among the previous calls', async () => {
    world.records.push({ ...JANE, number: CALLER });
    world.dispositionRequired = true;
    const { page, caller } = await world.talk();
    const lineId = page.line.id;
    await world.pass(10_000);
    caller.hangup();
    await world.pass(60);
    expect(page.line.wrap?.finish).toMatchObject({ enabled: false, reason: 'disposition-required' });
    expect(await page.command({ verb: 'wrap.finish', lineId })).toMatchObject({
      code: 'disposition-required',
    });
    expect(await page.command({ verb: 'log.edit', lineId, disposition: 'none' })).toMatchObject({
      code: 'bad-input',
    });
    expect(await page.command({ verb: 'log.edit', lineId, comments: 'wants two\u0000' })).toMatchObject({
      code: 'bad-input',
    });
    expect(await page.command({ verb: 'log.edit', lineId, comments: 'wants two', disposition: 'd1' })).toBe(
      true,
    );
    expect(await page.command({ verb: 'wrap.finish', lineId })).toBe(true);
    await world.pass(2_000);
    expect(page.state?.lines).toEqual([]);
    expect(await page.command({ verb: 'log.edit', lineId, comments: 'too late' })).toMatchObject({
      code: 'log-closed',
    });
    expect(world.written).toMatchObject([
      {
        key: `${lineId}:ann`,
        entry: {
          conversationId: lineId,
          userId: 'ann',
          direction: 'inbound',
          from: CALLER,
          to: '100',
          comments: 'wants two',
          disposition: 'Sold',
          who: JANE,
        },
      },
    ]);
    expect(world.written[0]?.entry.durationSeconds).toBe(10);
    expect(page.state?.previous).toMatchObject([
      { conversationId: lineId, peerName: 'Jane Smith', save: 'saved', crmRef: { object: 'Task' } },
    ]);
    expect(page.state?.agent.shown).toBe('ready');
  });

  it('is one even when the agent was lost, closed it and got the same caller again', async () => {
    const { page, caller } = await world.talk();
    const lineId = page.line.id;
    await page.command({ verb: 'log.edit', lineId, comments: 'first' });
    page.close();
    await world.pass(30_000); // nobody reattaches: the caller is in the queue again
    const again = world.page('ann', 'ann-tab-5');
    await world.pass(50);
    await again.command({ verb: 'agent.state', state: 'not-ready', reason: 'lunch' });
    await world.pass(WRAP_MS);
    expect(world.written.map(({ entry }) => entry.comments)).toEqual(['first']);
    await again.command({ verb: 'agent.state', state: 'ready' });
    await world.pass(100);
    expect(await again.command({ verb: 'answer', lineId })).toBe(true);
    await world.pass(60);
    expect(again.line.log?.comments).toBe('first');
    await again.command({ verb: 'log.edit', lineId, comments: 'first and second' });
    caller.hangup();
    await world.pass(60);
    await again.command({ verb: 'wrap.finish', lineId });
    await world.pass(2_000);
    expect(world.written.map(({ key, entry }) => [key, entry.comments])).toEqual([
      [`${lineId}:ann`, 'first'],
      [`${lineId}:ann`, 'first and second'],
    ]);
  });

  it('that cannot be written is shown as failed, tried again, and saved in the end', async () => {
    const { page, caller } = await world.talk();
    caller.hangup();
    await world.pass(60);
    world.crmFails = true;
    await page.command({ verb: 'wrap.finish', lineId: page.line.id });
    await world.pass(500);
    expect(page.state?.previous[0]?.save).toBe('failed');
    expect(page.state?.notices).toMatchObject([{ code: 'log-not-saved' }]);
    world.crmFails = false;
    await world.pass(10_000);
    expect(page.state?.previous[0]?.save).toBe('saved');
    expect(await page.command({ verb: 'notice.dismiss', noticeId: page.state?.notices[0]?.id })).toBe(true);
    expect(page.state?.notices).toEqual([]);
  });

  it('whose call ended while our process was dead is closed and written at the next start', async () => {
    const { page, caller } = await world.talk();
    const conversationId = page.line.id;
    await world.stop();
    caller.hangup();
    await world.pass(1_000);
    await world.startProcess();
    await world.pass(WRAP_MS + 3_000);
    expect(world.written.map(({ key }) => key)).toEqual([`${conversationId}:ann`]);
    expect(world.conversations.all()).toEqual([]);
    const again = world.page('ann');
    await world.pass(50);
    expect(again.state?.previous).toMatchObject([{ conversationId, save: 'saved' }]);
  });
});
