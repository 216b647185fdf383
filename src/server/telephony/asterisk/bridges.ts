/** Bridges of our application: which legs are in which, and what is taken from under a leg before it comes in. */
import { CodedError } from '../../../protocol/errors.ts';
import type { AriLink } from './ari-link.ts';
import { AriError } from './ari-rest.ts';
import type { AriBridge } from './ari-types.ts';
import { ignoring } from './commands.ts';
import type { LegBook, LegRecord } from './leg-book.ts';
import type { MixedBridges } from './mixed-bridges.ts';
import type { Underlay } from './underlay.ts';

export interface BridgesOptions {
  link: Pick<AriLink, 'app' | 'request'>;
  book: LegBook;
  underlay: Underlay;
  mixed: MixedBridges;
  /** Whether somebody listens at the leg, so that the bridge that it comes into has to mix. */
  tapped: (legId: string) => boolean;
  /** Who is in a call now, or taken out of one, listens to no other. */
  endSupervision: (legId: string, deadlineMs: number) => Promise<unknown>;
}

/** Key presses of bridged parties come up only with `dtmf_events`; audio always goes through Asterisk. */
const BRIDGE_TYPE = 'mixing,dtmf_events,proxy_media';
/** ARI of a bridge that is gone, and of one that is being taken apart. */
const GONE = [404, 409];

export class Bridges {
  readonly #o: BridgesOptions;

  constructor(options: BridgesOptions) {
    this.#o = options;
  }

  /** Makes the bridge if there is none and adds those of the legs that are not in it. */
  async join(bridgeId: string, legs: readonly LegRecord[], deadlineMs: number): Promise<void> {
    const { link, endSupervision } = this.#o;
    const missing = legs.filter((leg) => leg.bridgeId !== bridgeId);
    if (missing.length === 0 && legs.length > 0) return;
    const made = link.request('makeBridge', { bridgeId, type: BRIDGE_TYPE, name: link.app }, deadlineMs);
    await Promise.all([ignoring([409], made), this.#clear(missing, deadlineMs)]); // 409: it is there already
    if (missing.some(({ legId }) => this.#o.tapped(legId))) await this.#o.mixed.mix(bridgeId, deadlineMs);
    await this.#put(bridgeId, missing, deadlineMs);
    await Promise.all(missing.map(({ legId }) => endSupervision(legId, deadlineMs)));
  }

  /** Adds a leg to a bridge that there is. */
  async add(bridgeId: string, leg: LegRecord, deadlineMs: number): Promise<void> {
    await this.#clear([leg], deadlineMs);
    await this.#put(bridgeId, [leg], deadlineMs);
  }

  /** Takes a leg out of the bridge that it is in, if any. */
  async leave(leg: LegRecord, deadlineMs: number): Promise<void> {
    const { link, underlay, endSupervision } = this.#o;
    const { legId, bridgeId } = leg;
    if (bridgeId === undefined) return;
    const removed = link.request('removeFromBridge', { bridgeId, channel: [legId] }, deadlineMs);
    await ignoring([...GONE, 422], removed); // 422: the leg has just left it
    if (leg.bridgeId === bridgeId) leg.bridgeId = undefined;
    await endSupervision(legId, deadlineMs);
    underlay.silenceUnderTap(leg);
  }

  async end(bridgeId: string, deadlineMs: number): Promise<void> {
    await ignoring(GONE, this.#o.link.request('endBridge', { bridgeId }, deadlineMs));
    this.#o.book.forgetBridge(bridgeId);
    this.#o.mixed.forget(bridgeId);
  }

  /** Those whose parties have all gone while nobody was there to end them: in a mixed one silence would play for ever. */
  async endEmpty(bridges: readonly AriBridge[], deadlineMs: number): Promise<void> {
    const empty = bridges.filter(({ channels }) => channels.length === 0);
    await Promise.all(empty.map(({ id }) => this.end(id, deadlineMs)));
  }

  /** Somebody is about to listen at the leg: everything that it hears is mixed from now on. */
  async mixFor({ bridgeId }: LegRecord, deadlineMs: number): Promise<void> {
    if (bridgeId !== undefined) await this.#o.mixed.mix(bridgeId, deadlineMs);
  }

  async #clear(legs: readonly LegRecord[], deadlineMs: number): Promise<void> {
    await Promise.all(legs.map((leg) => this.#o.underlay.clear(leg, deadlineMs)));
  }

  /** In one request: Asterisk adds none of them when one is gone. */
  async #put(bridgeId: string, legs: readonly LegRecord[], deadlineMs: number): Promise<void> {
    if (legs.length === 0) return;
    const channel = legs.map(({ legId }) => legId);
    const values = { bridgeId, channel, inhibitConnectedLineUpdates: true };
    await this.#o.link.request('addToBridge', values, deadlineMs).catch((error: unknown) => {
      // 400: no such channel
      throw error instanceof AriError && error.status === 400 ? new CodedError('no-such-line') : error;
    });
    for (const leg of legs) leg.bridgeId = bridgeId;
  }
}
