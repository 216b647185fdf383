/**
 * Where users' audio is: elects the tab, gives it its credentials, and when the page that carried a call is gone, gives the
 * agent a new leg in the standing bridge as soon as the next page's phone is registered.
 *
 *     leg in a page ── the audio tab does not list it, or nobody is there for 3 s more ──► lost ── phone registered ──► reattached
 *
 * After a restart the tab that had the audio has 15 s to come back with its legs: then nothing is lost at all.
 */
import type { Clock } from '../../lib/clock.ts';
import type { Lifecycle } from '../../lib/lifecycle.ts';
import type { CallEngine } from '../telephony/call-engine.ts';
import { type Conversation, isLive, type Leg } from '../telephony/model.ts';
import type { AgentDevice } from '../telephony/ports.ts';
import type { BrowserPhones } from './browser-phones.ts';
import type { SoftphoneSettings, UserDevice } from './ports.ts';
import type { Page, Seat } from './seat.ts';
import { electAudio } from './tabs.ts';

/** How long nobody may have the audio before the calls' legs count as lost, in milliseconds after the tab's own grace. */
const LOSE_ALONE_MS = 3_000;
const RESTART_GRACE_MS = 12_000;
/** A tab that is gone for longer than this gets other credentials, in milliseconds. */
const GONE_MS = 60_000;
/** A page that is there has its phone by then, in milliseconds. */
const BORROWED_WITHIN_MS = 3_000;
const LOOK_MS = 50;
const REATTACH_AGAIN_MS = 1_000;
/** A phone that belongs to another platform from now on waits for the end of its calls; it is looked at so often. */
const MOVE_AGAIN_MS = 2_000;

export interface AudioOptions {
  engine: Pick<CallEngine, 'loseAgentLeg' | 'reattach' | 'dropLeg'>;
  phones: BrowserPhones;
  settings: SoftphoneSettings;
  clock: Clock;
  life: Lifecycle;
  conversationsOf(userId: string): Conversation[];
  onChanged(userId: string): void;
  onError: (what: string, error: unknown, ids: { conversationId?: string }) => void;
}

export class Audio {
  readonly #o: AudioOptions;
  readonly #timers = new Map<string, () => void>();
  /** Users whose page has a phone though another device is chosen. */
  readonly #borrowed = new Set<string>();

  constructor(options: AudioOptions) {
    this.#o = options;
  }

  /** The device that rings for the user, or undefined when none can now. */
  device(userId: string): AgentDevice | undefined {
    return this.deviceOf(userId, this.#o.settings.chosenDevice(userId));
  }

  /** This device of the user's as calls need it, or undefined when it cannot be rung now. */
  deviceOf(userId: string, { id, kind, username, platformId, control }: UserDevice): AgentDevice | undefined {
    const { settings, phones } = this.#o;
    const extension = settings.user(userId)?.extension ?? '';
    const of = (name: string, on: string): AgentDevice => ({
      deviceId: id,
      platformId: on,
      endpoint: { kind: 'device', name, platformId: on },
      address: extension
        ? { kind: 'extension', raw: extension, value: extension }
        : { kind: 'unknown', raw: '', value: '' },
      control,
    });
    if (kind !== 'browser')
      return username && phones.isOnSwitch(username) ? of(username, platformId) : undefined;
    const phone = phones.get(userId);
    return phone && phones.isRegistered(userId) ? of(phone.name, phone.platformId) : undefined;
  }

  /**
   * His browser phone, also when he has chosen another device: it is in the page for as long as it is borrowed. Undefined when no page
   * has one in time.
   */
  async borrowBrowser(seat: Seat): Promise<AgentDevice | undefined> {
    const { life } = this.#o;
    if (!seat.tabs.some(({ canAudio }) => canAudio)) return undefined;
    this.#borrowed.add(seat.userId);
    this.review(seat);
    for (let waited = 0; waited < BORROWED_WITHIN_MS; waited += LOOK_MS) {
      const device = this.#browserOf(seat.userId);
      if (device) return device;
      await new Promise<void>((resolve) => life.after(LOOK_MS, resolve));
    }
    this.giveBackBrowser(seat);
    return undefined;
  }

  /** The chosen device is the only one again. No error when nothing was borrowed. */
  giveBackBrowser(seat: Seat): void {
    if (this.#borrowed.delete(seat.userId)) this.review(seat);
  }

  #browserOf(userId: string): AgentDevice | undefined {
    const browser = this.#o.settings.devicesOf(userId).find(({ kind }) => kind === 'browser');
    return browser && this.deviceOf(userId, browser);
  }

  /** The process has started: the tab that had the audio keeps it for a while. */
  restore(seat: Seat): void {
    const phone = this.#o.phones.get(seat.userId);
    const carries = this.#legsOf(seat.userId).length > 0;
    const tabId = phone?.tabId;
    if (tabId !== undefined)
      seat.audio = { tabId, vacantUntil: this.#o.clock.now() + (carries ? RESTART_GRACE_MS : 0) };
    if (carries || tabId !== undefined) this.#later(seat, carries ? RESTART_GRACE_MS : 0);
  }

  /** A page said hello: it may have the audio, and then it says which legs live on in it. */
  opened(seat: Seat, page: Page): void {
    const before = seat.audio.tabId;
    this.review(seat);
    if (seat.audio.tabId !== page.tab.tabId)
      return page.connection.send({ type: 'phone', credentials: null });
    if (before === page.tab.tabId) this.#give(seat, page);
  }

  /** Elects anew: a page came or went, the grace is over, or the user chose another device. */
  review(seat: Seat): void {
    const { settings, clock, phones } = this.#o;
    const before = seat.audio.tabId;
    const browser = this.#borrowed.has(seat.userId) || settings.chosenDevice(seat.userId).kind === 'browser';
    seat.audio = browser ? electAudio(seat.audio, seat.tabs, clock.now()) : {};
    const { tabId, vacantUntil } = seat.audio;
    this.#timers.get(seat.userId)?.();
    if (vacantUntil !== undefined) {
      phones.pageGone(seat.userId);
      this.#later(seat, vacantUntil - clock.now());
    } else if (tabId === undefined) {
      this.#nobody(seat, browser);
    } else if (tabId !== before) {
      const page = seat.pages.get(tabId);
      if (page) this.#give(seat, page);
    } else this.#movePhone(seat, tabId);
    if (tabId !== before && before !== undefined)
      seat.pages.get(before)?.connection.send({ type: 'phone', credentials: null });
    this.#o.onChanged(seat.userId);
  }

  /** The user's phone can be rung again: lost calls get their sound back. */
  reattach(userId: string): void {
    const device = this.#browserOf(userId);
    if (!device) return;
    for (const { conversation, leg } of this.#legsOf(userId)) {
      if (!leg.lost || !carriesCall(leg) || isReplaced(conversation, leg)) continue;
      this.#o.engine.reattach(conversation.id, leg.id, device).catch((error: unknown) => {
        this.#o.onError('reattach an agent', error, { conversationId: conversation.id });
        this.reattachSoon(userId);
      });
    }
  }

