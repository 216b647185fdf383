/** One product, one browser, and what a test brings on: callers, agents' contexts. Each test file takes a stage of its own. */
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { CrmRecord, RecordPage } from '../../src/protocol/crm.ts';
import { AgentDesk, launchBrowser, newContext } from './browser.ts';
import { Caller, type CallerOptions } from './caller.ts';
import { Product } from './product.ts';

/** The demo contact, and a number that nobody has. */
export const ADA = { name: 'Ada Lovelace', number: '+442079460958' };
export const STRANGER = '+442079460999';

/** Root mean square of the samples of Chromium's fake microphone is some hundreds, of silence 0. */
export const LOUD = 100;

export class Stage {
  product!: Product;
  browser!: Browser;
  readonly #env: Record<string, string>;
  readonly #ends: (() => Promise<unknown>)[] = [];

  constructor(env: Record<string, string> = {}) {
    this.#env = env;
  }

  /** Registers with vitest: the product lives as long as the file, what a test brought on as long as the test. */
  static forThisFile(env: Record<string, string> = {}): Stage {
    const stage = new Stage(env);
    beforeAll(async () => {
      [stage.product, stage.browser] = await Promise.all([
        Product.start({ env: stage.#env }),
        launchBrowser(),
      ]);
    });
    afterEach(() => stage.clear());
    afterAll(async () => {
      await stage.browser?.close();
      await stage.product?.stop();
    });
    return stage;
  }

  /** Ends `thing` after the test. */
  after<T extends { close(): Promise<unknown> }>(thing: T): T {
    this.#ends.push(() => thing.close());
    return thing;
  }

  async context(): Promise<BrowserContext> {
    return this.after(await newContext(this.browser));
  }

  /** An agent at his desk, not ready yet. */
  async desk(username = 'agent'): Promise<AgentDesk> {
    const desk = await AgentDesk.open(await this.context(), this.product.url, username);
    this.#ends.push(() => desk.leave());
    return desk;
  }

  async readyDesk(username = 'agent'): Promise<AgentDesk> {
    const desk = await this.desk(username);
    await desk.ready();
    return desk;
  }

  /** A customer calls; by default Ada, Sales, and she talks until the agent hangs up. */
  async call(options: Partial<CallerOptions> = {}): Promise<Caller> {
    const { sipPort } = this.product;
    return this.after(
      await Caller.call({
        scenario: 'caller-talks-until-hung-up',
        sipPort,
        to: '100',
        number: ADA.number,
        ...options,
      }),
    );
  }

  /** An agent and Ada, talking. */
  async talk(): Promise<{ desk: AgentDesk; caller: Caller }> {
    const desk = await this.readyDesk();
    const caller = await this.call();
    await desk.lineIs('alerting');
    await desk.press('answer');
    await desk.lineIs('connected');
    return { desk, caller };
  }

  /** The closed Tasks of calls with a contact, newest first. */
  async callLogs(name: string): Promise<CrmRecord[]> {
    const found = await this.product.api<{ records: { id: string; object: string }[] }>(
      `/api/crm/search?q=${encodeURIComponent(name)}`,
    );
    const contact = found.records.find((record) => record.object === 'Contact');
    if (!contact) throw new Error(`there is no contact ${name}`);
    const { records } = await this.product.api<RecordPage>(`/api/crm/Contact/${contact.id}/activity`);
    return records.filter((task) => task.fields.CallObject);
  }

  async clear(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}
