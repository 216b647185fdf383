/**
 * The phones in users' pages: a SIP name and password made for one tab of one sign-in, put on the switch, and removed when
 * that tab is gone for good. One per user.
 *
 *     none ── the tab gets the audio ──► on the switch ── the page registers ──► registered ◄──► not
 *       ▲                                     └──────────── another tab, sign-out, gone ─────────► removed ──┐
 *       └────────────────────────────────────────────────────────────────────────────────────────────────────┘
 */
import type { Clock } from '../../lib/clock.ts';
import { randomToken } from '../../lib/ids.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { Serial } from '../../lib/serial.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { PhoneCredentials } from '../../protocol/socket.ts';
import type { Database } from '../store/database.ts';
import type { ProvisionedDevice } from '../telephony/ports.ts';
import type { SoftphonePlatforms } from './ports.ts';

export interface BrowserPhone {
  readonly userId: string;
  readonly sessionId: string;
  readonly tabId: string;
  readonly platformId: string;
  /** SIP user name, also the device's name on the switch. */
  readonly name: string;
  /** A secret. */
  readonly password: string;
  /** What the page says: its own registration. */
  inPage: boolean;
  problem?: string;
}

export interface BrowserPhonesOptions {
  db: Database;
  clock: Clock;
  platforms: SoftphonePlatforms;
  /** The platform that the user's browser phone belongs to. */
  platformOf(userId: string): string;
  callerIdOf(userId: string): ProvisionedDevice['callerId'];
  /** Something about this user's phone is different now. */
  onChanged(userId: string): void;
  onError: (what: string, error: unknown) => void;
}

/** A phone that is no longer used stays on the switch for this long: its call may live until the next one has taken over. */
const REMOVE_AFTER_MS = 30_000;

export class BrowserPhones {
  readonly #o: BrowserPhonesOptions;
  readonly #phones = new Map<string, BrowserPhone>();
  /** Registered devices, by name, and on which platform. */
  readonly #onSwitch = new Map<string, string>();
  readonly #serial = new Serial();
  readonly #life: Lifecycle;

  constructor(options: BrowserPhonesOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
  }

  /** Phones of pages that may still be there though our process was not. */
  async restore(): Promise<void> {
    const rows = await this.#o.db.query<{
      user_id: string;
      session_id: string;
      tab_id: string;
      platform_id: string;
      name: string;
      password: string;
    }>('SELECT * FROM browser_phone');
    for (const row of rows) {
      const {
        user_id: userId,
        session_id: sessionId,
        tab_id: tabId,
        platform_id: platformId,
        name,
        password,
      } = row;
      if (this.#o.platforms.switches.get(platformId))
        this.#phones.set(userId, { userId, sessionId, tabId, platformId, name, password, inPage: false });
    }
  }

