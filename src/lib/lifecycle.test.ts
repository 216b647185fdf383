import { describe, expect, it } from 'vitest';
import { settle, VirtualClock } from './clock.ts';
import { Lifecycle } from './lifecycle.ts';

function start() {
  const clock = new VirtualClock();
  const ran: string[] = [];
  return { clock, ran, life: new Lifecycle(clock) };
}

describe('a life cycle', () => {
  it('closes its children one after the other, the last added first', async () => {
    const { life, ran } = start();
    life.add({
      close: async () => {
        await settle();
        ran.push('first');
      },
    });
    life.add(async () => {
      await settle();
      ran.push('second');
    });
    await life.close();
    expect(ran).toEqual(['second', 'first']);
  });

  it('closes once, however often it is asked', async () => {
    const { life, ran } = start();
    life.add(() => ran.push('closed'));
    const closing = life.close();
    expect(life.close()).toBe(closing);
    await closing;
    await life.close();
    expect(ran).toEqual(['closed']);
  });

  it('is closed for a child that closes, so that it can begin nothing more', async () => {
    const { life, clock } = start();
    life.add(() => {
      expect(life.closed).toBe(true);
      life.after(1, () => undefined);
    });
    await life.close();
    expect(clock.pending).toBe(0);
  });

  it('runs nothing after it was closed, and leaves no timer', async () => {
    const { life, clock, ran } = start();
    life.after(10, () => ran.push('once'));
    life.every(10, () => ran.push('every'));
    await life.close();
    life.after(10, () => ran.push('too late'));
    life.every(10, () => ran.push('too late'));
    expect(clock.pending).toBe(0);
    await clock.advance(100);
    expect(ran).toEqual([]);
  });

  it('closes all children when one fails, and says what failed', async () => {
    const { life, ran } = start();
    life.add(() => ran.push('closed'));
    life.add(() => Promise.reject(new Error('stuck')));
    await expect(life.close()).rejects.toMatchObject({ errors: [new Error('stuck')] });
    expect(ran).toEqual(['closed']);
  });

  it('closes a child that is added while it closes or afterwards', async () => {
    const { life, ran } = start();
    life.add(() => {
      life.add(() => ran.push('while'));
    });
    await life.close();
    life.add(() => ran.push('after'));
    await life.close();
    expect(ran).toEqual(['while', 'after']);
  });

  it('says that a child that came too late failed to close', async () => {
    const { life } = start();
    await life.close();
    life.add(() => Promise.reject(new Error('stuck')));
    await expect(life.close()).rejects.toThrow('closing failed');
  });

  it('runs again and again until it is stopped', async () => {
    const { life, clock, ran } = start();
    const stop = life.every(10, () => ran.push(String(clock.now())));
    const from = clock.now();
    await clock.advance(25);
    stop();
    await clock.advance(100);
    expect(ran).toEqual([String(from + 10), String(from + 20)]);
    expect(clock.pending).toBe(0);
  });

  it('goes on running every interval when one run stops another timer', async () => {
    const { life, clock, ran } = start();
    const cancel = life.after(15, () => ran.push('cancelled'));
    life.every(10, () => {
      ran.push('every');
      cancel();
    });
    await clock.advance(20);
    expect(ran).toEqual(['every', 'every']);
  });
});
