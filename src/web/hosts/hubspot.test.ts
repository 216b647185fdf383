import { describe, expect, test } from 'vitest';
import { settle, VirtualClock } from '../../lib/clock.ts';
import type { CallLogEntry } from '../../protocol/crm.ts';
import type { Line } from '../../protocol/softphone.ts';
import { HubSpotHost, type HubSpotSdk } from './hubspot.ts';
import { WrittenLogs } from './written-logs.ts';

const ENTRY = {
  conversationId: 'c1',
  userId: 'u1',
  direction: 'inbound',
  from: '+4420',
  to: '+441',
  startedAt: 1_000,
  durationSeconds: 90,
  subject: 'Inbound call',
  comments: 'hello',
  disposition: 'Sold',
  who: null,
  what: null,
} as CallLogEntry;

function aLine(more: Partial<Line> = {}): Line {
  const address = (value: string) => ({ kind: 'e164', raw: value, value });
  return {
    id: 'c1',
    conversationId: 'c1',
    purpose: 'call',
    direction: 'inbound',
    state: 'alerting',
    t: { started: 1_000 },
    peer: address('+4420'),
    dnis: address('+441'),
    ...more,
  } as Line;
}

function start() {
  const sent: [name: string, data?: unknown][] = [];
  const heard: unknown[] = [];
  const clock = new VirtualClock();
  let handlers: Record<string, (data: unknown) => void> = {};
  const sdk = new Proxy({} as HubSpotSdk, {
    get: (_, name) => (data?: unknown) =>
      void sent.push(data === undefined ? [String(name)] : [String(name), data]),
  });
  const kept = new Map<string, string>();
  const host = new HubSpotHost(
    {
      connect: (given) => {
        handlers = given as unknown as typeof handlers;
        return sdk;
      },
      open: (url) => heard.push(['open', url]),
      attended: () => true,
      onAttention: () => () => undefined,
      after: (ms, work) => clock.after(ms, work),
      now: () => 1_000,
    },
    new WrittenLogs({ getItem: (key) => kept.get(key) ?? null, setItem: (key, v) => void kept.set(key, v) }),
  );
  host.start({
    dial: (number, record) => heard.push(['dial', number, record]),
    focus: () => undefined,
    popped: (id) => heard.push(['popped', id]),
    changed: () => heard.push('changed'),
    context: () => undefined,
  });
  const say = (name: string, data: unknown = {}) => handlers[name]?.(data);
  const names = () => sent.map(([name]) => name);
  return { host, sent, names, heard, say, clock };
}

describe('HubSpot', () => {
  test('is told that we are there and who is signed in, once it has answered', () => {
    const { host, sent, say, names } = start();
    host.signedIn();
    host.calls([aLine()]);
    expect(sent).toEqual([]);
    say('onReady', { portalId: 7 });
    expect(names()).toEqual(['initialized', 'userLoggedIn', 'resizeWidget']);
    expect(host.status.state).toBe('joined');
    host.signedOut();
    host.signedIn();
    expect(names().slice(3)).toEqual(['userLoggedOut', 'userLoggedIn']);
  });

  test('dials what is clicked, and shows a record of its own only', () => {
    const { host, sent, say, heard } = start();
    say('onReady', { portalId: 7 });
    say('onDialNumber', { phoneNumber: '+4420', objectId: 51, objectType: 'CONTACT' });
    expect(heard).toContainEqual(['dial', '+4420', { id: '51', object: 'Contact', name: '+4420' }]);
    host.open({ id: '51', object: 'Contact', name: '' });
    host.open({ id: '003ADA', object: 'Contact', name: '' });
    expect(sent.filter(([name]) => name === 'navigateToRecord')).toEqual([
      ['navigateToRecord', { objectCoordinates: { portalId: 7, objectId: 51, objectTypeId: '0-1' } }],
    ]);
  });

  test('follows an inbound call and gets its log as its own call record, once', async () => {
    const { host, sent, say, names } = start();
    say('onReady');
    sent.length = 0;
    host.calls([aLine()]);
    host.calls([aLine()]);
    say('onCreateEngagementSucceeded', { externalCallId: 'c1', engagementId: 99 });
    host.calls([aLine({ state: 'connected', t: { started: 1_000, answered: 2_000 } })]);
    host.calls([aLine({ state: 'wrap-up', t: { started: 1_000, answered: 2_000 } })]);
    const both = await Promise.all([host.saveLog('k', ENTRY), host.saveLog('k', ENTRY)]);
    expect(both[0]).toEqual({ id: '99', object: 'Call', name: 'Inbound call' });
    host.calls([]);
    expect(names()).toEqual(['incomingCall', 'callAnswered', 'callEnded', 'callCompleted']);
    expect(sent[0]?.[1]).toMatchObject({
      externalCallId: 'c1',
      fromNumber: '+4420',
      toNumber: '+441',
      createEngagement: true,
    });
    expect(sent[2]?.[1]).toEqual({ externalCallId: 'c1', engagementId: 99, callEndStatus: 'COMPLETED' });
    expect(sent[3]?.[1]).toMatchObject({
      externalCallId: 'c1',
      engagementId: 99,
      engagementProperties: {
        hs_call_duration: '90000',
        hs_call_direction: 'INBOUND',
        hs_call_body: 'Sold\nhello',
        hs_call_status: 'COMPLETED',
      },
    });
  });

  test('is told of a call that began before the page was there, so that its log has a place', async () => {
    const { host, sent, say, names } = start();
    say('onReady');
    sent.length = 0;
    const saved = host.saveLog('k', { ...ENTRY, direction: 'outbound' });
    say('onEngagementCreated', { engagementId: 5 });
    expect(await saved).toMatchObject({ id: '5' });
    expect(names()).toEqual(['outgoingCall', 'callEnded', 'callCompleted']);
  });

  test('that makes no call record fails the log, which is asked for again', async () => {
    const { host, say, clock } = start();
    say('onReady');
    const refused = host.saveLog('k', ENTRY);
    say('onCreateEngagementFailed', { externalCallId: 'c1', error: { message: 'no seat' } });
    await expect(refused).rejects.toThrow('no seat');
    const silent = host.saveLog('k2', { ...ENTRY, conversationId: 'c2' });
    silent.catch(() => undefined);
    await settle();
    await clock.advance(10_000);
    await expect(silent).rejects.toThrow('did not say');
    const again = host.saveLog('k', ENTRY);
    say('onCreateEngagementSucceeded', { externalCallId: 'c1', engagementId: 6 });
    expect(await again).toMatchObject({ id: '6' });
  });

  test('that was never answered has no answer', () => {
    const { host, say, sent } = start();
    say('onReady');
    host.calls([aLine()]);
    say('onCreateEngagementSucceeded', { externalCallId: 'c1', engagementId: 1 });
    host.calls([]);
    expect(sent.at(-1)).toEqual([
      'callEnded',
      { externalCallId: 'c1', engagementId: 1, callEndStatus: 'NO_ANSWER' },
    ]);
  });
});
