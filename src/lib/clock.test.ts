import { describe, expect, it } from 'vitest';
import { VirtualClock } from './clock.ts';

describe('a virtual clock', () => {
  it('stands still until it is moved, and then runs what falls due in the order of the instants', async () => {
    const clock = new VirtualClock(1_000);
    const ran: string[] = [];
    clock.after(20, () => ran.push(`b at ${clock.now()}`));
    clock.after(10, () => ran.push(`a at ${clock.now()}`));
    clock.after(21, () => ran.push('c'));
    expect(ran).toEqual([]);
    await clock.advance(20);
    expect(ran).toEqual(['a at 1010', 'b at 1020']);
    expect(clock.now()).toBe(1_020);
    expect(clock.pending).toBe(1);
    expect(clock.next).toBe(1_021);
  });

  it('runs timers of the same instant in the order in which they were set', async () => {
    const clock = new VirtualClock();
    const ran: number[] = [];
    for (const n of [1, 2, 3]) clock.after(5, () => ran.push(n));
    await clock.advance(5);
    expect(ran).toEqual([1, 2, 3]);
  });

  it('runs timers that timers set, when they fall into the same move', async () => {
    const clock = new VirtualClock(0);
    const at: number[] = [];
    const again = () => {
      at.push(clock.now());
      clock.after(10, again);
    };
    clock.after(10, again);
    await clock.advance(35);
    expect(at).toEqual([10, 20, 30]);
    expect(clock.now()).toBe(35);
  });

  it('settles promises between two timers', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    clock.after(1, () => {
      void Promise.resolve().then(() => ran.push('promise'));
    });
    clock.after(2, () => ran.push('timer'));
    await clock.advance(2);
    expect(ran).toEqual(['promise', 'timer']);
  });

  it('does not run what was cancelled, even by a timer of the same instant', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    const cancels: (() => void)[] = [];
    clock.after(5, () => cancels.forEach((cancel) => cancel()));
    cancels.push(clock.after(5, () => ran.push('cancelled')));
    await clock.advance(10);
    expect(ran).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('takes a negative time for now, and never goes back', async () => {
    const clock = new VirtualClock(100);
    let at = 0;
    clock.after(-50, () => {
      at = clock.now();
    });
    await clock.advance(0);
    expect(at).toBe(100);
  });
});
