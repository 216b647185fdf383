import { describe, expect, test } from 'vitest';
import { settle } from '../../lib/clock.ts';
import type { CallLogEntry } from '../../protocol/crm.ts';
import type { PopRequest } from './host.ts';
import { classicApi } from './salesforce-classic.ts';
import { lightningApi } from './salesforce-lightning.ts';
import { SalesforceHost } from './salesforce.ts';
import { WrittenLogs } from './written-logs.ts';

const ADA = { id: '003ADA', object: 'Contact', name: 'Ada' };
const ENTRY: CallLogEntry = {
  conversationId: 'c1',
  userId: 'u1',
  direction: 'inbound',
  from: '+442079460958',
  to: '+441632960000',
  startedAt: Date.UTC(2026, 0, 5, 9),
  durationSeconds: 61.4,
  subject: 'Inbound call',
  comments: 'wants a ship',
  disposition: 'Sold',
  who: { id: '003OURS', object: 'Contact', name: 'of another CRM' },
  what: null,
};
const FOUND = { '003ADA': { Id: '003ADA', Name: 'Ada', RecordType: 'Contact' } };
const BY_RECORD: PopRequest = {
  popId: 'p1',
  decision: 'record',
  record: ADA,
  number: '+442079460958',
  open: 'tab',
};

interface Cti {
  answers: Record<string, unknown>;
  calls: unknown[];
  /** What was given to the methods that listen. */
  listeners: Record<string, (payload: unknown) => void>;
}

/** A double of `sforce.opencti`: one object per call, answers to its callback. */
function lightning(cti: Cti): object {
  const method = (name: string) => (argument: Record<string, unknown>) => {
    const { callback, listener, ...rest } = argument;
    if (typeof listener === 'function') cti.listeners[name] = listener as (payload: unknown) => void;
    cti.calls.push([name, rest]);
    const answer = cti.answers[name];
    const error = answer instanceof Error ? [{ code: 'GENERIC_ERROR', description: answer.message }] : null;
    if (typeof callback === 'function')
      callback({ success: !error, returnValue: error ? null : (answer ?? null), errors: error });
  };
  return new Proxy(
    {},
    {
      get: (_, name) =>
        name === 'SCREENPOP_TYPE'
          ? { SOBJECT: 'sobject', SEARCH: 'search', NEW_RECORD_MODAL: 'newRecord', URL: 'url' }
          : method(String(name)),
    },
  );
}

/** A double of `sforce.interaction`: positional arguments, the callback last. */
function classic(cti: Cti): object {
  const method =
    (name: string) =>
    (...args: unknown[]) => {
      const callback = args.pop();
      if (/^on[A-Z]/.test(name)) {
        cti.listeners[name] = callback as (payload: unknown) => void;
        return;
      }
      cti.calls.push([name, ...(typeof callback === 'function' ? args : [...args, callback])]);
      const answer = cti.answers[name];
      if (typeof callback !== 'function') return;
      if (answer instanceof Error) callback({ error: answer.message });
      else callback({ result: typeof answer === 'object' ? JSON.stringify(answer) : answer });
    };
  const group = new Proxy({}, { get: (_, name) => method(String(name)) });
  return new Proxy({}, { get: (_, name) => (name === 'cti' ? group : method(String(name))) });
}

function start(mode: 'lightning' | 'classic', answers: Record<string, unknown> = {}, loads = true) {
  const cti: Cti = { answers, calls: [], listeners: {} };
  const global: { sforce?: object } = {};
  const heard: unknown[] = [];
  const kept = new Map<string, string>();
  const memory = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  const api = mode === 'lightning' ? lightningApi(global) : classicApi(global);
  const make = () =>
    new SalesforceHost(
      api,
      {
        origin: 'https://sf.example',
        loadScript: async (src) => {
          heard.push(['script', src]);
          if (!loads) throw new Error('blocked');
          global.sforce = mode === 'lightning' ? { opencti: lightning(cti) } : { interaction: classic(cti) };
        },
        open: (url) => heard.push(['open', url]),
        attended: () => true,
        onAttention: () => () => undefined,
      },
      new WrittenLogs(memory),
    );
  const host = make();
  host.start({
    dial: (number, record) => heard.push(['dial', number, record?.id]),
    focus: (focused, record) => heard.push(['focus', focused, record?.id]),
    popped: (id) => heard.push(['popped', id]),
    changed: () => undefined,
    context: () => undefined,
  });
  const named = (name: string) => cti.calls.filter((call) => (call as unknown[])[0] === name);
  return { host, cti, heard, named, make };
}

