import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeAri } from '../../../../test/harness/fake-ari.ts';
import { VirtualClock } from '../../../lib/clock.ts';
import { DeadlineError } from '../../../lib/deadline.ts';
import type { LinkState } from '../ports.ts';
import { AriLink } from './ari-link.ts';
import { AriError, AriGoneError } from './ari-rest.ts';
import type { AriEvent } from './ari-types.ts';

let fake: FakeAri;
let clock: VirtualClock;
let link: AriLink;
let links: LinkState[];
let events: AriEvent[];
let logged: string[];
let prepare: () => Promise<void>;

function make(rest?: 'auto' | 'http'): AriLink {
  const note = (data: object, message: string) => void logged.push(`${message} ${JSON.stringify(data)}`);
  const made = new AriLink(
    {
      address: () => ({ url: fake.url, user: 'crosspoint', password: 'secret' }),
      app: 'crosspoint',
      clock,
      log: { info: note, warn: note, error: note },
      rest,
    },
    () => prepare(),
  );
  made.events.on('link', (state) => links.push(state));
  made.events.on('event', (event) => events.push(event));
  return made;
}

beforeEach(async () => {
  fake = await FakeAri.open();
  clock = new VirtualClock();
  links = [];
  events = [];
  logged = [];
  prepare = () => Promise.resolve();
  link = make();
});

afterEach(async () => {
  await link.close();
  await fake.close();
  expect(clock.pending).toBe(0);
});

/** Resolves when the link comes to this state. */
function becomes(state: LinkState): Promise<void> {
  return new Promise((resolve) => {
    const stop = link.events.on('link', (now) => {
      if (now !== state) return;
      stop();
      resolve();
    });
  });
}

function nextEvent(): Promise<AriEvent> {
  return new Promise((resolve) => {
    const stop = link.events.on('event', (event) => {
      stop();
      resolve(event);
    });
  });
}

const digit = (key: string, ms = 1) => ({
  type: 'ChannelDtmfReceived',
  timestamp: `2026-01-05T09:00:00.00${ms}+0000`,
  digit: key,
  channel: { id: 'leg' },
});

describe('a connection to ARI', () => {
  it('sets the event filter, reconciles, and then is up', async () => {
    prepare = async () => {
      expect(link.link).toBe('reconciling');
      await link.request('listChannels', {}, 1000);
    };
    await link.start(5000);
    expect(links).toEqual(['reconciling', 'up']);
    expect(link.restOverSocket).toBe(true);
    expect(fake.requests).toEqual([
      'GET asterisk/ping',
      'PUT applications/crosspoint/eventFilter',
      expect.stringMatching(/^POST events\/user\/echo_/),
      'GET channels',
    ]);
  });

  it('says its password in a header, never in an address or in the log', async () => {
    fake.password = 'another';
    const started = link.start(5000);
    const failed = expect(started).rejects.toBeInstanceOf(DeadlineError);
    await becomesLogged('401');
    await clock.advance(5000);
    await failed;
    expect(fake.handshakes[0]?.url).toBe('/ari/events?app=crosspoint');
    expect(fake.handshakes[0]?.authorization).toMatch(/^Basic /);
    const secrets = ['secret', Buffer.from('crosspoint:secret').toString('base64')];
    for (const secret of secrets) expect(logged.join('\n')).not.toContain(secret);
  });

  it('goes on by HTTP with an Asterisk that takes no requests on the socket', async () => {
    fake.restOverSocket = false;
    const started = link.start(5000);
    await becomes('reconciling');
    await clock.advance(2000);
    await started;
    expect(link.restOverSocket).toBe(false);
    await link.request('listBridges', {}, 1000);
    expect(fake.requests.at(-1)).toBe('http GET bridges');
  });

  it('keeps requests off the socket when it is told to', async () => {
    await link.close();
    link = make('http');
    await link.start(5000);
    expect(fake.requests.every((request) => request.startsWith('http '))).toBe(true);
  });

  async function becomesLogged(text: string): Promise<void> {
    while (!logged.some((line) => line.includes(text))) await new Promise((resolve) => setImmediate(resolve));
  }
});

