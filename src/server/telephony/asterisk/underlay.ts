/** What Asterisk has to write to a leg that is in no bridge, and does not take up again by itself after a playback. */
import type { AriLink } from './ari-link.ts';
import { DEADLINE_MS, ignoring } from './commands.ts';
import type { LegRecord } from './leg-book.ts';

export interface UnderlayOptions {
  link: AriLink;
  /** Whether somebody has the leg's audio in hand or supervises it, or it is recorded. */
  tapped: (legId: string) => boolean;
  inBackground: (work: Promise<unknown>, failure: string) => void;
}

export class Underlay {
  readonly #o: UnderlayOptions;

  constructor(options: UnderlayOptions) {
    this.#o = options;
  }

  /** A playback is over: Asterisk has ended music and silence for it. */
  afterPlayback(leg: LegRecord): void {
    leg.silence = false;
    if (leg.music && isIdle(leg)) {
      const again = this.#o.link.request('startMusic', { channelId: leg.legId }, DEADLINE_MS);
      this.#o.inBackground(ignoring([404, 409, 412], again), 'music did not go on after a playback');
    }
    this.silenceUnderTap(leg);
  }

  /**
   * What a tap says is mixed into what Asterisk writes to the leg: where it writes nothing, silence has to be written. Music and
   * bridges write by themselves. To a recorded leg for its own reason: what decodes Opus for a recording is kept as long as
   * nothing else is written, and takes the packets of the next party for late ones, in one case of two, from where its numbers
   * begin: it would be missing from the recording.
   */
  silenceUnderTap(leg: LegRecord): void {
    if (!isIdle(leg) || leg.music || leg.silence || !this.#o.tapped(leg.legId)) return;
    leg.silence = true;
    const silence = this.#o.link.request('startSilence', { channelId: leg.legId }, DEADLINE_MS);
    this.#o.inBackground(ignoring([404, 409, 412], silence), 'silence under an audio tap did not start');
  }

  /** The leg is about to be bridged: what lies under it would go on in the bridge. Music may be there and not be known of. */
  async clear(leg: LegRecord, deadlineMs: number): Promise<void> {
    const { link } = this.#o;
    const mayHear = leg.music !== false;
    leg.music = false; // from here on: a playback that ends now must not bring it back
    if (mayHear) await link.request('stopMusic', { channelId: leg.legId }, deadlineMs);
    if (leg.silence) await link.request('stopSilence', { channelId: leg.legId }, deadlineMs);
    leg.silence = false;
  }
}

function isIdle(leg: LegRecord): boolean {
  return leg.bridgeId === undefined && leg.playbacks.size === 0 && !leg.ending;
}
