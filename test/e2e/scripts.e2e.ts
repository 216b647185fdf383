/** Agent scripts: designed in Setup by keyboard and mouse, popped for a call beside the record, their answers on its Task. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { DEFAULT_LAYOUT, type SoftphoneLayout } from '../../src/protocol/layouts.ts';
import { ADA, Stage } from './stage.ts';

const stage = Stage.forThisFile();

/** The demo queue of number 100 has it. */
const CODE = 'Order taken';

async function openSetup(path: string): Promise<Page> {
  const page = await (await stage.context()).newPage();
  await page.goto(`${stage.product.url}/setup${path}`);
  await page.getByTestId('sign-in-username').fill('admin');
  await page.getByTestId('sign-in-password').fill('crosspoint');
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId('page-title').waitFor();
  return page;
}

const picture = async (page: Page, name: string) => {
  // The pictures in docs/scripts.md are these: UPDATE_DOCS=1 npm test -- e2e
  if (process.env.UPDATE_DOCS) await page.screenshot({ path: `docs/images/${name}.png` });
};

it('is designed in Setup, tried, made active and popped by a layout; the agent runs it and its answers stay with the call', async () => {
  const setup = await openSetup('/scripts/new');
  await setup.locator('[data-field=label]').fill('Order');
  await setup.locator('[data-field=name]').fill('Order');
  await setup.getByTestId('add-question').click();
  await setup.getByLabel('Question', { exact: true }).fill('What do you want?');
  await setup.getByLabel('Answer’s name').fill('wish');
  await setup.getByLabel('Needed').check();
  await setup.getByTestId('add-step').click();
  await setup.getByTestId('add-end').click();
  expect(await setup.getByTestId('problems-1').innerText()).toBe('nothing leads here');
  await setup.getByTestId('step-0').getByLabel('Then').click();
  await setup.getByRole('option', { name: '2. End' }).click();
  await setup.getByTestId('step-1').getByLabel('What the agent says').fill('One {answer:wish}, thank you.');
  await setup.getByTestId('step-1').getByLabel('Wrap-up code').fill(CODE);
  await expect.poll(() => setup.getByTestId('problems-1').count()).toBe(0);
  await setup.locator('[data-field=active]').check();
  await setup.getByTestId('save').click();
  await setup.getByTestId('page-title').filter({ hasText: 'Order' }).waitFor();
  await picture(setup, 'script-editor');
  await setup.getByTestId('try').click();
  await setup.getByTestId('script-next').click();
  await setup.getByText('An answer is needed').waitFor();
  await setup.getByTestId('answer-wish').fill('engine');
  await setup.getByTestId('script-next').click();
  await setup.getByText('One engine, thank you.').waitFor();

  const scriptId = setup.url().split('/').at(-1) ?? '';
  const { id: _id, ...standard } = DEFAULT_LAYOUT;
  const pop = { ...standard.inbound.pop, one: { kind: 'script', scriptId } };
  const made = await setup.evaluate(
    async (body) =>
      (
        await fetch('/api/softphone-layouts', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        })
      ).json(),
    JSON.stringify({ ...standard, label: 'With script', inbound: { ...standard.inbound, pop } }),
  );
  expect((made as SoftphoneLayout).label).toBe('With script');

  const desk = await stage.readyDesk();
  const caller = await stage.call();
  await desk.lineIs('alerting');
  await desk.page.getByTestId('record-name').filter({ hasText: ADA.name }).waitFor();
  const panel = desk.page.getByTestId('script-panel');
  await panel.getByText(`Hello ${ADA.name}, how can I help you?`).waitFor();
  await desk.press('answer');
  await desk.lineIs('connected');
  await panel.getByTestId('answer-wish').fill('second engine');
  await picture(desk.page, 'script-during-a-call');
  await desk.page.reload();
  await panel.getByText(`Hello ${ADA.name}, how can I help you?`).waitFor();
  await panel.getByTestId('answer-wish').fill('second engine');
  await panel.getByTestId('script-next').click();
  await panel.getByText('One second engine, thank you.').waitFor();
  await panel.getByTestId('script-next').click();
  await panel.getByText(`Wrap-up code: ${CODE}`).waitFor();
  await desk.press('hangup');
  await caller.finished();
  await desk.finishWrapUp();
  const [task] = await expect
    .poll(
      async () => (await stage.callLogs(ADA.name)).filter(({ fields }) => fields.CallDisposition === CODE),
      {
        timeout: 10_000,
      },
    )
    .toHaveLength(1)
    .then(() => stage.callLogs(ADA.name));
  await desk.page.goto(`${stage.product.url}/Task/${task?.id}`);
  await desk.page.getByTestId('task-script').getByText('second engine').waitFor();
});
