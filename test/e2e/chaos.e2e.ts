/** A full floor, and then a part of it dies: nothing is lost, nothing is doubled, and the rest goes on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bothHear,
  FloorAgent,
  type FloorCaller,
  FloorCallers,
  hearsMusic,
  talk,
  until,
  wait,
} from './call-floor.ts';
import { FloorBooks, killPart } from './floor-books.ts';
import { Product } from './product.ts';

const AGENTS = 8;
const WAITING = 12;
const NUMBER = '777';

let product: Product;
let books: FloorBooks;
let callers: FloorCallers;
let queueId: string;
const agents: FloorAgent[] = [];

beforeAll(async () => {
  product = await Product.start();
  books = new FloorBooks(product);
  const memberIds: string[] = [];
  for (let n = 1; n <= AGENTS; n++) {
    const { agent, id } = await FloorAgent.join(product, `floor${n}`, 400 + 60 * n);
    agents.push(agent);
    memberIds.push(id);
  }
  const queue = { label: 'Floor', ringMs: 60_000, wrapMs: 120_000, memberIds };
  ({ id: queueId } = await product.post<{ id: string }>('/api/queues', queue, 'admin'));
  await product.post('/api/numbers', { dnis: NUMBER, label: 'Floor', queueId }, 'admin');
  callers = await FloorCallers.open(product);
});
afterAll(async () => {
  for (const agent of agents) agent.close();
  callers?.close();
  await books?.close();
  await product?.stop();
});

function agentNo(n: number): FloorAgent {
  const agent = agents[n];
  if (!agent) throw new Error(`there is no agent ${n}`);
  return agent;
}

type Pair = [agent: FloorAgent, caller: FloorCaller];

/** The agent becomes ready and the next customer's call rings at him. */
async function ring(agent: FloorAgent): Promise<Pair> {
  agent.lifts = false;
  await agent.ready();
  const caller = await callers.call(NUMBER);
  const line = await agent.is('alerting');
  expect(line.peer.value).toBe(caller.number);
  await until('the phone to ring', () => agent.call?.state === 'ringing');
  return [agent, caller];
}

/** They talk, and the agent has made notes. */
async function connect(agent: FloorAgent): Promise<Pair> {
  const pair = await ring(agent);
  agent.lift();
  await agent.is('connected');
  await agent.note(notesOn(pair[1]));
  return pair;
}

function notesOn(caller: FloorCaller): string {
  return `Notes on ${caller.number}`;
}

/** Everybody in all states at once. */
interface Floor {
  talking: Pair[];
  muted: Pair;
  held: Pair;
  wrapping: Pair;
  ringing: Pair[];
  waiting: FloorCaller[];
}

async function fillFloor(waiting: number): Promise<Floor> {
  const talking = [await connect(agentNo(0)), await connect(agentNo(1)), await connect(agentNo(2))];
  const held = await connect(agentNo(3));
  await held[0].press('hold');
  await held[0].is('held');
  const wrapping = await connect(agentNo(4));
  await wrapping[0].press('hangup');
  await wrapping[0].is('wrap-up');
  const muted = await connect(agentNo(5));
  await muted[0].press('mute');
  await until('muted', () => muted[0].line?.muted);
  const ringing = [await ring(agentNo(6)), await ring(agentNo(7))];
  const rest: FloorCaller[] = [];
  for (let n = 0; n < waiting; n++) rest.push(await callers.call(NUMBER));
  return { talking, muted, held, wrapping, ringing, waiting: rest };
}

async function soundsRight({ talking, held, waiting }: Floor): Promise<void> {
  await Promise.all([
    ...talking.map(([agent, caller]) => bothHear(agent, caller)),
    hearsMusic(held[1], agents),
    ...waiting.map((caller) => hearsMusic(caller, agents)),
  ]);
}

/** What each softphone shows is what was before. */
async function looksRight({ talking, muted, held, wrapping }: Floor): Promise<void> {
  for (const [agent, caller] of [...talking, muted, held]) {
    const line = await agent.is(agent === held[0] ? 'held' : 'connected');
    expect(line.peer.value).toBe(caller.number);
    expect(line.log?.comments).toBe(notesOn(caller));
    expect(line.muted).toBe(agent === muted[0]);
  }
  const line = await wrapping[0].is('wrap-up');
  expect(line.log?.comments).toBe(notesOn(wrapping[1]));
}

