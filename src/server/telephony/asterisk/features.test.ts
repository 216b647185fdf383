import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeAri } from '../../../../test/harness/fake-ari.ts';
import { realClock } from '../../../lib/clock.ts';
import { AriGoneError } from './ari-rest.ts';
import { type Asterisk, createAsterisk } from './asterisk.ts';
import { ALL_FEATURES, featuresOf, missingAbilities, readFeatures, setVariables } from './features.ts';

const api = (path: string, parameters: object[] = []) => ({
  path,
  operations: [{ httpMethod: 'POST', parameters }],
});
const media = (values: string[]) =>
  api('/channels/externalMedia', [{ name: 'transport', allowableValues: { values } }]);
const NEW = JSON.stringify({
  apis: [
    api('/channels/{channelId}/variables'),
    api('/channels/{channelId}/transfer_progress'),
    media(['udp', 'tcp', 'websocket']),
  ],
});
const OLD_API = { apis: [media(['udp', 'tcp'])] };
const OLD = JSON.stringify(OLD_API);
const quiet = { info: () => undefined };

describe('what an Asterisk can do', () => {
  it('is what its own description says', () => {
    expect(readFeatures(NEW)).toEqual(ALL_FEATURES);
    expect(readFeatures(OLD)).toEqual({ setVariables: false, transfers: false, mediaSocket: false });
    expect(readFeatures('{"apis":[]}')).toEqual(readFeatures(OLD));
  });

  it('is taken for everything when it does not describe itself, and for nothing when it is gone', async () => {
    const answer = {
      status: 200,
      length: 6,
      body: [] as never,
      text: async () => '<html>',
      cancel: () => undefined,
    };
    const garbage = { download: async () => answer };
    expect(await featuresOf(garbage, quiet, 1)).toEqual(ALL_FEATURES);
    const gone = { download: () => Promise.reject(new AriGoneError()) };
    await expect(featuresOf(gone, quiet, 1)).rejects.toThrow(AriGoneError);
  });

  it('misses nothing with a new Asterisk and AMI', () => {
    expect(missingAbilities(ALL_FEATURES, true)).toEqual({});
  });

  it('misses what is said with a reason', () => {
    const missing = missingAbilities(readFeatures(OLD), false);
    expect(Object.keys(missing).toSorted()).toEqual([
      'open-audio',
      'record',
      'talk-event',
      'transfer-request',
    ]);
    expect(missing.record).toContain('manager.conf');
    expect(missing['open-audio']).toContain('22.6');
  });

  it('sets variables one by one where there is no request for several', async () => {
    const sent: string[] = [];
    const link = {
      request: async (operation: string, values: object) =>
        void sent.push(`${operation} ${JSON.stringify(values)}`),
    };
    await setVariables(link, ALL_FEATURES, 'c', { A: '1', B: '2' }, 1);
    await setVariables(link, readFeatures(OLD), 'c', { A: '1', B: '2' }, 1);
    expect(sent).toEqual([
      'setVariables {"channelId":"c","variables":{"A":"1","B":"2"}}',
      'setVariable {"channelId":"c","variable":"A","value":"1"}',
      'setVariable {"channelId":"c","variable":"B","value":"2"}',
    ]);
  });
});

describe('a switch of Asterisk 20.0', () => {
  let fake: FakeAri;
  let asterisk: Asterisk;

  beforeEach(async () => {
    fake = await FakeAri.open();
    fake.restOverSocket = false;
    fake.answer = (method, uri) => {
      if (uri === 'api-docs/channels.json') return { status: 200, body: OLD_API };
      // what came later is not there
      if (/\/(variables|transfer_progress)$/.test(uri)) return { status: 404 };
      return method === 'GET' ? { status: 200, body: [] } : { status: 204 };
    };
    const ignore = () => undefined;
    asterisk = createAsterisk({
      id: 'asterisk',
      address: () => ({ url: fake.url, user: 'crosspoint', password: 'secret' }),
      clock: realClock,
      log: { info: ignore, warn: ignore, error: ignore },
      speak: () => Promise.reject(new Error('nothing is spoken here')),
    });
    await asterisk.switch.start();
  });
  afterEach(async () => {
    await asterisk.switch.close();
    await fake.close();
  });

  /** A caller is there. */
  async function arrived(): Promise<string> {
    const here = new Promise<string>((resolve) => {
      asterisk.switch.events.on('fact', (fact) => fact.type === 'leg.arrived' && resolve(fact.legId));
    });
    fake.send({
      type: 'StasisStart',
      application: 'crosspoint',
      timestamp: '2026-01-01T00:00:00.000+0000',
      args: ['arrived'],
      channel: {
        id: '17.4',
        name: 'PJSIP/trunk-1',
        state: 'Up',
        caller: { number: '1', name: '' },
        connected: { number: '', name: '' },
        accountcode: '',
        dialplan: { context: 'trunk', exten: '100', priority: 1 },
        creationtime: '2026-01-01T00:00:00.000+0000',
        language: 'en',
      },
    });
    return here;
  }

  it('is asked by HTTP and says what it lacks, each with a reason', () => {
    expect(fake.requests.filter((request) => !request.startsWith('http '))).toEqual([]);
    expect(asterisk.switch.capabilities.missing).toMatchObject({
      'transfer-request': expect.stringContaining('20.13') as string,
      'open-audio': expect.stringContaining('20.16') as string,
    });
  });

  it('arms a fallback with one request for each variable, and refuses to open audio', async () => {
    const legId = await arrived();
    fake.requests.length = 0;
    await asterisk.switch.armFallback(legId, 30_000, 'apology');
    const [first, ...others] = fake.requests;
    expect(first).toContain(`http POST channels/${legId}/variable`);
    expect(others.every((request) => request.endsWith('/variable'))).toBe(true);
    await expect(asterisk.switch.openAudio(legId, 'a')).rejects.toMatchObject({ code: 'not-capable' });
  });
});
