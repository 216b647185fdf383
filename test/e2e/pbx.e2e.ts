/**
 * A company's own PBX that routes by itself, as users have it: an administrator adds it while the product runs, gives an agent his
 * extension there, and a call to the PBX's queue pops in that agent's page though his desk phone rings.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ShownPlatform } from '../../src/protocol/platforms.ts';
import { PbxRig } from '../harness/pbx-rig.ts';
import type { SipPhone } from '../harness/sip-phone.ts';
import type { Page } from 'playwright-core';
import { ADA, Stage } from './stage.ts';

const stage = Stage.forThisFile();
let rig: PbxRig;
let phone: SipPhone;
let carrier: SipPhone;

beforeAll(async () => {
  rig = await PbxRig.start();
  phone = await rig.phone('201');
  carrier = await rig.carrier();
}, 60_000);
afterAll(() => rig?.stop());

async function signIn(page: Page, username: string): Promise<void> {
  await page.getByTestId('sign-in-username').fill(username);
  await page.getByTestId('sign-in-password').fill('crosspoint');
  await page.getByTestId('sign-in-submit').click();
}

const PICTURES = process.env.PICTURES;

describe('a PBX that routes by itself', () => {
  it('is added by an administrator; a call to its queue pops at the agent, whose desk phone answers', async () => {
    const { host, user, secret } = rig.ami;
    const settings = {
      host,
      user,
      secret,
      port: rig.tlsPort,
      tls: true,
      ca: rig.authority,
      queueLabels: 'sales=Sales of the old PBX',
    };
    const admin = <T>(method: 'POST' | 'PUT', path: string, body: object) =>
      stage.product.send<T>(method, path, body, 'admin');
    await admin('POST', '/api/platforms', {
      id: 'old-pbx',
      kind: 'ami',
      label: 'Old PBX',
      country: 'GB',
      settings,
    });
    const state = async () =>
      (await stage.product.api<ShownPlatform>('/api/platforms/old-pbx', 'supervisor')).state;
    await expect.poll(state, { timeout: 15_000 }).toBe('up');
    await admin('PUT', '/api/users/user_agent', { platformId: 'old-pbx', extension: '201' });

    const desk = await stage.desk();
    await desk.softphone
      .getByTestId('phone-status')
      .filter({ hasText: 'Desk phone 201 at Old PBX' })
      .waitFor();
    await desk.ready();

    const setup = await (await stage.context()).newPage();
    await setup.goto(`${stage.product.url}/setup/platforms/old-pbx/live`);
    await signIn(setup, 'supervisor');
    const queue = setup.locator('section', { has: setup.locator('[data-queue=sales]') });
    await queue.getByTestId('member-state').filter({ hasText: 'Free' }).waitFor();

    const customer = await carrier.call('6000', { number: ADA.number, name: 'Ada' });
    const call = await phone.nextCall(15_000);
    call.ring();
    await desk.lineIs('alerting');
    const line = desk.softphone.getByTestId('line');
    await line.filter({ hasText: 'Sales of the old PBX' }).waitFor();
    await desk.page.getByTestId('record-name').filter({ hasText: ADA.name }).waitFor();
    const answer = desk.softphone.getByTestId('answer');
    expect(await answer.getAttribute('aria-disabled')).toBe('true');
    await queue.getByTestId('live-callers').filter({ hasText: 'Ada' }).waitFor();
    await queue.getByTestId('member-state').filter({ hasText: 'Rings' }).waitFor();
    if (PICTURES) {
      await desk.page.screenshot({ path: `${PICTURES}/pbx-softphone.png` });
      await setup.screenshot({ path: `${PICTURES}/pbx-live.png`, fullPage: true });
    }

    call.answer(440);
    await desk.lineIs('connected');
    await queue.getByTestId('live-callers').waitFor({ state: 'detached' });
    await queue.getByTestId('member-state').filter({ hasText: 'On a call' }).waitFor();
    customer.hangup();
    await desk.noLine();
    await expect.poll(async () => (await stage.callLogs(ADA.name)).length, { timeout: 15_000 }).toBe(1);
  });

  it('shows in Setup whose phone an extension is, and figures of a queue log that is given there', async () => {
    const setup = await (await stage.context()).newPage();
    await setup.goto(`${stage.product.url}/setup/users/user_agent`);
    await signIn(setup, 'admin');
    const note = setup.getByTestId('pbx-phone');
    await note.filter({ hasText: 'His phone at Old PBX is PJSIP/201. It is there.' }).waitFor();
    const extension = setup.locator('input[data-field=extension]');
    await extension.fill('299');
    await note.filter({ hasText: 'Old PBX knows no phone PJSIP/299' }).waitFor();
    if (PICTURES) await setup.screenshot({ path: `${PICTURES}/pbx-user.png` });
    await extension.fill('201');

    await setup.goto(`${stage.product.url}/setup/platforms/old-pbx/live`);
    const log = { name: 'queue_log', mimeType: 'text/plain', buffer: await readFile(rig.queueLog) };
    await setup.locator('input[type=file]').setInputFiles(log);
    await setup
      .getByTestId('queue-log-result')
      .filter({ hasText: '1 caller read, 1 of them new.' })
      .waitFor();
    await setup
      .getByRole('table', { name: 'Figures per queue and day' })
      .getByText('Sales of the old PBX')
      .waitFor();
    if (PICTURES) await setup.screenshot({ path: `${PICTURES}/pbx-figures.png`, fullPage: true });
    await rig.kill();
    await setup.getByTestId('live-down').waitFor();
    if (PICTURES) await setup.screenshot({ path: `${PICTURES}/pbx-down.png`, fullPage: true });
  });
});
