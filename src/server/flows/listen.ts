/** Hears one answer of a caller on the telephone: his audio is tapped for that time only. */
import type { Clock } from '../../lib/clock.ts';
import { hear, type Heard } from '../speech/hear.ts';
import type { Recogniser } from '../speech/ports.ts';
import type { AudioTap } from '../telephony/ports.ts';
import type { Listening } from './talk.ts';

/** He is cut off after this. */
const LONGEST_ANSWER_MS = 15_000;
/** What an engine may take after the caller has spoken: he hears nothing meanwhile. */
const RECOGNITION_MS = 6_000;

export interface Line {
  tap(): Promise<AudioTap>;
  recogniser(language: string): Recogniser;
  clock: Clock;
  /** Why he is not heard; he goes on with keys. */
  onError(error: unknown): void;
}

/** Undefined: nobody can hear him now. Rejects with the signal's reason. */
export async function listenTo(
  question: Listening,
  { tap: open, recogniser: choose, clock, onError }: Line,
): Promise<Heard | undefined> {
  let tap: AudioTap | undefined;
  try {
    const recogniser = choose(question.language);
    tap = await open();
    const heard = await hear({
      ...question,
      tap,
      recogniser,
      clock,
      maxMs: LONGEST_ANSWER_MS,
      deadlineMs: RECOGNITION_MS,
    });
    if (heard.kind === 'failed') onError(heard.error);
    return heard;
  } catch (error) {
    question.signal.throwIfAborted();
    onError(error);
    return undefined;
  } finally {
    void tap?.close();
  }
}
