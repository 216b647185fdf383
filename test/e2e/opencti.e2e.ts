/** Open CTI adapters in our desktop: every call of both surfaces, across two origins, in a real browser. */
import type { BrowserContext, Page } from 'playwright-core';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CrmRecord, SearchResult } from '../../src/protocol/crm.ts';
import type { ImportedCallCenter, ShownTraffic } from '../../src/protocol/opencti.ts';
import { Adapter, AdapterPages, definitionFile } from './adapter-pages.ts';
import { newContext } from './browser.ts';
import { ADA, Stage } from './stage.ts';

const actions = mkdtempSync(join(tmpdir(), 'actions-'));
writeFileSync(
  join(actions, 'Cases.mjs'),
  `export function find({ number }, { user }) { return { Id: '500x', number, by: user.username }; }
   export const word = () => JSON.stringify({ ok: 1 });
   export function fail() { throw new Error('no such case'); }`,
);
const stage = Stage.forThisFile({ CROSSPOINT_SWITCH: 'simulated', CROSSPOINT_ACTIONS: actions });

let pages: AdapterPages;
let ada: { id: string; name: string };
let context: BrowserContext;
const centers = new Map<string, string>();

beforeAll(async () => {
  pages = await AdapterPages.open(stage.product.url);
  const found = await stage.product.api<SearchResult>('/api/crm/search?q=Lovelace&object=Contact');
  ada = found.records[0] as never;
  context = await newContext(stage.browser);
  const page = await context.newPage();
  await page.goto(stage.product.url);
  await page.getByTestId('sign-in-username').fill('agent');
  await page.getByTestId('sign-in-password').fill('crosspoint');
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId('softphone-frame').waitFor();
  await page.close();
});
afterAll(async () => {
  await context?.close();
  await pages?.close();
  rmSync(actions, { recursive: true, force: true });
});

/** The agent belongs to the call center of this adapter page from now on. */
async function assign(path: string, more: Record<string, string> = {}): Promise<void> {
  const name = path.replace(/\W/g, '') + Object.keys(more).length;
  if (!centers.has(name)) {
    const text = definitionFile(name, pages.origin + path, { reqSalesforceCompatibilityMode: 'Lightning', ...more });
    const made = await stage.product.post<ImportedCallCenter>('/api/call-centers/import', { text }, 'admin');
    centers.set(name, made.callCenter.id);
  }
  const { users } = await stage.product.api<{ users: { id: string; username: string }[] }>('/api/users', 'admin');
  const agent = users.find((user) => user.username === 'agent');
  await stage.product.send('PUT', `/api/call-centers/${centers.get(name)}/users`, { userIds: [agent?.id] }, 'admin');
}

async function open(path = '/'): Promise<Adapter> {
  const page = await context.newPage();
  await page.goto(stage.product.url + path);
  await page.getByTestId('adapter').waitFor();
  return new Adapter(page, pages.origin);
}

async function shows(page: Page, path: RegExp | string): Promise<void> {
  await page.waitForURL((url) => (typeof path === 'string' ? url.pathname + url.search === path : path.test(url.pathname + url.search)));
}

const read = (id: string, object = 'Task') => stage.product.api<CrmRecord>(`/api/crm/${object}/${id}`, 'admin');