/** The agent ends what he has and finishes his wrap-up. */
async function finish(agent: FloorAgent): Promise<void> {
  if (agent.line?.state !== 'wrap-up') await agent.press('hangup');
  await agent.is('wrap-up');
  await agent.press('wrap.finish');
}

/** Agents lift their phones by themselves and end each call when they are heard, until nobody waits. */
async function serveAll(waiting: readonly FloorCaller[], by: readonly FloorAgent[]): Promise<void> {
  const left = new Set(waiting);
  const end = performance.now() + 30_000;
  for (const agent of by) {
    agent.lifts = true;
    if (agent.call?.state === 'ringing') agent.lift();
  }
  const serve = async (agent: FloorAgent) => {
    while (left.size > 0) {
      if (performance.now() > end)
        throw new Error(`${[...left].map((caller) => caller.number).join()} got no agent`);
      const caller = [...left].find((one) => one.number === agent.line?.peer.value);
      if (caller && agent.line?.state === 'connected') {
        await bothHear(agent, caller);
        left.delete(caller);
        await agent.note(notesOn(caller));
        await finish(agent);
      } else await wait(20);
    }
  };
  await Promise.all(by.map(serve));
}

/** One Task per conversation and agent; everything is finished; history is what the journal says. */
async function booksAreRight(notes: readonly string[]): Promise<void> {
  await until('PostgreSQL to be there', () => books.answers());
  await until(
    'the books to be closed',
    async () => Object.keys(await books.leftOver()).length === 0,
    8_000,
  ).catch(async () => expect(await books.leftOver()).toEqual({}));
  expect(await books.doubled()).toEqual([]);
  const tasks = await books.tasks();
  const talks = await books.talks();
  expect(tasks.map((task) => task.fields['CallObject']).sort()).toEqual(
    talks.map((one) => one.conversation).sort(),
  );
  expect(tasks.every((task) => task.fields['Status'] === 'Completed')).toBe(true);
  const written = tasks.map((task) => task.fields['Description']);
  for (const note of notes)
    expect(
      written.filter((one) => one === note),
      note,
    ).toHaveLength(1);
  const { kept, rebuilt } = await books.history();
  expect(rebuilt).toEqual(kept);
}

/** Whoever came first got an agent first. */
async function inOrder(): Promise<void> {
  const answered = (await books.answered(queueId)).filter((item) => item.how === 'answered');
  const late = answered.filter((item, n) => n > 0 && item.left_at + 1_500 < (answered[n - 1]?.left_at ?? 0));
  expect(late).toEqual([]);
}

const everybodyIsFree = () =>
  until('all agents to be free', () => agents.every((agent) => agent.state?.lines.length === 0));

describe('our process is killed with callers in all states', () => {
  it('no call is dropped, everybody is found as he was, and one Task per talk remains', {
    timeout: 90_000,
  }, async () => {
    const floor = await fillFloor(WAITING);
    await soundsRight(floor);
    await product.kill();
    await soundsRight(floor); // nobody of ours is there
    const before = floor.ringing.map(([agent]) => agent.call);
    await product.start();
    await looksRight(floor);
    const rungFor = new Set<string>();
    for (const [n, [agent]] of floor.ringing.entries()) {
      await until('a new ringing', () => agent.call !== before[n] && agent.call?.state === 'ringing');
      rungFor.add((await agent.is('alerting')).peer.value);
    }
    expect(rungFor).toEqual(new Set(floor.ringing.map(([, caller]) => caller.number)));
    await soundsRight(floor);
    expect(callers.all.filter(({ call }) => call.state !== 'up')).toEqual([floor.wrapping[1]]);
    const [holder, heldCaller] = floor.held;
    await holder.press('retrieve');
    await bothHear(holder, heldCaller);
    for (const [agent] of [...floor.talking, floor.muted, floor.held, floor.wrapping]) await finish(agent);
    await serveAll([...floor.ringing.map(([, caller]) => caller), ...floor.waiting], agents);
    await everybodyIsFree();
    await inOrder();
    await booksAreRight(callers.all.map(notesOn));
  });
});

