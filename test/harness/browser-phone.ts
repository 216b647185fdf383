import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { engine } from './chromium.ts';

/** The page's side: a JsSIP phone that answers every call. Its functions are called from the tests. */
const PAGE = `
import JsSIP from 'jssip';
window.register = (url, name, password) => new Promise((resolve) => {
  const socket = new JsSIP.WebSocketInterface(url);
  const ua = new JsSIP.UA({ sockets: [socket], uri: 'sip:' + name + '@127.0.0.1', password, session_timers: false });
  window.ua = ua;
  window.calls = [];
  ua.on('registered', () => resolve(true));
  ua.on('registrationFailed', () => resolve(false));
  ua.on('newRTCSession', ({ session, originator, request }) => {
    const call = { session, leg: request.getHeader('X-Crosspoint-Leg') || '', state: 'ringing' };
    window.calls.push(call);
    session.on('confirmed', () => (call.state = 'up'));
    for (const end of ['ended', 'failed']) session.on(end, ({ cause }) => { call.state = 'over'; call.cause = cause; });
    if (originator === 'remote') session.answer({ mediaConstraints: { audio: true, video: false } });
  });
  ua.start();
});
window.unregister = () => new Promise((resolve) => { window.ua.on('unregistered', () => resolve()); window.ua.unregister({ all: true }); });
window.dial = (number) => { window.ua.call('sip:' + number + '@127.0.0.1', { mediaConstraints: { audio: true, video: false } }); };
window.received = async () => {
  const call = window.calls.at(-1);
  const stats = await call.session.connection.getStats();
  let packets = 0;
  for (const one of stats.values()) if (one.type === 'inbound-rtp') packets += one.packetsReceived;
  return packets;
};
`;

/** What the page offers, see PAGE. */
interface PhoneWindow {
  register(url: string, name: string, password: string): Promise<boolean>;
  unregister(): Promise<void>;
  dial(number: string): void;
  received(): Promise<number>;
  calls: { state: 'ringing' | 'up' | 'over'; leg: string; cause?: string }[];
}

declare const window: PhoneWindow;

/** A headless Chromium whose pages are browser phones, each with a fake microphone. */
export class BrowserPhones {
  readonly #browser: Browser;
  readonly #server: Server;

  private constructor(browser: Browser, server: Server) {
    this.#browser = browser;
    this.#server = server;
  }

  static async open(): Promise<BrowserPhones> {
    const resolveDir = fileURLToPath(new URL('../..', import.meta.url));
    const bundle = await build({
      stdin: { contents: PAGE, resolveDir },
      bundle: true,
      write: false,
      format: 'esm',
    });
    const script = bundle.outputFiles[0]?.text ?? '';
    const server = createServer((request, response) => {
      const isScript = request.url === '/phone.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : '<!doctype html><script type="module" src="/phone.js"></script>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await chromium.launch({
      executablePath: engine(),
      args: [
        '--no-sandbox',
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        '--autoplay-policy=no-user-gesture-required',
        '--allow-loopback-in-peer-connection',
      ],
    });
    return new BrowserPhones(browser, server);
  }

  async phone(): Promise<BrowserPhone> {
    const page = await this.#browser.newPage({ permissions: ['microphone'] });
    const address = this.#server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForFunction(() => typeof window.register === 'function');
    return new BrowserPhone(page);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export class BrowserPhone {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Registers over SIP's WebSocket at `url`; false when the password was refused. */
  register(url: string, name: string, password: string): Promise<boolean> {
    return this.#page.evaluate(([u, n, p]) => window.register(u, n, p), [url, name, password] as const);
  }

  unregister(): Promise<void> {
    return this.#page.evaluate(() => window.unregister());
  }

  dial(number: string): Promise<void> {
    return this.#page.evaluate((n) => window.dial(n), number);
  }

  /** State and leg id of the latest call. */
  async last(): Promise<{ state: 'ringing' | 'up' | 'over'; leg: string; cause?: string } | undefined> {
    return this.#page.evaluate(() => {
      const call = window.calls.at(-1);
      return call && { state: call.state, leg: call.leg, cause: call.cause };
    });
  }

  /** Audio packets that the latest call has received. */
  received(): Promise<number> {
    return this.#page.evaluate(() => window.received());
  }

  close(): Promise<void> {
    return this.#page.close();
  }
}