  /** A leg that was to take a lost one's place is gone: tries again. The engine ends the trying when it gives the leg up. */
  reattachSoon(userId: string): void {
    this.#o.life.after(REATTACH_AGAIN_MS, () => this.reattach(userId));
  }

  #give(seat: Seat, page: Page): void {
    const { phones, onError } = this.#o;
    const { userId, sessionId, tabId, legs } = page.connection;
    this.#lose(userId, legs);
    phones.assign(userId, tabId, sessionId).then(
      (phone) => {
        if (seat.audioPage === page)
          page.connection.send({ type: 'phone', credentials: phones.credentials(phone) });
        this.#o.onChanged(userId);
        this.reattach(userId);
      },
      (error: unknown) => onError('make a browser phone', error, {}),
    );
  }

  /** The user belongs to another platform now: his page gets a phone there, as soon as no call is in the old one. */
  #movePhone(seat: Seat, tabId: string): void {
    const { phones, settings } = this.#o;
    const phone = phones.get(seat.userId);
    const page = seat.pages.get(tabId);
    if (!phone || !page || phone.platformId === settings.chosenDevice(seat.userId).platformId) return;
    if (this.#legsOf(seat.userId).length > 0) this.#later(seat, MOVE_AGAIN_MS);
    else this.#give(seat, page);
  }

  #nobody(seat: Seat, browser: boolean): void {
    const { phones, life } = this.#o;
    phones.pageGone(seat.userId);
    if (!browser) return phones.withdraw(seat.userId);
    const cancel = [
      life.after(LOSE_ALONE_MS, () => this.#lose(seat.userId, [])),
      life.after(GONE_MS, () => phones.withdraw(seat.userId)),
    ];
    this.#timers.set(seat.userId, () => cancel.forEach((end) => end()));
  }

  #later(seat: Seat, ms: number): void {
    this.#timers.set(
      seat.userId,
      this.#o.life.after(ms, () => this.review(seat)),
    );
  }

  /** Every leg in the user's page is gone but those that the page lists. */
  #lose(userId: string, alive: readonly string[]): void {
    const { engine, onError } = this.#o;
    for (const { conversation, leg } of this.#legsOf(userId)) {
      if (leg.lost || alive.includes(leg.id)) continue;
      const offered = [...conversation.offers.values()].some(
        (offer) => offer.legId === leg.id && offer.ended === undefined,
      );
      if (carriesCall(leg) || offered) engine.loseAgentLeg(leg.id);
      // It connects nobody: a call being made, a leg that was to take a lost one's place, or one that only listens.
      else
        engine
          .dropLeg(leg.id)
          .catch((error: unknown) =>
            onError('drop a leg whose page is gone', error, { conversationId: conversation.id }),
          );
    }
  }

  #legsOf(userId: string): { conversation: Conversation; leg: Leg }[] {
    const inPage = (leg: Leg) =>
      leg.userId === userId &&
      (leg.role === 'agent' || leg.role === 'supervisor') &&
      isLive(leg) &&
      deviceOf(leg.deviceId, userId, this.#o.settings)?.kind === 'browser';
    return this.#o
      .conversationsOf(userId)
      .flatMap((conversation) =>
        [...conversation.legs.values()].filter(inPage).map((leg) => ({ conversation, leg })),
      );
  }
}

/** The device of a leg; a leg without one is on the device that the user has chosen. */
export function deviceOf(
  deviceId: string | undefined,
  userId: string,
  settings: SoftphoneSettings,
): UserDevice | undefined {
  return deviceId === undefined ? settings.chosenDevice(userId) : settings.device(deviceId);
}

/** It is in a call with the other party; one that took a held leg's place is so before it is joined. */
function carriesCall(leg: Leg): boolean {
  return leg.joined || leg.state === 'held';
}

function isReplaced(conversation: Conversation, lost: Leg): boolean {
  return [...conversation.legs.values()].some((leg) => leg.replaces === lost.id && isLive(leg));
}
