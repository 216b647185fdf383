/** Open CTI adapters for Lightning in our desktop: every call, across two origins, in a real browser. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ShownTraffic } from '../../src/protocol/opencti.ts';
import type { Adapter } from './adapter-pages.ts';
import { newContext, signIn } from './browser.ts';
import { OpenCtiStage, shows } from './opencti-stage.ts';
import { ADA } from './stage.ts';

const cti = OpenCtiStage.forThisFile();

describe('Lightning', () => {
  let adapter: Adapter;
  beforeAll(() => cti.assign('/blank'));
  beforeEach(async () => {
    await cti.closeTabs();
    adapter = await cti.open(`/Contact/${cti.ada.id}`);
    await adapter.frame();
  });

  const ok: object = { success: true, returnValue: null, errors: null, error: null };

  it('has all 26 calls and both sets of constants, and nothing of Classic', async () => {
    const shape = await adapter.evaluate<{
      names: string[];
      call: string[];
      pop: string[];
      sforce: string[];
    }>(`({
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
    const origin = encodeURIComponent(cti.stage.product.url);
    expect(/sfdcIFrameOrigin=(.*?)&/.exec(search)?.[1]).toBe(origin);
    expect(/sfdcIframeOrigin=(.*?)&/.exec(search)?.[1]).toBe(origin);
    expect(referrer).toBe(`${cti.stage.product.url}/`);
    const allow = await adapter.page.getByTestId('adapter-frame').getAttribute('allow');
    for (const feature of ['microphone', 'camera', 'autoplay', 'hid', 'clipboard-write', 'display-capture'])
      expect(allow).toContain(feature);
    expect(
      await adapter.evaluate(
        'navigator.mediaDevices.getUserMedia({ audio: true }).then(() => "sound", (e) => e.name)',
      ),
    ).toBe('sound');
  });

  it('switches click-to-dial on and off, and gets the number with its record', async () => {
    const link = adapter.page.getByTestId('phone-link').first();
    await adapter.page.locator('[data-testid=phone-link][aria-disabled=true]').first().waitFor();
    await adapter.evaluate('sforce.opencti.onClickToDial({ listener: (p) => heard.clicks.push(p) })');
    expect(await adapter.call('enableClickToDial')).toEqual(ok);
    await adapter.page.locator('[data-testid=phone-link][aria-disabled=false]').first().waitFor();
    await link.click();
    expect(await adapter.hears('clicks', 1)).toEqual([
      {
        number: await link.getAttribute('data-number'),
        recordId: cti.ada.id,
        recordName: ADA.name,
        objectType: 'Contact',
        params: '',
      },
    ]);
    expect(await adapter.call('disableClickToDial')).toEqual(ok);
    await adapter.page.locator('[data-testid=phone-link][aria-disabled=true]').first().waitFor();
  });

  it('knows what the person looks at, and hears when that changes', async () => {
    const url = `${cti.stage.product.url}/lightning/r/Contact/${cti.ada.id}/view`;
    await adapter.page.getByRole('heading', { name: ADA.name }).first().waitFor();
    expect((await adapter.call('getAppViewInfo')).returnValue).toEqual({
      url,
      recordId: cti.ada.id,
      recordName: ADA.name,
      objectType: 'Contact',
    });
    await adapter.evaluate('sforce.opencti.onNavigationChange({ listener: (p) => heard.views.push(p) })');
    await adapter.call('isSoftphonePanelVisible');
    await adapter.page.getByRole('link', { name: 'Accounts' }).first().click();
    await adapter.hears('views', 1);
    await adapter.page.goBack();
    expect(await adapter.hears('views', 2)).toEqual([
      {
        url: `${cti.stage.product.url}/lightning/o/Account/list`,
        recordId: '',
        recordName: '',
        objectType: '',
      },
      { url, recordId: cti.ada.id, recordName: ADA.name, objectType: 'Contact' },
    ]);
    await adapter.page.getByRole('link', { name: 'Accounts' }).first().click();
    await adapter.hears('views', 3);
    expect((await adapter.call('getAppViewInfo')).returnValue).toEqual({
      url: `${cti.stage.product.url}/lightning/o/Account/list`,
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
      WhoId: cti.ada.id,
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
    expect((await cti.read(recordId)).fields).toMatchObject({
      Subject: 'Call with Ada',
      WhoId: cti.ada.id,
      Status: 'Completed',
      ActivityDate: '2026-03-01',
      CallType: 'Inbound',
      CallDurationInSeconds: 62,
      CallObject: 'vendor-call-1',
      CallDisposition: 'Sold',
      TaskSubtype: 'Call',
    });
    expect(
      (await adapter.call('saveLog', { value: { ...value, CallDisposition: 'Later' } })).returnValue,
    ).toEqual({ recordId });
    expect(
      (await adapter.call('saveLog', { value: { Id: recordId, Description: 'Notes' } })).returnValue,
    ).toEqual({ recordId });
    expect((await cti.read(recordId)).fields).toMatchObject({
      CallDisposition: 'Later',
      Description: 'Notes',
    });
  });

  it('creates other records, and is told what is wrong by field', async () => {
    const saved = await adapter.call('saveLog', {
      value: { entityApiName: 'Contact', LastName: 'Newman', Phone: '020 7946 0111' },
    });
    const { recordId } = saved.returnValue as { recordId: string };
    expect((await cti.read(recordId, 'Contact')).fields).toMatchObject({ Phone: '+442079460111' });
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
    ['SOBJECT', () => ({ recordId: cti.ada.id }), () => `/Contact/${cti.ada.id}`],
    ['URL', () => ({ url: `/${cti.ada.id}` }), () => `/Contact/${cti.ada.id}`],
    ['OBJECTHOME', () => ({ scope: 'Account' }), () => '/Account'],
    ['LIST', () => ({ listViewId: '00B000000000001', scope: 'Lead' }), () => '/Lead'],
    ['SEARCH', () => ({ searchString: 'Ada' }), () => '/search?q=Ada'],
    [
      'NEW_RECORD_MODAL',
      () => ({ entityName: 'Lead', defaultFieldValues: { LastName: 'Who' } }),
      () => '/Lead/new?LastName=Who',
    ],
  ];
  it('pops every type of page', async () => {
    for (const [type, params, path] of POPS) {
      await adapter.page.getByRole('link', { name: 'Cases' }).first().click();
      const value = await adapter.evaluate<string>(`sforce.opencti.SCREENPOP_TYPE.${type}`);
      expect(await adapter.call('screenPop', { type: value, params: params() }), type).toEqual(ok);
      await shows(adapter.page, path());
    }
    const view = { object: 'Lead', name: 'By company', sort: 'Company', direction: 'asc' };
    const { id: listViewId } = await cti.stage.product.post<{ id: string }>('/api/lists', view);
    expect(await adapter.call('screenPop', { type: 'LIST', params: { listViewId, scope: 'Lead' } })).toEqual(
      ok,
    );
    await shows(adapter.page, `/Lead?list=${listViewId}`);
    const flow = await adapter.call('screenPop', { type: 'flow', params: { flowDevName: 'Nope' } });
    expect(flow.errors?.[0]?.description).toContain('There is no script');
    const fields = [{ name: 'reason', label: 'Reason', type: 'text' }];
    const steps = [
      { id: 'hello', title: 'Greet', kind: 'screen', text: 'Hello.', fields, next: 'done' },
      { id: 'done', title: 'Done', kind: 'end', text: 'Over.' },
    ];
    await cti.stage.product.post(
      '/api/scripts',
      { label: 'Intake', name: 'Intake', active: true, steps },
      'admin',
    );
    const flowArgs = [{ name: 'reason', type: 'String', value: 'An order' }];
    const params = { flowDevName: 'Intake', flowArgs };
    expect(await adapter.call('screenPop', { type: 'flow', params })).toEqual(ok);
    const panel = adapter.page.getByTestId('script-panel');
    expect(await panel.getByLabel('Reason').inputValue()).toBe('An order');
    await panel.getByTestId('script-stop').click();
  });

  it('searches by any way to write a number, pops by the layout, and can put the pop off', async () => {
    await adapter.page.getByRole('link', { name: 'Cases' }).first().click();
    const deferred = await adapter.call('searchAndScreenPop', {
      searchParams: `sip:${ADA.number}@pbx.example;user=phone`,
      callType: 'INBOUND',
      deferred: true,
    });
    const { SCREEN_POP_DATA, ...records } = deferred.returnValue as Record<string, Record<string, unknown>>;
    expect(records[cti.ada.id]).toMatchObject({
      Id: cti.ada.id,
      Name: ADA.name,
      RecordType: 'Contact',
      LastModifiedDate: expect.any(String),
    });
    expect(Object.keys(records)).toEqual(Object.values(records).map((record) => record.Id));
    await shows(adapter.page, '/Case');
    expect(await adapter.call('screenPop', SCREEN_POP_DATA)).toEqual(ok);
    await shows(adapter.page, `/Contact/${cti.ada.id}`);
    await adapter.page.getByRole('link', { name: 'Cases' }).first().click();
    const at = await adapter.call('searchAndScreenPop', {
      searchParams: '(020) 7946 0958',
      callType: 'inbound',
    });
    expect(Object.keys(at.returnValue as object)).toEqual([cti.ada.id]);
    await shows(adapter.page, `/Contact/${cti.ada.id}`);
    const nobody = await adapter.call('searchAndScreenPop', {
      searchParams: '+442079460998',
      callType: 'Inbound',
      defaultFieldValues: { LastName: 'Unknown' },
    });
    expect(nobody.returnValue).toEqual({});
    await shows(adapter.page, /^\/Contact\/new\?.*LastName=Unknown/);
  });

  it('runs actions of the deployer, and hears why one cannot be run', async () => {
    expect(
      (
        await adapter.call('runApex', {
          apexClass: 'Cases',
          methodName: 'find',
          methodParams: 'number=12&x=y',
        })
      ).returnValue,
    ).toEqual({
      runApex: { Id: '500x', number: '12', by: 'agent' },
    });
    expect(
      (await adapter.call('runApex', { apexClass: 'Cases', methodName: 'word', methodParams: '' }))
        .returnValue,
    ).toEqual({ runApex: '{"ok":1}' });
    const missing = await adapter.call('runApex', {
      apexClass: 'Nope',
      methodName: 'find',
      methodParams: '',
    });
    expect(missing.errors?.[0]).toMatchObject({
      code: 'SERVER_ERROR',
      description: expect.stringContaining('could not be loaded'),
    });
    const failed = await adapter.call('runApex', {
      apexClass: 'Cases',
      methodName: 'fail',
      methodParams: '',
    });
    expect(failed.errors?.[0]?.description).toContain('no such case');
  });

  it('publishes, subscribes and unsubscribes', async () => {
    await adapter.evaluate('window.got = []');
    await adapter.evaluate(`new Promise((done) => sforce.opencti.subscribe({ channelName: 'Calls__c', listener: (m) => got.push(m),
      callback: (r) => { window.subscription = r.returnValue; done(); } }))`);
    expect(await adapter.call('publish', { channelName: 'Calls__c', message: { a: 1 } })).toEqual(ok);
    await adapter.evaluate(
      'new Promise((done) => { const t = setInterval(() => got.length && (clearInterval(t), done()), 20); })',
    );
    expect(await adapter.evaluate('got')).toEqual([{ a: 1 }]);
    await adapter.evaluate(
      'new Promise((done) => sforce.opencti.unsubscribe({ subscription, callback: done }))',
    );
    await adapter.call('publish', { channelName: 'Calls__c', message: { a: 2 } });
    expect(await adapter.evaluate('got')).toEqual([{ a: 1 }]);
  });

  it('takes listeners of Sales Engagement, and knows of no work', async () => {
    expect(await adapter.evaluate('typeof sforce.opencti.hvs.onWorkStart({ listener: () => {} })')).toBe(
      'undefined',
    );
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
    ['screenPop', { type: 'SOMETHING', params: {} }],
    ['screenPop', { type: 'list', params: { listViewId: '00B000000000001' } }],
    ['screenPop', { type: 'newRecord', params: { entityName: 'Nothing__c' } }],
    ['screenPop', { type: 'flow', params: { flowArgs: [] } }],
    ['screenPop', { type: 'flow', params: { flowDevName: 'Intake', flowArgs: { name: 'a' } } }],
    ['screenPop', { type: 'sobject', params: 'recordId' }],
    ['saveLog', { value: '{"entityApiName":"Task","Subject":"x"}' }],
    ['saveLog', {}],
    ['saveLog', { value: { Subject: 'neither new nor old' } }],
    ['runApex', { apexClass: 'Cases', methodName: 'find', methodParams: { number: '12' } }],
    ['saveLog', { value: { Id: '00T000000000000' } }],
    ['onNavigationChange', { listener: 'navigated' }],
    ['hvs.onWorkStart', {}],
    ['hvs.completeWork', { attributes: {} }],
    ['publish', { channelName: 'Calls__c', message: 'text' }],
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
    await shows(adapter.page, `/Contact/${cti.ada.id}`);
    expect(await adapter.page.getByTestId('adapter-frame').boundingBox()).toMatchObject({
      width: 320,
      height: 400,
    });
  });

  it('says in the console of the page what a wrong call without callback would keep to itself', async () => {
    const said = adapter.page.waitForEvent('console', (message) => message.text().includes('INVALID_PARAM'));
    await adapter.evaluate('sforce.opencti.saveLog(JSON.stringify({ value: {} }))');
    expect((await said).text()).toContain('one object');
    const strange = adapter.page.waitForEvent('console', (message) => message.text().includes('onReady'));
    await adapter.evaluate('sforce.opencti.enableClickToDial({ onReady: function () {} })');
    expect((await strange).text()).toContain('is callback meant?');
  });

  it('shows an administrator what was said', async () => {
    await adapter.call('setSoftphonePanelHeight', { height: 4711 });
    await expect
      .poll(
        async () => {
          const { traffic } = await cti.stage.product.api<{ traffic: ShownTraffic[] }>(
            '/api/opencti/traffic',
            'admin',
          );
          return traffic.find((one) => one.method === 'setSoftphonePanelHeight' && one.args.includes('4711'));
        },
        { timeout: 15_000 },
      )
      .toMatchObject({ ok: false, surface: 'lightning', userName: expect.any(String) });
  });

  it('runs in one tab; the others hand it their clicks, get its pops, and take over when it closes', async () => {
    await adapter.evaluate('sforce.opencti.onClickToDial({ listener: (p) => heard.clicks.push(p) })');
    await adapter.call('enableClickToDial');
    const second = await cti.open(`/Contact/${cti.ada.id}`);
    await second.page.getByTestId('adapter-elsewhere').waitFor();
    expect(await second.page.getByTestId('adapter-frame').count()).toBe(0);
    await second.page.bringToFront();
    await second.page.locator('[data-testid=phone-link][aria-disabled=false]').first().click();
    expect(await adapter.hears('clicks', 1)).toMatchObject([{ recordId: cti.ada.id }]);
    await adapter.call('screenPop', { type: 'objecthome', params: { scope: 'Lead' } });
    await shows(second.page, '/Lead');
    await adapter.page.close();
    await second.page.getByTestId('adapter-frame').waitFor();
    expect((await second.call('isSoftphonePanelVisible')).success).toBe(true);
    const third = await cti.open('/');
    await third.page.getByRole('button', { name: 'Bring it here' }).click();
    await third.page.getByTestId('adapter-frame').waitFor();
    await second.page.getByTestId('adapter-elsewhere').waitFor();
  });

  it('runs in one browser of a user, in another when it is brought there', async () => {
    const elsewhere = cti.stage.after(await newContext(cti.stage.browser));
    const page = await elsewhere.newPage();
    await page.goto(cti.url);
    await signIn(page, 'agent');
    await page.getByText('runs in another browser').waitFor();
    expect(await page.getByTestId('adapter-frame').count()).toBe(0);
    await page.getByRole('button', { name: 'Bring it here' }).click();
    await page.getByTestId('adapter-frame').waitFor();
    await adapter.page.getByText('runs in another browser').waitFor();
    expect(await adapter.page.getByTestId('adapter-frame').count()).toBe(0);
    await page.close();
    await adapter.page.getByTestId('adapter-frame').waitFor();
  });

  it('does not listen to a page with another nonce or at another origin', async () => {
    const answered = await adapter.evaluate<boolean>(`new Promise((done) => {
      window.addEventListener('message', (e) => e.data && e.data.id === 'forged' && done(true));
      parent.postMessage({ crosspointCti: 1, nonce: 'guess', surface: 'lightning', type: 'call', id: 'forged', method: 'refreshView', args: [], functions: [] }, '*');
      sforce.opencti.refreshView({ callback: () => sforce.opencti.refreshView({ callback: () => done(false) }) });
    })`);
    expect(answered).toBe(false);
    await expect
      .poll(
        async () => {
          const path = '/api/opencti/traffic';
          const { traffic } = await cti.stage.product.api<{ traffic: ShownTraffic[] }>(path, 'admin');
          return traffic.findLast((one) => one.method === 'refused');
        },
        { timeout: 15_000 },
      )
      .toMatchObject({ kind: 'host', ok: false, answer: expect.stringContaining('another nonce') });
  });
});
