/** What the switch does by itself, heard by a real SIP phone. Programs: `npm run fetch`. */
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { headerOf, statusOf } from '../../../test/harness/sip-message.ts';
import { SipPhone } from '../../../test/harness/sip-phone.ts';
import { realClock } from '../../lib/clock.ts';
import { must } from '../../lib/must.ts';
import { partsAccount } from './account.ts';
import { type PrivateAsterisk, startAsterisk } from './asterisk.ts';
import { asteriskFolder, fetchAsterisk } from './asterisk-fetch.ts';
import { programInFolder } from './asterisk-program.ts';
import { cacheFolder } from './cache-folder.ts';
import { bindTcp, bindUdp } from './hosts.ts';
import { waitUntil } from './processes.ts';

interface StasisEvent {
  type: string;
  args?: string[];
  channel?: { id: string };
}

const quiet = () => {};

describe('the dialplan', () => {
  let base: string;
  let asterisk: PrivateAsterisk;
  let phone: SipPhone;
  let sockets: WebSocket[];

  beforeAll(async () => {
    const { dir } = await fetchAsterisk({ dir: asteriskFolder(cacheFolder()) });
    base = await mkdtemp(join(tmpdir(), 'crosspoint dialplan '));
    await chmod(base, 0o711);
    asterisk = await startAsterisk({
      dataDir: base,
      program: programInFolder(dir),
      account: await partsAccount(),
      sipHost: '127.0.0.1',
      sipPort: await freePort(),
      clock: realClock,
      log: { info: quiet, warn: quiet, error: quiet },
    });
  });

  beforeAll(() => putVisitor());

  afterAll(async () => {
    await asterisk.stop();
    await rm(base, { recursive: true, force: true });
  });

  beforeEach(async () => {
    sockets = [];
    phone = await openPhone('ann');
  });

  afterEach(async () => {
    phone.close();
    await Promise.all(sockets.map(closed));
  });

  /** Asterisk's side too: one that it tears down late would take the application from the next one. */
  function closed(socket: WebSocket): Promise<void> {
    if (socket.readyState === WebSocket.CLOSED) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once('close', () => resolve());
      socket.close();
    });
  }

  async function freePort(): Promise<number> {
    const port = must(await bindUdp('127.0.0.1', 0));
    return (await bindTcp('127.0.0.1', port)) ?? freePort();
  }

  function openPhone(user: string, password?: string): Promise<SipPhone> {
    const { sipHost, sipPort } = asterisk.address;
    return SipPhone.open({ server: { host: sipHost, port: sipPort }, user, password });
  }

  async function ari(method: string, path: string, body?: object): Promise<number> {
    const { ariUrl, ariUser, ariPassword } = asterisk.address;
    const answer = await fetch(`${ariUrl}/${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${ariUser}:${ariPassword}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: body && JSON.stringify(body),
    });
    return answer.status;
  }

  /** Our application comes up. Gives what it is told. */
  async function connect(): Promise<StasisEvent[]> {
    const { ariUrl, ariUser, ariPassword } = asterisk.address;
    const events: StasisEvent[] = [];
    const query = new URLSearchParams({ app: 'crosspoint', api_key: `${ariUser}:${ariPassword}` });
    const socket = new WebSocket(`${ariUrl.replace('http', 'ws')}/events?${query}`);
    sockets.push(socket);
    socket.on('message', (data) => events.push(JSON.parse(String(data)) as StasisEvent));
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    expect(await ari('POST', 'events/user/hello?application=crosspoint')).toBe(204);
    const heard = () => events.some((event) => event.type === 'ChannelUserevent');
    if (await waitUntil(realClock, 2_000, heard)) return events;
    await closed(socket); // the application was taken from it
    return connect();
  }

  async function nextStart(events: StasisEvent[], ms = 5_000): Promise<StasisEvent> {
    const find = () => events.find((event) => event.type === 'StasisStart');
    await waitUntil(realClock, ms, () => find() !== undefined);
    return must(find(), 'StasisStart');
  }

  it('hands a stranger of this machine to our application, with the context and the number dialled', async () => {
    const events = await connect();
    for (const number of ['100', '7', 'sales', '+442079460958', '*97#']) {
      events.length = 0;
      const call = await phone.call(number.replace('#', '%23'));
      const { args, channel } = await nextStart(events);
      expect(args).toEqual(['arrived', 'public', number]);
      expect(await ari('DELETE', `channels/${must(channel).id}`)).toBe(204);
      await call.reaches('over');
    }
  });

  it('keeps a caller who comes while we are down, with music, until we are back', async () => {
    const call = await phone.call('100');
    await call.reaches('up');
    expect(await waitUntil(realClock, 4_000, () => call.ear.loudness > 100)).toBe(true);
    const events = await connect();
    expect((await nextStart(events, 6_000)).args).toEqual(['arrived', 'public', '100']);
    call.hangup();
    await call.reaches('over');
  });

  it.each([
    ['hangup', 0],
    ['apology', 1_500],
  ])('does by itself what was armed when we fall silent: %s', async (treatment, leastMs) => {
    const events = await connect();
    const call = await phone.call('100');
    const channel = must((await nextStart(events)).channel).id;
    expect(await ari('POST', `channels/${channel}/answer`)).toBe(204);
    await call.reaches('up');
    const armed = performance.now(); // before Asterisk begins to count
    for (const [variable, value] of [
      ['CROSSPOINT_FALLBACK', treatment],
      ['TIMEOUT(absolute)', '1'],
    ]) {
      expect(await ari('POST', `channels/${channel}/variable`, { variable, value })).toBe(204);
    }
    for (const socket of sockets) socket.terminate();
    await call.reaches('over', 30_000);
    const lasted = performance.now() - armed - 1_000;
    expect(lasted).toBeGreaterThan(leastMs - 200);
    if (leastMs > 0) expect(call.ear.loudness).toBeGreaterThan(0);
    else expect(call.ear.packets).toBe(0); // no apology
  });

  it('lets a visitor dial the one number that is allowed, once at a time, and no trick beside it', async () => {
    const visitor = await openPhone('visitor1', 'letmein');
    try {
      expect(await visitor.register()).toBe(200);
      const events = await connect();
      for (const number of ['200', '1000', '%22%20%7C%20%221', '100%2C200']) {
        const refused = await visitor.call(number);
        await refused.reaches('over');
        expect(refused.status).toBeGreaterThanOrEqual(400);
      }
      expect(events.filter((event) => event.type === 'StasisStart')).toEqual([]);
      const call = await visitor.call('100');
      expect((await nextStart(events)).args).toEqual(['arrived', 'visitor', '100']);
      const second = await visitor.call('100');
      await second.reaches('over');
      expect(second.status).toBe(486);
      expect(events.filter((event) => event.type === 'StasisStart')).toHaveLength(1);
      call.hangup();
      await call.reaches('over');
      events.length = 0;
      const later = await visitor.call('100');
      expect((await nextStart(events)).args).toEqual(['arrived', 'visitor', '100']);
      later.hangup();
    } finally {
      visitor.close();
    }
  });

  it('takes no message for a call, and lets nobody without a call move one by REFER', async () => {
    const events = await connect();
    const uri = `sip:100@127.0.0.1:${asterisk.address.sipPort}`;
    const ask = (method: string, more: [string, string][] = [], body = '') =>
      phone.request({
        first: `${method} ${uri} SIP/2.0`,
        headers: [
          ['Via', phone.via()],
          ['From', `<sip:ann@127.0.0.1>;tag=${phone.newToken('t')}`],
          ['To', `<${uri}>`],
          ['Call-ID', phone.newToken('c')],
          ['CSeq', `1 ${method}`],
          ['Contact', phone.contact],
          ['Max-Forwards', '70'],
          ...more,
        ],
        body,
      });
    expect(statusOf(await ask('MESSAGE', [['Content-Type', 'text/plain']], 'hello'))).toBe(501);
    expect(statusOf(await ask('REFER', [['Refer-To', `<${uri}>`]]))).toBeGreaterThanOrEqual(400);
    const able = await ask('OPTIONS');
    expect(headerOf(able, 'allow')).not.toContain('MESSAGE');
    expect(events.filter((event) => event.type === 'StasisStart')).toEqual([]);
  });

  it('writes a wrong password to the security log', async () => {
    const thief = await openPhone('visitor1', 'guess');
    try {
      expect(await thief.register()).toBe(401);
    } finally {
      thief.close();
    }
    const { securityLog } = asterisk.address;
    const logged = async () => /ChallengeResponseFailed.*visitor1/.test(await readFile(securityLog, 'utf8'));
    expect(await waitUntil(realClock, 3_000, logged)).toBe(true);
  });

  it('gives the reading user of ARI no right to change anything', async () => {
    const { ariUrl, readUser, readPassword } = asterisk.address;
    const authorization = `Basic ${Buffer.from(`${readUser}:${readPassword}`).toString('base64')}`;
    const look = await fetch(`${ariUrl}/channels`, { headers: { authorization } });
    const touch = await fetch(`${ariUrl}/bridges`, { method: 'POST', headers: { authorization } });
    expect([look.status, touch.status]).toEqual([200, 403]);
  });

  async function putVisitor(): Promise<void> {
    const objects: [string, Record<string, string>][] = [
      ['auth', { auth_type: 'userpass', username: 'visitor1', password: 'letmein' }],
      ['aor', { max_contacts: '1', remove_existing: 'yes' }],
      [
        'endpoint',
        {
          context: 'visitor',
          auth: 'visitor1',
          aors: 'visitor1',
          disallow: 'all',
          allow: 'ulaw',
          set_var: 'CROSSPOINT_ONLY_DIAL=100',
          media_address: '127.0.0.1',
          bind_rtp_to_media_address: 'yes',
        },
      ],
    ];
    for (const [type, values] of objects) {
      const fields = Object.entries(values).map(([attribute, value]) => ({ attribute, value }));
      expect(await ari('PUT', `asterisk/config/dynamic/res_pjsip/${type}/visitor1`, { fields })).toBe(200);
    }
  }
});
