/** Open CTI adapters for Classic in our desktop, and adapters in the style of public ones. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Frame, Page } from 'playwright-core';
import { must } from '../../src/lib/must.ts';
import { type Adapter, definitionFile } from './adapter-pages.ts';
import { newContext, signIn } from './browser.ts';
import { OpenCtiStage, shows } from './opencti-stage.ts';
import { TlsFront } from './tls-front.ts';
import { ADA } from './stage.ts';

const cti = OpenCtiStage.forThisFile();

describe('adapters as vendors write them', () => {
  beforeEach(async () => {
    await cti.closeTabs();
  });

  it('register before they switch on, call without arguments, at an address with two slashes', async () => {
    await cti.assign('/eager');
    const adapter = await cti.open(`/Contact/${cti.ada.id}`);
    await adapter.page.locator('[data-testid=phone-link][aria-disabled=false]').first().click();
    expect(await adapter.hears('clicks', 1)).toMatchObject([{ recordId: cti.ada.id }]);
    expect(await adapter.evaluate('heard.answers[0].success')).toBe(true);
  });

  it.each(['/dual', '/dual-swapped'])('know both generations and act once: %s', async (path) => {
    await cti.assign(path);
    const adapter = await cti.open(`/Contact/${cti.ada.id}`);
    expect(await adapter.evaluate('Object.keys(sforce)')).toEqual(['opencti']);
    await adapter.page.locator('[data-testid=phone-link][aria-disabled=false]').first().click();
    expect(await adapter.hears('clicks', 1)).toHaveLength(1);
  });

  it('find the CRM by the referrer, tell records by their ids, pop what they found, and log call after call', async () => {
    await cti.assign('/wild');
    const adapter = await cti.open('/');
    const path = `/Contact/${cti.ada.id}`;
    await adapter.page.goto(cti.url + path);
    const link = adapter.page.locator('[data-testid=phone-link][aria-disabled=false]').first();
    await link.click();
    await (await adapter.frame()).waitForFunction('report.saved.length === 1');
    await link.click();
    await (await adapter.frame()).waitForFunction('report.saved.length === 2');
    const report = await adapter.evaluate<Record<string, unknown> & { saved: string[] }>('report');
    expect(report).toMatchObject({
      origin: cti.url,
      prefix: '9',
      objects: expect.arrayContaining(['Contact', 'Account']),
      dialled: [`contact ${ADA.name}`, `contact ${ADA.name}`],
      found: [`Contact ${ADA.name}`],
      errors: [],
    });
    expect(new Set(report.saved).size).toBe(2);
    expect((await cti.read(report.saved[1] ?? '')).fields).toMatchObject({
      Subject: 'Call 2',
      Status: 'Completed',
      CallDurationInSeconds: 61,
    });
  });

  it('that never start give way to their stand-by page', async () => {
    await cti.assign('/mute', { reqStandbyUrl: `${cti.pages.origin}/standby`, reqTimeout: '700' });
    const adapter = await cti.open();
    await adapter.page.getByTestId('adapter-standby').waitFor();
    await (await adapter.frame()).getByText('stand-by').waitFor();
    expect((await adapter.call('isSoftphonePanelVisible')).returnValue).toEqual({ visible: true });
  });

  it('outside of a CRM are told so', async () => {
    const page = await cti.context.newPage();
    await page.goto(`${cti.pages.origin}/blank`);
    const response = await page.evaluate<{ errors: { code: string }[] }>(
      'new Promise((done) => sforce.opencti.refreshView({ callback: done }))',
    );
    expect(response.errors[0]?.code).toBe('SOFTPHONE_CONTAINER_ERROR');
  });
});

describe('Classic', () => {
  let adapter: Adapter;
  beforeAll(() => cti.assign('/classic', { reqSalesforceCompatibilityMode: 'Classic' }));
  beforeEach(async () => {
    await cti.closeTabs();
    adapter = await cti.open(`/Contact/${cti.ada.id}`);
    await adapter.page.getByRole('heading', { name: ADA.name }).first().waitFor();
  });
  const json = async (method: string, ...args: unknown[]) =>
    JSON.parse(String((await adapter.classic(method, ...args)).result)) as Record<string, unknown>;
  const yes = { result: true, error: undefined };

  it('has all 22 calls and nothing of Lightning', async () => {
    const names = await adapter.evaluate<string[]>(`[].concat(
      Object.keys(sforce.interaction).filter((k) => typeof sforce.interaction[k] === 'function'), Object.keys(sforce.interaction.cti))`);
    expect(names).toEqual(
      expect.arrayContaining(['getPageInfo', 'onFocus', 'saveLog', 'onClickToDial', 'getDirectoryNumbers']),
    );
    expect(new Set(names).size).toBe(22);
    expect(await adapter.evaluate('typeof sforce.opencti')).toBe('undefined');
  });

  it('tells of the page and of clicks as JSON', async () => {
    expect(await json('getPageInfo')).toMatchObject({
      objectId: cti.ada.id,
      objectName: ADA.name,
      object: 'Contact',
      displayName: 'Contact',
    });
    expect(await adapter.classic('cti.enableClickToDial')).toEqual(yes);
    await adapter.page.locator('[data-testid=phone-link][aria-disabled=false]').first().click();
    const [click] = await adapter.hears<{ result: string }>('clicks', 1);
    expect(JSON.parse(click?.result ?? '')).toMatchObject({
      objectId: cti.ada.id,
      object: 'Contact',
      displayName: 'Contact',
    });
    expect(await adapter.classic('cti.disableClickToDial')).toEqual(yes);
    await adapter.page.getByRole('link', { name: 'Leads' }).first().click();
    const views = await adapter.hears<{ result: string }>('views', 1);
    expect(JSON.parse(views.at(-1)?.result ?? '')).toMatchObject({
      url: expect.stringContaining('/lightning/o/Lead/list'),
      objectId: '',
    });
  });

  it('sets and asks for the panel, the page and the console', async () => {
    expect(await adapter.classic('isInConsole')).toEqual(yes);
    expect(await adapter.classic('isVisible')).toEqual(yes);
    expect(await adapter.classic('setVisible', false)).toEqual(yes);
    expect((await adapter.classic('isVisible')).result).toBe(false);
    expect(await adapter.classic('setVisible', true)).toEqual(yes);
    expect(await adapter.classic('cti.setSoftphoneHeight', 420)).toEqual(yes);
    expect(await adapter.classic('cti.setSoftphoneWidth', 360)).toEqual(yes);
    expect(await adapter.page.getByTestId('adapter-frame').boundingBox()).toMatchObject({
      width: 360,
      height: 420,
    });
    expect(await adapter.classic('refreshPage')).toEqual(yes);
    expect(await adapter.classic('refreshRelatedList', 'Cases')).toEqual(yes);
    expect(await adapter.classic('notifyInitializationComplete')).toEqual(yes);
    expect(await adapter.classic('cti.notifyInitializationComplete')).toEqual(yes);
    expect(await json('cti.getCallCenterSettings')).toMatchObject({
      '/reqDialingOptions/reqOutsidePrefix': '9',
    });
    expect(await json('cti.getSoftphoneLayout')).toHaveProperty('Inbound');
  });

  it('saves what is not URL-encoded and has names in any case, and changes it', async () => {
    const { result } = await adapter.classic(
      'saveLog',
      'Task',
      `subject=Call with R&D: 100%&whoId=${cti.ada.id}&Activitydate=2026-03-01&status=completed&CallType=outbound&CallDurationInSeconds=12.4`,
    );
    expect((await cti.read(String(result))).fields).toMatchObject({
      Subject: 'Call with R&D: 100%',
      WhoId: cti.ada.id,
      ActivityDate: '2026-03-01',
      Status: 'Completed',
      CallDurationInSeconds: 12,
    });
    expect(await adapter.classic('saveLog', 'Task', `Id=${String(result)}&Description=a%20b`)).toEqual({
      result,
      error: undefined,
    });
    expect((await cti.read(String(result))).fields.Description).toBe('a b');
    expect(await adapter.classic('saveLog', 'Task', 'WhoId=nobody')).toMatchObject({
      result: false,
      error: expect.stringContaining('WhoId'),
    });
  });

  it('pops, searches, and asks where a search would pop', async () => {
    expect(await adapter.classic('screenPop', '/001/o', true)).toEqual(yes);
    await shows(adapter.page, '/Account');
    const found = await json('searchAndGetScreenPopUrl', ADA.number, '', 'inbound');
    expect(found).toMatchObject({
      screenPopUrl: `/${cti.ada.id}`,
      [cti.ada.id]: { object: 'Contact', displayName: 'Contact' },
    });
    await shows(adapter.page, '/Account');
    expect(await json('searchAndScreenPop', ADA.number, '', 'outbound')).toHaveProperty(cti.ada.id);
    await shows(adapter.page, '/Account');
    expect(await json('searchAndScreenPop', ADA.number, '', null)).toHaveProperty(cti.ada.id);
    await shows(adapter.page, `/Contact/${cti.ada.id}`);
    expect(await adapter.classic('screenPop', 'https://elsewhere.example')).toMatchObject({ result: false });
  });

  const WRONG: [string, unknown[], RegExp][] = [
    ['setVisible', ['yes'], /true or false/],
    ['screenPop', [], /url is missing/],
    ['screenPop', ['//elsewhere.example/'], /relative/],
    ['saveLog', ['Task'], /What to save is missing/],
    ['saveLog', ['Nothing', 'a=b'], /no object Nothing/],
    ['searchAndScreenPop', ['123', '', 'sideways'], /callType/],
    ['searchAndGetScreenPopUrl', [{ a: 1 }, '', 'inbound'], /searchParams/],
    ['refreshRelatedList', [], /related list/],
    ['runApex', ['Cases'], /method is missing/],
    ['runApex', ['Nope', 'find', ''], /could not be loaded/],
    ['cti.setSoftphoneHeight', ['high'], /height must be a number/],
    ['cti.getDirectoryNumbers', [false, 'NoSuchCenter'], /no call center/],
  ];
  it('says what is wrong with a call, in words, and does nothing', async () => {
    for (const [method, args, error] of WRONG)
      expect(await adapter.classic(method, ...args), method).toEqual({
        result: false,
        error: expect.stringMatching(error),
      });
    await shows(adapter.page, `/Contact/${cti.ada.id}`);
    const said = adapter.page.waitForEvent('console', (message) => message.text().includes('onClickToDial'));
    await adapter.evaluate('sforce.interaction.cti.onClickToDial({ listener: 1 })');
    expect((await said).text()).toContain('A function is needed');
  });

  it('runs actions and reads the directory page by page', async () => {
    expect((await adapter.classic('runApex', 'Cases', 'word', '')).result).toBe('{"ok":1}');
    expect(
      JSON.parse(String((await adapter.classic('runApex', 'Cases', 'find', 'number=7')).result)),
    ).toMatchObject({ number: '7' });
    const { product } = cti.stage;
    const rooms = await product.post<{ id: string }>('/api/directories', { label: 'Rooms' }, 'admin');
    for (const name of ['Conference room', 'Warehouse'])
      await product.post(
        `/api/directories/${rooms.id}/entries`,
        { name, numbers: [{ phone: '+44207946000' }], description: 'ring twice' },
        'admin',
      );
    const first = await adapter.evaluate<string>(
      'new Promise((done) => sforce.interaction.cti.getDirectoryNumbers(true, null, (r) => done(r.result), 0, 1))',
    );
    expect(JSON.parse(first)).toEqual({
      directoryNumbers: [
        { callCenterName: '', name: 'Conference room', phone: '+44207946000', description: 'ring twice' },
      ],
      hasNext: true,
    });
    expect(((await json('cti.getDirectoryNumbers', false, '')).directoryNumbers as unknown[]).length).toBe(2);
  });

  it('loads its page anew, and has the console’s call events and attached data', async () => {
    await adapter.evaluate('window.got = []');
    const told = await adapter.evaluate(`new Promise((done) => {
      sforce.console.cti.onCallBegin((r) => got.push(r.id));
      sforce.console.cti.onCallEnd((r) => got.push(r.duration + ' ' + r.disposition));
      sforce.console.cti.setCallAttachedData('c1', '{"ANI":"1"}', 'inbound', () =>
        sforce.console.cti.fireOnCallBegin('c1', 'inbound', 'Ada', () =>
          sforce.console.cti.getCallAttachedData('c1', (data) =>
            sforce.console.cti.fireOnCallEnd('c2', 60, 'sold', () =>
            sforce.console.cti.getCallObjectIds((ids) => done({ got, data, ids, inConsole: sforce.console.isInConsole() }))), { getCallType: true })));
    })`);
    expect(told).toEqual({
      got: ['c1', '60 sold'],
      data: { success: true, data: '{"ANI":"1"}', type: 'INBOUND' },
      ids: { success: true, ids: ['c1'] },
      inConsole: true,
    });
    const presence = await adapter.evaluate(
      'new Promise((done) => sforce.console.presence.login("x", done))',
    );
    expect(presence).toMatchObject({ success: false, error: expect.any(String) });
    const tabs = await adapter.evaluate(`new Promise((done) => {
      sforce.console.onFocusedPrimaryTab((tab) => got.push(tab));
      sforce.console.addEventListener('CTIEvent', (event) => got.push(event.message));
      got.length = 0;
      sforce.console.openPrimaryTab(null, '/${cti.ada.id}', true, 'Ada', (opened) =>
        sforce.console.openSubtab(opened.id, '/${cti.ada.id}', true, '', null, (sub) =>
          sforce.console.getFocusedPrimaryTabObjectId((focused) =>
            sforce.console.getPageInfo(opened.id, (info) =>
              sforce.console.getPrimaryTabIds((ids) =>
                sforce.console.setTabTitle('x', null, (title) =>
                  sforce.console.fireEvent('CTIEvent', 'hello', () =>
                    done({ opened, sub, focused, info: JSON.parse(info.pageInfo).objectName, ids, title: title.success, got }))))))), 'name');
    })`);
    const id = `/Contact/${cti.ada.id}`;
    expect(tabs).toEqual({
      opened: { success: true, id },
      sub: { success: true, id },
      focused: { success: true, id: cti.ada.id },
      info: ADA.name,
      ids: { success: true, ids: [id] },
      title: false,
      got: ['hello'],
    });
    await adapter.page.getByRole('link', { name: 'Leads' }).first().click();
    await expect.poll(() => adapter.evaluate('got')).toEqual(['hello', { id: '/Lead', objectId: null }]);
    await adapter.evaluate('void sforce.interaction.reloadFrame()');
    await adapter.page.waitForFunction(() => true);
    await expect
      .poll(() => adapter.evaluate('typeof window.got').catch(() => ''), { timeout: 15_000 })
      .toBe('undefined');
    expect(await adapter.classic('isInConsole')).toEqual(yes);
  });
});

describe('a service-cloud-voice connector', () => {
  const VOICE = { reqVendorInfoApiName: 'vendor__Info' };
  const connectorIn = async (page: Page): Promise<Frame> => {
    const element = await page.getByTestId('voice-frame').elementHandle();
    return must(await element?.contentFrame(), 'the connector');
  };
  const ready = (page: Page) => page.locator('[data-testid=voice][data-phase=ready]').waitFor();
  const tasks = async (callId: string) => {
    const found = await cti.stage.callLogs(ADA.name);
    return found.filter(({ fields }) => fields.CallObject === callId);
  };

  it('as it is, in a desktop under a name of Salesforce’s: its call pops, outlives a reload, and is logged once', async () => {
    await cti.closeTabs();
    await cti.assign('/voice', VOICE);
    const front = cti.stage.after(await TlsFront.open('crosspoint.lightning.force.com', cti.url));
    const context = cti.stage.after(await newContext(cti.stage.browser, { ignoreHTTPSErrors: true }));
    const page = await context.newPage();
    await page.goto(front.url);
    await signIn(page, 'agent');
    await ready(page);
    await (await connectorIn(page)).evaluate(`connector.ring('call-1', '${ADA.number}')`);
    await shows(page, `/Contact/${cti.ada.id}`);
    await page.getByTestId('voice-accept').click();
    await page.locator('[data-testid=voice-call][data-state=connected]').waitFor();
    await page.getByTestId('voice-mute').click();
    await page.getByRole('button', { name: 'Unmute' }).waitFor();
    expect(await (await connectorIn(page)).evaluate('keepCalls()')).toBe(1);
    await page.reload();
    await page.locator('[data-testid=voice-call][data-state=connected]').waitFor();
    await (await connectorIn(page)).evaluate(`connector.hangUp('call-1')`);
    expect(await (await connectorIn(page)).evaluate('keepCalls()')).toBe(0); // its server is the next test's
    await page.getByLabel('Notes').fill('Sold two.');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByTestId('voice-number').waitFor();
    await expect.poll(async () => (await tasks('call-1'))[0]?.fields.Description).toBe('Sold two.');
    expect(await tasks('call-1')).toHaveLength(1);
  });

  it('whose page vouches for this desktop: signs in, dials what is clicked, and says what went wrong', async () => {
    await cti.closeTabs();
    await cti.assign('/voice-vouched?login', VOICE);
    const page = await cti.context.newPage();
    await page.goto(`${cti.url}/Contact/${cti.ada.id}`);
    await page.locator('[data-testid=voice][data-phase=login]').waitFor();
    expect((await page.getByTestId('voice-frame').boundingBox())?.height).toBe(220);
    const connector = await connectorIn(page);
    await connector.evaluate(`connector.publish('LOGIN_RESULT', 'GenericResult', { success: true })`);
    await ready(page);
    await page.locator('[data-testid=phone-link][aria-disabled=false]').first().click();
    await page.getByText('Calling').first().waitFor();
    await connector.evaluate(`void (connector.failing = { method: 'endCall', type: 'x' })`);
    await page.getByTestId('voice-end').click();
    await page.getByTestId('voice-error').getByText('The call could not be ended.').waitFor();
    await page.getByTestId('voice-end').click();
    await page.getByTestId('voice-number').fill('Grace');
    await page.getByTestId('voice-contact').getByText('Grace Hopper').waitFor();
  });
});

describe('an administrator', () => {
  it('imports a definition after he was told what is wrong with it, edits it, clones it, gives it users, and sees the traffic', async () => {
    const context = cti.stage.after(await newContext(cti.stage.browser));
    const page = await context.newPage();
    await page.goto(`${cti.url}/setup/call-centers`);
    await signIn(page, 'admin');
    await page.getByTestId('new').first().click();
    const definition = page.getByTestId('definition');
    await definition.fill(definitionFile('Vendor', 'https://<your domain>/phone'));
    await page.getByTestId('diagnostics').getByText('placeholder', { exact: true }).waitFor();
    expect(await page.getByTestId('import').isDisabled()).toBe(true);
    await definition.fill(definitionFile('Vendor', `${cti.pages.origin}/eager`));
    await page.getByTestId('import').click();
    await page.getByRole('heading', { name: 'Vendor softphone' }).waitFor();
    await page.getByTestId('item-reqOutsidePrefix').fill('0');
    await page.getByTestId('save').click();
    await page.getByTestId('member-agent2').check();
    await page.getByRole('button', { name: 'Save the users of this call center' }).click();
    await page.getByTestId('clone').click();
    await page.getByTestId('confirm-clone').click();
    await page.getByRole('heading', { name: 'Vendor softphone (copy)' }).waitFor();
    const { 'call-centers': centers } = await cti.stage.product.api<{
      'call-centers': {
        internalName: string;
        userIds: string[];
        sections: { items: { value: string }[] }[];
      }[];
    }>('/api/call-centers', 'admin');
    const made = centers.find((one) => one.internalName === 'Vendor');
    expect(made?.userIds).toHaveLength(1);
    expect(made?.sections[1]?.items[0]?.value).toBe('0');
    expect(centers.some((one) => one.internalName === 'VendorCopy')).toBe(true);

    await cti.closeTabs(); // the adapter runs in one tab: a tab of an earlier test would have it
    await cti.assign('/eager');
    const adapter = await cti.open('/');
    await adapter.call('setSoftphonePanelHeight', { height: 1 });
    await page.getByTestId('nav-adapter-traffic').click();
    await page.getByText('INVALID_PARAM: heightPX is missing: a number is needed.').first().waitFor();
  });
});
