import { describe, expect, test } from 'vitest';
import { settle, VirtualClock } from '../../lib/clock.ts';
import type { PhoneCredentials } from '../../protocol/socket.ts';
import { BrowserPhone } from './browser-phone.ts';
import { Microphone } from './microphone.ts';
import { FakeDevices, FakeSpeaker, FakeStream } from './testing/fake-media.ts';
import { FakeAgent } from './testing/fake-sip.ts';

const CREDENTIALS: PhoneCredentials = {
  path: '/sip',
  username: 'web1',
  password: 'secret',
  domain: 'crosspoint.test',
  iceServers: [],
};

function start(secure = true) {
  const clock = new VirtualClock();
  const devices = new FakeDevices();
  const speaker = new FakeSpeaker();
  const agents: FakeAgent[] = [];
  const microphone = new Microphone(devices, secure, () => phone.microphoneLost());
  const phone: BrowserPhone = new BrowserPhone({
    clock,
    microphone,
    speaker,
    createAgent: (options, handlers) => {
      const agent = new FakeAgent(options, handlers);
      agents.push(agent);
      return agent;
    },
    onListenerError: (error) => {
      throw error;
    },
  });
  const agent = () => agents.at(-1) as FakeAgent;
  const ready = async () => {
    phone.start(CREDENTIALS);
    await settle();
    agent().handlers.onRegistered();
  };
  const talk = async (legId = 'leg_1') => {
    const session = agent().invite(legId, true);
    await settle();
    session.establish();
    return session;
  };
  return { clock, devices, speaker, agents, microphone, phone, agent, ready, talk };
}

describe('becoming ready', () => {
  test('registers and warms the microphone at the same time', async () => {
    const { phone, agent, devices } = start();
    expect(phone.view.status).toBe('off');
    phone.start(CREDENTIALS);
    expect(agent().log).toEqual(['start']);
    expect(agent().options.register).toBe(true);
    expect(phone.view.status).toBe('off');
    await settle();
    expect(phone.view.status).toBe('starting');
    expect(devices.opened).toHaveLength(1);
    agent().handlers.onRegistered();
    expect(phone.view).toEqual({ status: 'ready', problem: undefined, talking: [] });
  });

  test('says that the microphone is refused, and is ready once it is allowed', async () => {
    const { phone, devices, ready } = start();
    devices.failure = 'NotAllowedError';
    await ready();
    expect(phone.view).toMatchObject({ status: 'broken', problem: 'phone-microphone-denied' });
    devices.failure = undefined;
    await phone.openMicrophone();
    expect(phone.view.status).toBe('ready');
  });

  test('says that the page is not secure', async () => {
    const { phone, ready } = start(false);
    await ready();
    expect(phone.view).toMatchObject({ status: 'broken', problem: 'phone-insecure-page' });
  });

  test('says so when it cannot register for three seconds', async () => {
    const { phone, clock } = start();
    phone.start(CREDENTIALS);
    await clock.advance(2_999);
    expect(phone.view.status).toBe('starting');
    await clock.advance(1);
    expect(phone.view).toMatchObject({ status: 'broken', problem: 'phone-not-registered' });
  });
});

describe('an incoming call', () => {
  test('is not answered by itself', async () => {
    const { agent, ready, clock } = start();
    await ready();
    const session = agent().invite('leg_1');
    await clock.advance(60_000);
    expect(session.log).not.toContain('answer');
  });

  test('is answered when the server says so', async () => {
    const { phone, agent, ready, microphone } = start();
    await ready();
    const session = agent().invite('leg_1');
    phone.answer('leg_1');
    await settle();
    expect(session.log).toContain('answer');
    session.establish();
    expect(phone.view.talking).toEqual(['leg_1']);
    expect(microphone.warm).toBe(true);
  });

  test('is answered although the server said so before the INVITE came', async () => {
    const { phone, agent, ready } = start();
    await ready();
    phone.answer('leg_1');
    const session = agent().invite('leg_1');
    await settle();
    expect(session.log).toContain('answer');
  });

  test('is not answered by a wish of more than ten seconds ago', async () => {
    const { phone, agent, ready, clock } = start();
    await ready();
    phone.answer('leg_1');
    await clock.advance(10_000);
    const session = agent().invite('leg_1');
    await settle();
    expect(session.log).not.toContain('answer');
  });

  test('marked auto is answered at once', async () => {
    const { agent, ready } = start();
    await ready();
    const session = agent().invite('leg_1', true);
    await settle();
    expect(session.log).toContain('answer');
  });

  test('is refused with the reason when the microphone is gone', async () => {
    const { phone, agent, ready, devices, microphone } = start();
    await ready();
    microphone.close();
    devices.failure = 'NotFoundError';
    const session = agent().invite('leg_1', true);
    await settle();
    expect(session.log).toContain('refuse');
    expect(phone.view).toMatchObject({ status: 'broken', problem: 'phone-no-microphone' });
  });

  test('plays until it is over, and then leaves nothing', async () => {
    const { phone, speaker, ready, talk } = start();
    await ready();
    const session = await talk();
    session.handlers.onAudio(new FakeStream() as unknown as MediaStream);
    expect(speaker.playing).toBe(1);
    session.end(undefined);
    expect(speaker.playing).toBe(0);
    expect(phone.legs).toEqual([]);
    expect(phone.view.talking).toEqual([]);
  });
});

