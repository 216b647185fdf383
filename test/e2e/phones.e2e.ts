/** Other ways to talk: a SIP phone as the agent's device, a number that is clicked, a colleague, a visitor's browser. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SipPhone } from '../harness/sip-phone.ts';
import { soundIn } from './browser.ts';
import { freePort } from './product.ts';
import { ADA, LOUD, Stage } from './stage.ts';

const trunkPort = await freePort();
const stage = Stage.forThisFile({ CROSSPOINT_TRUNK: `127.0.0.1:${trunkPort}` });
let trunk: SipPhone;

beforeAll(async () => {
  trunk = await SipPhone.open({
    server: { host: '127.0.0.1', port: stage.product.sipPort },
    user: 'trunk',
    port: trunkPort,
  });
});
afterAll(() => trunk.close());

interface Created {
  device: { id: string; label: string; username: string };
  password: string;
}

describe("a SIP phone as the agent's device", () => {
  it('rings, is answered by lifting it, and carries the call; the softphone follows', async () => {
    const { device, password } = await stage.product.post<Created>(
      '/api/devices',
      { label: 'Desk' },
      'agent2',
    );
    const phone = await SipPhone.open({
      server: { host: '127.0.0.1', port: stage.product.sipPort },
      user: device.username,
      password,
    });
    expect(await phone.register()).toBe(200);
    const desk = await stage.desk('agent2');
    await desk.chooseDevice('Desk');
    await desk.ready();
    const caller = await stage.call();
    const call = await phone.nextCall(10_000);
    call.ring();
    await desk.lineIs('alerting');
    expect(await desk.softphone.getByTestId('answer').getAttribute('aria-disabled')).toBe('true');
    call.answer(523);
    await desk.lineIs('connected');
    caller.ear.reset();
    call.ear.reset();
    await expect
      .poll(() => Math.min(caller.ear.loudness, call.ear.loudness), { timeout: 10_000 })
      .toBeGreaterThan(LOUD);
    await desk.press('hangup');
    await caller.finished();
    await desk.finishWrapUp();
    await desk.chooseDevice('Browser phone');
    phone.close();
  });
});

describe("the softphone's settings", () => {
  it('add a SIP phone with what to enter in it, show that it registered, let calls ring on it, and remove it', async () => {
    const desk = await stage.desk('agent2');
    const { softphone } = desk;
    await desk.press('settings');
    await desk.press('add-phone');
    await softphone.getByText('Give it a name first.').waitFor();
    await softphone.getByTestId('phone-label').fill('Kitchen');
    await desk.press('add-phone');
    const user = await softphone.getByTestId('phone-username').innerText();
    const password = await softphone.getByTestId('phone-password').innerText();
    expect(await softphone.getByTestId('phone-server').innerText()).toBe('127.0.0.1');
    expect(await softphone.getByTestId('phone-port').innerText()).toBe(String(stage.product.sipPort));
    const row = softphone.getByTestId('sip-phone').filter({ hasText: 'Kitchen' });
    await row.getByText('Not registered').waitFor();

    const phone = await SipPhone.open({
      server: { host: '127.0.0.1', port: stage.product.sipPort },
      user,
      password,
    });
    expect(await phone.register()).toBe(200);
    await row.getByText('Registered', { exact: true }).waitFor();
    await desk.press('phone-done');
    expect(await softphone.getByText(password).count()).toBe(0);
    await desk.press('device');
    await softphone.getByRole('option', { name: 'Kitchen' }).click();
    await softphone.locator('[data-testid=phone-status]').getByText('Kitchen is connected').waitFor();

    await row.getByTestId('remove-phone').click();
    await desk.press('remove-phone-confirm');
    await row.waitFor({ state: 'detached' });
    await softphone.locator('[data-testid=phone-status]').getByText('Audio in this tab').waitFor();
    phone.close();
  });
});

describe('a number that is clicked', () => {
  it('is called by the trunk, with our number shown, and the call is logged with the record it was clicked on', async () => {
    const before = (await stage.callLogs(ADA.name)).length;
    const desk = await stage.readyDesk();
    await desk.search(ADA.name);
    await desk.page.getByTestId('phone-link').first().click();
    const call = await trunk.nextCall(10_000);
    expect(call.request?.first).toContain(`sip:${ADA.number}@`);
    expect(call.header('from')).toContain('sip:+442079460000@');
    call.answer(440);
    await desk.lineIs('connected');
    await desk.hearsSound();
    await expect.poll(() => call.ear.loudness, { timeout: 10_000 }).toBeGreaterThan(LOUD);
    await desk.press('hangup');
    await desk.finishWrapUp();
    await expect
      .poll(async () => (await stage.callLogs(ADA.name)).length, { timeout: 10_000 })
      .toBe(before + 1);
    expect((await stage.callLogs(ADA.name))[0]?.fields).toMatchObject({
      CallType: 'Outbound',
      Status: 'Completed',
    });
  });

  it('that is busy: the agent is told and free again', async () => {
    const desk = await stage.readyDesk();
    await desk.softphone.getByTestId('dial-input').fill('020 7946 0111');
    await desk.press('dial');
    const call = await trunk.nextCall(10_000);
    call.refuse('486 Busy Here');
    await desk.shows('ready');
    await desk.noLine();
  });

  it('that is no number is refused with the reason', async () => {
    const desk = await stage.readyDesk();
    await desk.softphone.getByTestId('dial-input').fill('not a number');
    await desk.press('dial');
    await desk.softphone.getByText('is not a telephone number').first().waitFor();
    await desk.shows('ready');
  });
});

describe("a visitor's browser", () => {
  it('calls a queue, is heard by the agent and hears him, and the number he gave pops', async () => {
    const desk = await stage.readyDesk();
    const visitor = await (await stage.context()).newPage();
    await visitor.goto(`${stage.product.url}/call`);
    await visitor.getByTestId('call-name').fill('Ada');
    await visitor.getByTestId('call-number').fill('020 7946 0958');
    await visitor.getByTestId('call-start').click();
    await desk.lineIs('alerting');
    await desk.page.getByTestId('record-name').filter({ hasText: ADA.name }).waitFor();
    await desk.press('answer');
    await desk.lineIs('connected');
    await isTalking(visitor);
    await soundIn(visitor);
    await desk.hearsSound();
    await visitor.getByTestId('call-hangup').click();
    await desk.finishWrapUp();
  });
});

async function isTalking(visitor: Page): Promise<void> {
  await visitor.locator('[data-testid=call-state][data-state=talking]').waitFor();
  await visitor.bringToFront();
}
