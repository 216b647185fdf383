import { describe, expect, test } from 'vitest';
import type { Action, Line } from '../../protocol/softphone.ts';
import {
  callerTitle,
  describeState,
  focusedLine,
  isInCall,
  mutedLegs,
  ringOf,
  swapLine,
  timerStart,
  verbsOf,
} from './lines.ts';
import { aLine, aLog, aState } from './state.fixture.ts';

describe('ringing', () => {
  const ringing = aState({ lines: [aLine()] });

  test('is in the tab with the audio only', () => {
    expect(ringOf(ringing, 'tab_here1')).toBe('incoming');
    expect(ringOf(ringing, 'tab_other')).toBeUndefined();
  });

  test('is left to the desk phone when calls ring there', () => {
    expect(ringOf({ ...ringing, phone: { ...ringing.phone, kind: 'sip' } }, 'tab_here1')).toBeUndefined();
  });

  test.each(['connected', 'held'] as const)('is a call-waiting tone while another call is %s', (other) => {
    const lines = [aLine({ id: 'a', state: other }), aLine()];
    expect(ringOf(aState({ lines }), 'tab_here1')).toBe('waiting');
    expect(ringOf(aState({ lines: lines.slice(0, 1) }), 'tab_here1')).toBeUndefined();
    expect(lines.map((line) => describeState(line, isInCall(lines))).at(-1)).toBe('Call waiting');
  });

  test('is not for a call that the agent makes', () => {
    const state = aState({ lines: [aLine({ direction: 'internal', dialled: true })] });
    expect(ringOf(state, 'tab_here1')).toBeUndefined();
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

const none: Action = { enabled: false, reason: 'no-recording', text: '' };
const TALK = ['mute', 'hold', 'dtmf', 'transfer', 'park'];

test.each<[Partial<Line>, string[]]>([
  [{}, ['answer', 'decline']],
  [{ state: 'initiated' }, ['decline']],
  [{ dialled: true, state: 'initiated' }, [...TALK, 'record', 'hangup']],
  [{ dialled: true }, [...TALK, 'record', 'hangup']],
  [{ state: 'connected' }, [...TALK, 'record', 'hangup']],
  [{ state: 'connected', recording: 'on' }, [...TALK, 'record.pause', 'hangup']],
  [{ state: 'connected', recording: 'paused' }, [...TALK, 'record.resume', 'hangup']],
  [{ state: 'connected', actions: { ...aLine().actions, record: none } }, [...TALK, 'hangup']],
  [{ state: 'held', muted: true }, ['unmute', 'retrieve', 'dtmf', 'transfer', 'park', 'record', 'hangup']],
  [
    { state: 'connected', purpose: 'consult', parent: 'conv_1' },
    ['complete', 'conference', 'cancel', 'mute', 'hold', 'dtmf'],
  ],
  [{ state: 'wrap-up' }, []],
])('a line that is %j has the buttons %j', (change, verbs) => {
  expect(verbsOf(aLine(change))).toEqual(verbs);
});

test('a button keeps its place from the dialling to the end of the talk', () => {
  const states = [
    { state: 'initiated' },
    {},
    { state: 'connected' },
    { state: 'held' },
    { state: 'reconnecting' },
  ] as const;
  const places = states.map((change) => verbsOf(aLine({ dialled: true, ...change })).indexOf('hangup'));
  expect(new Set(places).size).toBe(1);
});

test('a swap takes up what was put on hold last, and only while another line is talked', () => {
  const held = (id: string, heldSince: number) => aLine({ id, state: 'held', t: { started: 0, heldSince } });
  const talking = aLine({ id: 'talking', state: 'connected' });
  expect(swapLine([held('a', 1), talking, held('b', 2)])?.id).toBe('b');
  expect(swapLine([held('a', 1)])).toBeUndefined();
  expect(swapLine([talking])).toBeUndefined();
});

test('the microphone of a leg that carries several lines is muted as the one that is talked', () => {
  const held = aLine({ id: 'a', state: 'held', muted: true });
  const talked = aLine({ id: 'b', state: 'connected' });
  expect([...mutedLegs([talked, held], new Set())]).toEqual([['leg_1', false]]);
  expect([...mutedLegs([held, talked], new Set(['b mute']))]).toEqual([['leg_1', true]]);
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

  test('is the customer for a colleague who is asked about him', () => {
    const about = { peer: aLine().peer, peerName: 'Ada', dnis: aLine().dnis };
    const line = aLine({ purpose: 'consult', peer: { kind: 'extension', raw: '801', value: '801' }, about });
    expect(callerTitle(line, 'GB')).toEqual({ name: 'Ada', number: '020 7946 0958' });
    expect(describeState(line)).toBe('A colleague asks');
  });

  test('is the colleague of an internal call, whatever record its log is about', () => {
    const line = aLine({ direction: 'internal', peerName: 'Ben', log: aLog({ who: ada }) });
    expect(callerTitle(line, 'GB').name).toBe('Ben');
  });

  test('is nobody in particular when several match', () => {
    const records = [ada, { id: '2', object: 'Contact', name: 'Bob' }];
    expect(
      callerTitle(aLine({ match: { status: 'done', records, more: false } }), 'GB').name,
    ).toBeUndefined();
  });
});
