/**
 * Our softphone inside other CRMs, across two sites, without cookies: inside our own desktop as Salesforce (Open CTI), inside a
 * double of HubSpot and one of Dynamics 365. The product is 127.0.0.1, whoever is around it localhost: another site for a browser.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CrmHost, HostFile } from '../../src/protocol/crm-hosts.ts';
import type { ImportedCallCenter, ShownTraffic } from '../../src/protocol/opencti.ts';
import { AgentDesk, launchBrowser, newContext } from './browser.ts';
import { CrmPages } from './crm-pages.ts';
import { ADA, Stage } from './stage.ts';

const SECRET = 'a secret of more than thirty-two characters';

/** What the Apex class of docs/salesforce.md does, as an action of our own host. */
const APEX = `
  import { createHmac, randomUUID } from 'node:crypto';
  import { readFileSync } from 'node:fs';
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  export function token(_, { user }) {
    const aud = readFileSync(process.env.TEST_AUDIENCE_FILE, 'utf8');
    const iat = Math.floor(Date.now() / 1000);
    const claims = { aud, sub: user.username, iat, exp: iat + 60, jti: randomUUID() };
    const text = part({ alg: 'HS256', typ: 'JWT' }) + '.' + part(claims);
    return text + '.' + createHmac('sha256', '${SECRET}').update(text).digest('base64url');
  }`;

/** What the server answers to a number outside: the demo has no trunk. It says so to whoever dialled. */
const NO_LINE = 'There is no line for outside calls';

const folder = mkdtempSync(join(tmpdir(), 'actions-'));
const audience = join(folder, 'audience');
writeFileSync(join(folder, 'CrosspointSignIn.mjs'), APEX);
const stage = Stage.forThisFile({ CROSSPOINT_ACTIONS: folder, TEST_AUDIENCE_FILE: audience });
let pages: CrmPages;
let salesforce: CrmHost;

/** Our desktop by another name: another site. */
const desktop = () => `http://localhost:${stage.product.port}`;

