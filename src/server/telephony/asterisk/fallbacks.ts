/**
 * The fallback of each leg: TIMEOUT(absolute), which Asterisk counts by itself, with fractions of a second. When it fires, a
 * leg that arrived gets the treatment (the dialplan's extension `T`); a leg that we made has no dialplan and is hung up.
 *
 * ARI's request to set variables waits until a playback on the leg is over, and everything that comes after it on the same
 * WebSocket waits as well, for other legs too (measured: answered calls joined up to 3 s late). So none is sent meanwhile:
 *
 *     arm ──► sent                 play ──► sent for its length longer ──► playing ── arm ──► kept ── over ──► sent
 */
import { stat } from 'node:fs/promises';
import type { Clock } from '../../../lib/clock.ts';
import type { FallbackTreatment } from '../ports.ts';
import type { LegRecord } from './leg-book.ts';

/** What is asked for a leg; `late`: Asterisk counts to another time than that. */
export interface Fallback {
  ms: number;
  treatment: FallbackTreatment;
  late: boolean;
}

type SetVariables = (
  legId: string,
  variables: Record<string, string>,
  deadlineMs: number,
) => Promise<unknown>;

export class Fallbacks {
  readonly #clock: Clock;
  readonly #setVariables: SetVariables;

  constructor(clock: Clock, setVariables: SetVariables) {
    this.#clock = clock;
    this.#setVariables = setVariables;
  }

  /** `ms` from now, or while something is played from its end; 0 disarms. */
  async arm(leg: LegRecord, ms: number, treatment: FallbackTreatment, deadlineMs: number): Promise<void> {
    leg.fallback = { ms, treatment, late: true };
    if (leg.playbacks.size === 0) await this.#send(leg, leg.fallback, 0, deadlineMs);
  }

  /** `lengthMs` of sound are about to be played: nothing can be said to Asterisk until they are over. */
  async beforePlay(leg: LegRecord, lengthMs: number, deadlineMs: number): Promise<void> {
    const { fallback } = leg;
    if (!fallback?.ms || lengthMs === 0 || leg.playbacks.size > 0) return;
    await this.#send(leg, fallback, lengthMs, deadlineMs);
    fallback.late = true;
  }

  /** A playback is over: what was asked for meanwhile is sent. */
  async afterPlay(leg: LegRecord, deadlineMs: number): Promise<void> {
    if (leg.fallback?.late && leg.playbacks.size === 0 && !leg.ending)
      await this.#send(leg, leg.fallback, 0, deadlineMs);
  }

  async #send(leg: LegRecord, fallback: Fallback, moreMs: number, deadlineMs: number): Promise<void> {
    const ms = fallback.ms + moreMs;
    const variables = {
      CROSSPOINT_FALLBACK: fallback.treatment,
      'TIMEOUT(absolute)': (ms / 1000).toFixed(3),
    };
    // counted from before the request: Asterisk's time is never over earlier than this
    const from = this.#clock.now();
    fallback.late = false;
    await this.#setVariables(leg.legId, variables, deadlineMs);
    leg.fallbackAt = ms > 0 ? from + ms : undefined;
  }
}

/** How long media URIs of our own files last, in milliseconds; other sounds count as none. */
export async function lengthOf(uris: readonly string[]): Promise<number> {
  const lengths = uris.map(async (uri) => {
    const file = /^sound:(\/.+)$/.exec(uri)?.[1];
    if (!file) return 0;
    const { size } = await stat(`${file}.wav`).catch(() => ({ size: 0 }));
    return size / WAV_BYTES_PER_MS;
  });
  return Math.ceil((await Promise.all(lengths)).reduce((sum, ms) => sum + ms, 0));
}

/** 8 kHz, mono, 16 bits. */
const WAV_BYTES_PER_MS = 16;