describe('a request', () => {
  beforeEach(() => link.start(5000));

  it('gives the answer of Asterisk', async () => {
    fake.answer = () => ({ status: 200, body: [{ id: 'x' }] });
    expect(await link.request('listChannels', {}, 1000)).toEqual([{ id: 'x' }]);
  });

  it('rejects with the status and what Asterisk says', async () => {
    fake.answer = () => ({ status: 404, body: { message: 'Channel not found' } });
    const answer = link.request('answer', { channelId: 'a/b c' }, 1000);
    await expect(answer).rejects.toMatchObject({ name: 'AriError', status: 404 });
    await expect(answer).rejects.toThrow('POST channels/a%2Fb%20c/answer: 404 Channel not found');
    await expect(answer).rejects.toBeInstanceOf(AriError);
  });

  it('ends at its deadline', async () => {
    fake.answer = () => 'silent';
    const answer = link.request('listChannels', {}, 1000);
    const failed = expect(answer).rejects.toBeInstanceOf(DeadlineError);
    await clock.advance(1000);
    await failed;
  });

  it('that waits when the connection breaks is told so at once', async () => {
    fake.answer = () => 'silent';
    const answer = link.request('listChannels', {}, 1000);
    const failed = expect(answer).rejects.toBeInstanceOf(AriGoneError);
    fake.sockets.at(-1)?.terminate();
    await failed;
    await expect(link.request('listChannels', {}, 1000)).rejects.toBeInstanceOf(AriGoneError);
  });
});

describe('events', () => {
  it('are delivered once, though two subscriptions send them twice', async () => {
    await link.start(5000);
    const second = new Promise<void>((resolve) => {
      link.events.on('event', () => events.length === 2 && resolve());
    });
    fake.send(digit('1'));
    fake.send(digit('1'));
    fake.send(digit('1', 2));
    await second;
    expect(events).toHaveLength(2);
  });

  it('that come while we reconcile wait until the link is up, in order', async () => {
    prepare = async () => {
      fake.send(digit('1'));
      fake.send(digit('2'));
      await link.request('listChannels', {}, 1000);
      expect(events).toEqual([]);
    };
    await link.start(5000);
    expect(events.map((event) => 'digit' in event && event.digit)).toEqual(['1', '2']);
    expect(links).toEqual(['reconciling', 'up']);
  });

  it('that are no JSON are logged by their size and change nothing', async () => {
    await link.start(5000);
    const next = nextEvent();
    fake.sockets.at(-1)?.send('{nonsense');
    fake.send(digit('1'));
    await next;
    expect(events).toHaveLength(1);
    expect(logged.join()).toContain('not JSON');
  });
});

describe('a connection that breaks', () => {
  it('is made again after a back-off, and reconciles again', async () => {
    let prepared = 0;
    prepare = async () => void prepared++;
    await link.start(5000);
    const down = becomes('down');
    fake.sockets.at(-1)?.terminate();
    await down;
    const up = becomes('up');
    await clock.advance(200);
    await up;
    expect(prepared).toBe(2);
    expect(links).toEqual(['reconciling', 'up', 'down', 'reconciling', 'up']);
  });

  it('is noticed by the heartbeat when the other side is dead but connected', async () => {
    await link.start(5000);
    fake.answer = () => 'silent';
    const down = becomes('down');
    await clock.advance(5000 + 4000);
    await down;
  });

  it('is made again when requests are answered but events have stopped coming', async () => {
    await link.start(5000);
    fake.deaf = true;
    const down = becomes('down');
    await clock.advance(5000 + 4000);
    await down;
    fake.deaf = false;
    const up = becomes('up');
    await clock.advance(200);
    await up;
  });

  it('is not up before an event has come back', async () => {
    fake.deaf = true;
    const started = link.start(20_000);
    await becomes('reconciling');
    const down = becomes('down');
    await echoed();
    await clock.advance(4000);
    await down;
    fake.deaf = false;
    await clock.advance(200);
    await started;
    expect(links).toEqual(['reconciling', 'down', 'reconciling', 'up']);
  });

  async function echoed(): Promise<void> {
    while (!fake.requests.some((request) => request.includes('events/user/')))
      await new Promise((resolve) => setImmediate(resolve));
  }

  it('is tried again when reconciling fails', async () => {
    let tries = 0;
    prepare = () => (++tries === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve());
    const down = becomes('down');
    const started = link.start(5000);
    await down;
    await clock.advance(200);
    await started;
    expect(links).toEqual(['reconciling', 'down', 'reconciling', 'up']);
  });

  it('is left alone for good when another process has taken the application', async () => {
    await link.start(5000);
    const down = becomes('down');
    fake.send({ type: 'ApplicationReplaced', application: 'crosspoint', timestamp: '' });
    await down;
    await clock.advance(60_000);
    expect(fake.handshakes).toHaveLength(1);
    expect(link.link).toBe('down');
  });

  it('stays closed after close, however often that is called', async () => {
    await link.start(5000);
    await Promise.all([link.close(), link.close()]);
    await clock.advance(60_000);
    expect(fake.handshakes).toHaveLength(1);
    expect(link.link).toBe('down');
    await expect(link.request('listChannels', {}, 1000)).rejects.toBeInstanceOf(AriGoneError);
  });
});
