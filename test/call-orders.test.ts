/**
 * Every party leaving in every order: consultations and conferences of two to six, at every moment, also in the middle of
 * completing, merging or cancelling; and pairs of things that happen at nearly the same time, in both orders.
 * After each step nobody may be left in silence, and in the end nothing may be left over.
 */
import { describe, expect, it } from 'vitest';
import { isLive } from '../src/server/telephony/model.ts';
import type { TransferTarget } from '../src/server/telephony/ports.ts';
import type { SimulatedParty } from '../src/server/telephony/simulated/party.ts';
import { CallWorld, PARK_MS, REATTACH_MS, WRAP_MS } from './harness/call-world.ts';
import { expectNothingRemains, expectSoundWorld } from './harness/call-world-check.ts';
import { MemoryJournal } from './harness/memory-journal.ts';

const FROM = { kind: 'e164' as const, raw: '+442079460000', value: '+442079460000' };
const REST_MS = WRAP_MS + REATTACH_MS + 1_000;
/** Milliseconds between two things: commits take 2, the exchange's commands and facts a few more. */
const GAPS = [0, 1, 2, 3, 4, 6, 9, 15];

/** The commands of a test may come too late, and fail in no other way. */
const TOO_LATE = /^(no-such-line|wrong-state|offer-gone|not-found)$/;

function outsideNumber(n: number) {
  const value = `+44161496000${n}`;
  return { kind: 'e164' as const, raw: value, value };
}

class Scene {
  caller!: SimulatedParty;
  /** What the commands came to: an error, or nothing. */
  readonly #acts: Promise<unknown>[] = [];
  constructor(readonly world: CallWorld) {}

  static async open(): Promise<Scene> {
    const world = await CallWorld.open({
      agents: ['ann', 'bob'],
      members: { sales: ['ann'] },
      journal: (clock) => new MemoryJournal(clock, () => 2),
    });
    const scene = new Scene(world);
    await world.ready('ann', 'bob');
    scene.caller = await world.call();
    scene.phone('ann').answer();
    await world.pass(60);
    return scene;
  }

  phone(name: string) {
    return this.world.exchange.device(name);
  }

  outside(n: number) {
    return this.world.exchange.outside(outsideNumber(n).value);
  }

  /** The agent's leg in the first call, or in the consultation. */
  leg(which: 'first' | 'consult'): string {
    const conversation = this.world.conversation;
    const legs = [...conversation.legs.values()].filter((leg) => leg.userId === 'ann' && isLive(leg));
    const leg = legs.findLast(
      (one) => (conversation.calls.get(one.callId)?.purpose === 'consult') === (which === 'consult'),
    );
    return leg?.id ?? 'leg_none';
  }

