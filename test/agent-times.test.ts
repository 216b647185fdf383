/** Random orders of what agents choose and do, with restarts and a clock that jumps: times add up. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VirtualClock } from '../src/lib/clock.ts';
import { Emitter } from '../src/lib/emitter.ts';
import { Agents } from '../src/server/routing/agents.ts';
import type { AcdEvents } from '../src/server/routing/ports.ts';
import type { Database, Sql } from '../src/server/store/database.ts';
import type { JournalEvent, StreamWriter } from '../src/server/store/journal.ts';
import { afterChange, type AgentStateRow } from '../src/server/history/agent-states.ts';

type Step =
  | { do: 'choose'; state: 'ready' | 'not-ready' | 'logged-out'; reason: string | undefined }
  | { do: 'online' | 'offer' | 'talk' | 'ring' | 'wrap'; on: boolean }
  | { do: 'restart'; awayMs: number }
  | { do: 'wait'; ms: number }
  | { do: 'jump'; ms: number };

const steps = (jumps: boolean): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('choose' as const),
          state: fc.constantFrom(
            'ready' as const,
            'ready' as const,
            'not-ready' as const,
            'logged-out' as const,
          ),
          reason: fc.constantFrom(undefined, 'lunch', 'break'),
        }),
      },
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constantFrom(
            'online' as const,
            'offer' as const,
            'talk' as const,
            'ring' as const,
            'wrap' as const,
          ),
          on: fc.boolean(),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constant('restart' as const), awayMs: fc.nat(5_000) }),
      },
      { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(100_000) }) },
      ...(jumps
        ? [
            {
              weight: 2,
              arbitrary: fc.record({
                do: fc.constant('jump' as const),
                ms: fc.integer({ min: -3_600_000, max: 3_600_000 }),
              }),
            },
          ]
        : []),
    ),
    { minLength: 1, maxLength: 30 },
  );

/** One agent of the real kind, on a journal and a table that stay when his process does not. */
class Shift {
  now = 1_000_000;
  readonly changes: JournalEvent[] = [];
  /** By shown state and reason, while logged in: counted beside the journal, by what everybody sees. */
  readonly seen = new Map<string, number>();
  #stored: unknown[] = [];
  #agents = this.#process();

  get #agent() {
    return this.#agents.get('ann');
  }

  async run(step: Step): Promise<void> {
    switch (step.do) {
      case 'choose':
        return await this.#agents.request('ann', step.state, step.reason, 'ann');
      case 'restart':
        return await this.#restart(step.awayMs);
      case 'wait':
        return this.#pass(step.ms);
      case 'jump':
        this.now += step.ms;
        return;
      default:
        this.#agents.change('ann', () => this.#work(step.do, step.on));
    }
  }

  #work(what: 'online' | 'offer' | 'talk' | 'ring' | 'wrap', on: boolean): void {
    const agent = this.#agent;
    if (what === 'online') agent.online = on;
    if (what === 'talk') agent.talking[on ? 'add' : 'delete']('conv');
    if (what === 'ring') agent.ringing[on ? 'add' : 'delete']('leg');
    const cancelTimer = () => undefined;
    if (what === 'wrap' && on) agent.wrap = { conversationId: 'conv', callId: 'call', cancelTimer };
    if (what === 'wrap' && !on) delete agent.wrap;
    if (what === 'offer' && on && agent.shown === 'ready')
      agent.offer = { offerId: 'o', itemId: 'i', cancelTimer } as never;
    if (what === 'offer' && !on) delete agent.offer;
  }

  async #restart(awayMs: number): Promise<void> {
    const { talking, wrap } = this.#agent;
    this.#pass(awayMs);
    this.#agents = this.#process();
    await this.#agents.restore({ query: () => Promise.resolve(this.#rows()) } as unknown as Database);
    this.#agents.change('ann', (agent) => {
      for (const id of talking) agent.talking.add(id);
      if (wrap) agent.wrap = wrap;
    });
    this.#agents.restored();
  }

  #pass(ms: number): void {
    const { shown, requested } = this.#agents.view('ann');
    const key = `${shown} ${shown === requested.state ? (requested.reason ?? '') : ''}`.trim();
    if (requested.state !== 'logged-out') this.seen.set(key, (this.seen.get(key) ?? 0) + ms);
    this.now += ms;
  }

  #process(): Agents {
    const sql: Sql = {
      query: (_text: string, values: unknown[] = []) => {
        this.#stored = values;
        return Promise.resolve([]);
      },
    };
    const append: StreamWriter['append'] = (events) => {
      this.changes.push(...events.filter(({ type }) => type === 'agent.changed'));
      return [];
    };
    const journal: StreamWriter = {
      read: () => Promise.resolve([]),
      release: () => undefined,
      open: () => Promise.resolve(),
      append,
      commit: (events, also) => ({
        numbers: append(events),
        durable: Promise.resolve(also?.(sql)).then(() => undefined),
      }),
    };
    return new Agents({
      journal,
      clock: { now: () => this.now } as VirtualClock,
      events: new Emitter<AcdEvents>((error) => {
        throw error;
      }),
      run: (_what, _ids, work) => void work,
    });
  }

  #rows(): object[] {
    const [user_id, requested, reason, since, next_state, next_reason, next_since, next_by] = this.#stored;
    if (user_id === undefined) return [];
    return [{ user_id, requested, reason, since, next_state, next_reason, next_since, next_by }];
  }
}

