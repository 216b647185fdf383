/**
 * How long it takes from an INVITE of a known caller to his record in the agent's browser, with a million phone numbers in
 * the CRM. The clock starts when the INVITE leaves the caller, on this machine, and ends when the browser has painted the
 * record's name. The product runs as users have it: Asterisk, journal, queue, offer, softphone, console.
 *
 * Measured against the shortest program that pops on the same parts (support/bare-pop.ts), call by call in turn, so that
 * whatever else the machine does falls on both.
 */
import type { Browser } from 'playwright-core';
import { bulkLoad, bulkNumber } from '../src/server/crm/builtin/bulk-load.ts';
import type { Database } from '../src/server/store/database.ts';
import { AsteriskRig } from '../test/harness/asterisk-rig.ts';
import type { SipCall } from '../test/harness/sip-call.ts';
import { SipPhone } from '../test/harness/sip-phone.ts';
import { AgentDesk, launchBrowser, newContext } from '../test/e2e/browser.ts';
import { Product } from '../test/e2e/product.ts';
import { BarePop } from './support/bare-pop.ts';
import { percentile, printFigures, say, spread } from './support/figures.ts';
import { Opened } from './support/opened.ts';
import { type Painted, watchPaint } from './support/painted.ts';
import { databaseOf } from './support/product-database.ts';

const NUMBERS = 1_000_000;
const WARM_UP = 20;
const CALLS = 200;
/** A pop later than this has failed. */
const PATIENCE_MS = 10_000;

interface Measured {
  number: string;
  product: Painted & { sentAt: number };
  bare: Painted & { sentAt: number };
}

/** A caller's number, spread over all of them and never the same twice. */
function callerOf(call: number): string {
  return bulkNumber((call * 4_999) % NUMBERS);
}

class Stage extends Opened {
  product!: Product;
  db!: Database;
  browser!: Browser;
  desk!: AgentDesk;
  bare!: BarePop;
  toProduct!: SipPhone;
  toBare!: SipPhone;

  static set(): Promise<Stage> {
    return Opened.stage(new Stage(), (stage) => stage.#build());
  }

  async #build(): Promise<void> {
    this.product = await this.add(Product.start(), (product) => product.stop());
    this.db = await this.add(databaseOf(this.product), (db) => db.close());
    const began = performance.now();
    await bulkLoad(this.db, NUMBERS, Date.now());
    say(
      `loaded ${NUMBERS} contacts with a number each in ${((performance.now() - began) / 1_000).toFixed(0)} s`,
    );
    const rig = await this.add(AsteriskRig.start(), (it) => it.stop());
    this.browser = await this.add(launchBrowser(), (browser) => browser.close());
    this.bare = await this.add(BarePop.start(rig, this.db, await newContext(this.browser)), (bare) =>
      bare.close(),
    );
    const server = { host: '127.0.0.1', port: this.product.sipPort };
    this.toProduct = await this.add(SipPhone.open({ server, user: 'caller' }), (phone) => phone.close());
    this.toBare = await this.add(SipPhone.open({ server: rig.server, user: 'caller' }), (phone) =>
      phone.close(),
    );
    this.desk = await AgentDesk.open(await newContext(this.browser), this.product.url);
    await this.desk.ready();
  }
}

async function measure(stage: Stage, call: number): Promise<Measured> {
  const number = callerOf(call);
  const { desk, bare, toProduct, toBare } = stage;
  // The queue answers him at once; the shortest program never does.
  const product = await pop(desk.page, toProduct, number, (call) => call.reaches('up'));
  await desk.noLine();
  return { number, product, bare: await pop(bare.page, toBare, number) };
}

/** Calls, waits for the pop, and hangs up after `before` while the agent still rings: so he stays ready. */
async function pop(
  page: AgentDesk['page'],
  phone: SipPhone,
  number: string,
  before: (call: SipCall) => Promise<unknown> = () => Promise.resolve(),
): Promise<Painted & { sentAt: number }> {
  const painted = await watchPaint(page);
  const call = await phone.call('100', { number });
  const sentAt = Date.now() - (performance.now() - call.invitedAt);
  try {
    return { sentAt, ...(await painted(PATIENCE_MS)) };
  } finally {
    await before(call);
    call.hangup();
    await call.reaches('over');
  }
}

/** What was shown is what the CRM has. Asked afterwards, so that no page of the database is warm because of it. */
async function checkNames(db: Database, measured: readonly Measured[]): Promise<void> {
  const rows = await db.query<{ e164: string; name: string }>(
    'SELECT p.e164, r.name FROM phone_index p JOIN record r ON r.id = p.record_id WHERE p.e164 = ANY($1)',
    [measured.map((one) => one.number)],
  );
  const names = new Map(rows.map((row) => [row.e164, row.name]));
  for (const { number, product, bare } of measured) {
    const name = names.get(number);
    if (product.name !== name || bare.name !== name)
      throw new Error(`for ${number}, ${name}, the pages showed "${product.name}" and "${bare.name}"`);
  }
}

/** Where the time went, by the journal's own times (whole milliseconds since the INVITE, medians). */
async function printSteps(db: Database, measured: readonly Measured[]): Promise<void> {
  const rows = await db.query<{ conversation: string; type: string; at: number }>(
    `SELECT conversation_id AS conversation, type, min(at) AS at FROM journal
     WHERE type IN ('call.arrived', 'offer.made', 'match.found', 'leg.alerting') GROUP BY 1, 2 ORDER BY min(position)`,
  );
  const conversations = [...new Set(rows.map((row) => row.conversation))].slice(-measured.length);
  const steps = ['call.arrived', 'offer.made', 'match.found', 'leg.alerting'].map((type) => {
    const after = rows.flatMap((row) => {
      const call = measured[conversations.indexOf(row.conversation)];
      return row.type === type && call ? [row.at - call.product.sentAt] : [];
    });
    return `${type} ${after.length > 0 ? percentile(after, 50).toFixed(0) : 'never'}`;
  });
  say(`median ms after the INVITE: ${steps.join(', ')}`);
}

const stage = await Stage.set();
try {
  const measured: Measured[] = [];
  for (let call = 0; call < WARM_UP + CALLS; call++) {
    const one = await measure(stage, call);
    if (call >= WARM_UP) measured.push(one);
  }
  await checkNames(stage.db, measured);
  const shown = measured.map(({ product }) => product.nameAt - product.sentAt);
  const bare = measured.map(({ bare: it }) => it.nameAt - it.sentAt);
  await printSteps(stage.db, measured);
  say(`the record's name is shown:  ${spread(shown)} (${CALLS} calls)`);
  say(
    `all its fields are shown:    ${spread(measured.map(({ product }) => product.fieldsAt - product.sentAt))}`,
  );
  say(`the shortest program's name: ${spread(bare)}`);
  say(
    `ratio of the medians ${(percentile(shown, 50) / percentile(bare, 50)).toFixed(2)}, of the p95 ${(percentile(shown, 95) / percentile(bare, 95)).toFixed(2)}`,
  );
  const round = (p: number) => Math.round(percentile(shown, p));
  printFigures('screen-pop', { p50Ms: round(50), p95Ms: round(95), p99Ms: round(99), numbers: NUMBERS });
} finally {
  await stage.close();
}
