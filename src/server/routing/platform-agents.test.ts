import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryJournal } from '../../../test/harness/memory-journal.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { Conversations } from '../telephony/conversations.ts';
import type { PlatformAcd, PlatformMember, PlatformQueue } from '../telephony/ports.ts';
import { LOGGED_OUT_REASON, PlatformAgents } from './platform-agents.ts';

class FakeAcd implements PlatformAcd {
  readonly events = new Emitter<{ changed: [] }>(() => undefined);
  readonly asked: string[] = [];
  members: PlatformMember[] = [];
  queues(): PlatformQueue[] {
    return [{ id: 'pbx:sales', name: 'sales', label: 'Sales', members: this.members, waiting: [] }];
  }
  reachable = () => true;
  knows = () => true;
  setPaused = async (device: string, paused: boolean, reason: string) =>
    void this.asked.push(`pause ${device} ${paused} ${reason}`.trim());
  logIn = async (device: string, _name: string, queues: readonly string[]) =>
    void this.asked.push(`in ${device} ${queues.join(',')}`);
  logOut = async (device: string) => {
    this.asked.push(`out ${device}`);
    return ['sales'];
  };
  /** What the platform says from now on. */
  says(member: Partial<PlatformMember> | undefined): void {
    const plain = {
      device: 'PJSIP/201',
      name: 'Ann',
      paused: false,
      reason: '',
      penalty: 0,
      inCall: false,
      ringing: false,
    };
    this.members = member ? [{ ...plain, removable: true, wrapMs: 0, ...member }] : [];
    this.events.emit('changed');
  }
}

describe('agent states that a platform rules over', () => {
  let acd: FakeAcd;
  let clock: VirtualClock;
  let agents: PlatformAgents;
  let told: string[];
  const view = () => agents.agent('ann');

  beforeEach(() => {
    acd = new FakeAcd();
    clock = new VirtualClock();
    agents = new PlatformAgents({
      platformId: 'pbx',
      acd,
      conversations: new Conversations({
        journal: new MemoryJournal(clock, () => 0),
        clock,
        onListenerError: () => undefined,
      }),
      clock,
      user: (userId) => (userId === 'ann' ? { device: 'PJSIP/201', name: 'Ann' } : undefined),
      userIds: () => ['ann'],
      reasons: () => [{ id: 'r1', label: 'Lunch' }],
      loginQueues: ['sales'],
      hangup: async () => undefined,
      onError: () => undefined,
    });
    acd.says({});
    agents.setOnline('ann', true);
    told = [];
    agents.events.on('agent', (one) => told.push(`${one.shown}${one.pending ? ' pending' : ''}`));
  });

  it('are what its members say, in our reasons where they are known', () => {
    acd.says({ paused: true, reason: 'LUNCH ' });
    expect(view().requested).toEqual({ state: 'not-ready', reason: 'r1' });
    acd.says({ paused: true, reason: 'Something else' });
    expect(view().requested).toEqual({ state: 'not-ready', reason: 'Something else' });
    acd.says({ paused: true, reason: LOGGED_OUT_REASON });
    expect(view().shown).toBe('logged-out');
    acd.says(undefined);
    expect(view().shown).toBe('logged-out');
  });

  it('are asked once, pending until it says so, and nothing is sent because it does', async () => {
    await agents.setRequested('ann', 'not-ready', 'r1');
    expect(view()).toMatchObject({ shown: 'ready', pending: { state: 'not-ready', reason: 'r1' } });
    acd.says({ paused: true, reason: 'Lunch' });
    expect(view()).toMatchObject({ shown: 'not-ready' });
    expect(view().pending).toBeUndefined();
    acd.says({});
    acd.says({ paused: true, reason: 'Lunch' });
    expect(acd.asked).toEqual(['pause PJSIP/201 true Lunch']);
    expect(told).toEqual(['ready pending', 'not-ready', 'ready', 'not-ready']);
    expect(clock.pending).toBe(0);
  });

  it('stay what they were when it does not say so in time', async () => {
    await agents.setRequested('ann', 'not-ready', 'r1');
    await clock.advance(5_000);
    expect(view().pending).toBeUndefined();
    expect(view().shown).toBe('ready');
  });

  it('are given up when it refuses', async () => {
    acd.setPaused = () => Promise.reject(new Error('no'));
    await expect(agents.setRequested('ann', 'not-ready', 'r1')).rejects.toThrow('no');
    expect(view().pending).toBeUndefined();
  });

  it('go out of the queues and into the same again', async () => {
    await agents.setRequested('ann', 'logged-out', undefined);
    acd.says(undefined);
    expect(view().shown).toBe('logged-out');
    await agents.setRequested('ann', 'ready', undefined);
    expect(acd.asked).toEqual([
      'out PJSIP/201',
      `pause PJSIP/201 true ${LOGGED_OUT_REASON}`,
      'in PJSIP/201 sales',
      'pause PJSIP/201 false',
    ]);
  });

  it('are of its own agents only', async () => {
    await expect(agents.setRequested('bob', 'ready', undefined)).rejects.toMatchObject({ code: 'not-found' });
    agents.setOnline('bob', true);
    expect(told).toEqual([]);
  });
});
