import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../src/lib/clock.ts';
import { type PrivateAsterisk, startAsterisk } from '../../src/server/bundled/asterisk.ts';
import { asteriskFolder, fetchedAsterisk } from '../../src/server/bundled/asterisk-fetch.ts';
import { programInFolder } from '../../src/server/bundled/asterisk-program.ts';
import { cacheFolder } from '../../src/server/bundled/cache-folder.ts';
import {
  type Asterisk,
  type AsteriskOptions,
  createAsterisk,
} from '../../src/server/telephony/asterisk/asterisk.ts';
import type { SwitchFact } from '../../src/server/telephony/ports.ts';
import { SipPhone } from './sip-phone.ts';

/** Each rig has its own SIP port: the one before may still be letting go of its own. */
let nextSipPort = 15_060;
const quiet = {
  info: () => undefined,
  warn: report,
  error: report,
};

/** `DEBUG_ASTERISK=1` shows what goes wrong between us and Asterisk. */
function report(data: object, message: string): void {
  if (process.env.DEBUG_ASTERISK) console.error(message, data);
}

/** What a switch has said, with waiting for what it has not said yet. */
export class FactLog {
  readonly facts: (SwitchFact & { heardAt: number })[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(asterisk: Asterisk) {
    asterisk.switch.events.on('fact', (fact) => {
      this.facts.push({ ...fact, heardAt: performance.now() });
      for (const look of this.#waiting) look();
    });
  }

  /** The first fact of a type (and of a leg), which is there or comes within `ms`: as long as a heartbeat takes to find a connection deaf and mend it. */
  async next<T extends SwitchFact['type']>(
    type: T,
    match: (fact: Extract<SwitchFact, { type: T }>) => boolean = () => true,
    ms = 15_000,
  ): Promise<Extract<SwitchFact, { type: T }> & { heardAt: number }> {
    const find = () =>
      this.facts.find(
        (fact): fact is Extract<SwitchFact, { type: T }> & { heardAt: number } =>
          fact.type === type && match(fact as unknown as Extract<SwitchFact, { type: T }>),
      );
    const there = find();
    if (there) return there;
    return new Promise((resolve, reject) => {
      const done = () => (clearTimeout(timer), this.#waiting.delete(look));
      const timer = setTimeout(() => {
        done();
        reject(new Error(`no ${type} within ${ms} ms; said: ${JSON.stringify(this.facts)}`));
      }, ms);
      const look = () => {
        const found = find();
        if (!found) return;
        done();
        resolve(found);
      };
      this.#waiting.add(look);
    });
  }

  of(legId: string): string[] {
    return this.facts.filter((f) => 'legId' in f && f.legId === legId).map((f) => f.type);
  }
}

/** Where Asterisk's own description of ARI lies: one JSON file per resource. */
export function restApiFolder(): string {
  return join(asteriskFolder(cacheFolder()), 'usr/share/asterisk/rest-api');
}

/** A private Asterisk for tests, in a folder of its own. It fails, and does not skip, when Asterisk was not fetched. */
export class AsteriskRig {
  readonly asterisk: PrivateAsterisk;
  readonly server: { host: string; port: number };
  readonly #folder: string;
  readonly #opened: { close(): unknown }[] = [];

  private constructor(asterisk: PrivateAsterisk, folder: string, sipPort: number) {
    this.asterisk = asterisk;
    this.server = { host: '127.0.0.1', port: sipPort };
    this.#folder = folder;
  }

  /**
   * @param sipHost `0.0.0.0` as in the office, where nobody calls in without an account.
   * @param authorities PEM file of whom SIP over TLS trusts.
   */
  static async start(sipHost = '127.0.0.1', authorities?: string): Promise<AsteriskRig> {
    const fetched = await fetchedAsterisk(asteriskFolder(cacheFolder()));
    if (!fetched) throw new Error('Asterisk was not fetched: run `npm run fetch` first');
    const folder = await mkdtemp(join(tmpdir(), 'cp-ast-'));
    const sipPort = nextSipPort++;
    const program = programInFolder(fetched.dir);
    const options = { dataDir: folder, program, sipHost, sipPort, authorities, clock: realClock, log: quiet };
    return new AsteriskRig(await startAsterisk(options), folder, sipPort);
  }

  /** One more connection of ours to it, as another process of Crosspoint would be. */
  connect(more: Partial<AsteriskOptions> = {}): { asterisk: Asterisk; log: FactLog } {
    const address = () => {
      const { ariUrl, ariUser, ariPassword } = this.asterisk.address;
      return { url: ariUrl, user: ariUser, password: ariPassword };
    };
    const speak = () => Promise.reject(new Error('this test speaks nothing'));
    const manager = () => this.asterisk.address.manager;
    const base = {
      id: 'asterisk',
      address,
      manager,
      clock: realClock,
      log: quiet,
      mediaAddress: '127.0.0.1',
      speak,
    };
    const asterisk = createAsterisk({ ...base, ...more });
    this.#opened.push(asterisk.switch);
    return { asterisk, log: new FactLog(asterisk) };
  }

  async phone(user: string, password?: string): Promise<SipPhone> {
    const phone = await SipPhone.open({ server: this.server, user, password });
    this.#opened.push(phone);
    return phone;
  }

  async stop(): Promise<void> {
    for (const thing of this.#opened.reverse()) await thing.close();
    await this.asterisk.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
