/** The administrator's Setup: by keyboard and mouse from nothing to a call, refusals at their field, unsaved changes, the trail. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { AuditPage } from '../../src/protocol/setup.ts';
import { AgentDesk } from './browser.ts';
import { LOUD, Stage } from './stage.ts';
import { violations } from './wcag.ts';

const stage = Stage.forThisFile();
/** A folder for pictures of what was seen; none by default. */
const PICTURES = process.env.PICTURES;

/** Setup, signed in; by the link in the console's bar. */
async function openSetup(username = 'admin', path = ''): Promise<Page> {
  const page = await (await stage.context()).newPage();
  await page.goto(`${stage.product.url}/setup${path}`);
  await page.getByTestId('sign-in-username').fill(username);
  await page.getByTestId('sign-in-password').fill('crosspoint');
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId('page-title').waitFor();
  return page;
}

const field = (page: Page, name: string) =>
  page.locator(`input[data-field="${name}"], textarea[data-field="${name}"]`).first();

/** The page of the thing that was just made. */
async function saved(page: Page, title: string): Promise<void> {
  await page.getByTestId('page-title').filter({ hasText: title }).waitFor();
}

async function pick(page: Page, name: string, option: string): Promise<void> {
  await field(page, name).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

describe('an administrator', () => {
  it('makes a user, a queue and a number, and a call to it rings at that user; the trail shows who did it', async () => {
    const page = await openSetup();
    await page.keyboard.press('/');
    await page.keyboard.type('users');
    await page.keyboard.press('Enter');
    await saved(page, 'Users');
    await page.keyboard.press('n');
    await saved(page, 'New user');
    await field(page, 'name').fill('Nora Fields');
    await field(page, 'username').fill('nora');
    await field(page, 'extension').fill('1077');
    await field(page, 'password').fill('a good password');
    await page.keyboard.press('Control+s');
    await saved(page, 'Nora Fields');

    await page.getByTestId('nav-queues').click();
    await page.getByTestId('new').click();
    await field(page, 'label').fill('Returns');
    await page.getByTestId('member-nora').check();
    await page.getByTestId('add-dispositions').click();
    await page.keyboard.type('Refunded');
    await page.getByTestId('save').click();
    await saved(page, 'Returns');

    await page.getByTestId('nav-numbers').click();
    await page.getByTestId('new').click();
    await field(page, 'dnis').fill('300');
    await field(page, 'label').fill('Returns line');
    await pick(page, 'queueId', 'Returns');
    await page.getByTestId('save').click();
    await saved(page, '300');

    const desk = await AgentDesk.open(await stage.context(), stage.product.url, 'nora', 'a good password');
    await desk.ready();
    const caller = await stage.call({ to: '300' });
    await desk.lineIs('alerting');
    await desk.press('answer');
    await desk.lineIs('connected');
    caller.ear.reset();
    await desk.hearsSound();
    expect(caller.ear.loudness).toBeGreaterThan(LOUD);
    await desk.press('hangup');
    await caller.finished();
    await desk.finishWrapUp();

    await page.getByTestId('nav-audit').click();
    await page.getByTestId('change').nth(2).waitFor();
    const { changes } = await stage.product.api<AuditPage>('/api/audit', 'admin');
    expect(changes.map(({ object, action, label, userName }) => [object, action, label, userName])).toEqual([
      ['numbers', 'create', 'Returns line', 'Adrian Keller'],
      ['queues', 'create', 'Returns', 'Adrian Keller'],
      ['users', 'create', 'Nora Fields', 'Adrian Keller'],
    ]);
    expect(JSON.stringify(changes)).not.toContain('a good password');
    await page.getByTestId('change').last().getByRole('button').click();
    expect(await page.getByTestId('change').last().textContent()).toContain('1077');
  });

  it('is told at the field what the server refuses, and keeps what was typed', async () => {
    const page = await openSetup('admin', '/users/new');
    await field(page, 'name').fill('Second Alice');
    await field(page, 'username').fill('agent');
    await field(page, 'password').fill('short');
    await page.getByTestId('save').click();
    await page.getByText('At least eight characters', { exact: true }).waitFor();
    await field(page, 'password').fill('long enough');
    await page.getByTestId('save').click();
    await page.getByText('There is already a user with this username.').waitFor();
    expect(await field(page, 'name').inputValue()).toBe('Second Alice');
    expect(await page.locator('input[data-field=username]:focus').count()).toBe(1);
  });

  it('is asked before unsaved changes are left, also by the back button', async () => {
    const page = await openSetup('admin', '/queues');
    await page.getByRole('link', { name: 'Support' }).click();
    await saved(page, 'Support');
    await field(page, 'greeting').fill('Good day.');
    await page.getByTestId('nav-users').click();
    await page.getByTestId('stay').click();
    await page.goBack();
    await page.getByTestId('stay').click();
    expect(await field(page, 'greeting').inputValue()).toBe('Good day.');
    await page.getByTestId('nav-users').click();
    await page.getByTestId('discard').click();
    await saved(page, 'Users');
  });

  it('plays a day with one agent fewer, and sees what that costs', async () => {
    const page = await openSetup('admin', '/simulator');
    await page.getByLabel('Days played').fill('1');
    await page.getByTestId('agent-group').first().getByRole('textbox').first().fill('1');
    await page.getByTestId('simulate').click();
    const figures = page.getByTestId('day-figures');
    // Beside everything that serves: on a busy machine it takes its time.
    await figures.waitFor({ timeout: 100_000 });
    const gaveUp = figures.getByRole('row', { name: /^Gave up/ });
    expect(await gaveUp.getByRole('cell').last().textContent()).toMatch(/^\+\d/);
    expect(await violations(page)).toEqual([]);
    if (PICTURES)
      await page
        .locator('section')
        .last()
        .screenshot({ path: `${PICTURES}/simulator.png` });
  }, 150_000);

  it('cannot delete a queue that numbers lead to, and learns which', async () => {
    const page = await openSetup('admin', '/queues/queue_sales');
    await page.getByTestId('remove').click();
    await page.getByRole('dialog').getByRole('link', { name: '+442079460000' }).click();
    await saved(page, '+442079460000');
  });
});

it('a supervisor looks and changes nothing; an agent sees nothing', async () => {
  const page = await openSetup('supervisor', '/queues/queue_sales');
  await page.getByText('Changing it needs the role of an administrator').waitFor();
  expect(await field(page, 'label').isDisabled()).toBe(true);
  expect(await page.getByTestId('save').count()).toBe(0);
  const other = await (await stage.context()).newPage();
  await other.goto(`${stage.product.url}/setup`);
  await other.getByTestId('sign-in-username').fill('agent');
  await other.getByTestId('sign-in-password').fill('crosspoint');
  await other.getByTestId('sign-in-submit').click();
  await other.getByText('Setup is for administrators').waitFor();
});

it('is accessible on every page, light and dark', async () => {
  const page = await openSetup();
  const links = page.getByRole('navigation', { name: 'Setup' }).getByRole('link');
  const pages = await links.evaluateAll((all) => all.map((link) => link.textContent));
  expect(pages.length).toBeGreaterThan(15);
  const found: string[] = [];
  for (const path of pages) {
    await links.filter({ hasText: new RegExp(`^${path}$`) }).click();
    await page.waitForLoadState('networkidle');
    // The form too, where there is one to make a new thing.
    if ((await page.getByTestId('new').count()) > 0) await page.getByTestId('new').first().click();
    found.push(...(await violations(page)).map((one) => `${path} ${one}`));
  }
  expect(found).toEqual([]);
}, 120_000);
