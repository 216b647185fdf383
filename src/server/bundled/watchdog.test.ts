import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../lib/clock.ts';
import { Watchdog } from './watchdog.ts';

const log = { info: () => {}, warn: () => {}, error: () => {} };

describe('the watchdog', () => {
  let clock: VirtualClock;
  let reason: string | undefined;
  let failures: number;
  let launched: number;
  let events: string[];
  let dog: Watchdog<number>;

  beforeEach(() => {
    clock = new VirtualClock();
    reason = undefined;
    failures = 0;
    launched = 0;
    events = [];
    dog = new Watchdog<number>({
      name: 'part',
      clock,
      log,
      first: 1,
      isDown: async () => reason,
      relaunch: async (last) => {
        launched++;
        if (failures-- > 0) throw new Error('not yet');
        reason = undefined;
        return last + 1;
      },
    });
    dog.events.on('down', (why) => events.push(`down: ${why}`));
    dog.events.on('up', (running) => events.push(`up: ${running}`));
  });

  it('leaves a part alone that is up', async () => {
    await clock.advance(60_000);
    expect(launched).toBe(0);
    expect(events).toEqual([]);
  });

  it('starts a part again that died, and says both', async () => {
    reason = 'gone';
    await clock.advance(1_000);
    expect(events).toEqual(['down: gone', 'up: 2']);
    expect(dog.current).toBe(2);
    expect(dog.up).toBe(true);
  });

  it('tries again, ever more slowly, while it does not start', async () => {
    reason = 'gone';
    failures = 1_000;
    await clock.advance(60_000);
    expect(dog.up).toBe(false);
    expect(launched).toBeGreaterThan(5);
    expect(launched).toBeLessThan(15);
    failures = 0;
    await clock.advance(20_000);
    expect(events).toEqual(['down: gone', 'up: 2']);
  });

  it('notices a second death after a restart', async () => {
    reason = 'gone';
    await clock.advance(1_000);
    reason = 'gone again';
    await clock.advance(1_000);
    expect(events).toEqual(['down: gone', 'up: 2', 'down: gone again', 'up: 3']);
  });

  it('does nothing any more after close, in whatever state it was', async () => {
    reason = 'gone';
    failures = 1_000;
    await clock.advance(5_000);
    await dog.close();
    const before = launched;
    await clock.advance(60_000);
    expect(launched).toBe(before);
    expect(clock.pending).toBe(0);
    await dog.close();
  });

  it('does not let a check that takes long be overtaken by the next', async () => {
    let running = 0;
    let most = 0;
    const slow = new Watchdog<number>({
      name: 'slow',
      clock,
      log,
      first: 1,
      isDown: async () => {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => clock.after(3_000, resolve));
        running--;
        return undefined;
      },
      relaunch: async (last) => last,
    });
    await clock.advance(20_000);
    expect(most).toBe(1);
    const closed = slow.close();
    await clock.advance(3_000);
    await closed;
  });
});