describe('a lost connection', () => {
  test('keeps the session and re-INVITEs after registering again', async () => {
    const { phone, agent, ready, talk } = start();
    await ready();
    const session = await talk();
    agent().handlers.onDisconnected();
    expect(phone.view).toMatchObject({ status: 'starting', talking: ['leg_1'] });
    expect(session.log).not.toContain('re-INVITE');
    agent().handlers.onRegistered();
    expect(session.log.filter((l) => l === 're-INVITE')).toHaveLength(1);
    expect(phone.view.status).toBe('ready');
  });

  test('drops the INVITE that rang, for the server offers it anew', async () => {
    const { phone, agent, ready } = start();
    await ready();
    agent().invite('leg_1');
    agent().handlers.onDisconnected();
    expect(phone.legs).toEqual([]);
  });

  test('restarts ICE on another network', async () => {
    const { phone, agent, ready, talk } = start();
    await ready();
    const session = await talk();
    phone.networkChanged();
    expect(agent().log).toContain('reconnect');
    agent().handlers.onDisconnected();
    agent().handlers.onRegistered();
    expect(session.log).toContain('re-INVITE with ICE restart');
  });

  test('does not re-INVITE on the first registration', async () => {
    const { phone, agent, talk } = start();
    phone.start(CREDENTIALS);
    const session = await talk();
    agent().handlers.onRegistered();
    expect(session.log).not.toContain('re-INVITE');
  });
});

describe('credentials', () => {
  test('that come again change nothing', async () => {
    const { phone, agents, ready } = start();
    await ready();
    phone.start({ ...CREDENTIALS });
    expect(agents).toHaveLength(1);
    expect(agents[0]?.log).toEqual(['start']);
  });

  test('with a new password keep the running call', async () => {
    const { phone, agents, ready, talk } = start();
    await ready();
    await talk();
    phone.start({ ...CREDENTIALS, password: 'new' });
    expect(agents[0]?.log).toEqual(['start', 'password new']);
    expect(phone.view.talking).toEqual(['leg_1']);
  });

  test('of another SIP user give the running call up and say so', async () => {
    const { phone, agents, ready, talk } = start();
    await ready();
    await talk();
    let dropped = 0;
    phone.on('dropped', () => dropped++);
    phone.start({ ...CREDENTIALS, username: 'web2' });
    expect(agents[0]?.log).toEqual(['start', 'stop']);
    expect(agents[1]?.log).toEqual(['start']);
    expect(dropped).toBe(1);
    expect(phone.legs).toEqual([]);
  });

  test('that are taken away stop the agent and let the microphone go', async () => {
    const { phone, agent, devices, ready } = start();
    await ready();
    phone.start(null);
    expect(agent().log).toEqual(['start', 'stop']);
    expect(devices.opened[0]?.track.stopped).toBe(true);
    expect(phone.view).toEqual({ status: 'off', problem: undefined, talking: [] });
  });
});

describe('the microphone in a call', () => {
  test('is muted at once, also for a session that comes later', async () => {
    const { phone, agent, ready, talk } = start();
    await ready();
    const session = await talk();
    phone.setMuted('leg_1', true);
    expect(session.log.at(-1)).toBe('mute');
    phone.setMuted('leg_2', true);
    expect(agent().invite('leg_2').log).toEqual(['mute']);
  });

  test('is replaced in the running call when it is unplugged', async () => {
    const { devices, ready, talk } = start();
    await ready();
    const session = await talk();
    devices.opened[0]?.track.unplug();
    await settle();
    expect(devices.opened).toHaveLength(2);
    expect(session.log).toContain('new microphone');
  });
});

describe('an agent who is logged out', () => {
  test('has no open microphone, and still a phone', async () => {
    const { phone, devices, ready } = start();
    phone.keepWarm(false);
    await ready();
    expect(devices.asked).toHaveLength(0);
    expect(phone.view.status).toBe('ready');
    phone.keepWarm(true);
    expect(phone.view.status).toBe('starting');
    await settle();
    expect(phone.view.status).toBe('ready');
    phone.keepWarm(false);
    expect(devices.opened[0]?.track.stopped).toBe(true);
  });

  test('has it open during a call only', async () => {
    const { phone, microphone, ready, talk } = start();
    phone.keepWarm(false);
    await ready();
    const session = await talk();
    expect(microphone.warm).toBe(true);
    session.end(undefined);
    expect(microphone.warm).toBe(false);
  });
});

test('closing leaves no timer', async () => {
  const { phone, clock, agent, ready, talk } = start();
  await ready();
  (await talk()).mediaIs('interrupted');
  phone.answer('leg_9');
  await phone.close();
  await phone.close();
  expect(agent().log).toEqual(['start', 'stop']);
  expect(clock.pending).toBe(0);
});
