/**
 * How long it takes from the agent's click on Answer to the first packet of the caller's sound in his browser. The product
 * runs as users have it: Asterisk, journal, queue, console, docked softphone.
 *
 * Measured against the shortest program that lets somebody answer in a browser (support/bare-answer.ts), call by call in
 * turn, so that whatever else the machine does falls on both.
 */
import type { Browser, Frame } from 'playwright-core';
import { AgentDesk, launchBrowser, newContext } from '../test/e2e/browser.ts';
import { Product } from '../test/e2e/product.ts';
import { AsteriskRig } from '../test/harness/asterisk-rig.ts';
import { SipPhone } from '../test/harness/sip-phone.ts';
import { BareAnswer } from './support/bare-answer.ts';
import { percentile, printFigures, say, spread } from './support/figures.ts';
import { Opened } from './support/opened.ts';
import { watchFirstAudio } from './support/first-audio.ts';

const WARM_UP = 5;
const CALLS = 100;
const PATIENCE_MS = 10_000;
const CALLER = '+442079460958';

class Stage extends Opened {
  desk!: AgentDesk;
  bare!: BareAnswer;
  toProduct!: SipPhone;
  toBare!: SipPhone;

  static set(): Promise<Stage> {
    return Opened.stage(new Stage(), (stage) => stage.#build());
  }

  async #build(): Promise<void> {
    const product = await this.add(Product.start(), (it) => it.stop());
    const rig = await this.add(AsteriskRig.start(), (it) => it.stop());
    const browser: Browser = await this.add(launchBrowser(), (it) => it.close());
    this.bare = await this.add(BareAnswer.start(rig, await newContext(browser)), (it) => it.close());
    const server = { host: '127.0.0.1', port: product.sipPort };
    this.toProduct = await this.add(SipPhone.open({ server, user: 'caller' }), (it) => it.close());
    this.toBare = await this.add(SipPhone.open({ server: rig.server, user: 'caller' }), (it) => it.close());
    this.desk = await AgentDesk.open(await newContext(browser), product.url);
    await this.desk.ready();
  }

  /** The page in which the softphone, and so the sound, lives. */
  get softphone(): Frame {
    const frame = this.desk.page.frames().find((it) => it.url().includes('/softphone'));
    if (!frame) throw new Error('there is no softphone frame');
    return frame;
  }
}

/** Milliseconds from the click to the sound, with the product. The agent is ready again afterwards. */
async function answerInProduct({ desk, softphone, toProduct }: Stage): Promise<number> {
  const call = await toProduct.call('100', { number: CALLER });
  await call.reaches('up');
  call.speak(440);
  await desk.lineIs('alerting');
  const firstAudio = await watchFirstAudio(softphone);
  await desk.press('answer');
  const ms = await firstAudio(PATIENCE_MS);
  await desk.lineIs('connected');
  call.hangup();
  await call.reaches('over');
  await desk.press('wrap-finish');
  await desk.noLine();
  return ms;
}

async function answerBare({ bare, toBare }: Stage): Promise<number> {
  const call = await toBare.call('100', { number: CALLER });
  await call.reaches('up');
  call.speak(440);
  const button = bare.page.locator('button:enabled');
  await button.waitFor();
  const firstAudio = await watchFirstAudio(bare.page);
  await button.click();
  const ms = await firstAudio(PATIENCE_MS);
  call.hangup();
  await call.reaches('over');
  await bare.page.locator('button:disabled').waitFor();
  return ms;
}

const stage = await Stage.set();
try {
  const product: number[] = [];
  const bare: number[] = [];
  for (let call = 0; call < WARM_UP + CALLS; call++) {
    const [ours, shortest] = [await answerInProduct(stage), await answerBare(stage)];
    if (call < WARM_UP) continue;
    product.push(ours);
    bare.push(shortest);
  }
  say(`click on Answer to the first sound: ${spread(product)} (${CALLS} calls)`);
  say(`the shortest program:               ${spread(bare)}`);
  const [p50, p95] = [percentile(product, 50), percentile(product, 95)];
  say(
    `ratio of the medians ${(p50 / percentile(bare, 50)).toFixed(2)}, of the p95 ${(p95 / percentile(bare, 95)).toFixed(2)}`,
  );
  printFigures('answer', { p50Ms: Math.round(p50), p95Ms: Math.round(p95) });
} finally {
  await stage.close();
}
