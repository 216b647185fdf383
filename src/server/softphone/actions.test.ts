import { describe, expect, it } from 'vitest';
import type { CodedError } from '../../protocol/errors.ts';
import type { Verb } from '../../protocol/softphone.ts';
import {
  dialAction,
  disabled,
  type LineFacts,
  lineActions,
  MAX_LINES,
  refuseUnless,
  stateAction,
  type UserFacts,
  wrapActions,
} from './actions.ts';
import { MAX_PARTIES } from '../telephony/ports.ts';

const line = (facts: Partial<LineFacts>): LineFacts => ({
  state: 'connected',
  incoming: false,
  answerable: true,
  joined: true,
  muted: false,
  live: true,
  parties: 2,
  consultation: false,
  consulted: false,
  recording: 'off',
  can: () => true,
  link: 'up',
  ...facts,
});
const user = (facts: Partial<UserFacts>): UserFacts => ({
  mayCall: true,
  requested: 'ready',
  registered: true,
  link: 'up',
  ringing: false,
  lines: 0,
  ...facts,
});
const enabled = (facts: Partial<LineFacts>) =>
  Object.entries(lineActions(line(facts)))
    .filter(([, action]) => action.enabled)
    .map(([verb]) => verb as Verb);

const TALK: Verb[] = ['hangup', 'hold', 'mute', 'dtmf', 'transfer', 'consult', 'park', 'record'];
const without = (verbs: Verb[], ...gone: Verb[]) => verbs.filter((verb) => !gone.includes(verb));

describe('the buttons of a line', () => {
  it.each<[string, Partial<LineFacts>, Verb[]]>([
    ['rings', { state: 'alerting', incoming: true, joined: false }, ['answer', 'decline']],
    [
      'rings on a desk phone',
      { state: 'alerting', incoming: true, joined: false, answerable: false },
      ['decline'],
    ],
    ['is dialled', { state: 'alerting', joined: false }, ['hangup']],
    ['is talked', {}, TALK],
    [
      'is talked, muted',
      { muted: true },
      ['hangup', 'hold', 'unmute', 'dtmf', 'transfer', 'consult', 'park', 'record'],
    ],
    ['is held', { state: 'held' }, ['hangup', 'retrieve', 'mute', 'transfer', 'consult', 'park']],
    ['is being reconnected', { state: 'reconnecting' }, ['hangup']],
    ['is wrapped up', { state: 'wrap-up', live: false, joined: false }, []],
    ['is talked while the switch is gone', { link: 'down' }, []],
    [
      'is held, somebody is asked about it',
      { state: 'held', consulted: true },
      ['hangup', 'retrieve', 'mute'],
    ],
    [
      'is talked, somebody who is asked waits on hold',
      { consulted: true },
      without(TALK, 'transfer', 'consult', 'park'),
    ],
    [
      'is a consultation that rings',
      { state: 'alerting', joined: false, consultation: true },
      ['hangup', 'complete', 'cancel'],
    ],
    [
      'is a consultation that is talked',
      { consultation: true },
      ['hangup', 'hold', 'mute', 'dtmf', 'complete', 'cancel', 'conference', 'record'],
    ],
    [
      'is a consultation on hold',
      { state: 'held', consultation: true },
      ['hangup', 'retrieve', 'mute', 'complete', 'cancel', 'conference'],
    ],
    [
      'is a conference of three',
      { parties: 3 },
      ['hangup', 'hold', 'mute', 'dtmf', 'consult', 'drop', 'record'],
    ],
    ['is a full conference', { parties: MAX_PARTIES }, ['hangup', 'hold', 'mute', 'dtmf', 'drop', 'record']],
    ['is recorded', { recording: 'on' }, [...without(TALK, 'record'), 'record.pause']],
    ['is recorded, paused', { recording: 'paused' }, [...without(TALK, 'record'), 'record.resume']],
    ['could not be recorded', { recording: 'failed' }, TALK],
    [
      'is on a PBX that does not park',
      { can: (verb) => verb !== 'park' || 'not-capable' },
      without(TALK, 'park'),
    ],
    [
      'is not recorded here',
      { can: (verb) => !verb.startsWith('record') || 'no-recording' },
      without(TALK, 'record'),
    ],
  ])('when it %s', (_name, facts, verbs) => {
    expect(enabled(facts)).toEqual(verbs);
  });

  it.each<[string, Partial<LineFacts>, Verb, string]>([
    ['the wrong state', {}, 'answer', 'wrong-state'],
    ['an outage, of what could be done else', { link: 'down' }, 'hangup', 'switch-down'],
    ['the wrong state, even in an outage', { link: 'down' }, 'answer', 'wrong-state'],
    ['a consultation about it', { state: 'held', consulted: true }, 'transfer', 'consulting'],
    ['a consultation itself', { consultation: true }, 'park', 'consulting'],
    ['a conference', { parties: 3 }, 'transfer', 'wrong-state'],
    ['that it is full', { parties: MAX_PARTIES }, 'consult', 'too-many'],
    ['nobody to drop', {}, 'drop', 'wrong-state'],
    ['nobody asked', {}, 'complete', 'wrong-state'],
    ['no answer yet', { consultation: true, joined: false, state: 'alerting' }, 'conference', 'wrong-state'],
    ['what the device cannot do', { can: () => 'not-capable' }, 'hold', 'not-capable'],
    [
      'what the telephone system cannot record',
      { can: () => ({ code: 'not-capable', text: 'It has no sound.' }) },
      'record',
      'not-capable',
    ],
    [
      'no recording, in every state',
      { state: 'alerting', can: () => 'no-recording' },
      'record',
      'no-recording',
    ],
  ])('say why they are not enabled: %s', (_why, facts, verb, reason) => {
    expect(lineActions(line(facts))[verb]).toMatchObject({ enabled: false, reason });
  });

  it("say the telephone system's own reason", () => {
    const can = () => ({ code: 'not-capable' as const, text: 'It has no sound.' });
    expect(lineActions(line({ can })).record).toMatchObject({ text: 'It has no sound.' });
  });
});

