/**
 * How many routing decisions one core makes with 10,000 agents, 200 skills and 50,000 callers waiting. A decision is one event in
 * and the chosen pair out, in memory: a caller comes or hangs up, an agent becomes ready, requirements relax as
 * time passes.
 *
 * Measured against the plain oracle (`match()`), which looks at everybody each time and which the engine must agree with; it is
 * asked the same at the same moments, and its answer is compared. What a waiting caller and an agent take in memory, and
 * the durable commit of an offer in PostgreSQL, are measured apart.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { phasesOf, QueueRule } from '../src/protocol/queue-rules.ts';
import { Engine } from '../src/server/routing/engine.ts';
import { match, type Pair, type RoutedAgent, type RoutedQueue } from '../src/server/routing/match.ts';
import { insertItem, insertOffer } from '../src/server/routing/store.ts';
import { routingMigrations } from '../src/server/routing/schema.ts';
import { coreTime, shareOfCore } from './support/cores.ts';
import { percentile, printFigures, say } from './support/figures.ts';
import { PrivateDatabase } from './support/private-database.ts';

const AGENTS = 10_000;
const SKILLS = 200;
const QUEUES = 200;
const WAITING = 50_000;
const QUEUES_EACH = 5;
const SKILLS_EACH = 12;
const WARM_UP = 100_000;
const DECISIONS = 1_000_000;
const ORACLE_DECISIONS = 10;
const COMMITS = 2_000;
const SECOND = 1_000;

/** The same sequence on every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const pick = random(5);

/** Each asks for one skill well, after a while for less of it, then for none; every tenth is helped by another. */
const queues: RoutedQueue[] = Array.from({ length: QUEUES }, (_, n) => {
  const skillId = `skill${n % SKILLS}`;
  const rule = QueueRule.parse({
    steps: [
      { afterMs: 30 * SECOND, requirements: [{ skillId, minimum: 3 }] },
      { afterMs: 300 * SECOND, requirements: [] },
    ],
    helpers: n % 10 === 0 ? [{ queueId: `queue${(n + 1) % QUEUES}`, afterMs: 60 * SECOND }] : [],
    priority: n % 3,
    ageing: n % 2 === 0 ? { points: 1, everyMs: 60 * SECOND } : null,
    strategy: (['longest-idle', 'least-occupied', 'round-robin', 'most-skilled'] as const)[n % 4],
  });
  return { id: `queue${n}`, rule, phases: phasesOf([{ skillId, minimum: 6 }], rule) };
});
const queueOf = new Map(queues.map((queue) => [queue.id, queue]));

interface Person {
  agent: RoutedAgent;
  /** The item that he has. */
  has: string | undefined;
}

interface Caller {
  itemId: string;
  queueId: string;
  platformId: string;
  priority: number;
  enteredAt: number;
}

/** A call center of that size, and what happens in it: most agents talk, callers wait, and each event is a decision. */
class Floor {
  readonly engine = new Engine();
  readonly people: Person[] = [];
  readonly byUser = new Map<string, Person>();
  readonly waiting = new Map<string, Caller>();
  /** For a caller by chance; those who have left are skipped. */
  readonly #ids: string[] = [];
  readonly talking: Person[] = [];
  now = 10_000_000;
  #items = 0;

  constructor() {
    this.engine.setQueues(queues);
    this.engine.run('p', true);
  }

  hire(): void {
    for (let n = 0; n < AGENTS; n++) {
      const levels = new Map<string, number>();
      const mine = Array.from({ length: QUEUES_EACH }, () => pick(QUEUES));
      for (const one of mine) levels.set(`skill${one % SKILLS}`, 1 + pick(10));
      while (levels.size < SKILLS_EACH) levels.set(`skill${pick(SKILLS)}`, 1 + pick(10));
      const order = n % 2 === 0 ? mine.map((one) => `queue${one}`) : [];
      const agent: RoutedAgent = {
        userId: `user${n}`,
        queueIds: new Set(mine.map((one) => `queue${one}`)),
        rank: (id) => (order.includes(id) ? order.indexOf(id) : order.length),
        level: (id) => levels.get(id) ?? 0,
        reaches: () => true,
        ready: false,
        idleSince: 0,
        occupancy: 0,
        lastOffered: () => 0,
      };
      const person: Person = { agent, has: undefined };
      this.people.push(person);
      this.byUser.set(agent.userId, person);
      this.talking.push(person);
    }
  }