describe('Lightning', () => {
  test('is joined by the script of the page around us, says that we are ready, and dials what is clicked', async () => {
    const { host, cti, heard, named } = start('lightning');
    host.dialState(true);
    await settle();
    expect(heard[0]).toEqual(['script', 'https://sf.example/support/api/61.0/lightning/opencti_min.js']);
    expect(host.status.state).toBe('joined');
    expect(named('notifyInitializationComplete')).toHaveLength(1);
    expect(named('enableClickToDial')).toHaveLength(1);
    cti.listeners['onClickToDial']?.({
      number: '+4420',
      recordId: ADA.id,
      recordName: 'Ada',
      objectType: 'Contact',
    });
    cti.listeners['onNavigationChange']?.({ url: 'x', recordId: '', recordName: '', objectType: '' });
    cti.listeners['onNavigationChange']?.({ recordId: ADA.id, recordName: 'Ada', objectType: 'Contact' });
    expect(heard.slice(-3)).toEqual([
      ['dial', '+4420', ADA.id],
      ['focus', true, undefined],
      ['focus', true, ADA.id],
    ]);
  });

  test('that has no connection of ours pops by the number, as its own layout says', async () => {
    const { host, heard, named } = start('lightning', { searchAndScreenPop: FOUND });
    host.registered({ id: 'h', kind: 'salesforce', connected: false });
    host.pop(BY_RECORD);
    await settle();
    expect(named('searchAndScreenPop')).toEqual([
      ['searchAndScreenPop', { searchParams: '+442079460958', callType: 'inbound', deferred: false }],
    ]);
    expect(named('screenPop')).toEqual([]);
    expect(heard).toContainEqual(['popped', 'p1']);
  });

  test('whose records our server knows pops these', async () => {
    const { host, cti, heard } = start('lightning');
    host.registered({ id: 'h', kind: 'salesforce', connected: true });
    const pops: Partial<PopRequest>[] = [
      {},
      { decision: 'list' },
      { decision: 'new', object: 'Case', prefill: { Origin: 'Phone' } },
      { decision: 'page', url: '/lightning/o/Case/home' },
      { decision: 'page', url: 'https://erp.example/1' },
    ];
    for (const more of pops) host.pop({ ...BY_RECORD, ...more });
    await settle();
    const popped = cti.calls.flatMap((call) =>
      (call as unknown[])[0] === 'screenPop' ? [(call as unknown[])[1]] : [],
    );
    expect(popped).toEqual([
      { type: 'sobject', params: { recordId: ADA.id } },
      { type: 'search', params: { searchString: '+442079460958' } },
      { type: 'newRecord', params: { entityName: 'Case', defaultFieldValues: { Origin: 'Phone' } } },
      { type: 'url', params: { url: '/lightning/o/Case/home' } },
    ]);
    expect(heard).toContainEqual(['open', 'https://erp.example/1']);
  });

  test('shows the panel and says so while a call rings', async () => {
    const { host, named } = start('lightning');
    await settle();
    host.ringing(true);
    await settle();
    host.ringing(false);
    await settle();
    expect(named('setSoftphonePanelVisibility')).toEqual([
      ['setSoftphonePanelVisibility', { visible: true }],
    ]);
    expect(
      named('setSoftphoneItemLabel').map((call) => (call as [string, { label: string }])[1].label),
    ).toEqual(['Crosspoint', 'Incoming call', 'Crosspoint']);
  });

  test('gets one task per log, linked with what it found itself, however often it is asked for', async () => {
    const { host, named, make } = start('lightning', {
      searchAndScreenPop: FOUND,
      saveLog: { recordId: '00T1' },
    });
    host.pop(BY_RECORD);
    await settle();
    const [a, b] = await Promise.all([host.saveLog('c1:u1', ENTRY), host.saveLog('c1:u1', ENTRY)]);
    expect([a, b]).toEqual([{ id: '00T1', object: 'Task', name: 'Inbound call' }, a]);
    expect(await make().saveLog('c1:u1', ENTRY)).toEqual(a); // another tab, or the page after a reload
    expect(named('saveLog')).toEqual([
      [
        'saveLog',
        {
          value: {
            entityApiName: 'Task',
            Subject: 'Inbound call',
            Status: 'Completed',
            TaskSubtype: 'Call',
            ActivityDate: '2026-01-05',
            CallType: 'Inbound',
            CallDurationInSeconds: 61,
            CallObject: 'c1:u1',
            CallDisposition: 'Sold',
            Description: 'wants a ship',
            WhoId: '003ADA',
          },
        },
      ],
    ]);
    await settle();
    expect(named('refreshView')).toHaveLength(1);
  });

  test('that refuses a log says why, and may be asked again', async () => {
    const { host, cti } = start('lightning', { saveLog: new Error('Priority is missing') });
    await expect(host.saveLog('k', ENTRY)).rejects.toThrow('Priority is missing');
    cti.answers['saveLog'] = { recordId: '00T2' };
    expect(await host.saveLog('k', ENTRY)).toMatchObject({ id: '00T2' });
  });

  test('signs in by the Apex class of the administrator, where there is one', async () => {
    expect(await start('lightning', { runApex: { runApex: 'a.b.c' } }).host.askContext()).toBe('a.b.c');
    await expect(start('lightning', { runApex: new Error('no class') }).host.askContext()).rejects.toThrow(
      'no class',
    );
  });

  test('whose script does not load, or whose user has no call center, is told with what to do', async () => {
    for (const { host } of [
      start('lightning', {}, false),
      start('lightning', { getCallCenterSettings: new Error('no call center') }),
    ]) {
      host.pop(BY_RECORD);
      await settle();
      expect(host.status.state).toBe('failed');
      expect(host.status.text).toMatch(/(blocked|no call center)\. An administrator/);
    }
  });
});

