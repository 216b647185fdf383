/**
 * Plays media to simulated legs: the playbacks of one leg one after the other, each with exactly one `playback.finished`.
 *
 *     queued ─► playing part 1 ─► part 2 … ─► done
 *                  └ stop, or the leg is cleared ─► stopped      └ part cannot be played ─► failed
 */
import { statSync } from 'node:fs';
import type { Clock } from '../../../lib/clock.ts';
import { unreachable } from '../../../lib/must.ts';
import type { Media } from '../ports.ts';
import type { Leg, Playback } from './leg.ts';

/** How long simulated media last, in milliseconds. */
export interface MediaLengths {
  /** Any sound that the switch ships. */
  soundMs: number;
  /** Spoken text, for each character. */
  characterMs: number;
}

export type PlaybackOutcome = 'done' | 'stopped' | 'failed';
type Finished = (leg: Leg, playbackId: string, outcome: PlaybackOutcome) => void;

const WAV_HEADER_BYTES = 44;
const WAV_BYTES_PER_MS = 16;

export class Player {
  readonly #clock: Clock;
  readonly #lengths: MediaLengths;
  readonly #finished: Finished;

  constructor(clock: Clock, lengths: MediaLengths, finished: Finished) {
    this.#clock = clock;
    this.#lengths = lengths;
    this.#finished = finished;
  }

  play(leg: Leg, playback: Playback): void {
    leg.playbacks.push(playback);
    if (leg.playbacks.length === 1) this.#playPart(leg, playback);
  }

  /** Stops one that plays or waits; nothing happens when it is over. */
  stop(leg: Leg, playbackId: string): void {
    const playback = leg.playbacks.find((p) => p.playbackId === playbackId);
    if (playback) this.#end(leg, playback, 'stopped');
  }

  stopAll(leg: Leg): void {
    leg.cancelPlayback();
    for (const { playbackId } of leg.playbacks.splice(0)) this.#finished(leg, playbackId, 'stopped');
  }

  #playPart(leg: Leg, playback: Playback): void {
    const part = playback.media[playback.index];
    const ms = part ? this.#lengthOf(part) : 0;
    if (ms === 'endless') return;
    // A part that fails does so asynchronously too, as on a real switch.
    leg.cancelPlayback = this.#clock.after(ms === 'failed' ? 0 : ms, () => {
      playback.index++;
      if (ms === 'failed') this.#end(leg, playback, 'failed');
      else if (playback.index < playback.media.length) this.#playPart(leg, playback);
      else this.#end(leg, playback, 'done');
    });
  }

  #end(leg: Leg, playback: Playback, outcome: PlaybackOutcome): void {
    const at = leg.playbacks.indexOf(playback);
    leg.playbacks.splice(at, 1);
    if (at === 0) leg.cancelPlayback();
    this.#finished(leg, playback.playbackId, outcome);
    const next = leg.playbacks[0];
    if (at === 0 && next) this.#playPart(leg, next);
  }

  #lengthOf(media: Media): number | 'endless' | 'failed' {
    switch (media.kind) {
      case 'sound':
        return /^[a-z0-9][a-z0-9/_-]*$/i.test(media.name) ? this.#lengths.soundMs : 'failed';
      case 'text':
        return media.text.trim() === '' ? 'failed' : media.text.length * this.#lengths.characterMs;
      case 'file':
        return wavLengthMs(media.path);
      case 'tone':
        return 'endless';
      default:
        return unreachable(media);
    }
  }
}

function wavLengthMs(path: string): number | 'failed' {
  const file = statSync(path, { throwIfNoEntry: false });
  if (!file?.isFile() || file.size < WAV_HEADER_BYTES) return 'failed';
  return (file.size - WAV_HEADER_BYTES) / WAV_BYTES_PER_MS;
}
