import { describe, expect, test } from 'vitest';
import { CodedError } from '../../protocol/errors.ts';
import { healthChecks, type HealthInput } from './health-checks.ts';
import { aState } from './state.fixture.ts';

function input(more: Partial<HealthInput> = {}): HealthInput {
  const state = aState();
  return {
    state: {
      ...state,
      phone: { ...state.phone, kind: 'browser', registered: true },
      platforms: [{ id: 'p', label: 'Own', link: 'up', audio: true }],
    },
    view: {
      client: { status: 'online', state: undefined, refusal: undefined },
      phone: { status: 'ready', problem: undefined, talking: [] },
      audioHere: true,
      host: { state: 'joined', text: 'Salesforce' },
    },
    microphone: { label: 'Headset' },
    ice: { types: ['host', 'srflx', 'relay'], relayWanted: true },
    clockOffset: 900,
    ...more,
  };
}

const toneOf = (given: HealthInput, name: string) => healthChecks(given).find((check) => check.name === name);

describe('the look at the phone', () => {
  test('says of everything that it is good', () => {
    expect(healthChecks(input()).map(({ name, tone }) => [name, tone])).toEqual([
      ['Server', 'ok'],
      ['Clock', 'ok'],
      ['Page around', 'ok'],
      ['Microphone', 'ok'],
      ['Phone', 'ok'],
      ['Audio path', 'ok'],
    ]);
  });

  test.each<[name: string, tone: string, says: string, more: Partial<HealthInput>]>([
    [
      'Server',
      'stop',
      'network',
      { view: { ...input().view, client: { status: 'lost', state: undefined, refusal: undefined } } },
    ],
    [
      'Server',
      'stop',
      'shutting down',
      {
        view: {
          ...input().view,
          client: { status: 'refused', state: undefined, refusal: new CodedError('draining') },
        },
      },
    ],
    ['Clock', 'warn', '61 s slow', { clockOffset: 61_000 }],
    ['Clock', 'warn', 'fast', { clockOffset: -61_000 }],
    [
      'Page around',
      'stop',
      'An administrator',
      { view: { ...input().view, host: { state: 'failed', text: 'An administrator looks.' } } },
    ],
    [
      'Page around',
      'gray',
      'Waiting for HubSpot',
      { view: { ...input().view, host: { state: 'joining', text: 'HubSpot' } } },
    ],
    ['Microphone', 'stop', 'does not lend', { microphone: { problem: 'phone-microphone-blocked' } }],
    ['Microphone', 'stop', 'sign beside the address', { microphone: { problem: 'phone-microphone-denied' } }],
    ['Microphone', 'stop', 'https', { microphone: { problem: 'phone-insecure-page' } }],
    ['Microphone', 'gray', 'Asking', { microphone: undefined }],
    ['Audio path', 'warn', 'TURN', { ice: { types: ['host'], relayWanted: true } }],
    ['Audio path', 'stop', 'WebRTC', { ice: { types: [], relayWanted: false } }],
    ['Audio path', 'ok', 'this network', { ice: { types: ['host'], relayWanted: false } }],
    ['Audio path', 'gray', 'the tab that has the audio', { view: { ...input().view, audioHere: false } }],
  ])('%s: %s, %s', (name, tone, says, more) => {
    const check = toneOf(input(more), name);
    expect(check?.tone).toBe(tone);
    expect(check?.text).toContain(says);
  });

  test('asks nothing of a browser whose user has a desk phone', () => {
    const given = input();
    const checks = healthChecks({
      ...given,
      state: { ...given.state, phone: { ...given.state.phone, kind: 'sip', label: 'Desk phone' } },
    });
    expect(checks.map(({ name }) => name)).toEqual(['Server', 'Clock', 'Page around', 'Phone']);
  });
});