it('dialling needs the switch, a free line, a phone and an agent who is there', () => {
  expect(dialAction(user({}))).toEqual({ enabled: true });
  expect(dialAction(user({ link: 'down', ringing: true }))).toMatchObject({ reason: 'switch-down' });
  expect(dialAction(user({ ringing: true, lines: 1 }))).toMatchObject({ reason: 'busy' });
  expect(dialAction(user({ lines: MAX_LINES }))).toMatchObject({ reason: 'too-many' });
  expect(dialAction(user({ lines: 1 }))).toEqual({ enabled: true });
  expect(dialAction(user({ registered: false, problem: 'phone-no-microphone' }))).toMatchObject({
    text: expect.stringContaining('The microphone cannot be used.') as string,
  });
  expect(dialAction(user({ registered: false, problem: 'No microphone.' }))).toMatchObject({
    reason: 'no-phone',
    text: 'Your phone is not connected. No microphone.',
  });
  expect(dialAction(user({ requested: 'logged-out' }))).toMatchObject({ reason: 'agent-not-ready' });
  expect(dialAction(user({ requested: 'not-ready' }))).toEqual({ enabled: true });
});

it('an agent is ready only with a phone, and logs out only without a call', () => {
  expect(stateAction('ready', user({ registered: false }))).toMatchObject({ reason: 'no-phone' });
  expect(stateAction('not-ready', user({ registered: false }))).toEqual({ enabled: true });
  expect(stateAction('logged-out', user({ lines: 1 })), 'after the call').toEqual({ enabled: true });
});

it('wrap-up is finished with the code that the queue wants, and extended when it has an end', () => {
  expect(wrapActions({ endsAt: 9 }, { disposition: null, required: true }).finish).toMatchObject({
    reason: 'disposition-required',
  });
  expect(wrapActions({ endsAt: 9 }, { disposition: 'd1', required: true })).toEqual({
    finish: { enabled: true },
    extend: { enabled: true },
  });
  expect(wrapActions({}, { disposition: null, required: false }).extend.enabled).toBe(false);
  expect(
    wrapActions({ endsAt: 1, extensions: 2 }, { disposition: null, required: false }, 2).extend,
  ).toMatchObject({
    reason: 'too-many',
  });
});

it('a refused command says what its button says', () => {
  expect(() => refuseUnless({ enabled: true })).not.toThrow();
  expect(() => refuseUnless(disabled('not-capable', {}, 'Lift the handset of your phone.'))).toThrow(
    expect.objectContaining({
      code: 'not-capable',
      message: 'Lift the handset of your phone.',
    }) as CodedError,
  );
});

describe('who may call', () => {
  it('is told so by every button when his role does not let him', () => {
    const nobody = user({ mayCall: false });
    for (const action of [dialAction(nobody), stateAction('ready', nobody), stateAction('not-ready', nobody)])
      expect(action).toMatchObject({ enabled: false, reason: 'not-allowed' });
  });
});
