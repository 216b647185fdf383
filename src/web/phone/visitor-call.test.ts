import { expect, test } from 'vitest';
import { settle, VirtualClock } from '../../lib/clock.ts';
import { Microphone } from './microphone.ts';
import { FakeDevices, FakeSpeaker } from './testing/fake-media.ts';
import { FakeAgent } from './testing/fake-sip.ts';
import { VisitorCall } from './visitor-call.ts';

function start() {
  const clock = new VirtualClock(0);
  const devices = new FakeDevices();
  let agent: FakeAgent | undefined;
  const call = new VisitorCall({
    credentials: { path: '/sip?ticket=t', username: 'v', password: 'p', domain: 'd', iceServers: [] },
    dial: '0800123',
    displayName: 'Ann',
    clock,
    microphone: new Microphone(devices, true, () => {}),
    speaker: new FakeSpeaker(),
    createAgent: (options, handlers) => {
      agent = new FakeAgent(options, handlers);
      return agent;
    },
    onListenerError: (error) => {
      throw error;
    },
  });
  const connected = async () => {
    await call.start();
    agent?.handlers.onConnected?.();
    await settle();
    return { agent: agent as FakeAgent, session: (agent as FakeAgent).called };
  };
  return { clock, devices, call, connected, agent: () => agent };
}

test('dials without registering, rings, talks and ends', async () => {
  const { call, clock, devices, connected } = start();
  const { agent, session } = await connected();
  expect(agent.options).toMatchObject({ register: false, displayName: 'Ann' });
  expect(agent.log).toEqual(['start', 'call 0800123']);
  session?.handlers.onRinging?.();
  expect(call.view.state).toBe('ringing');
  await clock.advance(4_000);
  session?.establish();
  expect(call.view).toMatchObject({ state: 'talking', answeredAt: 4_000 });
  await clock.advance(6_000);
  session?.end(undefined);
  expect(call.view).toMatchObject({ state: 'ended', endedAt: 10_000, problem: undefined });
  expect(devices.opened[0]?.track.stopped).toBe(true);
  await clock.advance(2_000);
  expect(agent.log.at(-1)).toBe('stop');
});

test('hangs up', async () => {
  const { call, connected } = start();
  const { session } = await connected();
  call.hangUp();
  expect(session?.log).toContain('hang up');
  expect(call.view.state).toBe('ended');
});

test('says why without a microphone, and dials nothing', async () => {
  const { call, devices, agent } = start();
  devices.failure = 'NotAllowedError';
  await call.start();
  expect(call.view).toMatchObject({ state: 'ended', problem: 'phone-microphone-denied' });
  expect(agent()).toBeUndefined();
});

test('says so when it is refused', async () => {
  const { call, connected } = start();
  const { session } = await connected();
  session?.end(503);
  expect(call.view).toMatchObject({ state: 'ended', problem: 'phone-no-answer' });
});

test('gives up when the switch does not answer', async () => {
  const { call, clock } = start();
  await call.start();
  await clock.advance(15_000);
  expect(call.view).toMatchObject({ state: 'ended', problem: 'phone-no-answer' });
});

test('renews the dialog after a reconnection instead of dialling twice', async () => {
  const { connected } = start();
  const { agent, session } = await connected();
  session?.establish();
  agent.handlers.onConnected?.();
  await settle();
  expect(agent.log.filter((l) => l.startsWith('call'))).toHaveLength(1);
  expect(session?.log).toContain('re-INVITE');
});

test('mutes and sends digits', async () => {
  const { call, connected } = start();
  const { session } = await connected();
  call.setMuted(true);
  call.sendDigits('5');
  expect(session?.log).toEqual(['mute', 'digits 5']);
  expect(call.view.muted).toBe(true);
});
