import { describe, expect, test } from 'vitest';
import { callerTitle, describeState, focusedLine, shouldRing, timerStart, verbsOf } from './lines.ts';
import { aLine, aState } from './state.fixture.ts';

describe('ringing', () => {
  const ringing = aState({ lines: [aLine()] });

  test('is in the tab with the audio only', () => {
    expect(shouldRing(ringing, 'tab_here1')).toBe(true);
    expect(shouldRing(ringing, 'tab_other')).toBe(false);
  });

  test('is left to the desk phone when calls ring there', () => {
    expect(shouldRing({ ...ringing, phone: { ...ringing.phone, kind: 'sip' } }, 'tab_here1')).toBe(false);
  });

  test('does not disturb a call', () => {
    const state = aState({ lines: [aLine({ id: 'a', state: 'connected' }), aLine()] });
    expect(shouldRing(state, 'tab_here1')).toBe(false);
  });

  test('is not for a call that the agent makes', () => {
    expect(shouldRing(aState({ lines: [aLine({ direction: 'outbound' })] }), 'tab_here1')).toBe(false);
  });
});

test('the most urgent line is the one that keys act on, whatever its place', () => {
  const held = aLine({ id: 'held', state: 'held' });
  const talking = aLine({ id: 'talking', state: 'connected' });
  const wrap = aLine({ id: 'wrap', state: 'wrap-up' });
  const rings = aLine({ id: 'rings' });
  expect(focusedLine([held, talking, wrap, rings])?.id).toBe('rings');
  expect(focusedLine([wrap, held, talking])?.id).toBe('talking');
  expect(focusedLine([])).toBeUndefined();
});

test.each([
  [{}, ['answer', 'decline']],
  [{ direction: 'outbound' }, ['hangup']],
  [{ state: 'connected' }, ['mute', 'hold', 'dtmf', 'hangup']],
  [{ state: 'connected', muted: true }, ['unmute', 'hold', 'dtmf', 'hangup']],
  [{ state: 'held' }, ['mute', 'retrieve', 'dtmf', 'hangup']],
  [{ state: 'wrap-up' }, []],
] as const)('a line that is %j has the buttons %j', (change, verbs) => {
  expect(verbsOf(aLine(change))).toEqual(verbs);
});

test('the timer counts from the answer, on hold from the hold', () => {
  const t = { started: 1, answered: 2, heldSince: 3, ended: 4 };
  expect(timerStart(aLine({ t: { started: 1 } }))).toBe(1);
  expect(timerStart(aLine({ state: 'connected', t }))).toBe(2);
  expect(timerStart(aLine({ state: 'held', t }))).toBe(3);
  expect(timerStart(aLine({ state: 'wrap-up', t }))).toBe(4);
});

test('a line says how it ended', () => {
  expect(describeState(aLine({ state: 'ended', cause: 'cancelled' }))).toBe('Caller gave up');
  expect(describeState(aLine({ state: 'ended', cause: 'busy' }))).toBe('Busy');
});

describe('the caller', () => {
  const ada = { id: '1', object: 'Contact', name: 'Ada' };

  test('is the one record that matches', () => {
    const line = aLine({ peerName: 'LONDON', match: { status: 'done', records: [ada], more: false } });
    expect(callerTitle(line, 'GB')).toEqual({ name: 'Ada', number: '020 7946 0958' });
    expect(callerTitle(line, 'US').number).toBe('+44 20 7946 0958');
  });

  test('is nobody in particular when several match', () => {
    const records = [ada, { id: '2', object: 'Contact', name: 'Bob' }];
    expect(
      callerTitle(aLine({ match: { status: 'done', records, more: false } }), 'GB').name,
    ).toBeUndefined();
  });
});