  userIds(): string[] {
    return [...this.#phones.keys()];
  }

  get(userId: string): BrowserPhone | undefined {
    return this.#phones.get(userId);
  }

  /** The phone can be rung now. On a switch without browser phones its stand-in is, as long as the page is there. */
  isRegistered(userId: string): boolean {
    const phone = this.#phones.get(userId);
    return phone !== undefined && phone.inPage && this.#onSwitch.has(phone.name);
  }

  /** True for any device that the switch has registered: SIP phones, too. */
  isOnSwitch(name: string): boolean {
    return this.#onSwitch.has(name);
  }

  /** The tab's phone: the one it had in this sign-in, else a new one. Resolves when the switch knows it (or is down). */
  async assign(userId: string, tabId: string, sessionId: string): Promise<BrowserPhone> {
    const old = this.#phones.get(userId);
    const platformId = this.#o.platformOf(userId);
    const same = old?.tabId === tabId && old.sessionId === sessionId && old.platformId === platformId;
    const phone = same ? old : this.#make(userId, tabId, sessionId, platformId);
    // Without browser phones the switch's stand-in is as good as registered.
    phone.inPage = !this.hasBrowserPhone(platformId);
    if (same) return phone;
    this.#phones.set(userId, phone);
    if (old) this.#life.after(REMOVE_AFTER_MS, () => this.#remove(old));
    await this.#serial.run(userId, () => this.#store(phone));
    await this.#put(phone);
    this.#o.onChanged(userId);
    return phone;
  }

  /** What the page says about its phone. */
  report(userId: string, tabId: string, registered: boolean, problem: string | undefined): void {
    const phone = this.#phones.get(userId);
    if (phone?.tabId !== tabId || !this.hasBrowserPhone(phone.platformId)) return;
    phone.inPage = registered;
    if (problem === undefined) delete phone.problem;
    else phone.problem = problem;
    this.#o.onChanged(userId);
  }

  /** The page is gone for now: nothing can ring there, the credentials stay. */
  pageGone(userId: string): void {
    const phone = this.#phones.get(userId);
    if (phone) phone.inPage = false;
  }

  /** The tab or its sign-in is gone for good: the credentials end now. */
  withdraw(userId: string): void {
    const phone = this.#phones.get(userId);
    if (!phone) return;
    this.#phones.delete(userId);
    this.#remove(phone);
    this.#run(
      'forget a browser phone',
      this.#serial.run(userId, () =>
        this.#o.db.query('DELETE FROM browser_phone WHERE user_id = $1 AND name = $2', [userId, phone.name]),
      ),
    );
    this.#o.onChanged(userId);
  }

  /** The phones of a sign-in that ended. */
  withdrawSession(sessionId: string): void {
    for (const phone of this.#phones.values()) if (phone.sessionId === sessionId) this.withdraw(phone.userId);
  }

  /** The switch says that a device registered or went away. */
  registration(platformId: string, name: string, registered: boolean): void {
    if (registered) this.#onSwitch.set(name, platformId);
    else if (this.#onSwitch.get(name) === platformId) this.#onSwitch.delete(name);
    const phone = [...this.#phones.values()].find((p) => p.name === name);
    if (phone) this.#o.onChanged(phone.userId);
  }

  /** The switch is connected, perhaps restarted: it gets all phones anew and says which devices are registered. */
  async linkUp(platformId: string): Promise<void> {
    const mine = () => [...this.#phones.values()].filter((phone) => phone.platformId === platformId);
    await Promise.all(mine().map((phone) => this.#put(phone)));
    const registered = (await this.#o.platforms.switches.get(platformId)?.provisioning.registered()) ?? [];
    this.#forgetRegistered(platformId);
    for (const name of registered) this.#onSwitch.set(name, platformId);
    for (const { userId } of mine()) this.#o.onChanged(userId);
  }

  /** The platform was taken away, with whatever was registered there. */
  platformGone(platformId: string): void {
    this.#forgetRegistered(platformId);
    for (const phone of this.#phones.values())
      if (phone.platformId === platformId) this.#o.onChanged(phone.userId);
  }

  /** Browser phones can register there; one that is not connected now counts as such. */
  hasBrowserPhone(platformId: string): boolean {
    return this.#o.platforms.switches.get(platformId)?.switch.capabilities.browserPhone ?? true;
  }

  credentials(phone: BrowserPhone): PhoneCredentials {
    const { userId, platformId, name: username, password } = phone;
    return { ...this.#o.platforms.phone(platformId, userId), username, password };
  }

  async close(): Promise<void> {
    await this.#life.close();
    await this.#serial.idle();
  }

  #forgetRegistered(platformId: string): void {
    for (const [name, where] of this.#onSwitch) if (where === platformId) this.#onSwitch.delete(name);
  }

  #make(userId: string, tabId: string, sessionId: string, platformId: string): BrowserPhone {
    return {
      userId,
      sessionId,
      tabId,
      platformId,
      name: `b-${randomToken(16)}`,
      password: randomToken(26),
      inPage: false,
    };
  }

  async #store(phone: BrowserPhone): Promise<void> {
    await this.#o.db.query(
      `INSERT INTO browser_phone (user_id, session_id, tab_id, platform_id, name, password) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (user_id) DO UPDATE SET session_id = $2, tab_id = $3, platform_id = $4, name = $5, password = $6`,
      [phone.userId, phone.sessionId, phone.tabId, phone.platformId, phone.name, phone.password],
    );
  }

  /** While the switch is down nothing is lost: `linkUp` puts it. */
  async #put({ userId, platformId, name, password }: BrowserPhone): Promise<void> {
    try {
      await this.#o.platforms.switches.get(platformId)?.provisioning.put({
        name,
        password,
        kind: 'browser',
        callerId: this.#o.callerIdOf(userId),
      });
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'switch-down')
        this.#o.onError('provision a browser phone', error);
    }
  }

  #remove({ name, platformId }: BrowserPhone): void {
    this.#onSwitch.delete(name);
    const provisioning = this.#o.platforms.switches.get(platformId)?.provisioning;
    if (provisioning) this.#run('remove a browser phone', provisioning.remove(name));
  }

  #run(what: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!(error instanceof CodedError) || error.code !== 'switch-down') this.#o.onError(what, error);
    });
  }
}
