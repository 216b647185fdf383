/**
 * Two real Asterisks at once, the private one and a company's own that runs examples/asterisk as it is: added at run time, calls through it,
 * devices pushed to it, an agent's leg across both, and what callers hear when we are gone.
 */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../src/lib/clock.ts';
import { newId } from '../src/lib/ids.ts';
import { must } from '../src/lib/must.ts';
import { ofSwitch } from '../src/server/platforms/kind.ts';
import { PLATFORM_KINDS } from '../src/server/platforms/kinds.ts';
import { Platforms } from '../src/server/platforms/platforms.ts';
import { platformMigrations } from '../src/server/platforms/schema.ts';
import type { Originate, ProvisionedDevice, SwitchEntry } from '../src/server/telephony/ports.ts';
import { AsteriskRig, FactLog } from './harness/asterisk-rig.ts';
import { EXAMPLE, ExampleAsterisk } from './harness/example-asterisk.ts';
import { type TestDatabase, testDatabase } from './harness/postgres.ts';
import type { SipCall } from './harness/sip-call.ts';
import { SipPhone } from './harness/sip-phone.ts';

let database: TestDatabase;
let rig: AsteriskRig;
let company: ExampleAsterisk;
let platforms: Platforms;
const opened: SipPhone[] = [];
const logs = new Map<string, FactLog>();

const SETTINGS = { url: EXAMPLE.url, user: EXAMPLE.user, password: EXAMPLE.password };
const deviceOf = (name: string): ProvisionedDevice => ({
  name,
  password: 'correct-horse',
  kind: 'phone',
  callerId: { number: '101', name: 'Ann' },
});

async function load(): Promise<void> {
  const { asterisk } = rig.connect({ id: 'private' });
  platforms = await Platforms.load({
    db: database.db,
    clock: realClock,
    log: pino({ level: 'silent' }),
    kinds: PLATFORM_KINDS,
    builtIn: {
      id: 'private',
      kind: 'private',
      label: 'Own',
      platform: {
        ...ofSwitch(asterisk.switch),
        provisioning: asterisk.provisioning,
        close: () => asterisk.switch.close(),
      },
    },
    folder: '/nowhere',
    liveCalls: () => 0,
    usedBy: () => undefined,
  });
  logs.clear();
  for (const entry of platforms.switches.all()) listen(entry);
  platforms.switches.events.on('added', listen);
  await platforms.start(15_000);
}

function listen({ id, switch: node }: SwitchEntry): void {
  logs.set(id, new FactLog({ switch: node } as never));
}

const entry = (id: string) => must(platforms.switches.get(id), id);
const node = (id: string) => entry(id).switch;
const log = (id: string) => must(logs.get(id), id);
const isUp = (id: string) => expect.poll(() => node(id).link, { timeout: 15_000 }).toBe('up');

async function phone(
  server: { host: string; port: number },
  user: string,
  password?: string,
): Promise<SipPhone> {
  const made = await SipPhone.open({ server, user, ...(password ? { password } : {}) });
  opened.push(made);
  return made;
}

/** A desk phone that is pushed to the platform and registers there. */
async function desk(platformId: string, name: string): Promise<SipPhone> {
  const device = deviceOf(name);
  await entry(platformId).provisioning.put(device);
  const server = platformId === 'company' ? EXAMPLE.sip : rig.server;
  const made = await phone(server, name, device.password);
  await expect.poll(() => made.register(), { timeout: 15_000 }).toBe(200);
  await log(platformId).next('device.registration', (fact) => fact.name === name && fact.registered);
  return made;
}

const ring = (name: string, platformId: string): Originate => ({
  legId: newId('leg'),
  endpoint: { kind: 'device', name, platformId },
  callerId: { number: '+442079460000', name: 'Caller' },
  autoAnswer: false,
  ringMs: 20_000,
});

