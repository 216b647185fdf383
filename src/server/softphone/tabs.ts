/**
 * Which of a user's pages has the audio, and which one pops. Pure: browser locks fail inside a CRM's partitioned storage
 * (DESIGN section 5), so the server elects.
 *
 *                    first tab with audio says hello
 *        nobody ───────────────────────────────────────► has it ◄─────────────────┐
 *           ▲                                              │ its socket is gone    │ the same tab is back:
 *           │ grace over, no other tab with audio          ▼                       │ a reload or a reconnection
 *           └───────────────────────────────────────── vacant ─────────────────────┘
 *                                                          │ grace over: the newest focused other tab ──► has it
 *
 * It moves in no other way: not when another tab is opened, focused or louder.
 */
export interface Tab {
  tabId: string;
  canAudio: boolean;
  canPop: boolean;
  /** Order of its hello among the user's tabs. */
  opened: number;
  /** Order of its last focus among the user's tabs; 0: never. */
  focused: number;
}

export interface AudioSeat {
  /** Who has it, or had it until it became vacant. */
  tabId?: string;
  /** UTC milliseconds until which the seat waits for its tab to come back. */
  vacantUntil?: number;
}

/** How long a tab whose socket is gone keeps the audio, so that a reload takes over from itself, in milliseconds. */
export const AUDIO_GRACE_MS = 1_500;

/** The seat after something happened: a hello, a closed socket, or the end of the grace. */
export function electAudio(
  seat: AudioSeat,
  tabs: readonly Tab[],
  now: number,
  graceMs = AUDIO_GRACE_MS,
): AudioSeat {
  const audible = tabs.filter((tab) => tab.canAudio);
  if (seat.tabId !== undefined) {
    if (audible.some((tab) => tab.tabId === seat.tabId)) return { tabId: seat.tabId };
    const until = seat.vacantUntil ?? now + graceMs;
    if (now < until) return { tabId: seat.tabId, vacantUntil: until };
  }
  const best = preferred(audible);
  return best ? { tabId: best.tabId } : {};
}

/** The tab that pops: the one the agent looked at last. */
export function popTab(tabs: readonly Tab[]): string | undefined {
  return preferred(tabs.filter((tab) => tab.canPop))?.tabId;
}

function preferred(tabs: readonly Tab[]): Tab | undefined {
  return [...tabs].sort((a, b) => b.focused - a.focused || b.opened - a.opened)[0];
}
