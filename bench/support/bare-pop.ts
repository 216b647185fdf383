/**
 * The shortest program that pops: one ARI socket, one SELECT, one WebSocket to a page that only shows a name. No journal,
 * no routing, no softphone, no CRM: what is left is the price of Asterisk, PostgreSQL and a browser on this machine.
 */
import { createServer, type Server } from 'node:http';
import type { BrowserContext, Page } from 'playwright-core';
import { WebSocket, WebSocketServer } from 'ws';
import type { Database } from '../../src/server/store/database.ts';
import type { AsteriskRig } from '../../test/harness/asterisk-rig.ts';

const PAGE = `<!doctype html><h1 data-testid="record-name"></h1><script>
  new WebSocket('ws://' + location.host).onmessage = (event) => {
    document.querySelector('h1').textContent = event.data;
  };</script>`;

const SELECT =
  "SELECT r.name FROM phone_index p JOIN record r ON r.id = p.record_id WHERE p.e164 = $1 AND p.object = 'Contact' LIMIT 1";

export class BarePop {
  readonly page: Page;
  readonly #http: Server;
  readonly #pages: WebSocketServer;
  readonly #ari: WebSocket;

  private constructor(page: Page, http: Server, pages: WebSocketServer, ari: WebSocket) {
    this.page = page;
    this.#http = http;
    this.#pages = pages;
    this.#ari = ari;
  }

  static async start(rig: AsteriskRig, db: Database, context: BrowserContext): Promise<BarePop> {
    const http = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end(PAGE),
    );
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const pages = new WebSocketServer({ server: http });
    const joined = new Promise((resolve) => pages.once('connection', resolve));
    const page = await context.newPage();
    const address = http.address();
    await page.goto(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`);
    await joined;
    return new BarePop(page, http, pages, await follow(rig, db, (name) => tell(pages, name)));
  }

  close(): void {
    this.#ari.terminate();
    for (const client of this.#pages.clients) client.terminate();
    this.#pages.close();
    this.#http.close();
  }
}

/** Says the name of each caller. */
async function follow(rig: AsteriskRig, db: Database, say: (name: string) => void): Promise<WebSocket> {
  const { ariUrl, ariUser, ariPassword } = rig.asterisk.address;
  const ari = new WebSocket(`${ariUrl.replace(/^http/, 'ws')}/events?app=crosspoint`, {
    auth: `${ariUser}:${ariPassword}`,
  });
  await new Promise((resolve, reject) => ari.once('open', resolve).once('error', reject));
  ari.on('message', (data) => {
    const event = JSON.parse(String(data)) as { type: string; channel?: { caller: { number: string } } };
    if (event.type !== 'StasisStart' || !event.channel) return;
    db.query<{ name: string }>(SELECT, [event.channel.caller.number], 'bare-pop').then(
      ([row]) => say(row?.name ?? 'nobody'),
      (error: unknown) => say(String(error)),
    );
  });
  return ari;
}

function tell(pages: WebSocketServer, name: string): void {
  for (const client of pages.clients) client.send(name);
}
