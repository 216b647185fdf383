/** Several telephone systems at once, as users have them: a company's own Asterisk is added while the product runs, and agents' browser phones belong to it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ShownPlatform } from '../../src/protocol/platforms.ts';
import { EXAMPLE, ExampleAsterisk } from '../harness/example-asterisk.ts';
import type { AgentDesk } from './browser.ts';
import type { Caller } from './caller.ts';
import { ADA, AUDIBLE, LOUD, Stage } from './stage.ts';

const stage = Stage.forThisFile();
let company: ExampleAsterisk;

beforeAll(async () => {
  // As its comment says for browsers on Asterisk's own machine.
  const sameMachine = (text: string) => `${text}\n[ice_host_candidates]\n198.51.100.1 => 127.0.0.1\n`;
  company = await ExampleAsterisk.start({ 'rtp.conf': sameMachine });
});
afterAll(() => company?.stop());

const admin = <T>(method: 'POST' | 'PUT', path: string, body: object) =>
  stage.product.send<T>(method, path, body, 'admin');

async function talk(desk: AgentDesk, caller: Caller): Promise<void> {
  await desk.lineIs('alerting');
  await desk.press('answer');
  await desk.lineIs('connected');
  caller.ear.reset();
  expect(await desk.hears()).toBeGreaterThan(AUDIBLE);
  expect(caller.ear.loudness).toBeGreaterThan(LOUD);
  await desk.press('hangup');
  await caller.finished();
  await desk.finishWrapUp();
}

describe("a company's own Asterisk", () => {
  it('is added while the product runs; its caller reaches the browser of an agent who belongs to it', async () => {
    const { url, user, password } = EXAMPLE;
    const settings = { url, user, password, mediaAddress: '127.0.0.1' };
    await admin('POST', '/api/platforms', { id: 'company', kind: 'asterisk', label: 'Company', settings });
    const state = async () =>
      (
        await stage.product.api<{ platforms: ShownPlatform[] }>('/api/platforms', 'supervisor')
      ).platforms.find((platform) => platform.id === 'company')?.state;
    await expect.poll(state, { timeout: 15_000 }).toBe('up');
    await admin('PUT', '/api/users/user_agent', { platformId: 'company' });
    const desk = await stage.readyDesk();
    await talk(desk, await stage.call({ sipPort: EXAMPLE.sip.port }));
  });

  it('rings the same agent for a caller of the private one through the link between the two', async () => {
    const address = `sip:{number}@127.0.0.1:${EXAMPLE.sip.port}`;
    await admin('PUT', '/api/platform-links', { from: 'private', to: 'company', address });
    const before = (await stage.callLogs(ADA.name)).length;
    const desk = await stage.readyDesk();
    await talk(desk, await stage.call());
    await expect
      .poll(async () => (await stage.callLogs(ADA.name)).length, { timeout: 15_000 })
      .toBe(before + 1);
  });

  it('moves its agent back to the private one without a reload', async () => {
    const desk = await stage.desk();
    await admin('PUT', '/api/users/user_agent', { platformId: 'private' });
    await desk.ready();
    await talk(desk, await stage.call());
  });
});
