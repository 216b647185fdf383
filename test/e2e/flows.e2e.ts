/** The flow editor: a flow drawn by keyboard alone, its problems mended, tried without a telephone, published; and what it looks like. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Flow, FlowSummary } from '../../src/protocol/flows.ts';
import { Stage } from './stage.ts';
import { violations } from './wcag.ts';

const stage = Stage.forThisFile();

async function openSetup(path: string, username = 'admin'): Promise<Page> {
  const page = await (await stage.context()).newPage();
  await page.goto(`${stage.product.url}/setup${path}`);
  await page.getByTestId('sign-in-username').fill(username);
  await page.getByTestId('sign-in-password').fill('crosspoint');
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId('page-title').waitFor();
  return page;
}

/** The keyboard's way to a control. */
async function tabTo(page: Page, testId: string): Promise<void> {
  await page.getByTestId(testId).waitFor();
  for (let press = 0; press < 120; press++) {
    if (await page.locator(`[data-testid="${testId}"]:focus`).count()) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the Tab key does not come to ${testId}`);
}

const saved = (page: Page) => page.locator('[data-testid=save-state][data-state=saved]').waitFor();

/** The pictures in docs/flows.md are these: UPDATE_DOCS=1 npm test -- e2e */
const picture = async (page: Page, name: string) => {
  if (process.env.UPDATE_DOCS) await page.screenshot({ path: `docs/images/${name}.png` });
};

it('is used by keyboard alone: a menu is drawn, mended, tried with keys and published', async () => {
  const page = await openSetup('/flows/new');
  const { keyboard } = page;
  await tabTo(page, 'field-label');
  await keyboard.type('Order line');
  await keyboard.press('Control+s');
  await page.getByText('Nothing is drawn yet').waitFor();

  await keyboard.press('a');
  await keyboard.type('menu');
  await keyboard.press('Enter');
  await page.locator('.react-flow__node[data-id=menu]:focus').waitFor();
  await page.getByTestId('problem-count').waitFor();

  await keyboard.press('Enter');
  await tabTo(page, 'setting-prompt');
  await keyboard.type('For orders, press 1.');
  await tabTo(page, 'add-choices');
  await keyboard.press('Enter');
  await tabTo(page, 'setting-choices.0.exit');
  await keyboard.press('Control+a');
  await keyboard.type('orders');
  await keyboard.press('Enter');
  await tabTo(page, 'add-at-orders');
  await keyboard.press('Enter');
  await keyboard.type('queue');
  await keyboard.press('Enter');
  await page.locator('.react-flow__node[data-id=queue]:focus').waitFor();

  await keyboard.press('Enter');
  await tabTo(page, 'setting-queueId');
  await keyboard.press('Enter');
  await page.getByRole('option', { name: 'Sales' }).waitFor();
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await keyboard.press('Escape');
  await page.locator('.react-flow__node[data-id=queue]:focus').waitFor();
  await keyboard.press('ArrowLeft');
  await page.locator('.react-flow__node[data-id=menu]:focus').waitFor();

  await tabTo(page, 'problem-count');
  await keyboard.press('Enter');
  await expect
    .poll(() => page.getByTestId('problem').allInnerTexts())
    .toEqual([expect.stringContaining('No valid choice leads nowhere')]);
  await tabTo(page, 'problem');
  await keyboard.press('Enter');
  await page.locator('[data-testid=exit-failed]:focus').waitFor();
  await keyboard.type('Queue');
  await page.getByRole('option', { name: 'Queue' }).waitFor();
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await page.getByTestId('problem-count').waitFor({ state: 'detached' });
  await keyboard.press('Escape');
  await keyboard.press('Control+z');
  await page.getByTestId('problem-count').waitFor();
  await keyboard.press('Control+Shift+z');
  await page.getByTestId('problem-count').waitFor({ state: 'detached' });
  await saved(page);

  await tabTo(page, 'try');
  await keyboard.press('Enter');
  await tabTo(page, 'trial-start');
  await keyboard.press('Enter');
  const heard = page.getByTestId('trial-transcript');
  await heard.getByText('For orders, press 1.').waitFor();
  await page.locator('.react-flow__node[data-id=menu][aria-current=step]').waitFor();
  await tabTo(page, 'trial-wait');
  await keyboard.press('Enter');
  await heard.getByText('6 seconds pass.').waitFor();
  await keyboard.press('1');
  await heard.getByText('The caller waits in the queue Sales.').waitFor();
  await page.getByText('The call is over.').waitFor();

  await tabTo(page, 'publish');
  await keyboard.press('Enter');
  await page.locator('[data-testid=publish-note]:focus').waitFor();
  await keyboard.type('The first one');
  await keyboard.press('Enter');
  await page.getByTestId('published').filter({ hasText: 'Version 1 in use' }).waitFor();
  const { flows } = await stage.product.api<{ flows: FlowSummary[] }>('/api/flows', 'admin');
  expect(flows.map(({ label, published, edited }) => [label, published, edited])).toEqual([
    ['Order line', 1, false],
  ]);
});

it('shows what somebody else has saved meanwhile, what a version had otherwise, and is accessible', async () => {
  const page = await openSetup('/flows/new');
  await page.getByTestId('field-label').fill('Main line');
  await page.getByTestId('template-menu').click();
  await page.getByTestId('save').click();
  await page.getByTestId('flow-canvas').waitFor();
  await page.locator('.react-flow__node[data-id=menu]').click();
  await page.getByTestId('node-panel').waitFor();
  expect(await page.getByTestId('problem-count').count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  await picture(page, 'flow-editor');

  await page.getByTestId('publish').click();
  await page.getByTestId('confirm-publish').click();
  await page.getByTestId('published').filter({ hasText: 'Version 1 in use' }).waitFor();

  const id = page.url().split('/').at(-1) ?? '';
  const theirs = await stage.product.api<Flow>(`/api/flows/${id}`, 'admin');
  await stage.product.send('PUT', `/api/flows/${id}`, { ...theirs, label: 'Their name' }, 'admin');
  await page.getByTestId('node-title').fill('Choice');
  await page.locator('[data-testid=save-state][data-state=conflict]').waitFor();
  await page.getByTestId('take-theirs').click();
  await page.getByTestId('page-title').filter({ hasText: 'Their name' }).waitFor();
  await saved(page);

  await page.locator('.react-flow__node[data-id=support]').click();
  await page.getByTestId('remove-node').click();
  await page.getByTestId('problem-count').waitFor();
  await saved(page);
  await page.getByTestId('tab-problems').click();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'flow-problems');
  await page.getByTestId('tab-versions').click();
  await page.getByTestId('compare').click();
  await page.getByTestId('differences').getByText('Gone').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByTestId('revert').click();
  await page.getByTestId('problem-count').waitFor({ state: 'detached' });

  await page.getByTestId('tab-try').click();
  await page.getByTestId('trial-start').click();
  await page.getByTestId('trial-transcript').getByText('For sales, press 1.').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'flow-try-out');
}, 150_000);

it('hears in the try-out what is typed as speech', async () => {
  const at = { x: 0, y: 0 };
  const settings = {
    prompt: { en: { text: 'What is it about, an order or a bill?' } },
    choices: [
      { words: 'order, a new order', key: '1', exit: 'order' },
      { words: 'bill, my invoice', key: '2', exit: 'bill' },
    ],
  };
  const document = {
    languages: ['en'],
    start: 'ask',
    nodes: [
      {
        id: 'ask',
        kind: 'speech',
        label: '',
        settings,
        exits: { order: 'bye', bill: 'wait', failed: 'bye' },
        at,
      },
      {
        id: 'wait',
        kind: 'queue',
        label: '',
        settings: { queueId: 'queue_sales' },
        exits: {},
        at: { x: 330, y: 0 },
      },
      { id: 'bye', kind: 'hangup', label: '', settings: {}, exits: {}, at: { x: 330, y: 200 } },
    ],
  };
  const { id } = await stage.product.post<Flow>('/api/flows', { label: 'Spoken', document }, 'admin');
  const page = await openSetup(`/flows/${id}`);
  await page.getByTestId('try').click();
  await page.getByTestId('trial-start').click();
  await page.locator('[data-testid=trial-speech]:enabled').fill('it is about my invoice');
  await page.keyboard.press('Enter');
  await page.getByTestId('trial-transcript').getByText('The caller waits in the queue Sales.').waitFor();
});

it('may be looked at by a supervisor, and not changed', async () => {
  const { id } = await stage.product.post<Flow>('/api/flows', { label: 'Looked at' }, 'admin');
  const page = await openSetup(`/flows/${id}`, 'supervisor');
  await page.getByText('Changing it needs the role of an administrator').waitFor();
  expect(await page.getByTestId('publish').count()).toBe(0);
  expect(await page.getByTestId('flow-label').isDisabled()).toBe(true);
});
