import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUDIO_GRACE_MS, type AudioSeat, electAudio, popTab, type Tab } from './tabs.ts';

const tab = (tabId: string, more: Partial<Tab> = {}): Tab => ({
  tabId,
  canAudio: true,
  canPop: true,
  opened: 1,
  focused: 0,
  ...more,
});

describe('the audio tab', () => {
  it('is the first that can carry audio', () => {
    expect(electAudio({}, [tab('deaf', { canAudio: false })], 0)).toEqual({});
    expect(electAudio({}, [tab('deaf', { canAudio: false }), tab('a')], 0)).toEqual({ tabId: 'a' });
  });

  it('stays when another tab is opened and focused', () => {
    const tabs = [tab('a', { opened: 1 }), tab('b', { opened: 2, focused: 9 })];
    expect(electAudio({ tabId: 'a' }, tabs, 0)).toEqual({ tabId: 'a' });
  });

  it('waits for its tab to come back, and takes it back', () => {
    const vacant = electAudio({ tabId: 'a' }, [tab('b')], 1_000);
    expect(vacant).toEqual({ tabId: 'a', vacantUntil: 1_000 + AUDIO_GRACE_MS });
    expect(electAudio(vacant, [tab('b'), tab('a')], 1_900)).toEqual({ tabId: 'a' });
  });

  it('moves to the newest focused tab when the grace is over', () => {
    const seat = { tabId: 'a', vacantUntil: 2_500 };
    const tabs = [
      tab('b', { focused: 3 }),
      tab('c', { focused: 5 }),
      tab('d', { canAudio: false, focused: 8 }),
    ];
    expect(electAudio(seat, tabs, 2_499)).toEqual(seat);
    expect(electAudio(seat, tabs, 2_500)).toEqual({ tabId: 'c' });
  });

  it('is nobody when no tab can carry audio any more', () => {
    expect(electAudio({ tabId: 'a', vacantUntil: 5 }, [], 5)).toEqual({});
  });

  it('moves only by the death of its tab, and is one of the audible tabs else', () => {
    const names = ['a', 'b', 'c', 'd'];
    const step = fc.record({
      tabId: fc.constantFrom(...names),
      what: fc.constantFrom('open', 'close', 'focus'),
      wait: fc.nat(3_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let seat: AudioSeat = {};
        let now = 0;
        let order = 0;
        const open = new Map<string, Tab>();
        for (const { tabId, what, wait } of steps) {
          now += wait;
          const before = seat;
          const goneFor = before.vacantUntil === undefined ? 0 : now - (before.vacantUntil - AUDIO_GRACE_MS);
          if (what === 'open') open.set(tabId, tab(tabId, { opened: ++order, canAudio: tabId !== 'd' }));
          if (what === 'close') open.delete(tabId);
          const focused = open.get(tabId);
          if (what === 'focus' && focused) focused.focused = ++order;
          seat = electAudio(before, [...open.values()], now);
          if (before.tabId !== undefined && seat.tabId !== before.tabId) {
            expect(open.has(before.tabId)).toBe(false);
            expect(goneFor).toBeGreaterThanOrEqual(AUDIO_GRACE_MS);
          }
          const audible = [...open.values()].filter((t) => t.canAudio).map((t) => t.tabId);
          if (seat.tabId === undefined) expect(audible).toEqual([]);
          else if (seat.vacantUntil === undefined) expect(audible).toContain(seat.tabId);
          else expect(audible).not.toContain(seat.tabId);
        }
      }),
    );
  });
});

describe('the tab that pops', () => {
  it('is the one that was looked at last among those that show records', () => {
    expect(popTab([])).toBeUndefined();
    expect(
      popTab([tab('a', { focused: 4 }), tab('b', { focused: 7 }), tab('c', { focused: 9, canPop: false })]),
    ).toBe('b');
  });
});
