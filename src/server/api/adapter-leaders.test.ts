import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../lib/clock.ts';
import { AdapterLeaders, LEADER_GRACE_MS } from './adapter-leaders.ts';

let clock: VirtualClock;
let leaders: AdapterLeaders;
/** Who leads now, as each browser was told last, in the order of telling. */
let told: [string, boolean][];

function join(browser: string, leads = false): () => void {
  return leaders.join('user', browser, leads, (now) => told.push([browser, now]));
}
const now = () => Object.fromEntries(told);

beforeEach(async () => {
  clock = new VirtualClock();
  leaders = new AdapterLeaders(clock);
  told = [];
  await clock.advance(LEADER_GRACE_MS);
});

describe('an adapter over several browsers of its user', () => {
  it('runs in the first, and in the next when that one stays away', async () => {
    const leave = join('work');
    join('home');
    expect(now()).toEqual({ work: true, home: false });
    leave();
    await clock.advance(LEADER_GRACE_MS - 1);
    expect(now()).toEqual({ work: true, home: false });
    await clock.advance(1);
    expect(now().home).toBe(true);
  });

  it('stays where it is when that browser reloads or is cut off for a moment, in either order of close and open', async () => {
    let leave = join('work');
    join('home');
    leave();
    leave = join('work', true);
    join('work', true);
    leave();
    await clock.advance(LEADER_GRACE_MS);
    expect(now()).toEqual({ work: true, home: false });
  });

  it('moves when it is told to: who loses it hears so first', () => {
    join('work');
    join('home');
    told = [];
    expect(leaders.take('user', 'home')).toBe(true);
    expect(told).toEqual([
      ['work', false],
      ['home', true],
    ]);
    expect(leaders.take('user', 'phone')).toBe(false);
  });

  it('is found again after a restart, whoever comes back first', async () => {
    leaders = new AdapterLeaders(clock);
    join('home');
    expect(now()).toEqual({ home: false });
    join('work', true);
    await clock.advance(LEADER_GRACE_MS);
    expect(now()).toEqual({ home: false, work: true });
  });

  it('starts after the grace of a restart where it ran nowhere', async () => {
    leaders = new AdapterLeaders(clock);
    join('home');
    await clock.advance(LEADER_GRACE_MS);
    expect(now()).toEqual({ home: true });
  });

  it('is nobody else’s business', () => {
    join('work');
    leaders.join('colleague', 'work', false, (leads) => told.push(['colleague', leads]));
    expect(now()).toEqual({ work: true, colleague: true });
  });
});