/** Both hear the tone of the other. */
async function hearEachOther(one: SipCall, other: SipCall): Promise<void> {
  one.speak(440);
  other.speak(1_000);
  await expect.poll(() => one.ear.share(1_000), { timeout: 15_000 }).toBeGreaterThan(0.5);
  await expect.poll(() => other.ear.share(440), { timeout: 15_000 }).toBeGreaterThan(0.5);
}

beforeAll(async () => {
  database = await testDatabase(platformMigrations);
  rig = await AsteriskRig.start();
  // As its comment says for who wants no minute of music: new callers fall back at once.
  company = await ExampleAsterisk.start({ 'extensions.conf': (text) => text.replace('> 15]', '> 0]') });
  await load();
});
afterAll(async () => {
  for (const one of opened) one.close();
  await platforms?.close();
  await company?.stop();
  await rig?.stop();
  await database?.drop();
});

describe("a company's own Asterisk beside the private one", () => {
  it('is tested, added and up within seconds, without a restart', async () => {
    const report = await platforms.test('asterisk', SETTINGS);
    expect(report.checks.filter(({ status }) => status === 'wrong')).toEqual([]);
    await platforms.add({
      id: 'company',
      kind: 'asterisk',
      label: 'Company',
      enabled: true,
      country: null,
      settings: SETTINGS,
    });
    await isUp('company');
    expect(platforms.all()).toMatchObject([
      { state: 'up' },
      { id: 'company', state: 'up', secretsSet: ['password'] },
    ]);
  });

  it('takes a call of its carrier and connects it with a desk phone that was pushed to it', async () => {
    const ann = await desk('company', 'ann-desk');
    const caller = await phone(EXAMPLE.sip, 'carrier');
    const outgoing = await caller.call('+442079460000');
    const arrived = await log('company').next('leg.arrived', (fact) => fact.entry === 'trunk:carrier');
    expect(arrived.dnis).toBe('+442079460000');
    await node('company').answer(arrived.legId);
    const request = ring('ann-desk', 'company');
    await node('company').originate(request);
    const incoming = await ann.nextCall(15_000);
    incoming.answer();
    await log('company').next('leg.connected', (fact) => fact.legId === request.legId);
    await node('company').bridge('b1', [arrived.legId, request.legId]);
    await outgoing.reaches('up', 15_000);
    await hearEachOther(outgoing, incoming);
    outgoing.hangup();
    await log('company').next('leg.cleared', (fact) => fact.legId === arrived.legId);
    await node('company').hangup(request.legId);
    await incoming.reaches('over', 15_000);
  });

  it('keeps a call while its settings change: it is connected anew and the leg is still there', async () => {
    const caller = await phone(EXAMPLE.sip, 'carrier');
    const outgoing = await caller.call('100');
    const { legId } = await log('company').next('leg.arrived', (fact) => fact.dnis === '100');
    await node('company').answer(legId);
    await outgoing.reaches('up', 15_000);
    await platforms.change('company', { label: 'Company Ltd', settings: { mediaAddress: '127.0.0.1' } });
    await isUp('company');
    expect((await node('company').list()).legs.map((leg) => leg.legId)).toContain(legId);
    await node('company').hangup(legId);
    await outgoing.reaches('over', 15_000);
  });
});