describe('Classic', () => {
  test('is joined, dials, tells the page, pops and saves with positional arguments', async () => {
    const { host, cti, heard, named } = start('classic', {
      searchAndScreenPop: { '003ADA': { Name: 'Ada', object: 'Contact' }, screenPopUrl: '/x' },
      saveLog: '00T9',
    });
    host.dialState(true);
    host.pop(BY_RECORD);
    await settle();
    expect(heard[0]).toEqual(['script', 'https://sf.example/support/api/61.0/interaction.js']);
    expect(named('enableClickToDial')).toHaveLength(1);
    expect(named('searchAndScreenPop')).toEqual([['searchAndScreenPop', '+442079460958', '', 'inbound']]);
    cti.listeners['onClickToDial']?.({
      result: JSON.stringify({ number: '123', objectId: ADA.id, object: 'Contact', objectName: 'Ada' }),
    });
    cti.listeners['onFocus']?.({
      result: JSON.stringify({ objectId: ADA.id, object: 'Contact', objectName: 'Ada' }),
    });
    expect(heard.slice(-2)).toEqual([
      ['dial', '123', ADA.id],
      ['focus', true, ADA.id],
    ]);
    expect(await host.saveLog('c1:u1', ENTRY)).toMatchObject({ id: '00T9' });
    const [, object, fields] = named('saveLog')[0] as [string, string, string];
    expect(object).toBe('Task');
    expect(new URLSearchParams(fields).get('WhoId')).toBe(ADA.id);
    expect(new URLSearchParams(fields).get('Description')).toBe('wants a ship');
  });
});