  /** What a command that came too late throws is what it should: anything else fails the test. */
  async act(command: () => Promise<unknown>, ms = 60): Promise<void> {
    this.#acts.push(
      Promise.resolve()
        .then(command)
        .then(
          () => undefined,
          (error: unknown) => error,
        ),
    );
    await Promise.resolve();
    if (ms > 0) await this.world.pass(ms);
  }

  consult(target: TransferTarget): Promise<void> {
    return this.act(() => this.world.engine.consult(this.leg('first'), { target, from: FROM }));
  }

  /** Customer, Ann, and `size - 2` more, in one conference. */
  async conference(size: number): Promise<(() => void)[]> {
    const leave = [() => this.caller.hangup(), () => this.phone('ann').hangup()];
    for (let n = 0; n < size - 2; n++) {
      const target: TransferTarget =
        n === 0 ? { kind: 'user', userId: 'bob' } : { kind: 'number', number: outsideNumber(n) };
      const device = n === 0 ? this.phone('bob') : this.outside(n);
      await this.consult(target);
      device.answer();
      await this.world.pass(60);
      await this.act(() => this.world.engine.conference(this.leg('consult')));
      leave.push(() => device.hangup());
    }
    return leave;
  }

  async end(): Promise<void> {
    await expectNothingRemains(this.world, REST_MS);
    for (const failure of (await Promise.all(this.#acts)).filter((one) => one !== undefined))
      expect(failure).toMatchObject({ code: expect.stringMatching(TOO_LATE) as string });
    await this.world.stop();
    expect(this.world.errors).toEqual([]);
  }
}

function permutations<T>(things: readonly T[]): T[][] {
  if (things.length <= 1) return [[...things]];
  return things.flatMap((thing, at) =>
    permutations(things.filter((_, index) => index !== at)).map((rest) => [thing, ...rest]),
  );
}

describe('a conference', () => {
  it.each([2, 3, 4, 5, 6])(
    'of %i is left in every order',
    async (size) => {
      const indexes = Array.from({ length: size }, (_, index) => index);
      const all = permutations(indexes);
      // Of six parties every one is the first, the second and the third to leave: what follows is that of a smaller one.
      const depth = size === 6 ? 2 : size;
      const orders = new Map(all.map((order) => [order.slice(0, depth).join(), order.slice(0, depth)]));
      for (const order of orders.values()) {
        const scene = await Scene.open();
        const leave = await scene.conference(size);
        expect(scene.caller.hears, 'everybody hears everybody').toHaveLength(size - 1);
        for (const [step, who] of order.entries()) {
          leave[who]?.();
          await scene.world.pass(40);
          const at = `after ${order.slice(0, step + 1).join()} of ${size} left`;
          expectSoundWorld(scene.world, at);
          const left = size - step - 1;
          expect(scene.world.exchange.list().legs, at).toHaveLength(left >= 2 ? left : 0);
        }
        await scene.end();
      }
    },
    120_000,
  );

  it('of more than eight is refused', async () => {
    const scene = await Scene.open();
    await scene.conference(8);
    await scene.consult({ kind: 'number', number: outsideNumber(9) });
    scene.outside(9).answer();
    await scene.world.pass(60);
    await expect(scene.world.engine.conference(scene.leg('consult'))).rejects.toMatchObject({
      code: 'too-many',
    });
    await scene.end();
  });
});

const TARGETS: Record<
  string,
  { target: TransferTarget; phone: (scene: Scene) => { answer(): void; hangup(): void } }
> = {
  colleague: { target: { kind: 'user', userId: 'bob' }, phone: (scene) => scene.phone('bob') },
  'outside number': {
    target: { kind: 'number', number: outsideNumber(1) },
    phone: (scene) => scene.outside(1),
  },
};

describe.each(Object.entries(TARGETS))('a consultation of a %s', (_name, { target, phone }) => {
  const leavers: ((scene: Scene) => void)[] = [
    (scene) => scene.caller.hangup(),
    (scene) => scene.phone('ann').hangup(),
    (scene) => phone(scene).hangup(),
  ];
  const commands: Record<string, (scene: Scene) => Promise<unknown>> = {
    nothing: () => Promise.resolve(),
    complete: (scene) => scene.world.engine.completeTransfer(scene.leg('consult')),
    merge: (scene) => scene.world.engine.conference(scene.leg('consult')),
    cancel: (scene) => scene.world.engine.cancelConsult(scene.leg('consult')),
    swap: (scene) => scene.world.engine.retrieve(scene.leg('first')),
    'hang up the first call': (scene) => scene.world.engine.hangup(scene.leg('first')),
    'hang up the consultation': (scene) => scene.world.engine.hangup(scene.leg('consult')),
  };

  describe.each(Object.entries(commands))('%s', (_command, command) => {
    it.each([false, true])(
      'and everybody leaves in every order, answered: %s',
      async (answered) => {
        for (const order of permutations([0, 1, 2])) {
          const scene = await Scene.open();
          await scene.consult(target);
          if (answered) phone(scene).answer();
          await scene.world.pass(60);
          expectSoundWorld(scene.world, 'before');
          await scene.act(() => command(scene));
          expectSoundWorld(scene.world, 'after the command');
          for (const [step, who] of order.entries()) {
            leavers[who]?.(scene);
            await scene.world.pass(40);
            expectSoundWorld(scene.world, `after ${order.slice(0, step + 1).join()} left`);
          }
          await scene.end();
        }
      },
      60_000,
    );

    it('while somebody hangs up, just before or just after', async () => {
      for (const gap of GAPS)
        for (const leave of leavers)
          for (const leaveFirst of [true, false]) {
            const scene = await Scene.open();
            await scene.consult(target);
            phone(scene).answer();
            await scene.world.pass(60);
            if (leaveFirst) leave(scene);
            if (leaveFirst) await scene.world.pass(gap);
            await scene.act(() => command(scene), leaveFirst ? 60 : gap);
            if (!leaveFirst) leave(scene);
            await scene.world.pass(100);
            expectSoundWorld(scene.world, `gap ${gap}, ${leaveFirst ? 'left first' : 'left after'}`);
            await scene.end();
          }
    }, 60_000);

    it('while the page of the agent is lost, just before or just after', async () => {
      for (const gap of GAPS)
        for (const loseFirst of [true, false]) {
          const scene = await Scene.open();
          await scene.consult(target);
          phone(scene).answer();
          await scene.world.pass(60);
          const lose = () => scene.world.engine.loseAgentLeg(scene.phone('ann').call?.legId ?? '');
          if (loseFirst) lose();
          if (loseFirst) await scene.world.pass(gap);
          await scene.act(() => command(scene), loseFirst ? 60 : gap);
          if (!loseFirst) lose();
          await scene.world.pass(5_000);
          await scene.world.pass(REATTACH_MS);
          expectSoundWorld(scene.world, `gap ${gap}, ${loseFirst ? 'lost first' : 'lost after'}`);
          await scene.end();
        }
    }, 60_000);
  });
});

/** Two things with a gap between them, in both orders, for every gap. */
async function race(
  set: (scene: Scene) => Promise<void>,
  one: (scene: Scene) => unknown,
  other: (scene: Scene) => unknown,
  check: (scene: Scene, when: string) => void = () => undefined,
): Promise<void> {
  for (const gap of GAPS)
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const) {
      const scene = await Scene.open();
      await set(scene);
      await scene.act(async () => first(scene), gap);
      await scene.act(async () => second(scene), 150);
      const when = `gap ${gap}, ${first === one ? 'in order' : 'the other way'}`;
      expectSoundWorld(scene.world, when);
      check(scene, when);
      await scene.end();
    }
}

describe('at nearly the same time', () => {
  const transferTo = (scene: Scene, target: TransferTarget) =>
    scene.act(() => scene.world.engine.transfer(scene.leg('first'), { target, from: FROM }));
  const recalled = async (scene: Scene) => {
    scene.phone('bob').whenRung = 'busy';
    await transferTo(scene, { kind: 'user', userId: 'bob' });
    await scene.world.pass(60);
    expect(scene.phone('ann').call?.state).toBe('ringing');
  };

  it('a recall is answered, the customer gives up', () =>
    race(
      recalled,
      (scene) => scene.phone('ann').answer(),
      (scene) => scene.caller.hangup(),
    ));

  it('a transfer fails, the customer gives up', () =>
    race(
      (scene) => transferTo(scene, { kind: 'user', userId: 'bob' }),
      (scene) => scene.phone('bob').reject(),
      (scene) => scene.caller.hangup(),
    ));

  it('a transfer is answered, its ringing is refused', () =>
    race(
      (scene) => transferTo(scene, { kind: 'user', userId: 'bob' }),
      (scene) => scene.phone('bob').answer(),
      (scene) => scene.phone('bob').reject(),
    ));

  it('a blind transfer is asked for, the customer hangs up', () =>
    race(
      () => Promise.resolve(),
      (scene) =>
        scene.world.engine.transfer(scene.leg('first'), {
          target: { kind: 'user', userId: 'bob' },
          from: FROM,
        }),
      (scene) => scene.caller.hangup(),
    ));

  it('a blind transfer is asked for, the agent’s page is lost', () =>
    race(
      () => Promise.resolve(),
      (scene) =>
        scene.world.engine.transfer(scene.leg('first'), {
          target: { kind: 'user', userId: 'bob' },
          from: FROM,
        }),
      (scene) => scene.world.engine.loseAgentLeg(scene.leg('first')),
    ));

  it('a call is parked, the customer hangs up', () =>
    race(
      () => Promise.resolve(),
      (scene) => scene.world.engine.park(scene.leg('first')),
      (scene) => scene.caller.hangup(),
    ));

  it('the time of a parked call is over, somebody picks it up', async () => {
    const pickUp = (scene: Scene) => {
      const device = scene.world.device('bob');
      if (!device) throw new Error('no device');
      return scene.world.engine.pickUp('701', 'bob', device);
    };
    for (const gap of [-9, -3, -2, -1, 0, 1, 2, 3, 9]) {
      const scene = await Scene.open();
      await scene.act(() => scene.world.engine.park(scene.leg('first')));
      const parkedAt = [...scene.world.conversation.calls.values()][0]?.parked?.at ?? 0;
      await scene.world.pass(parkedAt + PARK_MS - scene.world.clock.now() + gap);
      await scene.act(() => pickUp(scene), 150);
      expectSoundWorld(scene.world, `gap ${gap}`);
      const [ann, bob] = [scene.phone('ann').call, scene.phone('bob').call];
      if (bob?.state === 'talking') expect(scene.caller.hears).toEqual([bob.legId]);
      else expect(ann?.state, `gap ${gap}`).toBe('ringing');
      await scene.end();
    }
  }, 60_000);

  it('a consultation of a queue is completed, and settles: the customer has its place', async () => {
    for (const gap of GAPS) {
      const scene = await Scene.open();
      await scene.consult({ kind: 'queue', queueId: 'sales' });
      await scene.act(() => scene.world.engine.completeTransfer(scene.leg('consult')), gap);
      await scene.world.pass(100);
      expectSoundWorld(scene.world, `gap ${gap}`);
      expect(scene.caller.hears).toBe('music');
      expect(scene.world.routing.waiting('sales')).toBe(1);
      await scene.end();
    }
  }, 60_000);
});
