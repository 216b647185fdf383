import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeAri } from '../../../../test/harness/fake-ari.ts';
import { VirtualClock } from '../../../lib/clock.ts';
import type { LinkState, SwitchFact } from '../ports.ts';
import { type Asterisk, createAsterisk } from './asterisk.ts';

let fake: FakeAri;
let clock: VirtualClock;
let asterisk: Asterisk;
let facts: SwitchFact[];

beforeEach(async () => {
  fake = await FakeAri.open();
  clock = new VirtualClock();
  facts = [];
  const ignore = () => undefined;
  asterisk = createAsterisk({
    id: 'asterisk',
    address: () => ({ url: fake.url, user: 'crosspoint', password: 'secret' }),
    clock,
    log: { info: ignore, warn: ignore, error: ignore },
    speak: () => Promise.reject(new Error('nothing is spoken here')),
  });
  asterisk.switch.events.on('fact', (fact) => facts.push(fact));
  await asterisk.switch.start();
});

afterEach(async () => {
  await asterisk.switch.close();
  await fake.close();
});

const device = {
  name: 'alice',
  password: 'correct-horse',
  kind: 'phone' as const,
  callerId: { number: '101', name: 'Alice' },
};
const call = {
  legId: 'leg-1',
  endpoint: { kind: 'device' as const, name: 'alice' },
  callerId: { number: '1', name: 'x' },
  autoAnswer: false,
  ringMs: 5000,
};

function becomes(state: LinkState): Promise<void> {
  return new Promise((resolve) => {
    asterisk.switch.events.on('link', (now) => now === state && resolve());
  });
}

/** Resolves when a request that begins like this has reached the fake. */
async function requested(start: string): Promise<void> {
  while (!fake.requests.some((request) => request.startsWith(start))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function reconnect(between: () => Promise<void>): Promise<void> {
  const down = becomes('down');
  fake.sockets.at(-1)?.terminate();
  await down;
  await between();
  fake.requests.length = 0;
  const up = becomes('up');
  await clock.advance(200);
  await up;
}

const started = (id: string) =>
  fake.send({
    type: 'StasisStart',
    timestamp: '2026-01-05T09:00:00.000+0000',
    args: ['leg'],
    channel: {
      id,
      name: 'PJSIP/alice-00000001',
      state: 'Down',
      caller: { name: '', number: '' },
      dialplan: {
        context: 'device',
        exten: 's',
        priority: 1,
        app_name: 'Stasis',
        app_data: 'crosspoint,leg',
      },
    },
  });

describe('originate', () => {
  it('dials when the channel has entered the application, not before', async () => {
    const done = asterisk.switch.originate(call);
    await requested('POST channels/create');
    expect(fake.requests.some((r) => r.endsWith('/dial'))).toBe(false);
    started('leg-1');
    await done;
    expect(fake.requests.at(-1)).toBe('POST channels/leg-1/dial');
  });

  it('ends a channel that never enters the application, and says so', async () => {
    const failed = expect(asterisk.switch.originate(call)).rejects.toMatchObject({ code: 'timeout' });
    await requested('POST channels/create');
    await asterisk.provisioning.registered(); // answered after the create that was sent before it
    await clock.advance(5000);
    await failed;
    await requested('DELETE channels/leg-1');
  });

  it('is refused while the link is down', async () => {
    const down = becomes('down');
    fake.sockets.at(-1)?.terminate();
    await down;
    await expect(asterisk.switch.originate(call)).rejects.toMatchObject({ code: 'switch-down' });
    expect(facts).toEqual([]);
  });
});

describe('devices', () => {
  it('are put again on every new connection', async () => {
    await asterisk.provisioning.put(device);
    await reconnect(() => Promise.resolve());
    const put = fake.requests.filter((r) => r.startsWith('PUT') && r.endsWith('/alice'));
    expect(put.map((r) => r.split('/').at(-2))).toEqual(['auth', 'aor', 'endpoint']);
  });

  it('that are put or removed while the link is down are refused, and done when it is back', async () => {
    await asterisk.provisioning.put(device);
    await reconnect(async () => {
      await expect(asterisk.provisioning.remove('alice')).rejects.toMatchObject({ code: 'switch-down' });
      await expect(asterisk.provisioning.put({ ...device, name: 'bob' })).rejects.toMatchObject({
        code: 'switch-down',
      });
    });
    expect(fake.requests).toContain('DELETE asterisk/config/dynamic/res_pjsip/endpoint/alice');
    expect(fake.requests).toContain('PUT asterisk/config/dynamic/res_pjsip/endpoint/bob');
    expect(fake.requests).not.toContain('PUT asterisk/config/dynamic/res_pjsip/endpoint/alice');
  });

  it('that registered or went away meanwhile are said after the reconnection', async () => {
    const endpoints = (online: string[]) =>
      online.map((resource) => ({ technology: 'PJSIP', resource, state: 'online' }));
    const answer = (online: string[]) => {
      fake.answer = (_, uri) => ({ status: 200, body: uri === 'endpoints/PJSIP' ? endpoints(online) : [] });
    };
    answer(['alice', 'bob']);
    await reconnect(() => Promise.resolve());
    facts.length = 0;
    answer(['bob', 'carol']);
    await reconnect(() => Promise.resolve());
    expect(facts.map((f) => f.type === 'device.registration' && [f.name, f.registered])).toEqual([
      ['alice', false],
      ['carol', true],
    ]);
  });
});

describe('start', () => {
  it('may be called again, and makes one connection', async () => {
    await asterisk.switch.start();
    expect(fake.handshakes).toHaveLength(1);
  });

  it('is refused after close', async () => {
    await asterisk.switch.close();
    await expect(asterisk.switch.start()).rejects.toMatchObject({ code: 'switch-down' });
  });
});