beforeAll(async () => {
  const { product } = stage;
  pages = await CrmPages.open(product.url);
  const register = (body: object) => product.post<CrmHost>('/api/crm-hosts', body, 'admin');
  salesforce = await register({ label: 'Salesforce', kind: 'salesforce', origins: [desktop()] });
  await register({ label: 'Others', kind: 'dynamics', origins: [pages.origin] });
  const { files } = await product.api<{ files: HostFile[] }>(
    `/api/crm-hosts/${salesforce.id}/files`,
    'admin',
  );
  const text = files[0]?.text ?? '';
  const { callCenter } = await product.post<ImportedCallCenter>(
    '/api/call-centers/import',
    { text },
    'admin',
  );
  const { users } = await product.api<{ users: { id: string; username: string }[] }>('/api/users', 'admin');
  const userIds = users.filter(({ username }) => username === 'agent').map(({ id }) => id);
  await product.send('PUT', `/api/call-centers/${callCenter.id}/users`, { userIds }, 'admin');
});
afterAll(async () => {
  await pages?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The softphone in the frame of whatever page. */
function deskOf(page: Page, frame: string): AgentDesk {
  const desk = new AgentDesk(page);
  Object.assign(desk, { softphone: page.frameLocator(`[data-testid=${frame}]`) });
  return desk;
}

async function signInByWindow(desk: AgentDesk): Promise<void> {
  const opened = desk.page.waitForEvent('popup');
  await desk.softphone.getByTestId('open-sign-in').click();
  const popup = await opened;
  const closed = popup.waitForEvent('close');
  await popup.getByTestId('sign-in-username').fill('agent');
  await popup.getByTestId('sign-in-password').fill('crosspoint');
  await popup.getByTestId('sign-in-submit').click();
  await closed;
}

/** The desktop, whose agent has our own softphone as its Open CTI adapter. */
async function inSalesforce(context: BrowserContext, path = '/'): Promise<AgentDesk> {
  const page = await context.newPage();
  await page.goto(desktop() + path);
  await page.getByTestId('sign-in-username').fill('agent');
  await page.getByTestId('sign-in-password').fill('crosspoint');
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId('adapter-frame').waitFor();
  return deskOf(page, 'adapter-frame');
}

async function saveLogs(): Promise<ShownTraffic[]> {
  const { traffic } = await stage.product.api<{ traffic: ShownTraffic[] }>('/api/opencti/traffic', 'admin');
  return traffic.filter(({ method }) => method === 'saveLog');
}

describe('inside Salesforce', () => {
  it('signs in by a window, rings, pops there, outlives a reload, dials what is clicked there, and saves the log there exactly once', async () => {
    const browser = stage.after(await launchBrowser('partitioned'));
    const desk = await inSalesforce(stage.after(await newContext(browser)));
    await signInByWindow(desk);
    await desk.phoneReady();
    await desk.ready();
    await stage.call();
    await desk.lineIs('alerting');
    await desk.page.waitForURL(/\/Contact\/003/);
    await expect.poll(() => desk.page.getByTestId('adapter-label').textContent()).toBe('Incoming call');
    await desk.press('answer');
    await desk.lineIs('connected');
    // The whole page of the CRM: the softphone is back by itself, and the call with it.
    await desk.page.reload();
    await desk.phoneReady();
    await desk.lineIs('connected');
    await desk.press('hangup');
    await desk.lineIs('wrap-up');
    await desk.softphone.getByTestId('wrap-finish').click();
    await expect.poll(async () => (await stage.callLogs(ADA.name)).length, { timeout: 15_000 }).toBe(1);
    const [task] = await stage.callLogs(ADA.name);
    expect(task?.fields).toMatchObject({ CallType: 'Inbound', Status: 'Completed' });
    await expect.poll(async () => (await saveLogs()).length).toBe(1);

    await desk.page.locator('[data-testid=phone-link][aria-disabled=false]').first().click();
    await desk.softphone.getByText(NO_LINE).waitFor();
    await desk.page.close();
  });

  it('signs in by what Salesforce signs, without a password', async () => {
    await stage.product.send(
      'PUT',
      `/api/crm-hosts/${salesforce.id}`,
      { signInKey: 'secret', key: SECRET },
      'admin',
    );
    writeFileSync(audience, salesforce.id);
    const desk = await inSalesforce(await stage.context());
    await desk.phoneReady();
    await desk.softphone.getByTestId('health').click();
    for (const name of ['Server', 'Clock', 'Page around', 'Microphone', 'Phone', 'Audio path'])
      await desk.softphone.locator(`[data-testid="health-${name}"][data-tone=ok]`).waitFor();
    await desk.page.keyboard.press('Escape');
    await desk.page.close();
  });

  it('moves into a window of its own and back', async () => {
    const desk = await inSalesforce(await stage.context());
    await desk.phoneReady();
    const opened = desk.page.waitForEvent('popup');
    await desk.softphone.getByTestId('pop-out').click();
    const popup = await opened;
    await desk.softphone.getByTestId('popped-out').waitFor();
    await popup.locator('[data-testid=phone-status][data-tone=ok][data-phone=ready]').waitFor();
    await desk.softphone.getByTestId('bring-back').click();
    await expect.poll(() => popup.isClosed()).toBe(true);
    await desk.softphone.locator('[data-testid=phone-status][data-phone=ready]').waitFor();
    await desk.page.close();
  });
});

describe('inside HubSpot', () => {
  it('follows the calls, makes one call record each, and dials what is clicked', async () => {
    const page = await (await stage.context()).newPage();
    await page.goto(`${pages.origin}/hubspot`);
    const desk = deskOf(page, 'softphone-frame');
    await signInByWindow(desk);
    await desk.phoneReady();
    await desk.ready();
    await stage.call();
    await desk.lineIs('alerting');
    await desk.press('answer');
    await desk.lineIs('connected');
    await desk.press('hangup');
    await desk.softphone.getByTestId('wrap-finish').click();
    const heard = () => page.evaluate<{ type: string; data: object }[]>('heard');
    const types = async () =>
      (await heard()).map(({ type }) => type).filter((type) => /CALL|INIT|LOGGED|RESIZE/.test(type));
    await expect
      .poll(types, { timeout: 15_000 })
      .toEqual([
        'INITIALIZED',
        'RESIZE_WIDGET',
        'LOGGED_IN',
        'INCOMING_CALL',
        'CALL_ANSWERED',
        'CALL_ENDED',
        'CALL_COMPLETED',
      ]);
    expect((await heard()).at(-1)?.data).toMatchObject({
      engagementId: 4711,
      engagementProperties: { hs_call_direction: 'INBOUND' },
    });
    await page.evaluate(`dial('${ADA.number}')`);
    await desk.softphone.getByText(NO_LINE).waitFor();
    await page.close();
  });
});

describe('inside Dynamics 365', () => {
  it('pops the contact that it finds, and writes one phone call', async () => {
    const page = await (await stage.context()).newPage();
    await page.goto(`${pages.origin}/dynamics`);
    const desk = deskOf(page, 'softphone-frame');
    await signInByWindow(desk);
    await desk.phoneReady();
    await desk.ready();
    await stage.call();
    await desk.lineIs('alerting');
    await desk.press('answer');
    await desk.lineIs('connected');
    await desk.press('hangup');
    await desk.softphone.getByTestId('wrap-finish').click();
    const heard = () => page.evaluate<{ method: string; args: unknown[] }[]>('heard');
    await expect.poll(async () => (await heard()).at(-1)?.method, { timeout: 15_000 }).toBe('updateRecord');
    const calls = await heard();
    expect(calls).toContainEqual({
      method: 'openForm',
      args: [{ entityName: 'contact', entityId: 'ada-1' }],
    });
    expect(calls.filter(({ method }) => method === 'createRecord')).toMatchObject([
      { args: ['phonecall', { 'regardingobjectid_contact@odata.bind': '/contacts(ada-1)' }] },
    ]);
    await page.evaluate(`click('${ADA.number}')`);
    await desk.softphone.getByText(NO_LINE).waitFor();
    await page.close();
  });
});

describe('a page', () => {
  it('that lends no microphone is told of at once; one that nobody registered shows nothing', async () => {
    const page = await (await stage.context()).newPage();
    await page.goto(`${pages.origin}/stingy`);
    const desk = deskOf(page, 'softphone-frame');
    await signInByWindow(desk);
    expect(await desk.softphone.getByTestId('phone-problem').textContent()).toContain(
      'does not lend it the microphone',
    );
    await page.goto(`${pages.origin.replace('localhost', 'other.localhost')}/stingy`);
    await expect.poll(() => page.frames()[1]?.url()).toBe('chrome-error://chromewebdata/');
    await page.close();
  });
});