  /** Who has just come, or waits for so long already. */
  caller(waited = 0): Caller {
    const itemId = `item${++this.#items}`;
    const caller: Caller = {
      itemId,
      queueId: `queue${pick(QUEUES)}`,
      platformId: 'p',
      priority: pick(50) === 0 ? 100 : 0,
      enteredAt: this.now - waited,
    };
    this.waiting.set(itemId, caller);
    this.#ids.push(itemId);
    return caller;
  }

  /** Somebody who talks is ready for the next: his call is over. */
  #ready(): RoutedAgent {
    const at = pick(this.talking.length);
    const person = this.talking[at];
    const last = this.talking.pop();
    if (!person || !last) throw new Error('nobody talks');
    if (last !== person) this.talking[at] = last;
    if (person.has !== undefined) this.engine.leave(person.has);
    person.has = undefined;
    const { agent } = person;
    agent.ready = true;
    agent.idleSince = this.now;
    agent.occupancy = pick(100) / 100;
    return agent;
  }

  /** Somebody who waits hangs up. */
  #impatient(): string {
    for (;;) {
      const at = pick(this.#ids.length);
      const itemId = this.#ids[at] ?? '';
      this.#ids[at] = this.#ids.at(-1) ?? '';
      this.#ids.pop();
      if (this.waiting.delete(itemId)) return itemId;
    }
  }

  apply(pairs: readonly Pair[]): void {
    for (const { itemId, userId } of pairs) {
      const person = this.byUser.get(userId);
      if (!person || !this.waiting.delete(itemId)) throw new Error('a pair of somebody who is not there');
      person.has = itemId;
      person.agent.ready = false;
      this.talking.push(person);
    }
  }

  /** One event, as it comes: as many callers come as go, so that as many wait as before. */
  event(): Event {
    this.now += 2;
    if (this.waiting.size < WAITING) return { enter: this.caller() };
    return pick(20) === 0 ? { leave: this.#impatient() } : { ready: this.#ready() };
  }

  /** The decision: the event in, the chosen pairs out. */
  decide({ enter, leave, ready }: Event): Pair[] {
    if (enter) this.engine.enter(enter);
    else if (ready) this.engine.stand(ready.userId, ready);
    else if (leave !== undefined) this.engine.leave(leave);
    return this.engine.decide(this.now);
  }
}

