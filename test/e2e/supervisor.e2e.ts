/** A supervisor at the live floor with real parts: who hears him, what he and a wallboard are shown as it happens, and what another team's is not. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { NewWallboard } from '../../src/protocol/floor.ts';
import type { ShownUser } from '../../src/protocol/setup.ts';
import { type AgentDesk, AUDIBLE } from './browser.ts';
import type { Caller } from './caller.ts';
import { LOUD, Stage } from './stage.ts';
import { violations, violationsNow } from './wcag.ts';

const stage = Stage.forThisFile();
const ALICE = 'Alice Moreau';

const admin = <T>(method: 'POST' | 'PUT', path: string, body: object) =>
  stage.product.send<T>(method, path, body, 'admin');

/** The floor, in a tab beside the supervisor's softphone. */
async function openFloor(desk: AgentDesk): Promise<Page> {
  const page = await desk.page.context().newPage();
  await page.goto(`${stage.product.url}/supervisor`);
  await page.locator('[data-testid=floor][data-status=online]').waitFor();
  return page;
}

const row = (floor: Page, state: string) =>
  floor.locator(`[data-testid=agent][data-agent="${ALICE}"][data-state=${state}]`);

async function choose(floor: Page, item: string): Promise<void> {
  await row(floor, 'talking').getByTestId('agent-menu').click();
  await floor.getByRole('menuitem', { name: item }).click();
}

/** Beep for beep of the fake microphone: played at another speed, or in pieces, one second or another would be without. */
async function hearsAllOf(desk: AgentDesk): Promise<void> {
  await desk.hearsSound();
  for (let i = 0; i < 2; i++) expect(await desk.hears(1_100)).toBeGreaterThan(AUDIBLE);
}

const hearsNothing = (desk: AgentDesk) =>
  expect.poll(() => desk.hears(700), { timeout: 10_000 }).toBeLessThan(AUDIBLE);

async function loudnessAt(caller: Caller): Promise<number> {
  caller.ear.reset();
  await new Promise((resolve) => setTimeout(resolve, 700));
  return caller.ear.loudness;
}

const callerHears = (caller: Caller) =>
  expect.poll(() => loudnessAt(caller), { timeout: 10_000 }).toBeGreaterThan(LOUD);

const callerHearsNothing = (caller: Caller) =>
  expect.poll(() => loudnessAt(caller), { timeout: 10_000 }).toBeLessThan(LOUD / 4);

describe('a supervisor', () => {
  it('is heard by the right parties only: listening, whispering, barging in, taking over', async () => {
    const supervisor = await stage.desk('supervisor');
    const floor = await openFloor(supervisor);
    const { desk: alice, caller: ada } = await stage.talk();
    await alice.press('mute');

    await choose(floor, 'Listen');
    await supervisor.lineIs('connected');
    await supervisor.hearsSound(); // Ada's tone
    await callerHearsNothing(ada);
    ada.ear.fallSilent();
    await hearsNothing(alice); // neither Ada nor who listens

    await choose(floor, 'Whisper');
    await hearsAllOf(alice);
    await callerHearsNothing(ada);

    await choose(floor, 'Barge in');
    await callerHears(ada);
    await alice.hearsSound();
    await supervisor.press('hangup');
    await supervisor.noLine();
    await callerHearsNothing(ada);

    await choose(floor, 'Take over');
    await alice.lineIs('wrap-up');
    await supervisor.lineIs('connected');
    await callerHears(ada);
    await supervisor.press('hangup');
    await ada.finished();
    await alice.finishWrapUp();
  }, 90_000);

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
    await floor.getByTestId('move').waitFor();
    expect(await violations(floor)).toEqual([]);
    expect(await violationsNow(screen.mainFrame())).toEqual([]);
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
