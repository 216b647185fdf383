/** The console: tabs over a reload, lists by keyboard, search, and an import with a bad row. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { RecordPage } from '../../src/protocol/crm.ts';
import { Stage } from './stage.ts';

const stage = Stage.forThisFile();

async function open(path: string, username = 'agent', ready = 'home-page'): Promise<Page> {
  const page = await (await stage.context()).newPage();
  await page.goto(`${stage.product.url}${path}`);
  await page.getByTestId('sign-in-username').fill(username);
  await page.getByTestId('sign-in-password').fill('crosspoint');
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId(ready).first().waitFor();
  return page;
}

/** How long a page may take to show what it has asked for. */
const PATIENCE = { timeout: 10_000 };

const tabs = (page: Page) => page.getByTestId('workspace-tab').allTextContents();
const names = (page: Page) => page.getByTestId('list-row').locator('td:first-child').allTextContents();

describe('an agent', () => {
  it('has his tabs again after a reload, and a record is open once', async () => {
    const page = await open('/Account', 'agent', 'list-row');
    const account = page.getByTestId('list-row').getByRole('link', { name: 'Analytical Engines Ltd' });
    await account.click();
    await page.getByTestId('record-name').waitFor();
    await page
      .getByRole('link', { name: 'Ada Lovelace' })
      .first()
      .click({ modifiers: ['Control'] });
    await page.getByTestId('record-name').filter({ hasText: 'Ada Lovelace' }).waitFor();
    expect(await tabs(page)).toEqual(['Analytical Engines Ltd', 'Ada Lovelace']);
    await page.reload();
    await page.getByTestId('record-name').filter({ hasText: 'Ada Lovelace', visible: true }).waitFor();
    expect(await tabs(page)).toEqual(['Analytical Engines Ltd', 'Ada Lovelace']);
    await page.keyboard.press('[');
    await page.getByRole('link', { name: 'Ada Lovelace', disabled: false }).first().click();
    await page.locator('[aria-current=page]', { hasText: 'Ada Lovelace' }).waitFor();
    expect(await tabs(page)).toEqual(['Analytical Engines Ltd', 'Ada Lovelace']);
    await page.keyboard.press('g');
    await page.keyboard.press('h');
    const recent = page.getByTestId('recent-record');
    await recent.first().waitFor();
    expect(await recent.first().textContent()).toContain('Ada Lovelace');
  });

  it('makes a list of his own by keyboard, and steps through it', async () => {
    const page = await open('/Contact', 'agent', 'list-row');
    await page.keyboard.press('c');
    await page.getByTestId('add-condition').focus();
    await page.keyboard.press('Enter');
    await page.locator('[data-testid=condition-field]:focus').waitFor();
    await page.keyboard.type('City');
    await page.getByRole('option', { name: 'City' }).first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByTestId('condition-value').focus();
    await page.keyboard.type('Manchester');
    await page.keyboard.press('Enter');
    await page.getByText('1 condition').waitFor();
    await page.getByTestId('save-list-as').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('list-name').fill('Manchester');
    await page.keyboard.press('Enter');
    await page.getByTestId('list-switch').filter({ hasText: 'Manchester' }).waitFor();
    const { total } = await stage.product.api<RecordPage>('/api/crm/Contact?limit=1', 'agent');
    const count = () => page.getByTestId('list-row').count();
    await expect.poll(count, PATIENCE).toBeLessThan(total);
    await page.getByTestId('list-row').first().waitFor();
    const shown = await names(page);
    expect(shown.length).toBeGreaterThan(1);
    await page.reload();
    await page.getByTestId('list-switch').filter({ hasText: 'Manchester' }).waitFor();
    await page.getByTestId('list-row').first().waitFor();
    expect(await names(page)).toEqual(shown);
    await page.getByTestId('list-row').first().getByRole('link').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page
      .getByTestId('record-name')
      .filter({ hasText: shown[1] ?? '' })
      .waitFor();
  });

  it('finds a caller by a number in any way of typing it, grouped by object', async () => {
    const page = await open('/');
    for (const typed of ['020 7946 0958', '+44 (0)20 7946 0958', '79460958']) {
      await page.keyboard.press('/');
      await page.keyboard.type(typed);
      // What was found by the first digits has gone.
      await expect.poll(() => page.getByTestId('search-option').count(), PATIENCE).toBe(1);
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.getByTestId('record-name').filter({ hasText: 'Ada Lovelace' }).waitFor();
    }
    await page.keyboard.press('?');
    await page.getByTestId('help-sheet').waitFor();
  });
});

describe('an administrator', () => {
  it('imports a file whose bad row is named, and mended records are found by their number', async () => {
    const page = await open('/setup/imports', 'admin', 'choose-file');
    const file = [
      'First name;Surname;Company;Tel',
      'Grace;Hopper;Analytical Engines Ltd;020 7946 0777',
      'Nobody;Home;Nowhere at all;020 7946 0778',
      'Katherine;Johnson;;not a number',
    ].join('\r\n');
    const input = page.locator('input[type=file]');
    await input.setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
    await page.getByTestId('import-check').click();
    await page.getByTestId('import-result').waitFor();
    expect(await page.getByTestId('import-error').allTextContents()).toEqual([
      expect.stringContaining('nowhere at all'),
      'Row 4Phone is not a telephone number',
    ]);
    expect(await page.getByTestId('import-apply').isDisabled()).toBe(true);
    const download = page.waitForEvent('download');
    await page.getByTestId('import-errors').click();
    expect((await download).suggestedFilename()).toBe('people errors.csv');
    await page.getByTestId('skip-bad').check();
    await page.getByTestId('import-apply').click();
    await page.getByTestId('import-done').waitFor();
    const { records } = await stage.product.api<RecordPage>('/api/crm/search?q=02079460777', 'agent');
    expect(records).toMatchObject([{ name: 'Grace Hopper', detail: 'Analytical Engines Ltd' }]);
    const { changes } = await stage.product.api<{ changes: object[] }>('/api/audit?object=imports', 'admin');
    expect(changes).toMatchObject([{ userName: 'Adrian Keller', outcome: 'done' }]);
  });
});