/** The intervals that a shift leaves, the last one ended now. */
function intervalsOf({ changes, now }: Shift): AgentStateRow[] {
  const rows: AgentStateRow[] = [];
  let going: AgentStateRow | undefined;
  for (const { at, body } of changes) {
    const after = afterChange(going, 'ann', at, body as never);
    if (after.ended) rows.push(after.ended);
    going = after.now;
  }
  return going ? [...rows, { ...going, to_at: Math.max(now, going.from_at) }] : rows;
}

const lengthOf = ({ from_at, to_at }: AgentStateRow) => (to_at ?? 0) - from_at;
const sum = (all: Iterable<number>) => [...all].reduce((a, b) => a + b, 0);

/** Log-in times by themselves: from the first interval of each to the end of its last. */
function loginTimes(rows: readonly AgentStateRow[]): number {
  let total = 0;
  let since: number | undefined;
  for (const { from_at, to_at, logged_in } of rows) {
    if (logged_in) since ??= from_at;
    if (!logged_in && since !== undefined) total += from_at - since;
    if (!logged_in) since = undefined;
    else if (rows.at(-1)?.from_at === from_at && since !== undefined) total += (to_at ?? 0) - since;
  }
  return total;
}

const runs = { numRuns: Number(process.env.STATE_RUNS ?? 10_000), verbose: 1 };

describe('an agent’s times', () => {
  it('are what everybody saw, to the millisecond, and add up to the time logged in', async () => {
    await fc.assert(
      fc.asyncProperty(steps(false), async (all) => {
        const shift = new Shift();
        for (const step of all) await shift.run(step);
        const rows = intervalsOf(shift);
        const folded = new Map<string, number>();
        for (const row of rows.filter(({ logged_in }) => logged_in)) {
          const key = `${row.shown} ${row.reason ?? ''}`.trim();
          folded.set(key, (folded.get(key) ?? 0) + lengthOf(row));
        }
        const some = (times: Map<string, number>) => [...times].filter(([, ms]) => ms > 0).sort();
        expect(some(folded)).toEqual(some(shift.seen));
        expect(sum(folded.values())).toBe(loginTimes(rows));
      }),
      runs,
    );
  }, 120_000);

  it('have no gap, no overlap and nothing negative, however the clock jumps', async () => {
    await fc.assert(
      fc.asyncProperty(steps(true), async (all) => {
        const shift = new Shift();
        for (const step of all) await shift.run(step);
        const rows = intervalsOf(shift);
        for (const [index, row] of rows.entries()) {
          expect(lengthOf(row)).toBeGreaterThanOrEqual(index === rows.length - 1 ? 0 : 1);
          if (index > 0) expect(row.from_at).toBe(rows[index - 1]?.to_at);
        }
        expect(sum(rows.map(lengthOf))).toBe((rows.at(-1)?.to_at ?? 0) - (rows[0]?.from_at ?? 0));
        expect(sum(rows.filter((row) => row.logged_in).map(lengthOf))).toBe(loginTimes(rows));
      }),
      runs,
    );
  }, 120_000);
});
