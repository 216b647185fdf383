/** The call goes on, whatever reloads, closes or dies. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { AgentDesk } from './browser.ts';
import type { Caller } from './caller.ts';
import { ADA, LOUD, Stage } from './stage.ts';

const stage = Stage.forThisFile();

async function bothHear(desk: AgentDesk, caller: Caller): Promise<void> {
  await desk.page.bringToFront(); // a headless page in the background measures no sound
  await desk.hearsSound();
  caller.ear.reset();
  await expect.poll(() => caller.ear.loudness, { timeout: 5_000 }).toBeGreaterThan(LOUD);
}

/** How many closed Tasks of Ada's calls have these notes. */
async function logsThatSay(notes: string): Promise<number> {
  return (await stage.callLogs(ADA.name)).filter(
    (task) => task.fields.Description === notes && task.fields.Status === 'Completed',
  ).length;
}

async function endCall(desk: AgentDesk, caller: Caller): Promise<void> {
  await desk.press('hangup');
  await caller.finished();
  await desk.finishWrapUp();
}

describe('the agent reloads the page in a call', () => {
  it('the call goes on with the same notes and timer, and the sound comes back', async () => {
    const { desk, caller } = await stage.talk();
    await desk.softphone.getByTestId('notes').fill('Half a sentence');
    await desk.softphone.getByTestId('notes').blur();
    await desk.hears(1_500);
    await desk.page.reload({ waitUntil: 'commit' });
    await desk.lineIs('connected');
    await bothHear(desk, caller);
    expect(await desk.softphone.getByTestId('notes').inputValue()).toBe('Half a sentence');
    expect(await desk.softphone.getByTestId('line-timer').innerText()).not.toBe('0:00');
    await endCall(desk, caller);
  });
});

describe('a second tab', () => {
  it('shows the same line without sound of its own, and gets the sound when the first closes', async () => {
    const { desk, caller } = await stage.talk();
    const second = await AgentDesk.again(desk.page.context(), stage.product.url);
    await second.lineIs('connected');
    expect(await second.hears(500)).toBe(0);
    await bothHear(desk, caller);
    await desk.page.close();
    await bothHear(second, caller);
    await endCall(second, caller);
  });
});

describe('our process is killed in a call', () => {
  it('both go on talking, the next start adopts the call, and one Task remains', async () => {
    const { desk, caller } = await stage.talk();
    await desk.softphone.getByTestId('notes').fill('Before the crash');
    await desk.softphone.getByTestId('notes').blur();
    await desk.hears(500);
    await stage.product.kill();
    await bothHear(desk, caller);
    await stage.product.start();
    await desk.lineIs('connected');
    await desk.phoneReady();
    await bothHear(desk, caller);
    expect(await desk.softphone.getByTestId('notes').inputValue()).toBe('Before the crash');
    await endCall(desk, caller);
    await expect.poll(() => logsThatSay('Before the crash'), { timeout: 10_000 }).toBe(1);
  });

  it('a caller who waits keeps his place and gets an agent after the next start', async () => {
    const caller = await stage.call();
    await expect.poll(() => caller.ear.packets, { timeout: 10_000 }).toBeGreaterThan(20);
    await stage.product.kill();
    await stage.product.start();
    const desk = await stage.desk();
    await desk.choose('state-ready');
    await desk.lineIs('alerting');
    await desk.press('answer');
    await desk.lineIs('connected');
    await bothHear(desk, caller);
    await endCall(desk, caller);
  });
});

describe('Asterisk is killed in a call', () => {
  it('the call ends in the log with one Task, Asterisk comes back, and the next call works', async () => {
    const { desk } = await stage.talk();
    await desk.softphone.getByTestId('notes').fill('Before Asterisk died');
    await desk.softphone.getByTestId('notes').blur();
    killAsterisk(stage.product.folder);
    await desk.finishWrapUp();
    await expect.poll(() => logsThatSay('Before Asterisk died'), { timeout: 10_000 }).toBe(1);
    await desk.phoneReady();
    const caller = await stage.call();
    await desk.lineIs('alerting');
    await desk.press('answer');
    await desk.lineIs('connected');
    await bothHear(desk, caller);
    await endCall(desk, caller);
  });
});

describe("the agent's pages are gone", () => {
  it('takes him out of ready, and back when he returns', async () => {
    const desk = await stage.readyDesk();
    const other = await stage.desk('agent2');
    const context = desk.page.context();
    await desk.page.close();
    const caller = await stage.call();
    await expect.poll(() => caller.ear.packets, { timeout: 10_000 }).toBeGreaterThan(200);
    expect(await other.lines.count()).toBe(0);
    const again = await AgentDesk.again(context, stage.product.url);
    await again.lineIs('alerting');
    await again.press('answer');
    await again.lineIs('connected');
    await endCall(again, caller);
  });
});

/** The one Asterisk whose configuration lies in this folder. */
function killAsterisk(folder: string): void {
  const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
  const line = lines.find((candidate) => candidate.includes('asterisk.conf') && candidate.includes(folder));
  if (!line) throw new Error('there is no Asterisk in this folder');
  process.kill(Number.parseInt(line, 10), 'SIGKILL');
}
