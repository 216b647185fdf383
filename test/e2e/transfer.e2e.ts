/**
 * Full call control with real parts: a customer on the telephone network, agents in browsers; two lines, a consultation, a
 * transfer, a conference, parking. The pictures in docs/agents.md are made here: UPDATE_DOCS=1 npm test -- e2e
 */
import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { AgentDesk } from './browser.ts';
import type { Caller } from './caller.ts';
import { ADA, LOUD, Stage } from './stage.ts';

const stage = Stage.forThisFile();

/** The demo's second agent. */
const BEN = { username: 'agent2', name: 'Ben', extension: '1002' };

/** Ada's call with the first agent, and his colleague at his desk. */
async function talk(): Promise<{ first: AgentDesk; second: AgentDesk; caller: Caller }> {
  const { desk: first, caller } = await stage.talk();
  const second = await stage.readyDesk(BEN.username);
  return { first, second, caller };
}

/** A line by what it is about, or one of several by its state. */
function line(desk: AgentDesk, state: string): Locator {
  return desk.softphone.locator(`[data-testid=line][data-state=${state}]`);
}

/** Finds somebody in the search; Enter asks, Shift+Enter gives the call away. */
async function give(desk: AgentDesk, text: string, key: 'Enter' | 'Shift+Enter'): Promise<void> {
  await desk.press('transfer');
  const field = desk.softphone.getByTestId('transfer-search');
  await field.fill(text);
  await desk.softphone.getByTestId('target').filter({ hasText: text }).first().waitFor();
  await field.press(key);
  await field.waitFor({ state: 'detached' });
}

/** The first agent asks the second, who answers. */
async function consult(first: AgentDesk, second: AgentDesk): Promise<void> {
  await give(first, BEN.name, 'Enter');
  await line(second, 'alerting').waitFor();
  await second.press('answer');
  await line(second, 'connected').waitFor();
  await line(first, 'connected').waitFor();
  await line(first, 'held').waitFor();
}

async function eachHears(...desks: AgentDesk[]): Promise<void> {
  for (const desk of desks) await desk.hearsSound();
}

async function callerHears(caller: Caller): Promise<void> {
  caller.ear.reset();
  await expect.poll(() => caller.ear.loudness, { timeout: 10_000 }).toBeGreaterThan(LOUD);
}

async function picture(desk: AgentDesk, name: string): Promise<void> {
  if (!process.env.UPDATE_DOCS) return;
  await desk.page.getByTestId('softphone-frame').screenshot({ path: `docs/images/${name}.png` });
}

describe('an agent on a call', () => {
  it('asks a colleague, who sees whom it is about, and completes the transfer to him', async () => {
    const { first, second, caller } = await talk();
    await first.softphone.getByTestId('notes').fill('Her delivery is late.');
    await give(first, BEN.name, 'Enter');
    await line(second, 'alerting').waitFor();
    await second.page.getByTestId('record-name').filter({ hasText: ADA.name }).waitFor();
    await second.softphone.getByTestId('caller-number').filter({ hasText: '020 7946 0958' }).waitFor();
    await second.softphone.getByTestId('earlier-notes').getByText('Her delivery is late.').waitFor();
    await second.press('answer');
    await line(first, 'connected').waitFor();
    await picture(first, 'softphone-consult');
    await eachHears(first, second);
    await callerHears(caller); // music
    await first.press('complete');
    await first.lineIs('wrap-up');
    await line(second, 'connected').waitFor();
    await eachHears(second);
    await callerHears(caller);
    await second.press('hangup');
    await caller.finished();
    await Promise.all([first.finishWrapUp(), second.finishWrapUp()]);
  });

  it('gives the call to a queue, whose next agent gets it', async () => {
    const { first, second, caller } = await talk();
    await give(first, 'Sales', 'Shift+Enter');
    await first.lineIs('wrap-up');
    await second.lineIs('alerting');
    await second.press('answer');
    await second.lineIs('connected');
    await eachHears(second);
    await callerHears(caller);
    await second.press('hangup');
    await caller.finished();
    await Promise.all([first.finishWrapUp(), second.finishWrapUp()]);
  });

  it('joins customer and colleague in a conference, which goes on when he leaves, and ends with the last two', async () => {
    const { first, second, caller } = await talk();
    await consult(first, second);
    await first.press('conference');
    await expect.poll(() => first.softphone.getByTestId('party').count()).toBe(3);
    await picture(first, 'softphone-conference');
    await eachHears(first, second);
    await callerHears(caller);
    await first.press('hangup');
    await first.lineIs('wrap-up');
    await first.finishWrapUp();
    await eachHears(second);
    await callerHears(caller);
    await second.press('hangup');
    await caller.finished();
    await second.finishWrapUp();
  });

  it('drops a party of the conference, and parks the caller, whom a colleague picks up', async () => {
    const { first, second, caller } = await talk();
    await consult(first, second);
    await first.press('conference');
    const ben = first.softphone.getByTestId('party').filter({ hasText: BEN.name });
    await ben.getByTestId('drop').click();
    await ben.waitFor({ state: 'detached' });
    await second.finishWrapUp();
    await first.press('park');
    await second.softphone.getByTestId('parked-call').filter({ hasText: ADA.name }).waitFor();
    await callerHears(caller); // music
    await second.press('pickup');
    await line(second, 'connected').waitFor();
    await second.softphone.getByTestId('parked').waitFor({ state: 'detached' });
    await eachHears(second);
    await callerHears(caller);
    await second.press('hangup');
    await caller.finished();
    await Promise.all([first.finishWrapUp(), second.finishWrapUp()]);
  });

  it('makes a second call, and swaps the two with one key', async () => {
    const { first, second, caller } = await talk();
    await first.softphone.getByTestId('dial-input').fill(BEN.extension);
    await first.press('dial');
    await line(second, 'alerting').waitFor();
    await second.press('answer');
    await line(first, 'connected').waitFor();
    await line(first, 'held').filter({ hasText: ADA.name }).waitFor();
    await eachHears(first, second);
    await first.softphone.locator('body').press('x');
    await line(first, 'held').filter({ hasText: BEN.name }).waitFor();
    await line(first, 'connected').filter({ hasText: ADA.name }).waitFor();
    await picture(first, 'softphone-two-lines');
    await eachHears(first);
    await callerHears(caller);
    await line(first, 'connected').getByTestId('hangup').click();
    await caller.finished();
    await line(first, 'held').getByTestId('retrieve').click();
    await line(first, 'connected').filter({ hasText: BEN.name }).waitFor();
    await second.press('hangup');
    await line(first, 'connected').waitFor({ state: 'detached' });
  });
});
