import type { WireLatencies } from './link.ts';
import type { MediaLengths } from './player.ts';

/** Milliseconds of the exchange's time. */
export interface Latencies extends WireLatencies, MediaLengths {
  /** From originate to the phone's ringing. */
  alertMs: number;
  /** From ringing to a phone's own answer or refusal. */
  reactMs: number;
  /** From restoreLink() or restart() to the connector's new connection. */
  reconnectMs: number;
  /** How long the apology lasts before the switch hangs up. */
  apologyMs: number;
}

export const DEFAULT_LATENCIES: Latencies = {
  commandMs: 1,
  factMs: 2,
  alertMs: 5,
  reactMs: 5,
  reconnectMs: 10,
  apologyMs: 4_000,
  soundMs: 1_000,
  characterMs: 60,
};
