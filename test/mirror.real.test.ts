/**
 * The whole server beside a PBX that routes by itself: a telephone system of kind `ami` is added as an administrator adds it, and
 * its agents, with their desk phones, have pop, softphone, states and log.
 */
import { WaitingBook } from '../src/server/callcenter/waiting-book.ts';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyPatch, type Operation } from 'rfc6902';
import { realClock } from '../src/lib/clock.ts';
import type { Downstream } from '../src/protocol/socket.ts';
import type { Command, Line, SoftphoneState } from '../src/protocol/softphone.ts';
import { STANDARD_LAYOUTS } from '../src/server/callcenter/layouts.ts';
import { type CallCenterServer, startCallCenter } from '../src/server/call-center-server.ts';
import { CallCenter } from '../src/server/callcenter/call-center.ts';
import { PRIVATE_PLATFORM } from '../src/server/callcenter/model.ts';
import { readConfig } from '../src/server/config.ts';
import { BuiltinCrm } from '../src/server/crm/builtin/builtin-crm.ts';
import { MIGRATIONS } from '../src/server/foundation.ts';
import { importQueueLog, queueFigures } from '../src/server/history/queue-log-import.ts';
import { loadFloorSettings } from '../src/server/floor-server.ts';
import { loadOutsideLines } from '../src/server/outside-lines.ts';
import { PLATFORM_KINDS } from '../src/server/platforms/kinds.ts';
import { Platforms } from '../src/server/platforms/platforms.ts';
import { createPrivatePlatform } from '../src/server/platforms/private.ts';
import type { TabHandle } from '../src/server/softphone/ports.ts';
import { CALLER, OUTSIDE } from './conformance/ami-stage.ts';
import { PbxRig } from './harness/pbx-rig.ts';
import { type TestDatabase, testDatabase } from './harness/postgres.ts';
import type { SipCall } from './harness/sip-call.ts';
import type { SipPhone } from './harness/sip-phone.ts';

const log = pino({ level: process.env.DEBUG_AMI ? 'info' : 'silent' });
const PLATFORM = 'office-pbx';

/** One open page of a user. */
class Page {
  state: SoftphoneState | undefined;
  readonly #results = new Map<string, Downstream>();
  readonly #handle: TabHandle;
  #serial = 0;

  constructor(
    server: CallCenterServer,
    readonly userId: string,
  ) {
    this.#handle = server.softphone.open({
      userId,
      sessionId: `session_${userId}`,
      tabId: `tab_${userId}`,
      canAudio: true,
      canPop: true,
      legs: [],
      send: (message) => this.#receive(message),
    });
  }

  #receive(message: Downstream): void {
    if (message.type === 'snapshot') this.state = structuredClone(message.state);
    if (message.type === 'patch' && this.state) {
      applyPatch(this.state, structuredClone(message.ops) as Operation[]);
      this.state.rev = message.rev;
    }
    if (message.type === 'result') this.#results.set(message.commandId, message);
  }

  get line(): Line | undefined {
    return this.state?.lines[0];
  }

  /** `true`, or the code of the refusal. */
  async command(command: Record<string, unknown>): Promise<unknown> {
    const commandId = `command-${this.userId}-${++this.#serial}`;
    this.#handle.receive({ type: 'command', command: { ...command, commandId } as unknown as Command });
    await until(`an answer to ${String(command.verb)}`, () => this.#results.has(commandId));
    const result = this.#results.get(commandId);
    return result?.type === 'result' && (result.ok || result.error?.code);
  }
}

