/**
 * Bridges in which Asterisk mixes, whatever comes from whom: those with a leg that is recorded, supervised or tapped. In a plain
 * bridge of two it passes on the packets of one to the other, and that is not enough, for two reasons:
 *
 * - Before 22.11 it adds what is whispered only to audio that it writes to the leg anyway
 *   (https://github.com/asterisk/asterisk/issues/1966): while the other party's phone sends nothing in silence, nothing.
 * - Debian's Asterisk takes audio for late, and keeps it from all that listens at a leg, when its number is below the one before
 *   (RFC 3550, 5.1; in one case of two, from where a phone's numbers begin): packets of the next party, or a mixed conference's,
 *   which have none, after those of a plain bridge. Mixed audio has none from the start.
 *
 * Silence that is played into a bridge makes it one that mixes. It has to be there before the leg is listened to, and before such
 * a leg comes in, and lasts as long as the bridge.
 */
import { newId } from '../../../lib/ids.ts';
import type { AriLink } from './ari-link.ts';
import { ignoring } from './commands.ts';

/** A tone of no frequency, without end (the syntax of indications.conf). */
const SILENCE = 'tone:0/1000';

export class MixedBridges {
  readonly #link: Pick<AriLink, 'request'>;
  readonly #mixed = new Map<string, Promise<unknown>>();

  constructor(link: Pick<AriLink, 'request'>) {
    this.#link = link;
  }

  /** Resolves when everything in the bridge is mixed. It may be gone meanwhile. */
  async mix(bridgeId: string, deadlineMs: number): Promise<void> {
    const known = this.#mixed.get(bridgeId);
    if (known) return void (await known);
    const silence = { bridgeId, playbackId: newId('mix'), media: [SILENCE] };
    const played = ignoring([404, 409], this.#link.request('playToBridge', silence, deadlineMs));
    this.#mixed.set(bridgeId, played);
    await played.catch((error: unknown) => {
      this.#mixed.delete(bridgeId);
      throw error;
    });
  }

  forget(bridgeId: string): void {
    this.#mixed.delete(bridgeId);
  }
}
