import { describe, expect, it } from 'vitest';
import type { CodedError } from '../../protocol/errors.ts';
import type { Verb } from '../../protocol/softphone.ts';
import {
  dialAction,
  disabled,
  type LineFacts,
  lineActions,
  refuseUnless,
  stateAction,
  type UserFacts,
  wrapActions,
} from './actions.ts';

const line = (facts: Partial<LineFacts>): LineFacts => ({
  state: 'connected',
  incoming: false,
  answerable: true,
  joined: true,
  muted: false,
  live: true,
  link: 'up',
  ...facts,
});
const user = (facts: Partial<UserFacts>): UserFacts => ({
  mayCall: true,
  requested: 'ready',
  registered: true,
  link: 'up',
  busy: false,
  ...facts,
});
const enabled = (facts: Partial<LineFacts>) =>
  Object.entries(lineActions(line(facts)))
    .filter(([, action]) => action.enabled)
    .map(([verb]) => verb as Verb);

describe('the buttons of a line', () => {
  it.each<[string, Partial<LineFacts>, Verb[]]>([
    ['rings', { state: 'alerting', incoming: true, joined: false }, ['answer', 'decline']],
    [
      'rings on a desk phone',
      { state: 'alerting', incoming: true, joined: false, answerable: false },
      ['decline'],
    ],
    ['is dialled', { state: 'alerting', joined: false }, ['hangup']],
    ['is talked', {}, ['hangup', 'hold', 'mute', 'dtmf']],
    ['is talked, muted', { muted: true }, ['hangup', 'hold', 'unmute', 'dtmf']],
    ['is held', { state: 'held' }, ['hangup', 'retrieve', 'mute']],
    ['is being reconnected', { state: 'reconnecting' }, ['hangup']],
    ['is wrapped up', { state: 'wrap-up', live: false, joined: false }, []],
    ['is talked while the switch is gone', { link: 'down' }, []],
  ])('when it %s', (_name, facts, verbs) => {
    expect(enabled(facts)).toEqual(verbs);
  });

  it('say why they are not enabled, for an outage before the state of the call', () => {
    expect(lineActions(line({})).answer).toMatchObject({ reason: 'wrong-state' });
    expect(lineActions(line({ link: 'down' })).hangup).toMatchObject({ reason: 'switch-down' });
    expect(lineActions(line({ link: 'down' })).answer).toMatchObject({ reason: 'wrong-state' });
  });
});

it('dialling needs the switch, a free line, a phone and an agent who is there', () => {
  expect(dialAction(user({}))).toEqual({ enabled: true });
  expect(dialAction(user({ link: 'down', busy: true }))).toMatchObject({ reason: 'switch-down' });
  expect(dialAction(user({ busy: true }))).toMatchObject({ reason: 'busy' });
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
  expect(stateAction('logged-out', user({ busy: true }))).toMatchObject({ reason: 'busy' });
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
});

it('a refused command says what its button says', () => {
  expect(() => refuseUnless({ enabled: true })).not.toThrow();
  expect(() => refuseUnless(disabled('not-capable', {}, 'Answer on your phone.'))).toThrow(
    expect.objectContaining({ code: 'not-capable', message: 'Answer on your phone.' }) as CodedError,
  );
});

describe('who may call', () => {
  it('is told so by every button when his role does not let him', () => {
    const nobody = user({ mayCall: false });
    for (const action of [dialAction(nobody), stateAction('ready', nobody), stateAction('not-ready', nobody)])
      expect(action).toMatchObject({ enabled: false, reason: 'not-allowed' });
  });
});