async function until(what: string, check: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!check()) {
    if (Date.now() > deadline) throw new Error(`waited for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('an Asterisk-based PBX over AMI, beside our own telephone system', () => {
  let rig: PbxRig;
  let database: TestDatabase;
  let folder: string;
  let server: CallCenterServer;
  let platforms: Platforms;
  let settings: CallCenter;
  let crm: BuiltinCrm;
  let carrier: SipPhone;
  const phones: Record<string, SipPhone> = {};
  const users: Record<string, string> = {};
  const pages: Record<string, Page> = {};

  beforeAll(async () => {
    rig = await PbxRig.start();
    database = await testDatabase(MIGRATIONS);
    folder = await mkdtemp(join(tmpdir(), 'cp-mirror-'));
    const { db } = database;
    const fail = (error: unknown) => {
      throw error;
    };
    const config = readConfig({ env: {}, root: `${folder}/`, uid: 1 });
    settings = await CallCenter.load({ db, country: 'GB', onListenerError: fail });
    for (const [name, extension] of [
      ['Ann', '201'],
      ['Bob', '202'],
      ['Cy', '203'],
    ] as const) {
      const user = await settings.addUser(
        {
          username: name.toLowerCase(),
          name,
          roles: ['agent'],
          locale: 'en-GB',
          zone: 'Europe/London',
          country: 'GB',
          extension,
          platformId: PLATFORM,
        },
        'no-hash',
      );
      users[name] = user.id;
    }
    await settings.addReason({ label: 'Lunch' });
    const outsideLines = await loadOutsideLines({ db, config, callCenter: settings, onListenerError: fail });
    const own = await createPrivatePlatform({
      id: PRIVATE_PLATFORM,
      asterisk: undefined,
      mediaAddress: '127.0.0.1',
      clock: realClock,
      log,
      onSipFailure: () => undefined,
    });
    platforms = await Platforms.load({
      db,
      clock: realClock,
      log,
      kinds: PLATFORM_KINDS,
      builtIn: { ...own, platform: own },
      folder: join(folder, 'platforms'),
      liveCalls: (id) => server.liveCalls(id),
      usedBy: () => undefined,
    });
    crm = new BuiltinCrm({ db, clock: realClock, country: 'GB', userNames: async () => ({}) });
    server = await startCallCenter({
      config,
      dataDir: folder,
      db,
      reports: db,
      clock: realClock,
      log,
      callCenter: settings,
      crm,
      crms: { servingId: () => 'builtin', viewOf: () => 'builtin', figureBook: () => undefined },
      directories: { find: () => [], source: () => ({ fields: [] }) },
      hours: { closedAt: () => undefined, isOpen: () => true },
      profiles: { recordingSettings: (_user, all) => all },
      layouts: { now: () => STANDARD_LAYOUTS, at: () => Promise.resolve(STANDARD_LAYOUTS) },
      crmHosts: { at: () => undefined },
      platforms,
      outsideLines,
      floorSettings: await loadFloorSettings({ db, callCenter: settings, onListenerError: fail }),
      waitingBook: await WaitingBook.load({ db, callCenter: settings }),
      sip: { path: '/sip', domain: 'crosspoint.invalid' },
    });
    for (const extension of ['201', '202', '203']) phones[extension] = await rig.phone(extension);
    carrier = await rig.carrier();
    await platforms.add({
      id: PLATFORM,
      kind: 'ami',
      label: 'Office PBX',
      country: 'GB',
      enabled: true,
      settings: {
        host: rig.ami.host,
        port: rig.ami.port,
        user: rig.ami.user,
        secret: rig.ami.secret,
        loginQueues: 'sales',
        queueExtensions: 'sales=6000',
        queueLabels: 'support=Technical support',
      },
    });
    await until('the PBX to be connected', () => platforms.get(PLATFORM)?.state === 'up');
    for (const [name, id] of Object.entries(users)) pages[name] = new Page(server, id);
  }, 120_000);

  afterAll(async () => {
    await server?.close();
    await rig?.stop();
    await database?.drop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    for (const name of await rig.channels()) await rig.action('Hangup', { Channel: name });
    await until('no lines', () => Object.values(pages).every((page) => page.state?.lines.length === 0));
    for (const phone of [carrier, ...Object.values(phones)]) phone.forget();
  });

  const page = (name: string): Page => pages[name] as Page;
  const ring = async (phone: SipPhone | undefined): Promise<SipCall> => {
    if (!phone) throw new Error('no such phone');
    const call = await phone.nextCall(15_000);
    call.ring();
    return call;
  };

  it('knows its phones and who is in its queues', async () => {
    await until('Ann to be ready', () => page('Ann').state?.agent.shown === 'ready');
    expect(page('Ann').state?.phone).toMatchObject({
      kind: 'pbx',
      label: 'Desk phone 201 at Office PBX',
      registered: true,
    });
    expect(server.mirrors.phone(PLATFORM, '201')).toMatchObject({
      device: 'PJSIP/201',
      state: 'ready',
      user: { name: 'Ann' },
    });
    expect(server.mirrors.phone(PLATFORM, '299')).toEqual({ device: 'PJSIP/299', state: 'unknown' });
    expect(page('Ann').state?.platforms[0]).toMatchObject({ id: PLATFORM, label: 'Office PBX', link: 'up' });
  });

  it('takes a queue call from ring to log: pop, talk, transfer to a colleague, one log each', async () => {
    await crm.create({ userId: users.Ann ?? '', roles: ['agent'] }, 'Contact', {
      LastName: 'Example',
      FirstName: 'Eve',
      Phone: CALLER,
    });
    const caller = await carrier.call('6001', { number: CALLER, name: 'Eve' });
    const cy = await ring(phones['203']);
    await until('the softphone to ring', () => page('Cy').line?.state === 'alerting');
    expect(server.mirrors.queues(PLATFORM)?.find(({ name }) => name === 'support')).toMatchObject({
      label: 'Technical support',
      waiting: [{ position: 1, number: { value: CALLER }, name: 'Eve' }],
      members: [{ device: 'PJSIP/203', user: { id: users.Cy, name: 'Cy' }, paused: false, reachable: true }],
    });
    expect(page('Cy').line?.queue?.label).toBe('Technical support');
    expect(page('Cy').line?.actions.answer).toMatchObject({ enabled: false, reason: 'not-capable' });
    expect(page('Cy').line).toMatchObject({
      direction: 'inbound',
      peer: { value: CALLER },
      dnis: { value: '6001' },
    });
    await until('the pop', () => page('Cy').line?.pop?.decision === 'record');
    expect(page('Cy').line?.pop?.record?.name).toBe('Eve Example');
    expect(page('Cy').state?.agent.shown).toBe('offered');
    cy.answer(440);
    await until('Cy to talk', () => page('Cy').line?.state === 'connected');
    expect(page('Cy').state?.agent.shown).toBe('talking');
    // The PBX says first that he has answered, and then with whom he is in the call.
    await until('the transfer to be possible', () => page('Cy').line?.actions.transfer.enabled === true);
    const lineId = page('Cy').line?.id;
    const done = await page('Cy').command({
      verb: 'transfer',
      lineId,
      target: { kind: 'user', userId: users.Bob },
    });
    expect(done).toBe(true);
    const bob = await ring(phones['202']);
    await until('the call to ring at Bob', () => page('Bob').line?.state === 'alerting');
    expect(page('Bob').line).toMatchObject({ id: lineId, peer: { value: CALLER } });
    bob.answer(440);
    await until('Bob to talk', () => page('Bob').line?.actions.transfer.enabled === true);
    caller.hangup();
    await until('both logs to be written', () =>
      ['Cy', 'Bob'].every((name) =>
        page(name).state?.previous.some((one) => one.conversationId === lineId && one.save === 'saved'),
      ),
    );
    expect(cy.state).toBe('over');
  });

  it('dials from the softphone: the desk phone rings first, then the number', async () => {
    expect(page('Ann').state?.dial).toEqual({ enabled: true });
    expect(await page('Ann').command({ verb: 'dial', number: OUTSIDE })).toBe(true);
    const ann = await ring(phones['201']);
    ann.answer(440);
    const outside = await ring(carrier);
    outside.answer(440);
    await until('Ann to talk', () => page('Ann').line?.state === 'connected');
    expect(page('Ann').line).toMatchObject({ direction: 'outbound', peer: { value: OUTSIDE } });
    expect(await page('Ann').command({ verb: 'hangup', lineId: page('Ann').line?.id })).toBe(true);
    await until('the other end to be over', () => outside.state === 'over');
  });

  it('shows a call that was dialled at the desk phone', async () => {
    const ann = await phones['201']?.call('202');
    const bob = await ring(phones['202']);
    await until('Bob’s softphone to ring', () => page('Bob').line?.state === 'alerting');
    bob.answer(440);
    await until('both to talk', () => ['Ann', 'Bob'].every((name) => page(name).line?.state === 'connected'));
    expect(page('Ann').line).toMatchObject({ direction: 'internal', peer: { value: '202' } });
    expect(page('Bob').line?.id).toBe(page('Ann').line?.id);
    ann?.hangup();
    await until('Bob’s phone to be over', () => bob.state === 'over');
  });

  it('carries agent states both ways, and the PBX has the last word', async () => {
    const ann = page('Ann');
    const lunch = settings.reasons().find(({ label }) => label === 'Lunch')?.id;
    const pauses = () => rig.members('sales').then((all) => all.find((one) => one.interface === 'PJSIP/201'));
    expect(await ann.command({ verb: 'agent.state', state: 'not-ready', reason: lunch })).toBe(true);
    await until('Ann to be not ready', () => ann.state?.agent.shown === 'not-ready');
    expect(await pauses()).toMatchObject({ paused: true, reason: 'Lunch' });
    expect(ann.state?.agent.pending).toBeUndefined();
    await rig.action('QueuePause', { Interface: 'PJSIP/201', Paused: 'false' });
    await until('Ann to be ready again', () => ann.state?.agent.shown === 'ready');
    await rig.action('QueuePause', { Interface: 'PJSIP/201', Paused: 'true', Reason: 'Meeting of the PBX' });
    await until('Ann to be as the PBX says', () => ann.state?.agent.reason === 'Meeting of the PBX');
    expect(await ann.command({ verb: 'agent.state', state: 'ready' })).toBe(true);
    await until('Ann to be ready', () => ann.state?.agent.shown === 'ready');
    expect(await pauses()).toMatchObject({ paused: false });
  });

  it('puts a member that may go out of its queues at log-out, and in again at log-in', async () => {
    const bob = page('Bob');
    expect(await bob.command({ verb: 'agent.state', state: 'logged-out' })).toBe(true);
    await until('Bob to be logged out', () => bob.state?.agent.shown === 'logged-out');
    expect(await bob.command({ verb: 'agent.state', state: 'ready' })).toBe(true);
    await until('Bob to be ready', () => bob.state?.agent.shown === 'ready');
  });

  it('answers from the softphone where its phones obey NOTIFY talk', async () => {
    await platforms.change(PLATFORM, { settings: { phonesObeyTalk: true } });
    await until('the PBX to be connected', () => platforms.get(PLATFORM)?.state === 'up');
    await until('Cy’s phone to be known', () => page('Cy').state?.phone.registered === true);
    const caller = await carrier.call('6001', { number: CALLER, name: 'Eve' });
    const cy = await ring(phones['203']);
    cy.onTalk = () => cy.answer(440);
    await until('the button', () => page('Cy').line?.actions.answer.enabled === true);
    expect(await page('Cy').command({ verb: 'answer', lineId: page('Cy').line?.id })).toBe(true);
    await until('Cy to talk', () => page('Cy').line?.state === 'connected');
    caller.hangup();
    await until('the end', () => cy.state === 'over');
  });

  it('has figures of what its own queue log says, imported once', async () => {
    const text = await readFile(rig.queueLog, 'utf8');
    const first = await importQueueLog(database.db, PLATFORM, text);
    expect(first.bad).toEqual([]);
    expect(first.found).toBeGreaterThan(0);
    expect(await importQueueLog(database.db, PLATFORM, text)).toMatchObject({ added: 0, found: first.found });
    const range = { from: 0, to: Date.now() + 60_000, thresholdMs: 20_000 };
    const figures = await queueFigures(database.db, PLATFORM, range);
    expect(figures.find(({ queue }) => queue === 'support')).toMatchObject({ answered: 2 });
  });
});
