import { describe, expect, test } from 'vitest';
import { settle } from '../../lib/clock.ts';
import type { CallLogEntry } from '../../protocol/crm.ts';
import { type CiFramework, DynamicsHost } from './dynamics.ts';
import type { PopRequest } from './host.ts';
import { WrittenLogs } from './written-logs.ts';

const POP: PopRequest = { popId: 'p1', decision: 'list', number: '+4420', open: 'tab' };
const ENTRY = {
  conversationId: 'c1',
  userId: 'u1',
  direction: 'outbound',
  from: '+441',
  to: '+4420',
  startedAt: 0,
  durationSeconds: 90,
  subject: 'Outbound call',
  comments: 'hello',
  disposition: null,
  who: null,
  what: null,
} as CallLogEntry;

function start(found: Record<string, object[]> = {}, sessionTemplate?: string) {
  const calls: [name: string, ...args: unknown[]][] = [];
  const handlers: Record<string, (data: string) => Promise<unknown>> = {};
  const existing = new Set<string>();
  const framework: CiFramework = {
    setMode: async (mode) => calls.push(['setMode', mode]),
    setClickToAct: async (on) => calls.push(['setClickToAct', on]),
    searchAndOpenRecords: async (entity, query, searchOnly) => {
      calls.push(['search', entity, query, searchOnly]);
      return JSON.stringify(found[entity] ?? []);
    },
    openForm: async (options, parameters) =>
      calls.push(['openForm', JSON.parse(options), ...(parameters ? [JSON.parse(parameters)] : [])]),
    createRecord: async (entity, data) => {
      const record = JSON.parse(data) as { activityid: string };
      if (existing.has(record.activityid)) throw { message: '0x80040237 Cannot insert duplicate key.' };
      existing.add(record.activityid);
      calls.push(['create', entity, record]);
      return JSON.stringify({ id: record.activityid });
    },
    updateRecord: async (entity, id, data) => calls.push(['update', entity, id, JSON.parse(data)]),
    addHandler: (event, handler) => {
      handlers[event] = handler;
    },
    canCreateSession: async () => true,
    createSession: async (input) => calls.push(['createSession', input]),
  };
  const heard: unknown[] = [];
  const make = () => {
    const kept = new Map<string, string>();
    return new DynamicsHost(
      {
        load: async () => framework,
        sessionTemplate,
        open: (url) => heard.push(['open', url]),
        attended: () => true,
        onAttention: () => () => undefined,
        guidOf: async (text) => `guid-of-${text}`,
      },
      new WrittenLogs({
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, v) => void kept.set(key, v),
      }),
    );
  };
  const listener = {
    dial: (number: string) => heard.push(['dial', number]),
    focus: (_: boolean, record: { id: string } | null) => heard.push(['focus', record?.id]),
    popped: (id: string) => heard.push(['popped', id]),
    changed: () => undefined,
    context: () => undefined,
  };
  const host = make();
  host.start(listener);
  return { host, calls, handlers, heard, make, listener };
}

describe('Dynamics 365', () => {
  test('dials what is clicked, follows the page, and shows the panel while a call rings', async () => {
    const { host, calls, handlers, heard } = start();
    host.dialState(true);
    host.dialState(true);
    host.ringing(true);
    await settle();
    expect(host.status).toEqual({ state: 'joined', text: 'Dynamics 365' });
    expect(calls).toEqual([
      ['setClickToAct', true],
      ['setMode', 1],
    ]);
    await handlers['onpagenavigate']?.(
      JSON.stringify({ value: 'https://acme.crm.dynamics.com/main.aspx?etn=contact&id=%7Bab-1%7D' }),
    );
    await handlers['onclicktoact']?.(
      JSON.stringify({ value: '020 7946', name: 'mobilephone', format: 'phone' }),
    );
    await handlers['onclicktoact']?.('nonsense');
    expect(heard).toEqual([
      ['focus', 'ab-1'],
      ['dial', '020 7946'],
    ]);
  });

  test.each<[what: string, found: Record<string, object[]>, last: unknown[]]>([
    [
      'the only one',
      { contact: [{ contactid: 'ab-1', fullname: 'Ada' }] },
      ['openForm', { entityName: 'contact', entityId: 'ab-1' }],
    ],
    [
      'the list of several',
      { contact: [{ contactid: '1', fullname: 'A' }], account: [{ accountid: '2', name: 'B' }] },
      ['search', 'contact', '?$select=fullname&$search=%2B4420', false],
    ],
    ['a new contact', {}, ['openForm', { entityName: 'contact' }, { telephone1: '+4420' }]],
  ])('pops %s that it finds by the number', async (_, found, last) => {
    const { host, calls, heard } = start(found);
    host.pop(POP);
    await settle();
    expect(calls.at(-1)).toEqual(last);
    expect(heard).toEqual([['popped', 'p1']]);
  });

  test('has a session for each call where a template is named', async () => {
    const { host, calls } = start({}, 'crosspoint_call');
    host.pop(POP);
    await settle();
    expect(calls[0]).toEqual([
      'createSession',
      { templateName: 'crosspoint_call', templateParameters: { callerNumber: '+4420' } },
    ]);
  });

  test('gets one phone call per log, though two tabs are asked', async () => {
    const { host, calls, make, listener } = start({ contact: [{ contactid: 'ab-1', fullname: 'Ada' }] });
    host.pop(POP);
    await settle();
    expect(await host.saveLog('c1:u1', ENTRY)).toEqual({
      id: 'guid-of-c1:u1',
      object: 'phonecall',
      name: 'Outbound call',
    });
    const other = make();
    other.start(listener);
    await other.saveLog('c1:u1', ENTRY);
    expect(calls.filter(([name]) => name === 'create')).toEqual([
      [
        'create',
        'phonecall',
        {
          activityid: 'guid-of-c1:u1',
          subject: 'Outbound call',
          description: 'hello',
          directioncode: true,
          phonenumber: '+4420',
          actualstart: '1970-01-01T00:00:00.000Z',
          actualdurationminutes: 2,
          'regardingobjectid_contact@odata.bind': '/contacts(ab-1)',
        },
      ],
    ]);
    expect(calls.at(-1)).toEqual(['update', 'phonecall', 'guid-of-c1:u1', { statecode: 1, statuscode: 2 }]);
  });
});