describe('Asterisk is killed with callers in all states', () => {
  it('each call ends once with its cause, one Task per talk remains, and the next calls work', {
    timeout: 90_000,
  }, async () => {
    const first = callers.all.length;
    for (const agent of agents)
      await agent.must({ verb: 'agent.state', state: 'not-ready', reason: 'break' });
    const floor = await fillFloor(4);
    killPart(product, 'asterisk');
    for (const { call } of callers.all.slice(first)) call.abandon();
    for (const [agent, caller] of [...floor.talking, floor.muted, floor.held, floor.wrapping]) {
      const line = await agent.is('wrap-up', 20_000);
      expect(line.log?.comments).toBe(notesOn(caller));
      await agent.press('wrap.finish');
    }
    await everybodyIsFree();
    for (const agent of agents) await until('the phone to register', () => registers(agent));
    await until(
      'the phones to be connected',
      () => agents.every((agent) => agent.state?.phone.registered),
      15_000,
    );
    const causes = await books.db.query<{ cause: string }>(
      "SELECT DISTINCT body->>'cause' AS cause FROM journal WHERE type = 'call.ended'",
    );
    expect(causes.map(({ cause }) => cause)).toContain('lost');
    for (const agent of agents) agent.call = undefined;
    for (const agent of agents) if (agent.state?.agent.shown !== 'ready') await agent.ready();
    const caller = await callers.call(NUMBER);
    await serveAll([caller], agents);
    await everybodyIsFree();
    const talked = [...floor.talking, floor.muted, floor.held, floor.wrapping].map(([, one]) => one);
    await booksAreRight([...talked, caller].map(notesOn));
  });
});

async function registers(agent: FloorAgent): Promise<boolean> {
  return agent.phone.register().then(
    (status) => status === 200,
    () => false,
  );
}

describe('PostgreSQL is killed with callers in all states', () => {
  it('calls go on, what is asked meanwhile works later or fails clearly, and nothing is lost', {
    timeout: 90_000,
  }, async () => {
    const first = callers.all.length;
    for (const agent of agents)
      await agent.must({ verb: 'agent.state', state: 'not-ready', reason: 'break' });
    const floor = await fillFloor(4);
    killPart(product, 'postgres');
    const [talker, heard] = floor.talking[0] as Pair;
    const asked = [
      talker.ask({ verb: 'log.edit', lineId: talker.line?.id ?? '', comments: `${notesOn(heard)}!` }),
      floor.held[0].ask({ verb: 'retrieve', lineId: floor.held[0].line?.id ?? '' }),
    ];
    floor.ringing[0]?.[0].lift();
    const late = callers.call(NUMBER);
    await soundsRight({ ...floor, held: [floor.held[0], floor.waiting[0] as FloorCaller] });
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ ok: true });
    const [answering, answered] = floor.ringing[0] as Pair;
    await answering.is('connected');
    await bothHear(answering, answered);
    await bothHear(...floor.held);
    const caller = await late;
    expect(callers.all.slice(first).filter(({ call }) => call.state !== 'up')).toEqual([floor.wrapping[1]]);
    await answering.note(notesOn(answered));
    const busy = [...floor.talking, floor.muted, floor.held, floor.wrapping];
    for (const [agent] of [...busy, [answering] as const]) await finish(agent);
    const [, second] = floor.ringing;
    await serveAll([...(second ? [second[1]] : []), ...floor.waiting, caller], agents);
    await everybodyIsFree();
    await booksAreRight(
      callers.all
        .slice(first)
        .filter((one) => one !== heard)
        .map(notesOn),
    );
  });
});

