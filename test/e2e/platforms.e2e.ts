/**
 * Several telephone systems at once, as users have them: a company's own Asterisk is added while the product runs, and agents' browser
 * phones belong to it; then a second one and a PBX that routes by itself, all with calls at the same time, and calls that go between two.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ShownPlatform } from '../../src/protocol/platforms.ts';
import { EXAMPLE, ExampleAsterisk, SECOND } from '../harness/example-asterisk.ts';
import { PbxRig } from '../harness/pbx-rig.ts';
import type { AgentDesk } from './browser.ts';
import { bothHear, FloorAgent, type FloorCaller, FloorCallers, until } from './call-floor.ts';
import type { Caller } from './caller.ts';
import { FloorBooks } from './floor-books.ts';
import { ADA, LOUD, Stage } from './stage.ts';

const stage = Stage.forThisFile();
let company: ExampleAsterisk;

beforeAll(async () => {
  // As its comment says for browsers on Asterisk's own machine.
  const sameMachine = (text: string) => `${text}\n[ice_host_candidates]\n198.51.100.1 => 127.0.0.1\n`;
  company = await ExampleAsterisk.start({ 'rtp.conf': sameMachine });
});
afterAll(() => company?.stop());

const admin = <T>(method: 'POST' | 'PUT', path: string, body: object) =>
  stage.product.send<T>(method, path, body, 'admin');

async function isUp(platformId: string): Promise<void> {
  const state = async () =>
    (await stage.product.api<ShownPlatform>(`/api/platforms/${platformId}`, 'supervisor')).state;
  await expect.poll(state, { timeout: 15_000 }).toBe('up');
}

async function talk(desk: AgentDesk, caller: Caller): Promise<void> {
  await desk.lineIs('alerting');
  await desk.press('answer');
  await desk.lineIs('connected');
  caller.ear.reset();
  await desk.hearsSound();
  expect(caller.ear.loudness).toBeGreaterThan(LOUD);
  await desk.press('hangup');
  await caller.finished();
  await desk.finishWrapUp();
}

describe("a company's own Asterisk", () => {
  it('is added while the product runs; its caller reaches the browser of an agent who belongs to it', async () => {
    const { url, user, password } = EXAMPLE;
    const settings = { url, user, password, mediaAddress: '127.0.0.1' };
    await admin('POST', '/api/platforms', { id: 'company', kind: 'asterisk', label: 'Company', settings });
    await isUp('company');
    await admin('PUT', '/api/users/user_agent', { platformId: 'company' });
    const desk = await stage.readyDesk();
    await talk(desk, await stage.call({ sipPort: EXAMPLE.sip.port }));
  });

  it('rings the same agent for a caller of the private one through the link between the two', async () => {
    const address = `sip:{number}@127.0.0.1:${EXAMPLE.sip.port}`;
    await admin('PUT', '/api/platform-links', { from: 'private', to: 'company', address });
    const before = (await stage.callLogs(ADA.name)).length;
    const desk = await stage.readyDesk();
    await talk(desk, await stage.call());
    await expect
      .poll(async () => (await stage.callLogs(ADA.name)).length, { timeout: 15_000 })
      .toBe(before + 1);
  });

  it('moves its agent back to the private one without a reload', async () => {
    const desk = await stage.desk();
    await admin('PUT', '/api/users/user_agent', { platformId: 'private' });
    await desk.ready();
    await talk(desk, await stage.call());
  });
});

describe('the private Asterisk, two of the company and a PBX that routes by itself', () => {
  let second: ExampleAsterisk;
  let pbx: PbxRig;
  let books: FloorBooks;
  const lines: { close(): void }[] = [];
  /** By the telephone system that they belong to: who takes calls of its number, and a colleague. */
  const agents = new Map<string, FloorAgent>();
  const ids = new Map<string, string>();
  const talking = new Map<string, FloorCaller>();
  const SIP: Record<string, { host: string; port: number } | undefined> = {
    company: EXAMPLE.sip,
    second: SECOND.sip,
  };
  const PLATFORMS = ['private', 'company', 'second'];

  beforeAll(async () => {
    [second, pbx] = await Promise.all([ExampleAsterisk.start(SECOND.edits), PbxRig.start()]);
    books = new FloorBooks(stage.product);
  });
  afterAll(async () => {
    for (const one of lines) one.close();
    await books?.close();
    await pbx?.stop();
    await second?.stop();
  });

  const of = <T>(map: Map<string, T>, name: string): T => {
    const found = map.get(name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  };

  async function join(
    name: string,
    platformId: string,
    extension: string,
    hertz: number,
    phone?: Awaited<ReturnType<PbxRig['phone']>>,
  ): Promise<FloorAgent> {
    const sip = SIP[platformId];
    const options = { extension, platformId, ...(sip ? { sip } : {}), ...(phone ? { phone } : {}) };
    const { agent, id } = await FloorAgent.join(stage.product, name, hertz, options);
    agents.set(name, agent);
    ids.set(name, id);
    lines.push(agent);
    agent.lifts = true;
    return agent;
  }

  /** An agent takes a call to the number of his own telephone system. */
  async function connect(name: string, callers: FloorCallers, dialled: string): Promise<void> {
    const agent = of(agents, name);
    await agent.ready();
    const caller = await callers.call(dialled);
    talking.set(name, caller);
    await agent.is('connected', 15_000);
    await agent.note(`Notes of ${name}`);
  }

  const toColleague = (name: string) => ({ kind: 'user' as const, userId: of(ids, name) });

  it('are added one after the other, each with its agents and its number, and all have calls at once', async () => {
    const { url, user, password } = SECOND;
    await admin('POST', '/api/platforms', {
      id: 'second',
      kind: 'asterisk',
      label: 'Second',
      settings: { url, user, password, mediaAddress: '127.0.0.1', sipPort: SECOND.sip.port },
    });
    const { host, port, user: amiUser, secret } = pbx.ami;
    await admin('POST', '/api/platforms', {
      id: 'pbx',
      kind: 'ami',
      label: 'Old PBX',
      country: 'GB',
      settings: { host, port, user: amiUser, secret },
    });
    await isUp('second');
    await isUp('pbx');
    for (const [from, to, address] of [
      ['company', 'second', `sip:{number}@127.0.0.1:${SECOND.sip.port}`],
      ['second', 'private', `sip:{number}@127.0.0.1:${stage.product.sipPort}`],
    ])
      await admin('PUT', '/api/platform-links', { from, to, address });

    for (const [n, platformId] of PLATFORMS.entries()) {
      await join(`${platformId}-1`, platformId, `46${n}1`, 400 + 90 * n);
      await join(`${platformId}-2`, platformId, `46${n}2`, 700 + 90 * n);
      const { id: queueId } = await stage.product.post<{ id: string }>(
        '/api/queues',
        {
          label: `Calls of ${platformId}`,
          ringMs: 60_000,
          wrapMs: 0,
          memberIds: [ids.get(`${platformId}-1`)],
        },
        'admin',
      );
      const number = { dnis: `88${n}`, label: `Number of ${platformId}`, queueId, platformId };
      await stage.product.post('/api/numbers', number, 'admin');
    }
    await join('pbx-1', 'pbx', '201', 640, await pbx.phone('201'));

    for (const [n, platformId] of PLATFORMS.entries()) {
      const callers = await FloorCallers.open(stage.product, SIP[platformId]);
      lines.push(callers);
      await connect(`${platformId}-1`, callers, `88${n}`);
    }
    await connect('pbx-1', new FloorCallers(await pbx.carrier()), '6000');
    await Promise.all([...talking].map(([name, caller]) => bothHear(of(agents, name), caller)));
  });

  it('give a call from one to the other without asking: the customer and the colleague hear each other', async () => {
    const agent = of(agents, 'company-1');
    const customer = of(talking, 'company-1');
    const target = toColleague('second-2');
    await agent.must({ verb: 'transfer', lineId: agent.line?.id ?? '', target });
    const colleague = of(agents, 'second-2');
    const line = await colleague.is('connected', 15_000);
    expect(line.peer.value).toBe(customer.number);
    await bothHear(colleague, customer);
    await until('the first agent to be free', () => agent.state?.lines.length === 0);
    await colleague.note('Notes of second-2');
  });

  it('give another one after asking the colleague there', async () => {
    const agent = of(agents, 'second-1');
    const customer = of(talking, 'second-1');
    const colleague = of(agents, 'private-2');
    const target = toColleague('private-2');
    await agent.must({ verb: 'consult', lineId: agent.line?.id ?? '', target });
    const consultation = await until('the consultation', () =>
      agent.state?.lines.find((line) => line.purpose === 'consult' && line.state === 'connected'),
    );
    await colleague.is('connected', 15_000);
    await agent.must({ verb: 'complete', lineId: consultation.id });
    await bothHear(colleague, customer);
    await until('the first agent to be free', () => agent.state?.lines.length === 0);
    await colleague.note('Notes of private-2');
  });

  it('have each call once in the log, with one log for each agent who had it', async () => {
    for (const caller of talking.values()) caller.call.hangup();
    for (const agent of agents.values())
      await until(`${agent.username} to be free`, async () => {
        for (const line of agent.state?.lines ?? [])
          if (line.state === 'wrap-up') await agent.ask({ verb: 'wrap.finish', lineId: line.id });
        return agent.state?.lines.length === 0;
      });
    const open = async () => {
      const { channels: _channels, bridges: _bridges, ...rest } = await books.leftOver();
      return rest;
    };
    await expect.poll(open, { timeout: 15_000 }).toEqual({});
    expect(await books.doubled()).toEqual([]);
    const numbers = [...talking.values()].map(({ number }) => number);
    const talks = (await books.talks()).map(({ conversation, user }) => [conversation, user].join());
    const had = await books.db.query<{ names: string }>(
      `SELECT string_agg(DISTINCT l.user_id, ',' ORDER BY l.user_id) AS names FROM conversation c
       JOIN call ON call.conversation_id = c.id JOIN call_log l ON l.conversation_id = c.id
       WHERE call.ani->>'value' = ANY($1) GROUP BY c.id`,
      [numbers],
    );
    const who = (...names: string[]) =>
      names
        .map((name) => of(ids, name))
        .sort()
        .join();
    expect(had.map(({ names }) => names).sort()).toEqual(
      [who('private-1'), who('company-1', 'second-2'), who('second-1', 'private-2'), who('pbx-1')].sort(),
    );
    expect(new Set(talks).size).toBe(talks.length);
    const tasks = await books.tasks();
    expect(tasks).toHaveLength(talks.length);
    const notes = tasks.map(({ fields }) => fields['Description']);
    for (const name of agents.keys())
      if (name !== 'company-2')
        expect(
          notes.filter((note) => note === `Notes of ${name}`),
          name,
        ).toHaveLength(1);
  });
});