describe('Lightning', () => {
  let adapter: Adapter;
  beforeAll(() => assign('/blank'));
  beforeEach(async () => {
    for (const page of context.pages()) await page.close();
    adapter = await open(`/Contact/${ada.id}`);
    await adapter.frame();
  });

  const ok: object = { success: true, returnValue: null, errors: null, error: null };

  it('has all 26 calls and both sets of constants, and nothing of Classic', async () => {
    const shape = await adapter.evaluate<{ names: string[]; call: string[]; pop: string[]; sforce: string[] }>(`({
      names: Object.keys(sforce.opencti).filter((k) => typeof sforce.opencti[k] === 'function')
        .concat(Object.keys(sforce.opencti.hvs).map((k) => 'hvs.' + k)),
      call: Object.keys(sforce.opencti.CALL_TYPE), pop: Object.keys(sforce.opencti.SCREENPOP_TYPE), sforce: Object.keys(sforce) })`);
    expect(shape.names).toHaveLength(26);
    expect(shape.call).toEqual(['INBOUND', 'OUTBOUND', 'INTERNAL']);
    expect(shape.pop).toEqual(['SOBJECT', 'URL', 'OBJECTHOME', 'LIST', 'SEARCH', 'NEW_RECORD_MODAL', 'FLOW']);
    expect(shape.sforce).toEqual(['opencti']);
  });

  it('is loaded with the parameters of Salesforce in both spellings, none last, and knows the CRM by its referrer', async () => {
    const { search, referrer } = await adapter.evaluate<{ search: string; referrer: string }>(
      '({ search: location.search, referrer: document.referrer })',
    );
    for (const name of ['mode=Lightning', 'isdtp=vw', 'ltn_app_id=', 'clc=1', 'nonce='])
      expect(search).toContain(name);
    const origin = encodeURIComponent(stage.product.url);
    expect(/sfdcIFrameOrigin=(.*?)&/.exec(search)?.[1]).toBe(origin);
    expect(/sfdcIframeOrigin=(.*?)&/.exec(search)?.[1]).toBe(origin);
    expect(referrer).toBe(`${stage.product.url}/`);
    const allow = await adapter.page.getByTestId('adapter-frame').getAttribute('allow');
    for (const feature of ['microphone', 'camera', 'autoplay', 'hid', 'clipboard-write', 'display-capture'])
      expect(allow).toContain(feature);
    expect(await adapter.evaluate('navigator.mediaDevices.getUserMedia({ audio: true }).then(() => "sound", (e) => e.name)')).toBe('sound');
  });

  it('switches click-to-dial on and off, and gets the number with its record', async () => {
    const link = adapter.page.getByTestId('phone-link').first();
    await adapter.page.locator('[data-testid=phone-link][aria-disabled=true]').first().waitFor();
    await adapter.evaluate('sforce.opencti.onClickToDial({ listener: (p) => heard.clicks.push(p) })');
    expect(await adapter.call('enableClickToDial')).toEqual(ok);
    await adapter.page.locator('[data-testid=phone-link][aria-disabled=false]').first().waitFor();
    await link.click();
    expect(await adapter.hears('clicks', 1)).toEqual([
      { number: await link.getAttribute('data-number'), recordId: ada.id, recordName: ADA.name, objectType: 'Contact', params: '' },
    ]);
    expect(await adapter.call('disableClickToDial')).toEqual(ok);
    await adapter.page.locator('[data-testid=phone-link][aria-disabled=true]').first().waitFor();
  });

  it('knows what the person looks at, and hears when that changes', async () => {
    const url = `${stage.product.url}/lightning/r/Contact/${ada.id}/view`;
    await adapter.page.getByRole('heading', { name: ADA.name }).first().waitFor();
    expect((await adapter.call('getAppViewInfo')).returnValue).toEqual({
      url,
      recordId: ada.id,
      recordName: ADA.name,
      objectType: 'Contact',
    });
    await adapter.evaluate('sforce.opencti.onNavigationChange({ listener: (p) => heard.views.push(p) })');
    await adapter.call('isSoftphonePanelVisible');
    await adapter.page.getByRole('link', { name: 'Accounts' }).first().click();
    await adapter.hears('views', 1);
    await adapter.page.goBack();
    expect(await adapter.hears('views', 2)).toEqual([
      { url: `${stage.product.url}/lightning/o/Account/list`, recordId: '', recordName: '', objectType: '' },
      { url, recordId: ada.id, recordName: ADA.name, objectType: 'Contact' },
    ]);
    await adapter.page.getByRole('link', { name: 'Accounts' }).first().click();
    await adapter.hears('views', 3);
    expect((await adapter.call('getAppViewInfo')).returnValue).toEqual({
      url: `${stage.product.url}/lightning/o/Account/list`,
    });
  });

  it('gets the settings of the call center and the softphone layout', async () => {
    const { returnValue } = await adapter.call('getCallCenterSettings');
    expect(returnValue).toMatchObject({
      '/label': 'blank0 softphone',
      '/internalNameLabel': 'reqInternalName label',
      '/displayNameLabel': 'reqDisplayName label',
      '/reqGeneralInfo/reqInternalName': 'blank0',
      '/reqGeneralInfo/sortOrder': '0.0',
      '/reqDialingOptions/label': 'Dialing Options',
      '/reqDialingOptions/reqInternationalPrefix': '01',
      '/reqDialingOptions/reqInternationalPrefix/label': 'International Prefix',
      '/reqDialingOptions/reqInternationalPrefix/sortOrder': '2.0',
    });
    expect(returnValue).not.toHaveProperty(['/reqGeneralInfo/reqInternalName/label']);
    expect((await adapter.call('getSoftphoneLayout')).returnValue).toMatchObject({
      Inbound: {
        callRelatedFields: ['ANI', 'DNIS', 'QUEUE'],
        objects: { Contact: expect.arrayContaining([{ displayName: 'Title', apiName: 'Title' }]) },
        screenPopSettings: {
          screenPopsOpenWithin: 'ExistingWindow',
          NoMatch: { screenPopType: 'PopToEntity', screenPopData: 'Contact' },
          SingleMatch: { screenPopType: 'PopToEntity' },
          MultipleMatches: { screenPopType: 'PopToSearch' },
        },
      },
      Outbound: { screenPopSettings: {} },
      Internal: { screenPopSettings: {} },
    });
  });

  it('sets size, label, icon and visibility of its panel and item', async () => {
    const frame = adapter.page.getByTestId('adapter-frame');
    expect(await frame.boundingBox()).toMatchObject({ width: 320, height: 400 });
    expect(await adapter.call('setSoftphonePanelHeight', { heightPX: 500 })).toEqual(ok);
    expect(await adapter.call('setSoftphonePanelWidth', { widthPX: 400 })).toEqual(ok);
    expect(await adapter.call('setSoftphonePanelLabel', { label: 'On a call' })).toEqual(ok);
    expect(await adapter.call('setSoftphonePanelIcon', { key: 'end_call' })).toEqual(ok);
    expect(await adapter.call('setSoftphoneItemLabel', { label: '3 waiting' })).toEqual(ok);
    expect(await adapter.call('setSoftphoneItemIcon', { key: 'call' })).toEqual(ok);
    expect(await frame.boundingBox()).toMatchObject({ width: 400, height: 500 });
    expect(await adapter.page.getByTestId('adapter-label').textContent()).toBe('On a call');
    await adapter.page.locator('[data-testid=adapter] [data-icon=end_call]').waitFor();
    expect((await adapter.call('isSoftphonePanelVisible')).returnValue).toEqual({ visible: true });
    expect(await adapter.call('setSoftphonePanelVisibility', { visible: false })).toEqual(ok);
    expect((await adapter.call('isSoftphonePanelVisible')).returnValue).toEqual({ visible: false });
    expect(await adapter.page.getByTestId('adapter-item').textContent()).toBe('3 waiting');
    await adapter.page.getByRole('button', { name: 'Show 3 waiting' }).click();
    expect((await adapter.call('isSoftphonePanelVisible')).returnValue).toEqual({ visible: true });
  });

  it('saves a call as vendors send it, once for each call id, and changes it', async () => {
    const value = {
      entityApiName: 'Task',
      Subject: 'Call with Ada',
      WhoId: ada.id,
      whatid: undefined,
      Status: 'completed',
      ActivityDate: '2026-03-01T09:30:15.250Z',
      CallType: 'inbound',
      CallDurationInSeconds: 61.7,
      CallObject: 'vendor-call-1',
      CallDisposition: 'Sold',
      Vendor_Field__c: 'x',
    };
    const saved = await adapter.call('saveLog', { value });
    expect(saved).toEqual({ ...ok, returnValue: { recordId: expect.stringMatching(/^00T\w{12}$/) } });
    const { recordId } = saved.returnValue as { recordId: string };
    expect((await read(recordId)).fields).toMatchObject({
      Subject: 'Call with Ada',
      WhoId: ada.id,
      Status: 'Completed',
      ActivityDate: '2026-03-01',
      CallType: 'Inbound',
      CallDurationInSeconds: 62,
      CallObject: 'vendor-call-1',
      CallDisposition: 'Sold',
      TaskSubtype: 'Call',
    });
    expect((await adapter.call('saveLog', { value: { ...value, CallDisposition: 'Later' } })).returnValue).toEqual({ recordId });
    expect((await adapter.call('saveLog', { value: { Id: recordId, Description: 'Notes' } })).returnValue).toEqual({ recordId });
    expect((await read(recordId)).fields).toMatchObject({ CallDisposition: 'Later', Description: 'Notes' });
  });

  it('creates other records, and is told what is wrong by field', async () => {
    const saved = await adapter.call('saveLog', { value: { entityApiName: 'Contact', LastName: 'Newman', Phone: '020 7946 0111' } });
    const { recordId } = saved.returnValue as { recordId: string };
    expect((await read(recordId, 'Contact')).fields).toMatchObject({ Phone: '+442079460111' });
    const missing = await adapter.call('saveLog', { value: { entityApiName: 'Contact', FirstName: 'X' } });
    expect(missing).toMatchObject({
      success: false,
      returnValue: null,
      errors: [{ code: 'GENERIC_ERROR', details: [{ field: 'LastName', message: 'Last name is required' }] }],
    });
    expect(missing.error).toEqual(missing.errors);
    const unknown = await adapter.call('saveLog', { value: { entityApiName: 'Task', Nothing__c: 1 } });
    expect(unknown.errors?.[0]?.details?.[0]).toMatchObject({ field: 'Nothing__c' });
  });

  const POPS: [string, () => object, () => string][] = [
    ['SOBJECT', () => ({ recordId: ada.id }), () => `/Contact/${ada.id}`],
    ['URL', () => ({ url: `/${ada.id}` }), () => `/Contact/${ada.id}`],
    ['OBJECTHOME', () => ({ scope: 'Account' }), () => '/Account'],
    ['LIST', () => ({ listViewId: '00B000000000001', scope: 'Lead' }), () => '/Lead'],
    ['SEARCH', () => ({ searchString: 'Ada' }), () => '/search?q=Ada'],
    ['NEW_RECORD_MODAL', () => ({ entityName: 'Lead', defaultFieldValues: { LastName: 'Who' } }), () => '/Lead/new?LastName=Who'],
  ];
  it('pops every type of page', async () => {
    for (const [type, params, path] of POPS) {
      await adapter.page.getByRole('link', { name: 'Cases' }).first().click();
      const value = await adapter.evaluate<string>(`sforce.opencti.SCREENPOP_TYPE.${type}`);
      expect(await adapter.call('screenPop', { type: value, params: params() }), type).toEqual(ok);
      await shows(adapter.page, path());
    }
    const flow = await adapter.call('screenPop', { type: 'flow', params: { flowDevName: 'Nope' } });
    expect(flow.errors?.[0]?.description).toContain('no active screen flow Nope');
  });

  it('searches by any way to write a number, pops by the layout, and can put the pop off', async () => {
    await adapter.page.getByRole('link', { name: 'Cases' }).first().click();
    const deferred = await adapter.call('searchAndScreenPop', {
      searchParams: `sip:${ADA.number}@pbx.example;user=phone`,
      callType: 'INBOUND',
      deferred: true,
    });
    const { SCREEN_POP_DATA, ...records } = deferred.returnValue as Record<string, Record<string, unknown>>;
    expect(records[ada.id]).toMatchObject({ Id: ada.id, Name: ADA.name, RecordType: 'Contact', LastModifiedDate: expect.any(String) });
    expect(Object.keys(records)).toEqual(Object.values(records).map((record) => record.Id));
    await shows(adapter.page, '/Case');
    expect(await adapter.call('screenPop', SCREEN_POP_DATA)).toEqual(ok);
    await shows(adapter.page, `/Contact/${ada.id}`);
    await adapter.page.getByRole('link', { name: 'Cases' }).first().click();
    const at = await adapter.call('searchAndScreenPop', { searchParams: '(020) 7946 0958', callType: 'inbound' });
    expect(Object.keys(at.returnValue as object)).toEqual([ada.id]);
    await shows(adapter.page, `/Contact/${ada.id}`);
    const nobody = await adapter.call('searchAndScreenPop', {
      searchParams: '+442079460998',
      callType: 'Inbound',
      defaultFieldValues: { LastName: 'Unknown' },
    });
    expect(nobody.returnValue).toEqual({});
    await shows(adapter.page, /^\/Contact\/new\?.*LastName=Unknown/);
  });

  it('runs actions of the deployer, and hears why one cannot be run', async () => {
    expect((await adapter.call('runApex', { apexClass: 'Cases', methodName: 'find', methodParams: 'number=12&x=y' })).returnValue).toEqual({
      runApex: { Id: '500x', number: '12', by: 'agent' },
    });
    expect((await adapter.call('runApex', { apexClass: 'Cases', methodName: 'word', methodParams: '' })).returnValue).toEqual({ runApex: '{"ok":1}' });
    const missing = await adapter.call('runApex', { apexClass: 'Nope', methodName: 'find', methodParams: '' });
    expect(missing.errors?.[0]).toMatchObject({ code: 'SERVER_ERROR', description: expect.stringContaining('could not be loaded') });
    const failed = await adapter.call('runApex', { apexClass: 'Cases', methodName: 'fail', methodParams: '' });
    expect(failed.errors?.[0]?.description).toContain('no such case');
  });

  it('publishes, subscribes and unsubscribes', async () => {
    await adapter.evaluate('window.got = []');
    await adapter.evaluate(`new Promise((done) => sforce.opencti.subscribe({ channelName: 'Calls__c', listener: (m) => got.push(m),
      callback: (r) => { window.subscription = r.returnValue; done(); } }))`);
    expect(await adapter.call('publish', { channelName: 'Calls__c', message: { a: 1 } })).toEqual(ok);
    await adapter.evaluate('new Promise((done) => { const t = setInterval(() => got.length && (clearInterval(t), done()), 20); })');
    expect(await adapter.evaluate('got')).toEqual([{ a: 1 }]);
    await adapter.evaluate('new Promise((done) => sforce.opencti.unsubscribe({ subscription, callback: done }))');
    await adapter.call('publish', { channelName: 'Calls__c', message: { a: 2 } });
    expect(await adapter.evaluate('got')).toEqual([{ a: 1 }]);
  });

  it('takes listeners of Sales Engagement, and knows of no work', async () => {
    expect(await adapter.evaluate('typeof sforce.opencti.hvs.onWorkStart({ listener: () => {} })')).toBe('undefined');
    const done = await adapter.call('hvs.completeWork', { workId: 'w1', attributes: { disposition: 'x' } });
    expect(done.errors?.[0]?.code).toBe('GENERIC_ERROR');
  });

  const WRONG: [string, object][] = [
    ['setSoftphonePanelHeight', { height: 300 }],
    ['setSoftphonePanelHeight', { heightPX: 100 }],
    ['setSoftphonePanelWidth', { widthPX: 'wide' }],
    ['setSoftphonePanelVisibility', { visible: 'yes' }],
    ['setSoftphonePanelLabel', {}],
    ['screenPop', { type: 'sobject', params: { id: '003' } }],
    ['screenPop', { type: 'url', params: { url: 'https://elsewhere.example/' } }],
    ['screenPop', { type: 'url', params: { url: '//elsewhere.example/' } }],
    ['screenPop', { type: 'search', params: { searchString: 'ab' } }],
    ['screenPop', { params: {} }],
    ['searchAndScreenPop', { searchParams: '123' }],
    ['searchAndScreenPop', { searchParams: '123', callType: 'sideways' }],
    ['saveLog', { value: '{"entityApiName":"Task","Subject":"x"}' }],
    ['saveLog', {}],
    ['saveLog', { value: { Subject: 'neither new nor old' } }],
    ['runApex', { apexClass: '../../etc/passwd', methodName: 'x' }],
    ['onClickToDial', { onReady: true }],
    ['subscribe', { channelName: 'Calls__c' }],
    ['publish', { channelName: 'Calls', message: {} }],
    ['unsubscribe', { subscription: { id: 'mine' } }],
  ];
  it('answers INVALID_PARAM to every wrong call, and does nothing', async () => {
    for (const [method, argument] of WRONG) {
      const response = await adapter.call(method, argument);
      expect(response, `${method} ${JSON.stringify(argument)}`).toMatchObject({
        success: false,
        returnValue: null,
        errors: [{ code: 'INVALID_PARAM', description: expect.any(String) }],
      });
    }
    await shows(adapter.page, `/Contact/${ada.id}`);
    expect(await adapter.page.getByTestId('adapter-frame').boundingBox()).toMatchObject({ width: 320, height: 400 });
  });

  it('says in the console of the page what a wrong call without callback would keep to itself', async () => {
    const said = adapter.page.waitForEvent('console', (message) => message.text().includes('INVALID_PARAM'));
    await adapter.evaluate('sforce.opencti.saveLog(JSON.stringify({ value: {} }))');
    expect((await said).text()).toContain('one object');
  });

  it('shows an administrator what was said', async () => {
    await adapter.call('setSoftphonePanelHeight', { height: 4711 });
    await expect
      .poll(async () => {
        const { traffic } = await stage.product.api<{ traffic: ShownTraffic[] }>('/api/opencti/traffic', 'admin');
        return traffic.find((one) => one.method === 'setSoftphonePanelHeight' && one.args.includes('4711'));
      }, { timeout: 15_000 })
      .toMatchObject({ ok: false, surface: 'lightning', userName: expect.any(String) });
  });

  it('runs in one tab; the others hand it their clicks, get its pops, and take over when it closes', async () => {
    await adapter.evaluate('sforce.opencti.onClickToDial({ listener: (p) => heard.clicks.push(p) })');
    await adapter.call('enableClickToDial');
    const second = await open(`/Contact/${ada.id}`);
    await second.page.getByTestId('adapter-elsewhere').waitFor();
    expect(await second.page.getByTestId('adapter-frame').count()).toBe(0);
    await second.page.bringToFront();
    await second.page.locator('[data-testid=phone-link][aria-disabled=false]').first().click();
    expect(await adapter.hears('clicks', 1)).toMatchObject([{ recordId: ada.id }]);
    await adapter.call('screenPop', { type: 'objecthome', params: { scope: 'Lead' } });
    await shows(second.page, '/Lead');
    await adapter.page.close();
    await second.page.getByTestId('adapter-frame').waitFor();
    expect((await second.call('isSoftphonePanelVisible')).success).toBe(true);
    const third = await open('/');
    await third.page.getByRole('button', { name: 'Bring it here' }).click();
    await third.page.getByTestId('adapter-frame').waitFor();
    await second.page.getByTestId('adapter-elsewhere').waitFor();
  });

  it('does not listen to a page with another nonce or at another origin', async () => {
    const answered = await adapter.evaluate<boolean>(`new Promise((done) => {
      window.addEventListener('message', (e) => e.data && e.data.id === 'forged' && done(true));
      parent.postMessage({ crosspointCti: 1, nonce: 'guess', surface: 'lightning', type: 'call', id: 'forged', method: 'refreshView', args: [], functions: [] }, '*');
      sforce.opencti.refreshView({ callback: () => sforce.opencti.refreshView({ callback: () => done(false) }) });
    })`);
    expect(answered).toBe(false);
  });
});

