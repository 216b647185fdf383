import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../../test/harness/test-api.ts';
import type { LiveQueue, PlatformPhone } from '../../protocol/platforms.ts';

const SALES: LiveQueue = {
  id: 'office:400',
  name: '400',
  label: 'Sales',
  waiting: [
    {
      id: 'office:1.1',
      position: 1,
      number: { kind: 'e164', raw: '+442079460958', value: '+442079460958' },
      since: 5,
    },
  ],
  members: [
    {
      device: 'PJSIP/201',
      name: 'Ann',
      paused: true,
      reason: 'Lunch',
      inCall: false,
      ringing: false,
      reachable: true,
      penalty: 0,
    },
  ],
};
/** Entered at 22:30 UTC of the last of June, which is July in Rome. */
const LOG = `1782858600|7.1|400|NONE|ENTERQUEUE||+442079460958|1
1782858604|7.1|400|Ann|CONNECT|4|7.2|1
1782858664|7.1|400|Ann|COMPLETEAGENT|4|60|1
this is no queue log
`;

let test: TestApi;
let token: string;
let queues: LiveQueue[] | undefined;
let phone: PlatformPhone | undefined;

beforeAll(async () => {
  test = await TestApi.create({
    views: {
      queues: () => queues,
      phone: () => phone,
      queueLabel: (id) => (id === 'office:400' ? 'Sales' : undefined),
    },
  });
  token = await test.tokenOf('administrator');
  const settings = { host: '127.0.0.1', user: 'crosspoint', secret: 'secret' };
  await ask('POST', '/api/platforms', {
    id: 'office',
    kind: 'ami',
    label: 'Office',
    enabled: false,
    settings,
  });
});
afterAll(() => test.close());

async function ask(method: 'GET' | 'POST', url: string, body?: object) {
  const { statusCode, body: text } = await test.call(method, url, token, body);
  return { status: statusCode, body: JSON.parse(text) as Record<string, unknown> };
}

describe('a telephone system that routes by itself', () => {
  it('shows its queues, members and callers', async () => {
    queues = [SALES];
    const { status, body } = await ask('GET', '/api/platforms/office/live');
    expect(status).toBe(200);
    expect(body.queues).toEqual([SALES]);
  });

  it('shows no queues and its state while it is not connected', async () => {
    queues = undefined;
    expect((await ask('GET', '/api/platforms/office/live')).body).toMatchObject({ state: 'off', queues: [] });
  });

  it('is not what one with queues of ours is, nor one that does not exist', async () => {
    expect((await ask('GET', '/api/platforms/private/live')).status).toBe(404);
    expect((await ask('GET', '/api/platforms/nowhere/live')).status).toBe(404);
  });

  it('says whose phone an extension is, refuses what is none, and says so while it is switched off', async () => {
    phone = { device: 'PJSIP/201', state: 'ready', user: { id: 'u1', name: 'Ann' } };
    expect((await ask('GET', '/api/platforms/office/phones/201')).body).toEqual(phone);
    expect((await ask('GET', '/api/platforms/office/phones/2x1')).status).toBe(400);
    phone = undefined;
    expect(await ask('GET', '/api/platforms/office/phones/201')).toMatchObject({
      status: 503,
      body: { code: 'switch-down' },
    });
  });

  it('has figures of its queue log by queue, and by day of the zone that is asked for', async () => {
    const { body } = await ask('POST', '/api/platforms/office/queue-log', { text: LOG });
    expect(body).toEqual({ added: 1, found: 1, open: 0, bad: [4] });
    const range = 'from=1782000000000&to=1783000000000';
    const figures = { queue: '400', label: 'Sales', offered: 1, answered: 1, averageTalkMs: 60_000 };
    const of = async (more: string) =>
      (await ask('GET', `/api/platforms/office/queue-figures?${range}${more}`)).body.queues;
    expect(await of('')).toMatchObject([{ ...figures, day: null }]);
    expect(await of('&zone=Europe/London')).toMatchObject([{ ...figures, day: '2026-06-30' }]);
    expect(await of('&zone=Europe/Rome')).toMatchObject([{ ...figures, day: '2026-07-01' }]);
    expect((await ask('GET', `/api/platforms/office/queue-figures?${range}&zone=Nowhere`)).status).toBe(400);
  });
});
