/**
 * Recordings of a simulated exchange, which carries no sound: a finished one is silence, as long as the leg was recorded.
 *
 *     recording ◄── pause ──► paused
 *         └──── stop, or the leg ends ────┴──► finished ── delete ──► (gone)
 */
import { CodedError } from '../../../protocol/errors.ts';
import type { SwitchRecording } from '../ports.ts';
import { wavHeader } from '../speech/wav.ts';

interface Recording extends SwitchRecording {
  startedAt: number;
  /** Length of the file, once it is finished. */
  ms: number;
}

const BYTES_PER_MS = 32;
const PIECE = 32_000;

export class SimulatedRecordings {
  readonly #now: () => number;
  readonly #finished: (recording: SwitchRecording) => void;
  readonly #recordings = new Map<string, Recording>();

  constructor(now: () => number, finished: (recording: SwitchRecording) => void) {
    this.#now = now;
    this.#finished = finished;
  }

  start(legId: string, recordingId: string): void {
    const goesOn = [...this.#recordings.values()].some((r) => r.legId === legId && r.state !== 'finished');
    if (goesOn || this.#recordings.has(recordingId))
      throw new CodedError('already-exists', { what: 'recording', field: 'id' });
    const startedAt = this.#now();
    this.#recordings.set(recordingId, { recordingId, legId, state: 'recording', startedAt, ms: 0 });
  }

  pause(recordingId: string, paused: boolean): void {
    const recording = this.#find(recordingId);
    if (recording.state === 'finished') throw unknown();
    recording.state = paused ? 'paused' : 'recording';
  }

  stop(recordingId: string): void {
    const recording = this.#find(recordingId);
    if (recording.state !== 'finished') this.#finish(recording);
  }

  /** The leg has ended. */
  legEnded(legId: string): void {
    for (const recording of this.#recordings.values())
      if (recording.legId === legId && recording.state !== 'finished') this.#finish(recording);
  }

  /** The file: a header, and silence in both channels. */
  read(recordingId: string): AsyncIterable<Uint8Array> {
    const recording = this.#find(recordingId);
    if (recording.state !== 'finished') throw new CodedError('wrong-state', { state: 'recorded' });
    return silence(recording.ms * BYTES_PER_MS);
  }

  delete(recordingId: string): void {
    const recording = this.#recordings.get(recordingId);
    if (recording && recording.state !== 'finished')
      throw new CodedError('wrong-state', { state: 'recorded' });
    this.#recordings.delete(recordingId);
  }

  list(): SwitchRecording[] {
    return [...this.#recordings.values()].map(({ recordingId, legId, state }) => ({
      recordingId,
      legId,
      state,
    }));
  }

  #find(recordingId: string): Recording {
    const recording = this.#recordings.get(recordingId);
    if (!recording) throw unknown();
    return recording;
  }

  #finish(recording: Recording): void {
    recording.state = 'finished';
    recording.ms = this.#now() - recording.startedAt;
    this.#finished(recording);
  }
}

function unknown(): CodedError {
  return new CodedError('not-found', { what: 'recording' });
}

async function* silence(bytes: number): AsyncIterable<Uint8Array> {
  yield wavHeader({ rate: 8_000, channels: 2, bytes });
  for (let left = bytes; left > 0; left -= PIECE) yield new Uint8Array(Math.min(left, PIECE));
}