describe('adapters as vendors write them', () => {
  beforeEach(async () => {
    for (const page of context.pages()) await page.close();
  });

  it('register before they switch on, call without arguments, at an address with two slashes', async () => {
    await assign('/eager');
    const adapter = await open(`/Contact/${ada.id}`);
    await adapter.page.locator('[data-testid=phone-link][aria-disabled=false]').first().click();
    expect(await adapter.hears('clicks', 1)).toMatchObject([{ recordId: ada.id }]);
    expect(await adapter.evaluate('heard.answers[0].success')).toBe(true);
  });

  it.each(['/dual', '/dual-swapped'])('know both generations and act once: %s', async (path) => {
    await assign(path);
    const adapter = await open(`/Contact/${ada.id}`);
    expect(await adapter.evaluate('Object.keys(sforce)')).toEqual(['opencti']);
    await adapter.page.locator('[data-testid=phone-link][aria-disabled=false]').first().click();
    expect(await adapter.hears('clicks', 1)).toHaveLength(1);
  });

  it('that never start give way to their stand-by page', async () => {
    await assign('/mute', { reqStandbyUrl: `${pages.origin}/standby`, reqTimeout: '700' });
    const adapter = await open();
    await adapter.page.getByTestId('adapter-standby').waitFor();
    await (await adapter.frame()).getByText('stand-by').waitFor();
    expect((await adapter.call('isSoftphonePanelVisible')).returnValue).toEqual({ visible: true });
  });

  it('outside of a CRM are told so', async () => {
    const page = await context.newPage();
    await page.goto(`${pages.origin}/blank`);
    const response = await page.evaluate<{ errors: { code: string }[] }>(
      'new Promise((done) => sforce.opencti.refreshView({ callback: done }))',
    );
    expect(response.errors[0]?.code).toBe('SOFTPHONE_CONTAINER_ERROR');
  });
});

