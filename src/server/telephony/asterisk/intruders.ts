/**
 * Calls that take the place of a leg without asking us. A SIP phone may send an INVITE with Replaces (RFC 3891), which names the
 * dialog of another call; Asterisk asks nobody whether it may and puts the new channel into the bridge instead of the old one,
 * past the dialplan. Whoever comes into a bridge of ours and is no leg is hung up, and the leg that was put out comes back:
 *
 *     joined ── put out of the bridge ──► out ── in its place a channel that is no leg ──► joined again
 *
 * The names of a dialog are random and known to its two ends alone, so this is about somebody who reads SIP off the network;
 * TLS for SIP keeps them secret. A leg that is in no bridge (music, an announcement) cannot be watched this way.
 */
import type { AriLink, AriLog } from './ari-link.ts';
import type { AriEvent } from './ari-types.ts';
import { DEADLINE_MS, ignoring } from './commands.ts';
import type { LegRecord } from './leg-book.ts';

export interface IntrudersOptions {
  link: Pick<AriLink, 'app' | 'request'>;
  log: AriLog;
  find: (legId: string) => LegRecord | undefined;
  /** Adds a leg to a bridge. */
  join: (bridgeId: string, leg: LegRecord, deadlineMs: number) => Promise<void>;
  inBackground: (work: Promise<unknown>, failure: string) => void;
}

/** Bridges whose last leaver is remembered. */
const REMEMBERED = 1_000;

export class Intruders {
  readonly #o: IntrudersOptions;
  /** By bridge: who left it last. Asterisk puts the one out just before it says that the other one is in. */
  readonly #lastOut = new Map<string, string>();

  constructor(options: IntrudersOptions) {
    this.#o = options;
  }

  take(event: AriEvent): void {
    const { link, find } = this.#o;
    if (event.type !== 'ChannelLeftBridge' && event.type !== 'ChannelEnteredBridge') return;
    const { bridge, channel } = event;
    if (bridge.name !== link.app) return;
    if (event.type === 'ChannelLeftBridge') this.#remember(bridge.id, channel.id);
    else if (!find(channel.id)) this.#o.inBackground(this.#expel(bridge.id, channel.id), 'an intruder stays');
  }

  #remember(bridgeId: string, legId: string): void {
    this.#lastOut.delete(bridgeId);
    this.#lastOut.set(bridgeId, legId);
    const [oldest] = this.#lastOut.keys();
    if (this.#lastOut.size > REMEMBERED && oldest !== undefined) this.#lastOut.delete(oldest);
  }

  async #expel(bridgeId: string, channelId: string): Promise<void> {
    const { link, log, find, join } = this.#o;
    const legId = this.#lastOut.get(bridgeId) ?? '';
    await ignoring([404], link.request('hangup', { channelId }, DEADLINE_MS));
    const leg = find(legId);
    log.warn({ bridgeId, channelId, legId }, 'a call that took the place of another one was ended');
    if (!leg || leg.ending || leg.bridgeId !== undefined || leg.music === true) return;
    await ignoring([404, 409], join(bridgeId, leg, DEADLINE_MS));
  }
}
