import type { LegQuality } from '../ports.ts';

/** The parts of ARI's `RTPstat` that we read. Jitter and round trip are seconds. */
export interface RtpStatistics {
  txcount: number;
  rxcount: number;
  rxjitter: number;
  rxploss: number;
  txploss: number;
  rtt: number;
}

/** What Asterisk has counted, as a quality; undefined before any packet. */
export function legQuality(statistics: Partial<RtpStatistics>): LegQuality | undefined {
  const { txcount = 0, rxcount = 0, rxjitter = 0, rxploss = 0, txploss = 0, rtt = 0 } = statistics;
  if (rxcount + txcount === 0) return undefined;
  const jitterMs = Math.max(0, rxjitter * 1_000);
  const rttMs = Math.max(0, rtt * 1_000);
  const lossRatio = Math.max(share(rxploss, rxcount + rxploss), share(txploss, txcount));
  return { jitterMs, lossRatio, rttMs, mos: meanOpinion(jitterMs, lossRatio, rttMs) };
}

function share(lost: number, all: number): number {
  return all > 0 ? Math.min(1, Math.max(0, lost / all)) : 0;
}

/** What a jitter buffer and a codec add to the way there, milliseconds. */
const BUFFER_JITTERS = 2;
const CODEC_MS = 10;
/** The best that the E-model gives to G.711 (R with default values). */
const BEST_RATING = 93.2;

/** E-model (ITU-T G.107) with default values: delay costs little up to 160 ms and much after that, a lost packet costs 2.5 per percent. */
export function meanOpinion(jitterMs: number, lossRatio: number, rttMs: number): number {
  const delay = rttMs / 2 + BUFFER_JITTERS * jitterMs + CODEC_MS;
  const delayed = delay < 160 ? delay / 40 : (delay - 120) / 10;
  const rating = Math.min(100, Math.max(0, BEST_RATING - delayed - 250 * lossRatio));
  const mos = 1 + 0.035 * rating + 7e-6 * rating * (rating - 60) * (100 - rating);
  return Math.min(4.5, Math.max(1, mos));
}
