/** Every page, in both colour schemes, by the rules of WCAG 2.2 A and AA that a machine can check; and at 320 px (1.4.10). */
import type { Frame, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { must } from '../../src/lib/must.ts';
import { type AgentDesk } from './browser.ts';
import { ADA, Stage } from './stage.ts';
import { violations } from './wcag.ts';

const stage = Stage.forThisFile();

function softphoneOf(desk: AgentDesk): Frame {
  return must(
    desk.page.frames().find((frame) => frame.url().includes('/softphone')),
    'the softphone',
  );
}

/** Runs in the page. */
const OVERFLOW = `Math.max(...[...document.querySelectorAll('*')]
  .filter((one) => one === document.documentElement || /auto|scroll/.test(getComputedStyle(one).overflowX))
  .map((one) => one.scrollWidth - one.clientWidth))`;

/** How many pixels one would have to scroll sideways for, in the page or in a part of it. */
function overflow(page: Page): Promise<number> {
  return page.evaluate<number>(OVERFLOW);
}

describe('the console', () => {
  it('is accessible on every page', async () => {
    const page = await (await stage.context()).newPage();
    await page.goto(stage.product.url);
    await page.getByTestId('sign-in-submit').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('sign-in-username').fill('agent');
    await page.getByTestId('sign-in-password').fill('wrong');
    await page.getByTestId('sign-in-submit').click();
    await page.getByTestId('sign-in-error').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('sign-in-password').fill('crosspoint');
    await page.getByTestId('sign-in-submit').click();
    await page.getByTestId('home-page').waitFor();
    expect(await violations(page)).toEqual([]);

    await page.goto(`${stage.product.url}/Contact`);
    await page.getByTestId('list-row').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('list-row').first().click();
    await page.getByTestId('record-name').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('edit').first().click();
    await page.getByTestId('record-form').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('cancel').click();

    await page.goto(`${stage.product.url}/Contact/new`);
    await page.getByTestId('new-record-page').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.goto(`${stage.product.url}/search?q=Ada`);
    await page.getByTestId('search-page').waitFor();
    expect(await violations(page)).toEqual([]);
  });
});

describe('the softphone', () => {
  it('is accessible idle, in its settings, ringing, talking and in wrap-up', async () => {
    const desk = await stage.readyDesk();
    const frame = softphoneOf(desk);
    await frame.getByRole('menu').waitFor({ state: 'detached' });
    expect(await violations(desk.page, frame)).toEqual([]);
    await desk.press('settings');
    await frame.getByTestId('phone-label').waitFor();
    expect(await violations(desk.page, frame)).toEqual([]);
    await frame.press('body', 'Escape');
    const caller = await stage.call();
    await desk.lineIs('alerting');
    expect(await violations(desk.page, frame)).toEqual([]);
    await desk.press('answer');
    await desk.lineIs('connected');
    await desk.page.getByTestId('record-name').filter({ hasText: ADA.name }).waitFor();
    expect(await violations(desk.page, frame)).toEqual([]);
    expect(await violations(desk.page)).toEqual([]);
    await desk.press('hangup');
    await caller.finished();
    await desk.lineIs('wrap-up');
    expect(await violations(desk.page, frame)).toEqual([]);
    await desk.finishWrapUp();
  });

  it('fits into 320 pixels, with a call too', async () => {
    const desk = await stage.desk();
    await desk.page.goto(`${stage.product.url}/softphone`);
    await desk.page.setViewportSize({ width: 320, height: 640 });
    await desk.page.locator('[data-testid=phone-status][data-tone=ok]').waitFor();
    await desk.page.getByTestId('agent-state').click();
    await desk.page.getByTestId('state-ready').click();
    await desk.page.locator('[data-testid=agent-state][data-state=ready]').waitFor();
    expect(await overflow(desk.page)).toBe(0);
    await desk.page.getByTestId('dial-input').fill('W'.repeat(64));
    await desk.page.getByTestId('dial').click();
    await desk.page.getByText('is not a telephone number').first().waitFor();
    expect(await overflow(desk.page)).toBe(0);
    const caller = await stage.call();
    await desk.page.locator('[data-testid=line][data-state=alerting]').waitFor();
    expect(await overflow(desk.page)).toBe(0);
    await desk.page.getByTestId('answer').click();
    await desk.page.locator('[data-testid=line][data-state=connected]').waitFor();
    expect(await overflow(desk.page)).toBe(0);
    await desk.page.getByTestId('hangup').click();
    await caller.finished();
    await desk.page.locator('[data-testid=line][data-state=wrap-up]').waitFor();
    expect(await overflow(desk.page)).toBe(0);
    expect(await violations(desk.page)).toEqual([]);
    await desk.page.getByTestId('wrap-finish').click();
  });
});

describe("a visitor's page", () => {
  it('is accessible before, in and after a call, and fits into 320 pixels', async () => {
    const page = await (await stage.context()).newPage();
    await page.setViewportSize({ width: 320, height: 640 });
    await page.goto(`${stage.product.url}/call`);
    await page.getByTestId('call-start').waitFor();
    await page.getByTestId('call-number').fill('W'.repeat(40));
    await page.getByTestId('call-start').click();
    await page.getByTestId('call-error').waitFor();
    expect(await overflow(page)).toBe(0);
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('call-number').fill('');
    await page.getByTestId('call-start').click();
    await page
      .locator('[data-testid=call-state][data-state=talking], [data-testid=call-state][data-state=ringing]')
      .waitFor();
    expect(await overflow(page)).toBe(0);
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('call-hangup').click();
    await page.getByTestId('call-again').waitFor();
    expect(await overflow(page)).toBe(0);
    expect(await violations(page)).toEqual([]);
  });
});