describe('an agent whose phone is on the other telephone system', () => {
  const link = {
    from: 'private',
    to: 'company',
    address: `sip:{number}@127.0.0.1:${EXAMPLE.sip.port}`,
    prefix: '',
  };

  /** A caller at the private Asterisk, and Ben's desk phone at the company's, ringing for him. */
  async function ringAcross(): Promise<{
    outgoing: SipCall;
    incoming: SipCall;
    arrivedId: string;
    legId: string;
  }> {
    const ben = await desk('company', `ben-${newId('d').slice(-6)}`);
    const outgoing = await (await phone(rig.server, 'caller')).call('+442079460000');
    const { legId: arrivedId } = await log('private').next('leg.arrived', ({ legId }) => !seen.has(legId));
    seen.add(arrivedId);
    await node('private').answer(arrivedId);
    const request = ring(ben.options.user, 'company');
    await node('private').originate(request);
    const incoming = await ben.nextCall(15_000);
    return { outgoing, incoming, arrivedId, legId: request.legId };
  }
  const seen = new Set<string>();

  it('cannot be reached without a link, and the reason is said', async () => {
    const refused = node('private').originate(ring('ben-desk', 'company'));
    await expect(refused).rejects.toMatchObject({ code: 'not-linked' });
  });

  it('rings, answers and talks as one leg; the arrival behind it is nobody else’s', async () => {
    await platforms.links.put(link);
    expect([...platforms.links.reaching('company')]).toEqual(['company', 'private']);
    const { outgoing, incoming, arrivedId, legId } = await ringAcross();
    incoming.ring();
    await log('private').next('leg.alerting', (fact) => fact.legId === legId);
    incoming.answer();
    await log('private').next('leg.connected', (fact) => fact.legId === legId);
    await node('private').bridge('b2', [arrivedId, legId]);
    await hearEachOther(outgoing, incoming);
    expect(log('company').facts.filter((fact) => fact.type === 'leg.arrived')).toEqual([]);
    expect((await node('company').list()).legs).toEqual([]);
    expect(platforms.get('company')?.liveCalls).toBe(1);
    await expect(platforms.remove('company')).rejects.toMatchObject({ code: 'platform-busy' });
    incoming.hangup();
    await log('private').next('leg.cleared', (fact) => fact.legId === legId);
    await node('private').hangup(arrivedId);
    await outgoing.reaches('over', 15_000);
  });

  it('who declines is told as such, and the caller’s side hanging up ends the ringing', async () => {
    const first = await ringAcross();
    first.incoming.refuse('486 Busy Here');
    const cleared = await log('private').next('leg.cleared', (fact) => fact.legId === first.legId);
    expect(cleared.cause).toBe('busy');
    const second = await ringAcross();
    await node('private').hangup(second.legId);
    await second.incoming.reaches('over', 15_000);
    for (const { arrivedId } of [first, second]) await node('private').hangup(arrivedId);
  });

  it('goes on talking while our process is away, and is one leg again when it is back', async () => {
    const { outgoing, incoming, arrivedId, legId } = await ringAcross();
    incoming.answer();
    await log('private').next('leg.connected', (fact) => fact.legId === legId);
    await node('private').bridge('b3', [arrivedId, legId]);
    await hearEachOther(outgoing, incoming);
    await platforms.close();
    await hearEachOther(outgoing, incoming);
    await load();
    await isUp('company');
    const ids = (await node('private').list()).legs.map((leg) => leg.legId);
    expect(ids).toEqual(expect.arrayContaining([arrivedId, legId]));
    expect((await node('company').list()).legs).toEqual([]);
    await node('private').hangup(legId);
    await incoming.reaches('over', 15_000);
    await node('private').hangup(arrivedId);
  });
});

describe('when Crosspoint is gone', () => {
  it('the caller who waits hears the apology of the examples and is hung up, and so does a new one', async () => {
    const waiting = await (await phone(EXAMPLE.sip, 'carrier')).call('300');
    const { legId } = await log('company').next('leg.arrived', (fact) => fact.dnis === '300');
    await node('company').answer(legId);
    await node('company').startMusic(legId);
    await node('company').armFallback(legId, 2_000, 'apology');
    await waiting.reaches('up', 15_000);
    await platforms.close();
    await waiting.reaches('over', 20_000);
    expect(waiting.ear.loudness).toBeGreaterThan(0);
    const fresh = await (await phone(EXAMPLE.sip, 'carrier')).call('301');
    await fresh.reaches('up', 15_000);
    await expect.poll(() => fresh.ear.loudness, { timeout: 15_000 }).toBeGreaterThan(0);
    await fresh.reaches('over', 20_000);
  });
});
