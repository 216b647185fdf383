import { expect, test } from 'vitest';
import type { ClientStatus } from '../client/softphone-client.ts';
import type { PhoneView } from '../phone/browser-phone.ts';
import { phoneHealth } from './phone-health.ts';
import { aState } from './state.fixture.ts';

const BROWSER = aState().phone;
const SIP = { ...BROWSER, kind: 'sip', label: 'Desk phone' } as const;

function view(phone: Partial<PhoneView>, audioHere = true, status: ClientStatus = 'online') {
  return {
    phone: { status: 'ready', problem: undefined, talking: [], ...phone } as PhoneView,
    audioHere,
    client: { status, state: undefined, refusal: undefined },
  };
}

test.each([
  ['the server is away', BROWSER, view({}, true, 'lost'), 'stop', 'No connection to the server'],
  ['the audio is here', BROWSER, view({}), 'ok', 'Audio in this tab, microphone on standby'],
  ['a call is on', BROWSER, view({ talking: ['leg'] }), 'ok', 'Audio in this tab'],
  ['the audio is elsewhere', BROWSER, view({}, false), 'ok', 'Audio in another tab'],
  [
    'there is no microphone',
    BROWSER,
    view({ status: 'broken', problem: 'phone-no-microphone' }),
    'stop',
    'No microphone',
  ],
  [
    'it cannot register',
    BROWSER,
    view({ status: 'broken', problem: 'phone-not-registered' }),
    'stop',
    'Phone not connected',
  ],
  ['it is starting', BROWSER, view({ status: 'starting' }), 'gray', 'Connecting the phone…'],
  ['the desk phone is there', SIP, view({}, false), 'ok', 'Desk phone is connected'],
  [
    'the desk phone is gone',
    { ...SIP, registered: false },
    view({}, false),
    'stop',
    'Desk phone is not registered',
  ],
  ['nothing is chosen', { ...BROWSER, kind: 'none' as const }, view({}), 'warn', 'No phone chosen'],
])('when %s', (_, phone, seen, tone, text) => {
  expect(phoneHealth(phone, seen, false)).toEqual({ tone, text });
});

test('a logged-out agent sees that the microphone is closed', () => {
  expect(phoneHealth(BROWSER, view({}), true).text).toBe('Audio in this tab, microphone closed');
});

test('a simulated telephone system has no phone that could fail, and says so', () => {
  const health = phoneHealth(
    BROWSER,
    view({ status: 'broken', problem: 'phone-not-registered' }),
    false,
    true,
  );
  expect(health).toEqual({ tone: 'ok', text: 'Simulated: calls without sound' });
});
