import { describe, expect, it } from 'vitest';
import { settle, VirtualClock } from './clock.ts';
import { DueWork } from './due-work.ts';
import { Lifecycle } from './lifecycle.ts';

function start(queue: string[]) {
  const life = new Lifecycle(new VirtualClock());
  const done: string[] = [];
  const errors: unknown[] = [];
  const hooks = { carryOut: (_one: string) => Promise.resolve() };
  const work = new DueWork<string>({
    life,
    due: () => Promise.resolve(queue.splice(0, 2)),
    carryOut: async (one) => {
      await hooks.carryOut(one);
      done.push(one);
    },
    onError: (error) => errors.push(error),
  });
  return { life, done, errors, hooks, work };
}

describe('due work', () => {
  it('is carried out in order until nothing is due', async () => {
    const { work, done } = start(['a', 'b', 'c']);
    work.wake();
    await settle();
    expect(done).toEqual(['a', 'b', 'c']);
  });

  it('that comes while the last of it is carried out is not forgotten', async () => {
    const queue = ['a'];
    const { work, done, hooks } = start(queue);
    hooks.carryOut = async (one) => {
      if (one !== 'a') return;
      queue.push('b');
      work.wake();
    };
    work.wake();
    await settle();
    expect(done).toEqual(['a', 'b']);
  });

  it('that fails is told of, and goes on at the next wake-up', async () => {
    const queue = ['a', 'b'];
    const { work, done, errors, hooks } = start(queue);
    hooks.carryOut = () => Promise.reject(new Error('no'));
    work.wake();
    await settle();
    expect([done, errors]).toEqual([[], [new Error('no')]]);
    hooks.carryOut = () => Promise.resolve();
    queue.push('c');
    work.wake();
    await settle();
    expect(done).toEqual(['c']);
  });

  it('ends with its life: what is under way is finished, nothing more is begun', async () => {
    const { work, done, hooks, life } = start(['a', 'b']);
    let finish = () => {};
    hooks.carryOut = () => new Promise((resolve) => (finish = resolve));
    work.wake();
    await settle();
    const closed = life.close();
    finish();
    await closed;
    expect(done).toEqual(['a']);
  });
});
