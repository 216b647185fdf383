/**
 * The shortest program that lets somebody answer in a browser: a page that registers with Asterisk itself and answers its
 * session on a click, and an ARI application that rings it for every caller and bridges the two. No server of ours between
 * page and Asterisk, no queue, no journal.
 */
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import { WebSocket } from 'ws';
import type { AsteriskRig } from '../../test/harness/asterisk-rig.ts';

const SCRIPT = `
import JsSIP from 'jssip';
const { url, name, password } = Object.fromEntries(new URLSearchParams(location.search));
const ua = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface(url)], uri: 'sip:' + name + '@127.0.0.1', password, session_timers: false });
const button = document.querySelector('button');
ua.on('registered', () => (document.body.dataset.registered = 'yes'));
ua.on('newRTCSession', ({ session }) => {
  button.disabled = false;
  button.onclick = () => session.answer({ mediaConstraints: { audio: true, video: false } });
  session.on('peerconnection', ({ peerconnection }) => peerconnection.addEventListener('track', ({ streams }) => {
    const audio = new Audio();
    audio.srcObject = streams[0];
    void audio.play();
  }));
  for (const end of ['ended', 'failed']) session.on(end, () => (button.disabled = true));
});
ua.start();`;
const PAGE = '<!doctype html><button disabled>Answer</button><script type="module" src="/phone.js"></script>';
const DEVICE = { name: 'bare', password: 'bare-secret' };

export class BareAnswer {
  readonly page: Page;
  readonly #http: Server;
  readonly #ari: WebSocket;

  private constructor(page: Page, http: Server, ari: WebSocket) {
    this.page = page;
    this.#http = http;
    this.#ari = ari;
  }

  static async start(rig: AsteriskRig, context: BrowserContext): Promise<BareAnswer> {
    await provision(rig);
    const ari = await ringForEveryCaller(rig);
    const http = await servePhone();
    const page = await context.newPage();
    const address = http.address();
    const query = new URLSearchParams({ ...DEVICE, url: rig.asterisk.address.wsUrl });
    await page.goto(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/?${query}`);
    await page.locator('[data-registered=yes]').waitFor();
    return new BareAnswer(page, http, ari);
  }

  close(): void {
    this.#ari.terminate();
    this.#http.closeAllConnections();
    this.#http.close();
  }
}

/** The device is pushed by our own connector, which then leaves: Asterisk keeps it. */
async function provision(rig: AsteriskRig): Promise<void> {
  const { asterisk } = rig.connect();
  await asterisk.switch.start();
  await asterisk.provisioning.put({ ...DEVICE, kind: 'browser', callerId: { number: '101', name: 'Bare' } });
  await asterisk.switch.close();
}

async function servePhone(): Promise<Server> {
  const resolveDir = fileURLToPath(new URL('../..', import.meta.url));
  const bundle = await build({
    stdin: { contents: SCRIPT, resolveDir },
    bundle: true,
    write: false,
    format: 'esm',
  });
  const http = createServer((request, response) => {
    const isScript = request.url === '/phone.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? bundle.outputFiles[0]?.text : PAGE);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return http;
}

interface AriEvent {
  type: string;
  args?: string[];
  channel?: { id: string };
}

/** Caller in: answer him and ring the page. Page in, which is when it has answered: bridge the two. */
async function ringForEveryCaller(rig: AsteriskRig): Promise<WebSocket> {
  const { ariUrl, ariUser, ariPassword } = rig.asterisk.address;
  const auth = `${ariUser}:${ariPassword}`;
  const headers = {
    authorization: `Basic ${Buffer.from(auth).toString('base64')}`,
    'content-type': 'application/json',
  };
  const post = (path: string, body: object) =>
    fetch(`${ariUrl}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const ari = new WebSocket(`${ariUrl.replace(/^http/, 'ws')}/events?app=crosspoint`, { auth });
  await new Promise((resolve, reject) => ari.once('open', resolve).once('error', reject));
  const arrived = async ({ channel, args }: AriEvent) => {
    const caller = args?.[0] === 'bare' ? args[1] : undefined;
    if (!channel) return;
    if (caller === undefined) {
      await post(`channels/${channel.id}/answer`, {});
      await post('channels', {
        endpoint: `PJSIP/${DEVICE.name}`,
        app: 'crosspoint',
        appArgs: `bare,${channel.id}`,
      });
      return;
    }
    await post(`bridges/bare-${channel.id}`, { type: 'mixing' });
    await post(`bridges/bare-${channel.id}/addChannel`, { channel: [caller, channel.id] });
  };
  ari.on('message', (data) => {
    const event = JSON.parse(String(data)) as AriEvent;
    if (event.type === 'StasisStart') void arrived(event);
    // Who is left alone hangs up.
    if (event.type === 'ChannelLeftBridge' && event.channel)
      for (const id of (event as { bridge?: { channels: string[] } }).bridge?.channels ?? [])
        void fetch(`${ariUrl}/channels/${id}`, { method: 'DELETE', headers });
  });
  return ari;
}
