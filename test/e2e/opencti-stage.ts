/** A stage for Open CTI: the product, a vendor's pages, an agent who is signed in and belongs to the call center of one of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import type { CrmRecord, SearchResult } from '../../src/protocol/crm.ts';
import type { ImportedCallCenter } from '../../src/protocol/opencti.ts';
import { Adapter, AdapterPages, definitionFile } from './adapter-pages.ts';
import { newContext } from './browser.ts';
import { Stage } from './stage.ts';

const ACTIONS = `export function find({ number }, { user }) { return { Id: '500x', number, by: user.username }; }
  export const word = () => JSON.stringify({ ok: 1 });
  export function fail() { throw new Error('no such case'); }`;

export class OpenCtiStage {
  pages!: AdapterPages;
  context!: BrowserContext;
  /** The demo contact. */
  ada!: { id: string; name: string };
  readonly #centers = new Map<string, string>();

  private constructor(readonly stage: Stage) {}

  /** Registers with vitest. */
  static forThisFile(): OpenCtiStage {
    const actions = mkdtempSync(join(tmpdir(), 'actions-'));
    writeFileSync(join(actions, 'Cases.mjs'), ACTIONS);
    const stage = Stage.forThisFile({ CROSSPOINT_SWITCH: 'simulated', CROSSPOINT_ACTIONS: actions });
    const made = new OpenCtiStage(stage);
    beforeAll(() => made.#open());
    afterAll(async () => {
      await made.context?.close();
      await made.pages?.close();
      rmSync(actions, { recursive: true, force: true });
    });
    return made;
  }

  get url(): string {
    return this.stage.product.url;
  }

  async #open(): Promise<void> {
    const { product, browser } = this.stage;
    this.pages = await AdapterPages.open(product.url);
    const found = await product.api<SearchResult>('/api/crm/search?q=Lovelace&object=Contact');
    this.ada = found.records[0] as { id: string; name: string };
    this.context = await newContext(browser);
    const page = await this.context.newPage();
    await page.goto(product.url);
    await page.getByTestId('sign-in-username').fill('agent');
    await page.getByTestId('sign-in-password').fill('crosspoint');
    await page.getByTestId('sign-in-submit').click();
    await page.getByTestId('softphone-frame').waitFor();
    await page.close();
  }

  /** The agent belongs to the call center of this adapter page from now on. */
  async assign(path: string, more: Record<string, string> = {}): Promise<void> {
    const { product } = this.stage;
    const name = path.replace(/\W/g, '') + Object.keys(more).length;
    if (!this.#centers.has(name)) {
      const mode = { reqSalesforceCompatibilityMode: 'Lightning' };
      const text = definitionFile(name, this.pages.origin + path, { ...mode, ...more });
      const made = await product.post<ImportedCallCenter>('/api/call-centers/import', { text }, 'admin');
      this.#centers.set(name, made.callCenter.id);
    }
    const { users } = await product.api<{ users: { id: string; username: string }[] }>('/api/users', 'admin');
    const agent = users.find((user) => user.username === 'agent');
    const members = `/api/call-centers/${this.#centers.get(name)}/users`;
    await product.send('PUT', members, { userIds: [agent?.id] }, 'admin');
  }

  /** A desktop with the adapter. */
  async open(path = '/'): Promise<Adapter> {
    const page = await this.context.newPage();
    await page.goto(this.url + path);
    await page.getByTestId('adapter').waitFor();
    return new Adapter(page, this.pages.origin);
  }

  async closeTabs(): Promise<void> {
    for (const page of this.context.pages()) await page.close();
  }

  read(id: string, object = 'Task'): Promise<CrmRecord> {
    return this.stage.product.api<CrmRecord>(`/api/crm/${object}/${id}`, 'admin');
  }
}

export async function shows(page: Page, path: RegExp | string): Promise<void> {
  await page.waitForURL(({ pathname, search }) =>
    typeof path === 'string' ? pathname + search === path : path.test(pathname + search),
  );
}
