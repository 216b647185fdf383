/**
 * Recordings by Asterisk's MixMonitor: it takes both directions of one channel's audio where they pass, whatever the channel is
 * bridged with, and writes them side by side into one file of raw samples in the folder where ARI reads recordings. A direction
 * in which nothing comes is filled with silence, so both stay together; while nothing comes in either, the file stands still.
 *
 *     start ─► recording ◄── pause ──► paused
 *                  └── stop, or the leg ends ──┴──► closing (the file is being closed) ──► finished ── delete ──► (gone)
 *
 * What goes on is kept in the channel's variable CROSSPOINT_RECORDING, what is finished in the file's name: the next process
 * adopts both. (Two snoops recorded apart cost more, and drift by every gap of one side: ARI's record skips what does not come.)
 */
import type { Clock } from '../../../lib/clock.ts';
import { withDeadline } from '../../../lib/deadline.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { SwitchFact, SwitchRecording } from '../ports.ts';
import { wavHeader } from '../speech/wav.ts';
import type { AriLink } from './ari-link.ts';
import type { HttpDownload } from './ari-http.ts';
import { AriError } from './ari-rest.ts';
import { ignoring } from './commands.ts';
import { type AsteriskManager, isGone } from './manager.ts';
import { parseRecordingName, recordingName } from './recording-name.ts';

export interface RecordingsOptions {
  link: AriLink;
  manager: AsteriskManager;
  clock: Clock;
  after: (ms: number, run: () => void) => void;
  say: (facts: SwitchFact[]) => void;
  inBackground: (work: Promise<unknown>, failure: string) => void;
}

interface Recording extends SwitchRecording {
  /** Asterisk is closing the file. */
  closing: boolean;
}

const VARIABLE = 'CROSSPOINT_RECORDING';
/** Asterisk's monitor folder is beside the one of recordings, the only one that ARI reads. */
const FOLDER = '../recording';
/** The file has its last sample when its length is the same at two looks so far apart. */
const SETTLE_MS = 250;
const LOOKS = 20;
const DEADLINE_MS = 5_000;
/** How long nothing may come of a file that is being read. */
const STALL_MS = 30_000;

export class AsteriskRecordings {
  readonly #o: RecordingsOptions;
  readonly #known = new Map<string, Recording>();

  constructor(options: RecordingsOptions) {
    this.#o = options;
  }

  async start(legId: string, recordingId: string, deadlineMs: number): Promise<void> {
    if (this.#known.has(recordingId) || this.#of(legId)) throw taken();
    const stored = await this.#stored(deadlineMs);
    if (stored.some((one) => one.recordingId === recordingId)) throw taken();
    const recording: Recording = { recordingId, legId, state: 'recording', closing: false };
    this.#known.set(recordingId, recording);
    try {
      await this.#note(recording, deadlineMs);
      const File = `${FOLDER}/${this.#name(recording)}.raw`;
      await this.#act('MixMonitor', { Channel: legId, File, Options: 'D' }, deadlineMs);
    } catch (error) {
      this.#known.delete(recordingId);
      throw isGone(error) ? new CodedError('no-such-line') : error;
    }
  }

  async pause(recordingId: string, paused: boolean, deadlineMs: number): Promise<void> {
    const recording = this.#known.get(recordingId);
    if (!recording || recording.closing) throw unknown();
    const { legId: Channel } = recording;
    const State = paused ? '1' : '0';
    // noted first: should we die between the two, the next process resumes or pauses again rather than trusts too much
    await this.#note({ ...recording, state: paused ? 'paused' : 'recording' }, deadlineMs);
    await this.#act('MixMonitorMute', { Channel, Direction: 'both', State }, deadlineMs).catch(
      (error: unknown) => {
        throw isGone(error) ? unknown() : error;
      },
    );
    recording.state = paused ? 'paused' : 'recording';
  }

  async stop(recordingId: string, deadlineMs: number): Promise<void> {
    const recording = this.#known.get(recordingId);
    if (!recording) {
      const stored = await this.#stored(deadlineMs);
      if (!stored.some((one) => one.recordingId === recordingId)) throw unknown();
      return;
    }
    if (!recording.closing) await this.#stop(recording, deadlineMs);
  }

  /** The leg has ended or left us: so has its recording. */
  legEnded(legId: string): void {
    const recording = this.#of(legId);
    if (recording && !recording.closing)
      this.#o.inBackground(this.#stop(recording, DEADLINE_MS), 'a recording was not ended with its leg');
  }

