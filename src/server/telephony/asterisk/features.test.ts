import { describe, expect, it } from 'vitest';
import { AriGoneError } from './ari-rest.ts';
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
const OLD = JSON.stringify({ apis: [media(['udp', 'tcp'])] });
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
