import { describe, expect, it } from 'vitest';
import { settle, VirtualClock } from '../../lib/clock.ts';
import type { CallLogEntry } from '../../protocol/crm.ts';
import type { Downstream } from '../../protocol/socket.ts';
import { PageLogs } from './page-logs.ts';
import { type Page, Seat } from './seat.ts';

const SALESFORCE = {
  id: 'crmhost_1',
  kind: 'salesforce',
  connected: false,
  origin: 'https://sf.example',
} as const;
const CONNECTED = {
  id: 'crmhost_2',
  kind: 'hubspot',
  connected: true,
  origin: 'https://hs.example',
} as const;
const REF = { id: '00T1', object: 'Task', name: 'Call' };
const ENTRY = { userId: 'u1', hostId: SALESFORCE.id } as CallLogEntry;

function start() {
  const clock = new VirtualClock();
  const seat = new Seat('u1', clock);
  const ours: string[] = [];
  const logs = new PageLogs({
    clock,
    crm: {
      writeCallLog: async (key) => {
        ours.push(key);
        return REF;
      },
    },
    seatOf: (userId) => (userId === 'u1' ? seat : undefined),
    hostAt: (origin) => [SALESFORCE, CONNECTED].find((host) => host.origin === origin),
  });
  const sent: string[] = [];
  const open = (tabId: string, hostOrigin?: string): Page => {
    logs.opened('u1', hostOrigin);
    return seat.add({
      userId: 'u1',
      sessionId: 's',
      tabId,
      canAudio: true,
      canPop: true,
      legs: [],
      ...(hostOrigin ? { hostOrigin } : {}),
      send: (message: Downstream) => sent.push(`${tabId} ${message.type}`),
    });
  };
  return { clock, seat, logs, ours, sent, open };
}

describe('who writes a log', () => {
  it('is our server, without a CRM around the page or with a connection of ours to it', () => {
    const { logs, open } = start();
    open('tab_1');
    expect(logs.writerOf('u1')).toBeUndefined();
    open('tab_2', CONNECTED.origin);
    expect(logs.writerOf('u1')).toBeUndefined();
  });

  it('is the page, also while it is being reloaded, and not once the user works elsewhere', () => {
    const { logs, open, seat } = start();
    open('tab_1', SALESFORCE.origin);
    expect(logs.writerOf('u1')).toBe(SALESFORCE.id);
    seat.pages.clear();
    expect(logs.writerOf('u1')).toBe(SALESFORCE.id);
    open('tab_2');
    expect(logs.writerOf('u1')).toBeUndefined();
  });
});

describe('a log that the page writes', () => {
  it('goes to the page with the audio, once, and is done with its answer', async () => {
    const { logs, open, seat, sent, ours } = start();
    open('tab_1', SALESFORCE.origin);
    open('tab_2', SALESFORCE.origin);
    open('tab_3');
    seat.audio = { tabId: 'tab_1' };
    const written = logs.write('k1', ENTRY);
    logs.written('u2', { type: 'log.written', key: 'k1', ref: { ...REF, id: 'stranger' } });
    logs.written('u1', { type: 'log.written', key: 'k1', ref: REF });
    expect(await written).toEqual(REF);
    expect(sent).toEqual(['tab_1 log.write']);
    expect(ours).toEqual([]);
  });

  it('fails with the reason of the CRM, without an answer, and without such a page', async () => {
    const { logs, open, clock, seat } = start();
    await expect(logs.write('k1', ENTRY)).rejects.toMatchObject({ code: 'log-needs-page' });
    open('tab_1', SALESFORCE.origin);
    const refused = logs.write('k1', ENTRY);
    logs.written('u1', { type: 'log.written', key: 'k1', problem: 'Priority is required' });
    await expect(refused).rejects.toThrow('Priority is required');
    const silent = logs.write('k2', ENTRY);
    silent.catch(() => undefined);
    await settle();
    await clock.advance(20_000);
    await expect(silent).rejects.toThrow('did not happen');
    seat.pages.clear();
    await expect(logs.write('k3', ENTRY)).rejects.toMatchObject({ code: 'log-needs-page' });
  });

  it('that is for our server goes there', async () => {
    const { logs, open, ours } = start();
    open('tab_1', SALESFORCE.origin);
    expect(await logs.write('k1', { ...ENTRY, hostId: undefined })).toEqual(REF);
    expect(ours).toEqual(['k1']);
  });
});
