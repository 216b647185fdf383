/** The first call: a customer on the telephone network, an agent in a browser, a pop, sound both ways, one Task. */
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CrmRecord, RecordPage } from '../../src/protocol/crm.ts';
import { AgentDesk, launchBrowser, newContext } from './browser.ts';
import { Caller, type CallerOptions } from './caller.ts';
import { Product } from './product.ts';

const ADA = { number: '+442079460958', name: 'Ada Lovelace' };
/** Energy per second of the test tone is about 0.03; of silence or comfort noise below 0.0001. */
const AUDIBLE = 0.001;
/** RMS of what Chromium's fake microphone sends is some hundreds; of silence 0. */
const LOUD = 100;

let product: Product;
let browser: Browser;
let context: BrowserContext;
let callers: Caller[];

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});
beforeEach(async () => {
  callers = [];
  context = await newContext(browser);
});
afterEach(async () => {
  await context.close();
  await Promise.all(callers.map((caller) => caller.close()));
});

async function call(options: Partial<CallerOptions> = {}): Promise<Caller> {
  const caller = await Caller.call({ scenario: 'caller-talks-until-hung-up', sipPort: product.sipPort, to: '100', number: ADA.number, ...options });
  callers.push(caller);
  return caller;
}

async function tasksOf(name: string): Promise<CrmRecord[]> {
  const found = await product.api<{ records: { id: string }[] }>(`/api/crm/search?q=${encodeURIComponent(name)}`);
  const id = found.records[0]?.id;
  const { records } = await product.api<RecordPage>(`/api/crm/Contact/${id}/activity`);
  return records;
}

describe('a customer calls', () => {
  it('the record pops while it rings, both hear each other, and one closed Task with the notes remains', async () => {
    const before = (await tasksOf(ADA.name)).length;
    const desk = await AgentDesk.open(context, product.url);
    await desk.ready();
    const caller = await call();
    await desk.lineIs('alerting');
    await desk.page.getByTestId('record-name').filter({ hasText: ADA.name }).waitFor();
    await desk.press('answer');
    await desk.lineIs('connected');
    caller.ear.reset();
    expect(await desk.hears()).toBeGreaterThan(AUDIBLE);
    expect(caller.ear.loudness).toBeGreaterThan(LOUD);
    await desk.softphone.getByTestId('notes').fill('Wants a second engine');
    await desk.press('hangup');
    await caller.finished();
    await desk.lineIs('wrap-up');
    await desk.press('wrap-finish');
    await desk.noLine();
    await desk.shows('ready');
    await expect.poll(async () => (await tasksOf(ADA.name)).length, { timeout: 10_000 }).toBe(before + 1);
    const [task] = await tasksOf(ADA.name);
    expect(task?.fields).toMatchObject({ Status: 'Completed', Description: 'Wants a second engine', CallType: 'Inbound' });
  });
});
