/**
 * What lies under a whisper in a bridge. Asterisk before 22.11 adds what is whispered only to audio that it writes to the leg
 * anyway (https://github.com/asterisk/asterisk/issues/1966), and in a bridge of two it writes what the other party sends: from
 * a phone that sends nothing in silence, nothing. So silence is played into the bridge for as long as somebody whispers.
 *
 *     whisper, leg in a bridge ─► silence plays ── whisper over, leg elsewhere or gone ─► stopped
 *
 * A process that finds a whisper of one before it does not know of its silence: that lasts as long as the bridge.
 */
import { newId } from '../../../lib/ids.ts';
import type { AriLink } from './ari-link.ts';
import type { AriEvent } from './ari-types.ts';
import { DEADLINE_MS, ignoring } from './commands.ts';
import type { LegRecord } from './leg-book.ts';

export interface WhisperBedsOptions {
  link: Pick<AriLink, 'request'>;
  find: (legId: string) => LegRecord | undefined;
  /** Whether somebody whispers to the leg now. */
  whispered: (legId: string) => boolean;
  inBackground: (work: Promise<unknown>, failure: string) => void;
}

/** A tone of no frequency, without end (the syntax of indications.conf). */
const SILENCE = 'tone:0/1000';

export class WhisperBeds {
  readonly #o: WhisperBedsOptions;
  /** By the leg that hears the whisper. */
  readonly #beds = new Map<string, { bridgeId: string; playbackId: string }>();

  constructor(options: WhisperBedsOptions) {
    this.#o = options;
  }

  /** A leg has come into a bridge, or has left one. */
  take(event: AriEvent): void {
    if (event.type === 'ChannelEnteredBridge' || event.type === 'ChannelLeftBridge')
      this.lay(event.channel.id);
  }

  /** After a (re)connection: who left meanwhile needs none. */
  adopt(): void {
    for (const legId of this.#beds.keys()) this.lay(legId);
  }

  /** Starts or stops the silence for a leg, as it is needed now. */
  lay(legId: string): void {
    const { link, find, whispered, inBackground } = this.#o;
    const bridgeId = whispered(legId) ? find(legId)?.bridgeId : undefined;
    const bed = this.#beds.get(legId);
    if (bed?.bridgeId === bridgeId) return;
    if (bed) {
      this.#beds.delete(legId);
      const stopped = link.request('stopPlay', { playbackId: bed.playbackId }, DEADLINE_MS);
      inBackground(ignoring([404, 409], stopped), 'the silence under a whisper was not ended'); // the bridge may be gone
    }
    if (bridgeId === undefined) return;
    const playbackId = newId('bed');
    this.#beds.set(legId, { bridgeId, playbackId });
    const played = link.request('playToBridge', { bridgeId, playbackId, media: [SILENCE] }, DEADLINE_MS);
    inBackground(ignoring([404, 409], played), 'the silence under a whisper did not start');
  }
}
