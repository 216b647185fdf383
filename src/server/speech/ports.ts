/**
 * Speech in both directions. A recogniser hears what a caller says; a synthesiser says what we write. Both are small, so that
 * an engine on this machine, in the office or in a cloud plugs in alike; neither is needed to take calls: the keypad remains.
 */

/** What the caller was asked for. An engine that can listen for this alone does; another one writes down whatever it hears. */
export type Expectation =
  | { kind: 'yes-no' }
  /** So many digits, spoken one by one or in small numbers. */
  | { kind: 'digits'; min: number; max: number }
  /** One of these; `phrases` are the ways to say it. */
  | { kind: 'choices'; choices: readonly Choice[] };

export interface Choice {
  /** What it is called where it is used: the exit of a node. */
  name: string;
  phrases: readonly string[];
}

export interface RecognitionRequest {
  /** One utterance as it is being said: 16-bit little-endian PCM, 8 kHz, mono, pieces of any length. Its end is the speech's end. */
  audio: AsyncIterable<Uint8Array>;
  expected: Expectation;
  /** BCP 47, such as `en` or `pt-BR`. */
  language: string;
  /** From the end of the audio; milliseconds. */
  deadlineMs: number;
  /** Nobody waits for it any more. */
  signal?: AbortSignal;
}

export interface Hypothesis {
  /** What was said, in words. */
  text: string;
  /** 0 to 1; undefined where the engine does not say. */
  confidence?: number;
}

/** The best first; empty: nothing was understood. */
export type Recognition = readonly Hypothesis[];

export interface Recogniser {
  /** Such as `pocketsphinx`: for logs and figures. */
  readonly id: string;
  /** Why it cannot hear this language now, in a sentence that says what to do; undefined: it can. */
  missing(language: string): string | undefined;
  /**
   * @throws CodedError `speech-unavailable` when the engine is not there or refuses, `timeout`, `busy` beyond what it can do at
   * once; the signal's reason when that was aborted.
   */
  recognise(request: RecognitionRequest): Promise<Recognition>;
  /** Idempotent. What is being recognised ends. */
  close(): Promise<void>;
}

/** Longest utterance that an engine takes: 30 s. */
export const MAX_UTTERANCE_BYTES = 30 * 16_000;

/** The whole utterance. What is beyond 30 s is not heard. */
export async function collect(audio: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of audio) {
    signal?.throwIfAborted();
    pieces.push(piece.subarray(0, MAX_UTTERANCE_BYTES - bytes));
    bytes = Math.min(bytes + piece.length, MAX_UTTERANCE_BYTES);
    if (bytes === MAX_UTTERANCE_BYTES) break;
  }
  signal?.throwIfAborted();
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
