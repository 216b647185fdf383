/**
 * From a fresh start to an own queue, directory, layout and call center, by keyboard alone; what is shown on the way is
 * accessible, and is the pictures of docs/setup.md: UPDATE_DOCS=1 npm test -- e2e
 */
import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Directory } from '../../src/protocol/directories.ts';
import type { SoftphoneLayout } from '../../src/protocol/layouts.ts';
import type { ShownQueue } from '../../src/protocol/setup.ts';
import { Stage } from './stage.ts';
import { violations } from './wcag.ts';

const stage = Stage.forThisFile();

/** So many steps of the Tab key lead to everything on a page. */
const MAX_TABS = 120;

/** Somebody who has no mouse. */
class Keyboard {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.#page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    await this.#page.keyboard.type(text);
  }

  /** In the text that has the focus: to the only place of these words by the arrows, then the new ones. */
  async replace(words: string, by: string): Promise<void> {
    const before = (await this.#page.locator(':focus').inputValue()).split(words)[0]?.split('\n') ?? [];
    await this.press('Control+Home', ...Array<string>(before.length - 1).fill('ArrowDown'));
    await this.press(...Array<string>(before.at(-1)?.length ?? 0).fill('ArrowRight'));
    await this.press(...Array<string>(words.length).fill('Delete'));
    await this.type(by);
  }

  /** Tab by Tab until the thing has the focus. */
  async tabTo(target: Locator): Promise<void> {
    await target.waitFor({ state: 'attached' });
    for (let tabs = 0; tabs < MAX_TABS; tabs++) {
      if ((await target.and(this.#page.locator(':focus')).count()) > 0) return;
      await this.press('Tab');
    }
    throw new Error(`${MAX_TABS} tabs do not lead to ${String(target)}`);
  }

  /** By the quick find, from wherever one is. */
  async goTo(page: string): Promise<void> {
    await this.press('Control+k');
    await this.type(page);
    await this.press('Enter');
    await this.isOn(page);
  }

  async isOn(title: string): Promise<void> {
    await this.#page.getByTestId('page-title').filter({ hasText: title }).waitFor();
  }

  /** A new thing of the list that is open. */
  async begin(title: string): Promise<void> {
    await this.press('n');
    await this.isOn(title);
  }
}

/** Nothing is wrong with what is shown; and it is the picture of this step. */
async function look(page: Page, name: string): Promise<void> {
  await page.waitForLoadState('networkidle');
  expect(await violations(page), name).toEqual([]);
  if (process.env.UPDATE_DOCS) await page.screenshot({ path: `docs/images/setup-${name}.png` });
}

it('an administrator has a queue, a directory, a layout and a call center without a mouse', async () => {
  const page = await (await stage.context()).newPage();
  await page.setViewportSize({ width: 1180, height: 800 });
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.goto(`${stage.product.url}/setup`);
  const keys = new Keyboard(page);
  const field = (name: string) => page.locator(`input[data-field="${name}"]`);

  await keys.tabTo(page.getByTestId('sign-in-username'));
  await keys.type('admin');
  await keys.press('Tab');
  await keys.type('crosspoint');
  await keys.press('Enter');
  await page.getByTestId('page-title').waitFor();
  await look(page, 'home');

  await keys.goTo('Queues');
  await keys.begin('New queue');
  await keys.type('Returns');
  await keys.tabTo(page.getByTestId('member-agent'));
  await keys.press('Space');
  await keys.press('Control+s');
  await keys.isOn('Returns');
  await look(page, 'queue');

  await keys.goTo('Business hours');
  await keys.begin('New hours');
  await keys.type('Office');
  await keys.tabTo(field('queueIds'));
  await keys.type('Returns');
  await keys.press('ArrowDown', 'Enter', 'Escape', 'Control+s');
  await keys.isOn('Office');
  await look(page, 'hours');

  await keys.goTo('Directories');
  await keys.begin('New directory');
  await keys.type('Suppliers');
  await keys.press('Control+s');
  await keys.isOn('Suppliers');
  await keys.tabTo(page.getByTestId('import-csv'));
  for (const line of ['name,phone,description', 'Dora Dean,020 7946 0001,Acme']) {
    await keys.type(line);
    await keys.press('Enter');
  }
  await keys.tabTo(page.getByTestId('import'));
  await keys.press('Enter');
  await page.getByRole('cell', { name: 'Dora Dean', exact: true }).waitFor();
  await look(page, 'directory');

  await keys.goTo('Softphone layouts');
  await keys.begin('New layout');
  await keys.type('For agents');
  await keys.tabTo(field('profileIds'));
  await keys.type('Agents');
  await keys.press('ArrowDown', 'Enter', 'Escape', 'Control+s');
  await keys.isOn('For agents');
  await look(page, 'layout');

  await keys.goTo('Call centers');
  await keys.begin('New call center');
  await keys.tabTo(page.getByTestId('template'));
  await keys.press('Enter');
  await keys.tabTo(page.getByTestId('definition'));
  await keys.replace('https://', 'https://adapter.example/softphone');
  await page.getByText('Nothing is wrong with this definition').waitFor();
  await look(page, 'definition');
  await keys.tabTo(page.getByTestId('import'));
  await keys.press('Enter');
  await page.getByRole('heading', { name: 'Users' }).waitFor();
  await keys.tabTo(page.getByTestId('member-agent2'));
  await keys.press('Space');
  await keys.tabTo(page.getByRole('button', { name: 'Save the users of this call center' }));
  await keys.press('Enter');
  await page.getByText('Saved.').first().waitFor();
  await look(page, 'call-center');

  await keys.goTo('Configuration file');
  await look(page, 'configuration');

  const ask = <T>(path: string) => stage.product.api<T>(path, 'admin');
  const { queues } = await ask<{ queues: ShownQueue[] }>('/api/queues');
  const queue = queues.find(({ label }) => label === 'Returns');
  expect(queue?.memberIds.length).toBe(1);
  const { hours } = await ask<{ hours: { queueIds: string[] }[] }>('/api/business-hours');
  expect(hours.map((one) => one.queueIds)).toEqual([[queue?.id]]);
  const { directories } = await ask<{ directories: Directory[] }>('/api/directories');
  expect(directories.find(({ label }) => label === 'Suppliers')?.entries).toBe(1);
  const { layouts } = await ask<{ layouts: SoftphoneLayout[] }>('/api/softphone-layouts');
  expect(layouts.find(({ label }) => label === 'For agents')?.profileIds).toEqual(['profile_agent']);
  const { 'call-centers': centers } = await ask<{ 'call-centers': { userIds: string[] }[] }>(
    '/api/call-centers',
  );
  expect(centers.map(({ userIds }) => userIds.length)).toEqual([1]);
}, 180_000);