describe('our process or PostgreSQL is killed at a bad moment', () => {
  const seed = Number(process.env['CROSSPOINT_TEST_SEED'] ?? Math.floor(Math.random() * 1e9));
  const rounds = Number(process.env['CROSSPOINT_TEST_ROUNDS'] ?? 10);

  it(`${rounds} times, at random, within 200 ms of an event (CROSSPOINT_TEST_SEED=${seed})`, {
    timeout: 12_000 * rounds,
  }, async () => {
    const random = generator(seed);
    const [first, second, ...rest] = agents as [FloorAgent, FloorAgent, ...FloorAgent[]];
    for (const agent of rest) await agent.must({ verb: 'agent.state', state: 'not-ready', reason: 'break' });
    for (let round = 0; round < rounds; round++) {
      const moment = MOMENTS[round % MOMENTS.length] ?? 'call';
      const delay = Math.floor(random() ** 2 * 200); // the sooner the worse
      const victim = round % 3 === 2 ? 'postgres' : 'us';
      await badMoment(moment, victim, delay, [first, second]).catch((error: Error) => {
        const what = `round ${round}, ${victim} killed ${delay} ms after ${moment}`;
        throw new Error(`${what}: ${error.message}`, { cause: error });
      });
    }
    await everybodyIsFree();
    await booksAreRight([]);
  });
});

const MOMENTS = ['call', 'ringing', 'answer', 'hold', 'hangup', 'abandon', 'wrap'] as const;
type Moment = (typeof MOMENTS)[number];

/** One caller; the kill comes `delay` after the event; then all must come to an end as if nothing had been. */
async function badMoment(
  moment: Moment,
  victim: 'us' | 'postgres',
  delay: number,
  two: [FloorAgent, FloorAgent],
): Promise<void> {
  for (const agent of two) {
    agent.lifts = moment !== 'answer' && moment !== 'abandon';
    if (agent.state?.agent.shown !== 'ready') await agent.ready();
  }
  const caller = await callers.begin(NUMBER);
  const up = caller.call.reaches('up', 20_000).then(() => caller.call.speak(caller.hertz));
  await until(moment, () => happens(moment, two, caller));
  await wait(delay);
  if (victim === 'us') await product.kill();
  else killPart(product, 'postgres');
  for (const agent of two) {
    agent.lifts = true;
    if (agent.call?.state === 'ringing') agent.lift(); // a phone may be lifted while nobody of ours is there
  }
  if (victim === 'us') await product.start();
  await up;
  await until('snapshots', () => two.every((agent) => agent.state));
  if (moment !== 'hangup' && moment !== 'abandon' && moment !== 'wrap') {
    const agent = await until('a talk', () => talkerOf(two), 15_000);
    await until('what is heard to be what is shown', async () => {
      const heard = await talk(agent, caller);
      return agent.line?.state === 'held' ? heard < 0.1 && caller.call.ear.loudness > 20 : heard > 0.5;
    });
  }
  // A hang-up that was under way at the kill may have to be asked for again.
  await until('the end of the call', async () => {
    await ask(talkerOf(two), 'hangup');
    return caller.call.state === 'over';
  });
  await until('the end of the wrap-up', async () => {
    for (const agent of two) if (agent.line?.state === 'wrap-up') await ask(agent, 'wrap.finish');
    return two.every((agent) => agent.state?.lines.length === 0);
  });
}

/** Brings the moment about; true when it is there. */
async function happens(
  moment: Moment,
  two: readonly FloorAgent[],
  { call, number }: FloorCaller,
): Promise<boolean> {
  if (moment === 'call') return true;
  const rung = two.find((agent) => agent.line?.state === 'alerting' && agent.call?.state === 'ringing');
  if (moment === 'ringing')
    return two.some((agent) => agent.state?.agent.shown === 'offered') || talkerOf(two) !== undefined;
  if (moment === 'abandon') return rung !== undefined && (call.hangup(), true);
  if (moment === 'answer') return rung !== undefined && (rung.lift(), true);
  const talker = talkerOf(two);
  if (!talker) return false;
  await talker.note(`Notes on ${number}`);
  void ask(talker, moment === 'hold' ? 'hold' : 'hangup');
  if (moment === 'wrap') {
    await talker.is('wrap-up');
    void ask(talker, 'wrap.finish');
  }
  return true;
}

function talkerOf(two: readonly FloorAgent[]): FloorAgent | undefined {
  return two.find((agent) => agent.line?.state === 'connected' || agent.line?.state === 'held');
}

/** Asks for what may be done already. */
async function ask(agent: FloorAgent | undefined, verb: 'hold' | 'hangup' | 'wrap.finish'): Promise<void> {
  const lineId = agent?.line?.id;
  if (lineId) await agent.ask({ verb, lineId });
}

/** The same numbers for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
