/** A call that is recorded by rule: announced, paused for a payment, transferred, stored, played in the browser with seek. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { RecordingInfo, RecordingPage } from '../../src/protocol/recording.ts';
import type { AgentDesk } from './browser.ts';
import { ADA, Stage } from './stage.ts';

const stage = Stage.forThisFile();

/** A block of this many samples is short enough that a lost packet does not turn the tone's phase within most of them. */
const BLOCK = 800;

/** Loudness (root mean square) and share of a tone (0 to 1, Goertzel per block) in a stretch of one channel of a stereo WAV. */
function measure(wav: Buffer, channel: 0 | 1, [from, to]: [number, number], hertz: number) {
  const frames = Math.floor((wav.length - 44) / 4);
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / 8_000);
  let [power, tone, count] = [0, 0, 0];
  for (let begin = Math.floor(frames * from); begin + BLOCK <= frames * to; begin += BLOCK) {
    let [previous, before] = [0, 0];
    for (let n = begin; n < begin + BLOCK; n++) {
      const sample = wav.readInt16LE(44 + n * 4 + channel * 2);
      power += sample ** 2;
      [previous, before] = [sample + coefficient * previous - before, previous];
    }
    tone += (2 * (previous ** 2 + before ** 2 - coefficient * previous * before)) / BLOCK;
    count += BLOCK;
  }
  return { loudness: Math.sqrt(power / count), share: power === 0 ? 0 : tone / power };
}

/** The longest silence of a channel, in milliseconds. */
function silence(wav: Buffer, channel: 0 | 1): number {
  let [longest, run] = [0, 0];
  for (let at = 44 + channel * 2; at + 1 < wav.length; at += 4) {
    run = Math.abs(wav.readInt16LE(at)) < 50 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest / 8;
}

async function recordings(state: RecordingInfo['state']): Promise<RecordingInfo[]> {
  const page = await stage.product.api<RecordingPage>(`/api/recordings?state=${state}`, 'supervisor');
  return page.recordings;
}

async function audio(id: string): Promise<Buffer> {
  const { token } = await fetch(`${stage.product.url}/api/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'supervisor', password: 'crosspoint' }),
  }).then((response) => response.json() as Promise<{ token: string }>);
  const response = await fetch(`${stage.product.url}/api/recordings/${id}/audio`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.headers.get('content-type')).toBe('audio/wav');
  return Buffer.from(await response.arrayBuffer());
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a call to a queue whose calls are recorded', () => {
  it('is announced, paused for a payment, transferred, stored with a side per channel, and played on its task', async () => {
    const { rules } = await stage.product.api<{ rules: unknown[] }>('/api/recording-rules', 'admin');
    expect(rules).toEqual([]);
    await stage.product.post(
      '/api/recording-rules',
      {
        scope: { kind: 'direction', direction: 'inbound' },
        record: 'always',
        announcement: 'This call is recorded.',
        retentionDays: 30,
      },
      'admin',
    );
    const { desk, caller } = await stage.talk();
    await expect.poll(async () => (await recordings('recording')).length, { timeout: 15_000 }).toBe(1);
    const [{ id, conversationId } = { id: '', conversationId: '' }] = await recordings('recording');
    await wait(3_000);
    const payment = (verb: string) =>
      stage.product.post<{ state: string }>(`/api/calls/${conversationId}/recording/${verb}`, {
        holder: 'payment',
      });
    expect(await payment('pause')).toMatchObject({ state: 'paused' });
    await wait(2_000);
    expect(await payment('resume')).toMatchObject({ state: 'on' });
    await wait(1_000);
    const colleague = await transferTo(desk, 'agent2');
    await wait(2_000);
    await colleague.press('hangup');
    await caller.finished();
    await desk.finishWrapUp();
    await colleague.noLine();

    await expect.poll(async () => (await recordings('stored')).length, { timeout: 15_000 }).toBe(1);
    const [stored] = await recordings('stored');
    expect(stored).toMatchObject({ id, why: 'rule', queueId: expect.any(String), may: { play: true } });
    // One recording for both agents.
    expect(stored?.userIds).toEqual(['user_agent', 'user_agent2']);
    const wav = await audio(id);
    expect(wav.length).toBe(stored?.bytes);
    expect(stored?.ms).toBeGreaterThan(7_000);
    // The caller says 440 Hz on the left; on the right he hears the beeps of Chromium's microphone, and no 440 Hz.
    expect(measure(wav, 0, [0, 0.2], 440).share).toBeGreaterThan(0.8);
    expect(measure(wav, 0, [0.85, 0.98], 440).loudness).toBeGreaterThan(1_000);
    expect(measure(wav, 1, [0, 1], 440).loudness).toBeGreaterThan(50);
    expect(measure(wav, 1, [0, 1], 440).share).toBeLessThan(0.1);
    expect(silence(wav, 0)).toBeGreaterThan(1_500);
    expect(silence(wav, 0)).toBeLessThan(3_500);

    await playsOnItsTask(desk.page);
    const { accesses } = await stage.product.api<{ accesses: { userId: string; what: string }[] }>(
      `/api/recordings/${id}/access`,
      'admin',
    );
    expect(accesses.map(({ userId, what }) => `${userId} ${what}`)).toEqual([
      'user_agent played',
      'user_supervisor played',
    ]);
  });
});

/** A blind transfer, answered. */
async function transferTo(desk: AgentDesk, username: string): Promise<AgentDesk> {
  const colleague = await stage.desk(username);
  await desk.press('transfer');
  await desk.softphone.getByTestId('transfer-search').fill('1002');
  await desk.softphone.getByTestId('target').filter({ hasText: '1002' }).first().waitFor();
  await desk.softphone.getByTestId('target-transfer').click();
  await colleague.lineIs('alerting');
  await colleague.press('answer');
  await colleague.lineIs('connected');
  return colleague;
}

async function playsOnItsTask(page: Page): Promise<void> {
  const tasks = () => stage.callLogs(ADA.name);
  // One of each agent.
  await expect.poll(async () => (await tasks()).length, { timeout: 15_000 }).toBe(2);
  const [task] = await tasks();
  await page.goto(`${stage.product.url}/Task/${task?.id}`);
  const player = page.getByTestId('recording-player');
  await player.waitFor();
  if (process.env.UPDATE_DOCS) await player.screenshot({ path: 'docs/images/recording-player.png' });
  await page.getByTestId('recording-play').click();
  const at = () =>
    page.evaluate<number>("document.querySelector('[data-testid=recording-player] audio').currentTime");
  await expect.poll(at, { timeout: 15_000 }).toBeGreaterThan(0.5);
  await page.getByTestId('recording-seek').focus();
  await page.keyboard.press('End');
  await expect.poll(at, { timeout: 15_000 }).toBeGreaterThan(5);
  await page.getByText('Customer', { exact: true }).click();
  await page.getByLabel('Speed').selectOption('2');
  expect(
    await page.evaluate("document.querySelector('[data-testid=recording-player] audio').playbackRate"),
  ).toBe(2);
}