describe('Classic', () => {
  let adapter: Adapter;
  beforeAll(() => assign('/classic', { reqSalesforceCompatibilityMode: 'Classic' }));
  beforeEach(async () => {
    for (const page of context.pages()) await page.close();
    adapter = await open(`/Contact/${ada.id}`);
    await adapter.page.getByRole('heading', { name: ADA.name }).first().waitFor();
  });
  const json = async (method: string, ...args: unknown[]) =>
    JSON.parse(String((await adapter.classic(method, ...args)).result)) as Record<string, unknown>;
  const yes = { result: true, error: undefined };

  it('has all 22 calls and nothing of Lightning', async () => {
    const names = await adapter.evaluate<string[]>(`[].concat(
      Object.keys(sforce.interaction).filter((k) => typeof sforce.interaction[k] === 'function'), Object.keys(sforce.interaction.cti))`);
    expect(names).toEqual(expect.arrayContaining(['getPageInfo', 'onFocus', 'saveLog', 'onClickToDial', 'getDirectoryNumbers']));
    expect(new Set(names).size).toBe(22);
    expect(await adapter.evaluate('typeof sforce.opencti')).toBe('undefined');
  });

  it('tells of the page and of clicks as JSON', async () => {
    expect(await json('getPageInfo')).toMatchObject({ objectId: ada.id, objectName: ADA.name, object: 'Contact', displayName: 'Contact' });
    expect(await adapter.classic('cti.enableClickToDial')).toEqual(yes);
    await adapter.page.locator('[data-testid=phone-link][aria-disabled=false]').first().click();
    const [click] = await adapter.hears<{ result: string }>('clicks', 1);
    expect(JSON.parse(click?.result ?? '')).toMatchObject({ objectId: ada.id, object: 'Contact', displayName: 'Contact' });
    expect(await adapter.classic('cti.disableClickToDial')).toEqual(yes);
    await adapter.page.getByRole('link', { name: 'Leads' }).first().click();
    const views = await adapter.hears<{ result: string }>('views', 1);
    expect(JSON.parse(views.at(-1)?.result ?? '')).toMatchObject({ url: expect.stringContaining('/lightning/o/Lead/list'), objectId: '' });
  });

  it('sets and asks for the panel, the page and the console', async () => {
    expect(await adapter.classic('isInConsole')).toEqual(yes);
    expect(await adapter.classic('isVisible')).toEqual(yes);
    expect(await adapter.classic('setVisible', false)).toEqual(yes);
    expect((await adapter.classic('isVisible')).result).toBe(false);
    expect(await adapter.classic('setVisible', true)).toEqual(yes);
    expect(await adapter.classic('cti.setSoftphoneHeight', 420)).toEqual(yes);
    expect(await adapter.classic('cti.setSoftphoneWidth', 360)).toEqual(yes);
    expect(await adapter.page.getByTestId('adapter-frame').boundingBox()).toMatchObject({ width: 360, height: 420 });
    expect(await adapter.classic('refreshPage')).toEqual(yes);
    expect(await adapter.classic('refreshRelatedList', 'Cases')).toEqual(yes);
    expect(await adapter.classic('notifyInitializationComplete')).toEqual(yes);
    expect(await adapter.classic('cti.notifyInitializationComplete')).toEqual(yes);
    expect(await json('cti.getCallCenterSettings')).toMatchObject({ '/reqDialingOptions/reqOutsidePrefix': '9' });
    expect(await json('cti.getSoftphoneLayout')).toHaveProperty('Inbound');
  });

  it('saves what is not URL-encoded and has names in any case, and changes it', async () => {
    const { result } = await adapter.classic(
      'saveLog',
      'Task',
      `subject=Call with R&D: 100%&whoId=${ada.id}&Activitydate=2026-03-01&status=completed&CallType=outbound&CallDurationInSeconds=12.4`,
    );
    expect((await read(String(result))).fields).toMatchObject({
      Subject: 'Call with R&D: 100%',
      WhoId: ada.id,
      ActivityDate: '2026-03-01',
      Status: 'Completed',
      CallDurationInSeconds: 12,
    });
    expect(await adapter.classic('saveLog', 'Task', `Id=${String(result)}&Description=a%20b`)).toEqual({ result, error: undefined });
    expect((await read(String(result))).fields.Description).toBe('a b');
    expect(await adapter.classic('saveLog', 'Task', 'WhoId=nobody')).toMatchObject({ result: false, error: expect.stringContaining('WhoId') });
  });

  it('pops, searches, and asks where a search would pop', async () => {
    expect(await adapter.classic('screenPop', '/001/o', true)).toEqual(yes);
    await shows(adapter.page, '/Account');
    const found = await json('searchAndGetScreenPopUrl', ADA.number, '', 'inbound');
    expect(found).toMatchObject({ screenPopUrl: `/${ada.id}`, [ada.id]: { object: 'Contact', displayName: 'Contact' } });
    await shows(adapter.page, '/Account');
    expect(await json('searchAndScreenPop', ADA.number, '', 'outbound')).toHaveProperty(ada.id);
    await shows(adapter.page, '/Account');
    expect(await json('searchAndScreenPop', ADA.number, '', null)).toHaveProperty(ada.id);
    await shows(adapter.page, `/Contact/${ada.id}`);
    expect(await adapter.classic('screenPop', 'https://elsewhere.example')).toMatchObject({ result: false });
  });

  it('runs actions and reads the directory page by page', async () => {
    expect((await adapter.classic('runApex', 'Cases', 'word', '')).result).toBe('{"ok":1}');
    expect(JSON.parse(String((await adapter.classic('runApex', 'Cases', 'find', 'number=7')).result))).toMatchObject({ number: '7' });
    for (const name of ['Conference room', 'Warehouse'])
      await stage.product.post('/api/directory-numbers', { name, phone: '+44207946000', description: 'ring twice' }, 'admin');
    const first = await adapter.evaluate<string>(
      'new Promise((done) => sforce.interaction.cti.getDirectoryNumbers(true, null, (r) => done(r.result), 0, 1))',
    );
    expect(JSON.parse(first)).toEqual({
      directoryNumbers: [{ callCenterName: '', name: 'Conference room', phone: '+44207946000', description: 'ring twice' }],
      hasNext: true,
    });
    expect(((await json('cti.getDirectoryNumbers', false, '')).directoryNumbers as unknown[]).length).toBe(2);
  });

  it('loads its page anew, and has the console’s call events and attached data', async () => {
    await adapter.evaluate('window.got = []');
    const told = await adapter.evaluate(`new Promise((done) => {
      sforce.console.cti.onCallBegin((r) => got.push(r.callObjectId));
      sforce.console.cti.setCallAttachedData('c1', { ANI: '1', callType: 'inbound' }, () =>
        sforce.console.cti.fireOnCallBegin('c1', 'inbound', 'Ada', () =>
          sforce.console.cti.getCallAttachedData('c1', (data) =>
            sforce.console.cti.getCallObjectIds((ids) => done({ got, data, ids, inConsole: sforce.console.isInConsole() })))));
    })`);
    expect(told).toEqual({
      got: ['c1'],
      data: { success: true, data: { ANI: '1', callType: 'inbound' } },
      ids: { success: true, ids: ['c1'] },
      inConsole: true,
    });
    const presence = await adapter.evaluate('new Promise((done) => sforce.console.presence.login("x", done))');
    expect(presence).toMatchObject({ success: false, error: expect.any(String) });
    await adapter.evaluate('void sforce.interaction.reloadFrame()');
    await adapter.page.waitForFunction(() => true);
    await expect.poll(() => adapter.evaluate('typeof window.got').catch(() => ''), { timeout: 15_000 }).toBe('undefined');
    expect(await adapter.classic('isInConsole')).toEqual(yes);
  });
});
