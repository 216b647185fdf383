/** A supervisor at the live floor with real parts: what he and a wallboard are shown as it happens, and what another team's is not. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { NewWallboard } from '../../src/protocol/floor.ts';
import type { ShownUser } from '../../src/protocol/setup.ts';
import type { AgentDesk } from './browser.ts';
import { Stage } from './stage.ts';

const stage = Stage.forThisFile();

const admin = <T>(method: 'POST' | 'PUT', path: string, body: object) =>
  stage.product.send<T>(method, path, body, 'admin');

/** The floor, in a tab beside the supervisor's softphone. */
async function openFloor(desk: AgentDesk): Promise<Page> {
  const page = await desk.page.context().newPage();
  await page.goto(`${stage.product.url}/supervisor`);
  await page.locator('[data-testid=floor][data-status=online]').waitFor();
  return page;
}

describe('a supervisor', () => {
  it('sees who waits as it happens, and so does a wallboard that nobody signs in to', async () => {
    const supervisor = await stage.desk('supervisor');
    const floor = await openFloor(supervisor);
    const { link } = await admin<NewWallboard>('POST', '/api/wallboards', { label: 'Hall', queueIds: [] });
    const screen = await (await stage.context()).newPage();
    await screen.goto(`${stage.product.url}${link}`);
    const sales = screen.getByTestId('board-queue').filter({ hasText: 'Sales' });
    await sales.waitFor();
    await stage.call();
    const waiting = (text: string) =>
      floor.locator('[data-queue=Sales]').getByTestId('waiting').getByText(text, { exact: true }).waitFor();
    await waiting('1');
    await expect.poll(() => sales.innerText()).toMatch(/1\s+Waiting/);
    expect(await screen.locator('body').innerText()).not.toContain('7946');
    await floor.getByRole('button', { name: 'Sales' }).click();
    await floor.getByTestId('move').click();
    await floor.getByRole('menuitem', { name: 'To Support' }).click();
    await waiting('0');
  });

  it('of another team sees nothing and is refused', async () => {
    const { users } = await stage.product.api<{ users: ShownUser[] }>('/api/users', 'admin');
    const idOf = (username: string) => users.find((user) => user.username === username)?.id ?? '';
    const team = { memberIds: [idOf('agent')], supervisorIds: [idOf('supervisor')], queueIds: [] };
    await admin('POST', '/api/teams', { label: 'Ours', ...team });
    const place = { locale: 'en-GB', zone: 'Europe/London', country: 'GB', extension: null };
    const person = { username: 'stranger', name: 'Stranger', roles: ['agent', 'supervisor'] };
    await admin('POST', '/api/users', { ...person, ...place, password: 'crosspoint' });
    const floor = await openFloor(await stage.desk('stranger'));
    await floor.getByText('You see the members of the teams that you lead').waitFor();
    expect(await floor.getByTestId('agent').count()).toBe(0);
    for (const [path, body] of [
      ['supervise', { mode: 'listen' }],
      ['state', { state: 'logged-out' }],
    ] as const)
      await expect(
        stage.product.send(
          path === 'state' ? 'PUT' : 'POST',
          `/api/floor/agents/${idOf('agent')}/${path}`,
          body,
          'stranger',
        ),
      ).rejects.toThrow('not-your-team');
  });
});
