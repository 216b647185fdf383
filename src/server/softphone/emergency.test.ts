/** Help is called whatever the agent's state is, with real routing, flow and call control on the simulated exchange. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CALLER,
  type FakePage,
  type SoftphoneWorld,
  worldForEachTest,
} from '../../../test/harness/softphone-world.ts';
import { MAX_LINES } from './actions.ts';

let world: SoftphoneWorld;
worldForEachTest((fresh) => (world = fresh));

/** The numbers that have left by a trunk and are still called. */
function calledOutside(): string[] {
  return world.conversations
    .all()
    .flatMap(({ legs }) => [...legs.values()])
    .filter((leg) => leg.role === 'external' && leg.clearedAt === undefined)
    .map((leg) => leg.address.value);
}

async function callsHelp(page: FakePage, number = '999'): Promise<void> {
  expect(await page.command({ verb: 'dial', number })).toBe(true);
  await world.pass(200);
  expect(calledOutside()).toContain(number);
}

describe('an emergency number is dialled', () => {
  it('while an offer rings, whose caller gets his place back and the next agent', async () => {
    const { page } = await world.ring();
    expect(page.state?.dial).toMatchObject({ enabled: false, reason: 'busy' });
    const bob = await world.agent('bob');
    await callsHelp(page);
    expect(world.shown('ann')).toBe('talking');
    expect(bob.line).toMatchObject({ state: 'alerting', peer: { value: CALLER } });
  });

  it('while he talks, who goes on hold', async () => {
    const { page } = await world.talk();
    await callsHelp(page);
    expect(page.state?.lines.map(({ state }) => state)).toContain('held');
  });

  it('while another call of his is not answered yet', async () => {
    const page = await world.agent('ann');
    await page.command({ verb: 'dial', number: '020 7946 0000' });
    expect(page.state?.dial).toMatchObject({ enabled: false, reason: 'busy' });
    await callsHelp(page);
  });

  it('while a colleague rings him, who is told that he does not answer', async () => {
    const ann = await world.agent('ann');
    const bob = await world.agent('bob');
    await bob.command({ verb: 'dial', number: '801' });
    await world.pass(100);
    expect(ann.line.state).toBe('alerting');
    await callsHelp(ann);
    expect(bob.state?.lines.filter((line) => line.legId !== undefined)).toEqual([]);
  });

  it('with every line in use', async () => {
    const { page } = await world.talk();
    for (let line = 1; line < MAX_LINES; line++) {
      await page.command({ verb: 'dial', number: `020 7946 000${line}` });
      await world.pass(100);
      world.exchange.outside(`+44207946000${line}`).answer();
      await world.pass(100);
    }
    expect(page.state?.dial).toMatchObject({ enabled: false, reason: 'too-many' });
    await callsHelp(page);
  });

  it('logged out, in do not disturb, and not ready', async () => {
    const page = world.page('ann');
    await world.pass(100);
    await page.command({ verb: 'settings', change: { doNotDisturb: true } });
    expect(page.state?.dial).toMatchObject({ enabled: false, reason: 'agent-not-ready' });
    await callsHelp(page);
  });

  it('by an administrator who has a phone', async () => {
    world.roles = ['administrator'];
    const page = world.page('ann');
    await world.pass(100);
    expect(page.state?.dial).toMatchObject({ enabled: false, reason: 'not-allowed' });
    await callsHelp(page);
  });

  it('while the server is being ended and takes no other call', async () => {
    const page = await world.agent('ann');
    world.engine.drain();
    expect(await page.command({ verb: 'dial', number: '020 7946 0000' })).toMatchObject({ code: 'draining' });
    await callsHelp(page);
  });

  it('while the database is away, to which it is written later', async () => {
    const page = await world.agent('ann');
    const { db } = world.database;
    const real = db.query.bind(db);
    let back = () => undefined as void;
    const away = new Promise<void>((resolve) => (back = resolve));
    const gate = vi.spyOn(db, 'query').mockImplementation(async (...args) => {
      if (args[0].includes('INSERT INTO journal')) await away;
      return await real(...args);
    });
    await callsHelp(page);
    expect(await db.query("SELECT 1 FROM journal WHERE type = 'call.created'")).toEqual([]);
    gate.mockRestore();
    back();
    await world.pass(500);
    expect(await db.query("SELECT 1 FROM journal WHERE type = 'call.created'")).toHaveLength(1);
  });

  it('that is one only where he sits, and known as such', async () => {
    world.siteCountry = 'DE';
    const { page } = await world.ring();
    expect(page.state?.user).toMatchObject({ country: 'GB', siteCountry: 'DE' });
    await callsHelp(page, '110');
    const dialled = world.conversations.all().flatMap(({ calls }) => [...calls.values()]);
    expect(dialled.map((call) => call.dnis.kind)).toContain('service');
  });
});