interface Event {
  enter?: Caller;
  leave?: string;
  ready?: RoutedAgent;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** What the engine keeps, without what the bench keeps of the same people. */
function fill(): { floor: Floor; perAgent: number; perCaller: number } {
  const floor = new Floor();
  floor.hire();
  const empty = heapBytes();
  for (const { agent } of floor.people) floor.engine.arrive(agent, agent);
  // The stages, and with them the agents' seats, are made when the first caller comes.
  for (const { id } of queues) floor.engine.enter({ ...NOBODY, itemId: id, queueId: id });
  floor.engine.decide(floor.now);
  for (const { id } of queues) floor.engine.leave(id);
  const staffed = heapBytes();
  const callers = Array.from({ length: WAITING }, () => floor.caller(pick(400) * SECOND));
  const called = heapBytes();
  for (const one of callers) floor.engine.enter(one);
  floor.engine.decide(floor.now);
  return {
    floor,
    perAgent: Math.round((staffed - empty) / AGENTS),
    perCaller: Math.round((heapBytes() - called) / WAITING),
  };
}

const NOBODY: Caller = { itemId: '', queueId: '', platformId: 'p', priority: 0, enteredAt: 0 };

interface Measured {
  perSecond: number;
  /** Of the core's time that this process had, when others wanted the core meanwhile. */
  perCoreSecond: number;
  times: Float64Array;
  pairs: number;
}

/** Each decision by itself: the event and its pairs; what the bench does about it is not counted. */
function measure(floor: Floor, decisions: number): Measured {
  const times = new Float64Array(decisions);
  let [spent, pairs] = [0, 0];
  const before = coreTime();
  for (let n = 0; n < decisions; n++) {
    const event = floor.event();
    const began = performance.now();
    const chosen = floor.decide(event);
    const took = performance.now() - began;
    times[n] = took;
    spent += took;
    pairs += chosen.length;
    floor.apply(chosen);
  }
  const perSecond = decisions / (spent / 1_000);
  return {
    perSecond: Math.round(perSecond),
    perCoreSecond: Math.round(perSecond / shareOfCore(before)),
    times,
    pairs,
  };
}

/** The oracle is asked the same, and must choose the same. Milliseconds of each. */
function askOracle(floor: Floor, decisions: number): number[] {
  return Array.from({ length: decisions }, () => {
    const event = floor.event();
    const items = [...floor.waiting.values()].map((one) => ({ ...one, queue: mustQueue(one.queueId) }));
    const agents = floor.people.map(({ agent }) => agent);
    const began = performance.now();
    const expected = match(items, agents, floor.now);
    const took = performance.now() - began;
    const chosen = floor.decide(event);
    if (JSON.stringify(chosen) !== JSON.stringify(expected))
      throw new Error(`the engine chose ${JSON.stringify(chosen)}, the oracle ${JSON.stringify(expected)}`);
    floor.apply(chosen);
    return took;
  });
}

function mustQueue(id: string): RoutedQueue {
  const queue = queueOf.get(id);
  if (!queue) throw new Error(`there is no queue ${id}`);
  return queue;
}

/** What an offer waits for before anything rings: its row in PostgreSQL, one after the other. Milliseconds of each. */
async function commits(): Promise<number[]> {
  const base = await PrivateDatabase.start();
  try {
    for (const { sql } of routingMigrations) await base.db.query(sql);
    const times: number[] = [];
    for (let n = 0; n < COMMITS; n++) {
      const began = performance.now();
      await base.db.tx(async (sql) => {
        const at = n;
        await insertItem(sql, {
          itemId: `i${n}`,
          conversationId: `c${n}`,
          callId: `c${n}`,
          queueId: 'q',
          priority: 0,
          enteredAt: at,
        });
        await insertOffer(sql, {
          id: `o${n}`,
          itemId: `i${n}`,
          userId: `u${n}`,
          legId: `l${n}`,
          madeAt: at,
          deadline: at,
        });
      });
      times.push(performance.now() - began);
    }
    return times;
  } finally {
    await base.close();
  }
}

const { floor, perAgent, perCaller } = fill();
say(`${floor.people.length} agents, ${floor.waiting.size} callers wait in ${QUEUES} queues`);
say(`memory of the engine: ${perCaller} bytes for each waiting caller, ${perAgent} for each agent`);
measure(floor, WARM_UP);
const { perSecond, perCoreSecond, times, pairs } = measure(floor, DECISIONS);
const all = [...times];
const us = (p: number) => `p${p} ${(percentile(all, p) * 1_000).toFixed(1)} µs`;
say(
  `engine: ${perSecond} decisions a second (${perCoreSecond} for a second of its own on the core), ${us(50)}, ${us(99)}, ${us(99.9)}; ${pairs} pairs of ${DECISIONS} events`,
);
const oracle = percentile(askOracle(floor, ORACLE_DECISIONS), 50);
say(`oracle: ${oracle.toFixed(1)} ms for a decision; both chose the same ${ORACLE_DECISIONS} times`);
const durable = await commits();
say(
  `durable commit of an offer: p50 ${percentile(durable, 50).toFixed(2)} ms, p99 ${percentile(durable, 99).toFixed(2)} ms`,
);
printFigures('routing', {
  perSecond,
  perCoreSecond,
  p99Ms: Number(percentile(all, 99).toFixed(4)),
  ratio: Math.round((oracle * perSecond) / 1_000),
  bytesPerCaller: perCaller,
  bytesPerAgent: perAgent,
});
