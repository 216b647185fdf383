/** Callers who wait: told their place, called back at it, and leaving a message that is played in the browser. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Callback, VoicemailPage } from '../../src/protocol/waiting.ts';
import { SipPhone } from '../harness/sip-phone.ts';
import { freePort } from './product.ts';
import { ADA, LOUD, Stage } from './stage.ts';

const trunkPort = await freePort();
const stage = Stage.forThisFile({ CROSSPOINT_TRUNK: `127.0.0.1:${trunkPort}` });
/** The telephone network: Ada calls from it, and is called on it. */
let network: SipPhone;
let queueId: string;

beforeAll(async () => {
  network = await SipPhone.open({
    server: { host: '127.0.0.1', port: stage.product.sipPort },
    user: 'network',
    port: trunkPort,
  });
  const { queues } = await stage.product.api<{ queues: { id: string; label: string }[] }>(
    '/api/queues',
    'supervisor',
  );
  queueId = queues.find(({ label }) => label === 'Sales')?.id ?? '';
  await stage.product.send(
    'PUT',
    `/api/queues/${queueId}/waiting`,
    {
      announcements: { firstMs: 5_000, everyMs: 60_000, position: true },
      callback: { key: '1' },
      voicemail: { key: '2', greeting: { en: 'Speak.' }, silenceMs: 3_000 },
    },
    'admin',
  );
});
afterAll(() => network?.close());

/** Ada calls Sales, where nobody is ready, and has heard her place. */
async function adaWaits() {
  const call = await network.call('100', { number: ADA.number });
  await call.reaches('up', 10_000);
  call.speak(440);
  return call;
}

const callbacks = async () =>
  (await stage.product.api<{ callbacks: Callback[] }>('/api/callbacks', 'supervisor')).callbacks;

describe('a caller who waits', () => {
  it('hears an announcement, leaves a callback by key, is called back at her place and talks with the agent', async () => {
    const call = await adaWaits();
    await expect.poll(() => call.ear.loudness, { timeout: 15_000 }).toBeGreaterThan(LOUD);
    call.ear.press('1');
    await pause(1_000);
    call.ear.press('1');
    await call.reaches('over', 20_000);
    await expect
      .poll(async () => (await callbacks()).map(({ state }) => state), { timeout: 10_000 })
      .toEqual(['waiting']);
    expect(await callbacks()).toMatchObject([{ number: { value: ADA.number }, position: 1, attempts: 0 }]);

    const desk = await stage.desk();
    await desk.choose('state-ready');
    await desk.lineIs('alerting');
    await desk.softphone.getByTestId('callback-badge').waitFor();
    const called = network.nextCall(15_000);
    await desk.press('answer');
    const ada = await called;
    ada.answer(440);
    await desk.lineIs('connected');
    await desk.hearsSound();
    await expect.poll(() => ada.ear.loudness, { timeout: 10_000 }).toBeGreaterThan(LOUD);
    expect(await callbacks()).toEqual([]);
    await desk.press('hangup');
    await ada.reaches('over', 10_000);
    await desk.finishWrapUp();
    await expect.poll(async () => (await stage.callLogs(ADA.name)).length, { timeout: 15_000 }).toBe(1);
  });

  it('leaves a message by key, which a member of the queue plays in the browser', async () => {
    const call = await adaWaits();
    await pause(1_000);
    call.ear.press('2');
    await pause(8_000); // greeting and tone, then she speaks into the message
    call.ear.press('#');
    await call.reaches('over', 20_000);
    const stored = async () =>
      (await stage.product.api<VoicemailPage>('/api/voicemails', 'supervisor')).voicemails;
    await expect.poll(async () => (await stored()).length, { timeout: 20_000 }).toBe(1);
    expect(await stored()).toMatchObject([
      { box: { kind: 'queue', id: queueId }, from: { value: ADA.number }, readAt: null },
    ]);
    const { page } = await stage.desk();
    await page.getByTestId('voicemail-link').click();
    const message = page.getByTestId('voicemail');
    await message.waitFor();
    expect(await message.getAttribute('data-unread')).toBe('true');
    if (process.env.UPDATE_DOCS) await page.screenshot({ path: 'docs/images/voicemail.png' });
    await message.getByTestId('recording-play').click();
    const at = () =>
      page.evaluate<number>("document.querySelector('[data-testid=voicemail] audio').currentTime");
    await expect.poll(at, { timeout: 15_000 }).toBeGreaterThan(0.5);
    await expect.poll(async () => (await stored())[0]?.readBy, { timeout: 10_000 }).toBe('user_agent');
  });
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
