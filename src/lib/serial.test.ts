import { describe, expect, it } from 'vitest';
import { VirtualClock } from './clock.ts';
import { Serial } from './serial.ts';

function start() {
  const clock = new VirtualClock();
  const ran: string[] = [];
  const work = (name: string, ms: number) => () =>
    new Promise<string>((resolve) => {
      ran.push(`${name} begins`);
      clock.after(ms, () => {
        ran.push(`${name} ends`);
        resolve(name);
      });
    });
  return { clock, ran, work, serial: new Serial() };
}

describe('serial work', () => {
  it('runs one at a time per key in the order of the calls, whatever each takes', async () => {
    const { clock, ran, work, serial } = start();
    const results = Promise.all([serial.run('k', work('a', 20)), serial.run('k', work('b', 1))]);
    await clock.advance(30);
    expect(ran).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    expect(await results).toEqual(['a', 'b']);
  });

  it('runs different keys at the same time', async () => {
    const { clock, ran, work, serial } = start();
    void serial.run('k', work('a', 20));
    void serial.run('l', work('b', 1));
    await clock.advance(30);
    expect(ran).toEqual(['a begins', 'b begins', 'b ends', 'a ends']);
  });

  it('rejects the work that failed, thrown or rejected, and goes on with the next', async () => {
    const { clock, work, serial } = start();
    const failed = serial.run('k', () => Promise.reject(new Error('no')));
    const threw = serial.run('k', () => {
      throw new Error('never');
    });
    const next = serial.run('k', work('b', 1));
    await expect(failed).rejects.toThrow('no');
    await expect(threw).rejects.toThrow('never');
    await clock.advance(5);
    expect(await next).toBe('b');
  });

  it('is idle when everything has ended, work that was added meanwhile included', async () => {
    const { clock, ran, work, serial } = start();
    void serial.run('k', work('a', 10)).then(() => serial.run('k', work('b', 10)));
    let idle = false;
    const waiting = serial.idle().then(() => {
      idle = true;
    });
    await clock.advance(15);
    expect(idle).toBe(false);
    await clock.advance(10);
    await waiting;
    expect(ran.at(-1)).toBe('b ends');
    await serial.idle();
  });
});