it('help cannot be called without a phone: the reason is said', async () => {
  const page = world.page('ann', 'ann-tab-1', { phone: false });
  await world.pass(50);
  expect(await page.command({ verb: 'dial', number: '999' })).toMatchObject({ code: 'no-phone' });
});

describe('from a user with several devices', () => {
  const phone = (id: string, control: 'none' | 'auto-answer' = 'auto-answer') =>
    world.sipPhones.push({
      id,
      userId: 'ann',
      kind: 'sip',
      label: id,
      username: `ann-${id}`,
      control,
      platformId: 'sim',
    });
  const device = (id: string) => world.exchange.device(`ann-${id}`);
  /** Which of his devices called, in the order in which they did. */
  let calls: (string | undefined)[];
  const called = () => calls;
  beforeEach(() => {
    calls = [];
    world.conversations.events.on('event', (_, event) => {
      if (event.type === 'leg.created' && event.userId === 'ann') calls.push(event.deviceId);
    });
  });

  async function seated(chosen?: string): Promise<FakePage> {
    const page = world.page('ann');
    await world.pass(100);
    if (chosen) await page.command({ verb: 'device', deviceId: chosen });
    await world.pass(50);
    return page;
  }

  it('whose chosen phone is not there calls from the page, which has its phone for this call only', async () => {
    phone('desk');
    const page = await seated('desk');
    expect(page.credentials).toBeNull();
    await callsHelp(page);
    expect(called()).toEqual(['browser:ann']);
    expect(page.credentials).not.toBeNull();
    await page.command({ verb: 'hangup', lineId: page.line.id });
    await world.pass(100);
    expect(page.credentials).toBeNull();
    expect(page.state?.phone).toMatchObject({ kind: 'sip', registered: false });
  });

  it('whose chosen phone does not answer by itself in 5 s calls from the page', async () => {
    phone('desk');
    const page = await seated('desk');
    device('desk').register();
    device('desk').whenRung = 'ignores';
    await world.pass(50);
    expect(await page.command({ verb: 'dial', number: '999' })).toBe(true);
    await world.pass(4_800);
    expect(calledOutside()).toEqual([]);
    await world.pass(600);
    expect(calledOutside()).toEqual(['999']);
    expect(called()).toEqual(['desk', 'browser:ann']);
  });

  it('whose page has no phone calls from a SIP phone, and from the next one when that fails', async () => {
    phone('desk');
    phone('mobile');
    const page = world.page('ann', 'ann-tab-1', { phone: false });
    await world.pass(100);
    for (const id of ['desk', 'mobile']) device(id).register();
    device('desk').whenRung = 'busy';
    await world.pass(50);
    expect(await page.command({ verb: 'dial', number: '999' })).toBe(true);
    await world.pass(500);
    expect(calledOutside()).toEqual(['999']);
    expect(called()).toEqual(['desk', 'mobile']);
  });

  it('who has to lift his phone by hand has the time for it, and who declines has decided', async () => {
    phone('desk', 'none');
    const page = await seated('desk');
    device('desk').register();
    await world.pass(50);
    expect(await page.command({ verb: 'dial', number: '999' })).toBe(true);
    await world.pass(15_000);
    expect(called()).toEqual(['desk']);
    device('desk').reject();
    await world.pass(500);
    expect(called()).toEqual(['desk']);
    expect(calledOutside()).toEqual([]);
  });

  it('of which none can be had is told so', async () => {
    phone('desk');
    const page = world.page('ann', 'ann-tab-1', { phone: false });
    await world.pass(100);
    expect(await page.command({ verb: 'dial', number: '999' })).toMatchObject({ code: 'no-phone' });
    expect(called()).toEqual([]);
  });
});