  async read(recordingId: string, deadlineMs: number): Promise<AsyncIterable<Uint8Array>> {
    const name = await this.#finished(recordingId, deadlineMs);
    if (name === undefined) throw unknown();
    const response = await this.#file(name, deadlineMs);
    const bytes = Math.floor(response.length / 4) * 4;
    return wavOf(response, bytes, this.#o.clock);
  }

  async delete(recordingId: string, deadlineMs: number): Promise<void> {
    const name = await this.#finished(recordingId, deadlineMs);
    if (name === undefined) return;
    await ignoring([404], this.#o.link.request('deleteRecording', { recordingName: name }, deadlineMs));
  }

  async list(deadlineMs: number): Promise<SwitchRecording[]> {
    const stored = await this.#stored(deadlineMs);
    const going = [...this.#known.values()];
    const finished = stored.filter((one) => !this.#known.has(one.recordingId));
    return [
      ...going.map(({ recordingId, legId, state }) => ({ recordingId, legId, state })),
      ...finished.map((one) => ({ ...one, state: 'finished' as const })),
    ];
  }

  /** After a (re)connection: which of the files there belong to legs that are still being recorded. */
  async adopt(legIds: ReadonlySet<string>, deadlineMs: number): Promise<void> {
    this.#known.clear();
    if (!this.#o.manager.configured) return;
    const stored = await this.#stored(deadlineMs);
    for (const { recordingId, legId } of stored.filter((one) => legIds.has(one.legId))) {
      const [noted, state] = (await this.#noted(legId, deadlineMs)).split(' ');
      if (noted !== recordingId || (state !== 'recording' && state !== 'paused')) continue;
      this.#known.set(recordingId, { recordingId, legId, state, closing: false });
    }
  }

  /** Noted first as over: a leg that goes on is not recorded any more for whoever adopts it. */
  async #stop(recording: Recording, deadlineMs: number): Promise<void> {
    recording.closing = true;
    try {
      const over = { Channel: recording.legId, Variable: VARIABLE, Value: '' };
      await this.#act('Setvar', over, deadlineMs);
      await this.#act('StopMixMonitor', { Channel: recording.legId }, deadlineMs);
    } catch (error) {
      if (!isGone(error)) {
        recording.closing = false;
        throw error;
      }
    }
    this.#settle(recording, -1, LOOKS);
  }

  /** Looks at the file until it grows no more; `failed` when there is none, or nothing in it. */
  #settle(recording: Recording, before: number, looks: number): void {
    this.#o.after(SETTLE_MS, () => {
      const look = this.#length(this.#name(recording)).then((length) => {
        if (length === before || looks === 0) this.#closed(recording, length);
        else this.#settle(recording, length, looks - 1);
      });
      this.#o.inBackground(look, 'a recording could not be looked at');
    });
  }

  #closed(recording: Recording, length: number): void {
    const { recordingId, legId } = recording;
    if (this.#known.get(recordingId) !== recording) return;
    this.#known.delete(recordingId);
    const outcome = length > 0 ? 'done' : 'failed';
    const at = this.#o.clock.now();
    this.#o.say([{ type: 'recording.finished', legId, recordingId, at, outcome }]);
  }

  async #length(name: string): Promise<number> {
    try {
      const response = await this.#file(name, DEADLINE_MS);
      response.cancel();
      return response.length;
    } catch (error) {
      if (error instanceof CodedError && error.code === 'not-found') return 0;
      throw error;
    }
  }

  async #file(name: string, deadlineMs: number): Promise<HttpDownload> {
    const uri = `recordings/stored/${encodeURIComponent(name)}/file`;
    return this.#o.link.download(uri, deadlineMs).catch((error: unknown) => {
      throw error instanceof AriError && error.status === 404 ? unknown() : error;
    });
  }

  /** The file's name; undefined when there is none. */
  async #finished(recordingId: string, deadlineMs: number): Promise<string | undefined> {
    if (this.#known.has(recordingId)) throw new CodedError('wrong-state', { state: 'recorded' });
    const stored = await this.#stored(deadlineMs);
    const found = stored.find((one) => one.recordingId === recordingId);
    return found && this.#name(found);
  }

  async #stored(deadlineMs: number): Promise<{ recordingId: string; legId: string }[]> {
    const files = (await this.#o.link.request('listRecordings', {}, deadlineMs)) as { name: string }[];
    return files.flatMap(({ name }) => parseRecordingName(this.#o.link.app, name) ?? []);
  }

  #name(recording: { recordingId: string; legId: string }): string {
    return recordingName(this.#o.link.app, recording);
  }

  #of(legId: string): Recording | undefined {
    return [...this.#known.values()].find((one) => one.legId === legId && !one.closing);
  }

  #note({ legId, recordingId, state }: SwitchRecording, deadlineMs: number): Promise<unknown> {
    const Value = `${recordingId} ${state}`;
    return this.#act('Setvar', { Channel: legId, Variable: VARIABLE, Value }, deadlineMs);
  }

  async #noted(legId: string, deadlineMs: number): Promise<string> {
    try {
      const answer = await this.#act('Getvar', { Channel: legId, Variable: VARIABLE }, deadlineMs);
      return answer.get('Value');
    } catch (error) {
      if (isGone(error)) return '';
      throw error;
    }
  }

  #act(action: string, fields: Record<string, string>, deadlineMs: number) {
    return this.#o.manager.send(action, fields, deadlineMs);
  }
}

function taken(): CodedError {
  return new CodedError('already-exists', { what: 'recording', field: 'id' });
}

function unknown(): CodedError {
  return new CodedError('not-found', { what: 'recording' });
}

/** The header, then the samples as they come: Asterisk's raw file has the order of a WAV file's. */
async function* wavOf(response: HttpDownload, bytes: number, clock: Clock): AsyncIterable<Uint8Array> {
  yield wavHeader({ rate: 8_000, channels: 2, bytes });
  const pieces = response.body[Symbol.asyncIterator]();
  let left = bytes;
  try {
    while (left > 0) {
      const { done, value } = await withDeadline(clock, STALL_MS, 'a recording', pieces.next());
      if (done) throw new CodedError('switch-down');
      const piece = value.subarray(0, left);
      left -= piece.length;
      yield piece;
    }
  } finally {
    response.cancel();
  }
}
