/** Headless Chromium as agents and visitors have it, with a microphone that beeps. */
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Frame,
  type FrameLocator,
  type Page,
} from 'playwright-core';
import { expect } from 'vitest';
import { CHROMIUM, engine } from '../harness/chromium.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',
  // A desktop under a name that connectors of Salesforce Voice listen to (opencti-voice.ts).
  '--host-resolver-rules=MAP *.lightning.force.com 127.0.0.1',
];

/** Of what Playwright switches off, all that these tests need off: storage of frames of other sites, kept apart per site, stays on. */
const PARTITIONED = '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,MediaRouter';

/**
 * @param frameStorage `none` (the start, for Playwright has it so): storage throws in frames of other sites, as in a browser that
 * blocks it; `partitioned`: they have storage of their own for each site around them, in the whole browser as it comes.
 */
export function launchBrowser(frameStorage: 'none' | 'partitioned' = 'none'): Promise<Browser> {
  return chromium.launch({
    executablePath: frameStorage === 'partitioned' ? CHROMIUM : engine(),
    headless: true,
    // Chromium takes the last of two equal switches, and Playwright's come first.
    args: frameStorage === 'partitioned' ? [...FLAGS, PARTITIONED] : FLAGS,
  });
}

/** Remembers each peer connection of a page, so that a test can ask what sound arrives. */
const REMEMBER_CONNECTIONS = `
  const Plain = window.RTCPeerConnection;
  window.__connections = [];
  window.RTCPeerConnection = class extends Plain {
    constructor(...args) { super(...args); window.__connections.push(this); }
  };`;

export async function newContext(
  browser: Browser,
  more: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    permissions: ['microphone'],
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    ...more,
  });
  await context.addInitScript(REMEMBER_CONNECTIONS);
  context.setDefaultTimeout(15_000);
  return context;
}

/** Fills in the form that a page shows to strangers. */
export async function signIn(page: Page, username: string): Promise<void> {
  await page.getByTestId('sign-in-username').fill(username);
  await page.getByTestId('sign-in-password').fill('crosspoint');
  await page.getByTestId('sign-in-submit').click();
}

/** The console with its docked softphone, signed in as one agent. */
export class AgentDesk {
  readonly page: Page;
  readonly softphone: FrameLocator;

  constructor(page: Page) {
    this.page = page;
    this.softphone = page.frameLocator('[data-testid=softphone-frame]');
  }

  static async open(
    context: BrowserContext,
    url: string,
    username = 'agent',
    password = 'crosspoint',
  ): Promise<AgentDesk> {
    const desk = new AgentDesk(await context.newPage());
    await desk.page.goto(url);
    await desk.page.getByTestId('sign-in-username').fill(username);
    await desk.page.getByTestId('sign-in-password').fill(password);
    await desk.page.getByTestId('sign-in-submit').click();
    await desk.phoneReady();
    return desk;
  }

  /** A further tab of an agent who is signed in. */
  static async again(context: BrowserContext, url: string): Promise<AgentDesk> {
    const desk = new AgentDesk(await context.newPage());
    await desk.page.goto(url);
    await desk.softphone.getByTestId('agent-state').waitFor();
    return desk;
  }

  async phoneReady(): Promise<void> {
    await this.softphone.locator('[data-testid=phone-status][data-tone=ok]').waitFor();
  }

  get lines() {
    return this.softphone.getByTestId('line');
  }

  /** Waits until the only line is in this state. */
  async lineIs(state: string): Promise<void> {
    await this.softphone.locator(`[data-testid=line][data-state=${state}]`).waitFor();
  }

  async noLine(): Promise<void> {
    await this.lines.first().waitFor({ state: 'detached' });
  }

  press(button: string): Promise<void> {
    return this.softphone.getByTestId(button).first().click();
  }

  async ready(): Promise<void> {
    await this.choose('state-ready');
    await this.shows('ready');
  }

  /** Chooses in the state menu. */
  async choose(choice: string): Promise<void> {
    await this.press('agent-state');
    await this.press(choice);
  }

  /** Ends whatever call a test that failed has left, so that the next one begins with a free agent. */
  async leave(): Promise<void> {
    const buttons = this.softphone.getByTestId('hangup').or(this.softphone.getByTestId('wrap-finish'));
    for (let i = 0; i < 2 && !this.page.isClosed() && (await buttons.count()) > 0; i++) {
      await buttons
        .first()
        .click({ timeout: 1_000 })
        .catch(() => undefined);
      await this.page.waitForTimeout(300);
    }
  }

  /** The phone that calls ring on. */
  async chooseDevice(label: string): Promise<void> {
    await this.press('settings');
    await this.press('device');
    await this.softphone.getByRole('option', { name: label }).click();
    await this.page
      .frames()
      .find((frame) => frame.url().includes('/softphone'))
      ?.press('body', 'Escape');
    await this.phoneReady();
  }

  /** Finds a record by the console's search and opens it. */
  async search(text: string): Promise<void> {
    await this.page.getByTestId('search-input').fill(text);
    await this.page.getByTestId('search-option').first().click();
    await this.page.getByTestId('record-name').filter({ hasText: text }).waitFor();
  }

  async finishWrapUp(): Promise<void> {
    await this.lineIs('wrap-up');
    await this.press('wrap-finish');
    await this.noLine();
  }

  async shows(state: string): Promise<void> {
    await this.softphone.locator(`[data-testid=agent-state][data-state=${state}]`).waitFor();
  }

  /** Energy of the sound that arrives over the next `ms`, as `energyIn` says. */
  hears(ms: number): Promise<number> {
    return energyIn(this.#frame, ms);
  }

  /** Waits until sound arrives. */
  hearsSound(): Promise<void> {
    return soundIn(this.#frame);
  }

  get #frame(): Frame {
    const frame = this.page.frames().find((f) => f.url().includes('/softphone'));
    if (!frame) throw new Error('there is no softphone frame');
    return frame;
  }
}

/** Energy per second of the test tone is some 0.03, of silence below 0.0001. */
export const AUDIBLE = 0.001;
/** The fake microphone beeps once a second. */
const LISTEN_MS = 1_100;

/** Runs in the page. */
const TOTAL_ENERGY = `(async () => {
  let total = 0;
  for (const connection of window.__connections) {
    if (connection.connectionState === 'closed') continue;
    for (const report of (await connection.getStats()).values()) {
      if (report.type === 'inbound-rtp') total += report.totalAudioEnergy ?? 0;
    }
  }
  return total;
})()`;

/** Energy per second of all sound that arrives in a page or frame, by getStats (RTCInboundRtpStreamStats.totalAudioEnergy). */
async function energyIn(frame: Pick<Page, 'evaluate'>, ms: number): Promise<number> {
  const energy = () => frame.evaluate<number>(TOTAL_ENERGY);
  const before = await energy();
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ((await energy()) - before) / (ms / 1_000);
}

/** Waits until sound arrives in a page or frame: on a busy machine it may come a second after the call is connected. */
export async function soundIn(frame: Pick<Page, 'evaluate'>): Promise<void> {
  await expect.poll(() => energyIn(frame, LISTEN_MS), { timeout: 15_000 }).toBeGreaterThan(AUDIBLE);
}
