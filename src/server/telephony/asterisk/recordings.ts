/**
 * Recordings by Asterisk's MixMonitor: it takes both directions of one channel's audio where they pass, whatever the channel is
 * bridged with, and writes each into a file of its own in the folder where ARI reads recordings. A direction in which nothing
 * comes is filled with silence, so both stay together; while nothing comes in either, both files stand still. (Its option D,
 * both in one file, writes the samples at the rate that they happen to have inside Asterisk: 48 kHz once a party with Opus is
 * there. Into a file of one direction they are converted to its 8 kHz.)
 *
 *     start ─► recording ◄── pause ──► paused
 *                  └── stop, or the leg ends ──┴──► closing (the file is being closed) ──► finished ── delete ──► (gone)
 *
 * What goes on is kept in the channel's variable CROSSPOINT_RECORDING, what is finished in the files' names: the next process
 * adopts both. (Two snoops recorded apart cost more, and drift by every gap of one side: ARI's record skips what does not come.)
 */
import type { Clock } from '../../../lib/clock.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { SwitchFact, SwitchRecording } from '../ports.ts';
import type { AriLink } from './ari-link.ts';
import { AriError } from './ari-rest.ts';
import { ignoring } from './commands.ts';
import { type AsteriskManager, isGone } from './manager.ts';
import { parseRecordingName, recordingName, type Side, SIDES } from './recording-name.ts';
import { joinSides, type SideFile } from './recording-sides.ts';

export interface RecordingsOptions {
  link: AriLink;
  manager: AsteriskManager;
  clock: Clock;
  after: (ms: number, run: () => void) => void;
  say: (facts: SwitchFact[]) => void;
  inBackground: (work: Promise<unknown>, failure: string) => void;
}

interface Recording extends SwitchRecording {
  /** Asterisk is closing the files. */
  closing: boolean;
}

type Stored = Pick<SwitchRecording, 'recordingId' | 'legId'>;

const VARIABLE = 'CROSSPOINT_RECORDING';
/** Asterisk's monitor folder is beside the one of recordings, the only one that ARI reads. */
const FOLDER = '../recording';
/** The files have their last sample when their length is the same at two looks so far apart. */
const SETTLE_MS = 250;
const LOOKS = 20;
const DEADLINE_MS = 5_000;

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
      const [said, heard] = SIDES.map((side) => `${FOLDER}/${this.#name(recording, side)}.sln`);
      // no file of both mixed
      const options = { Channel: legId, Options: `r(${said})t(${heard})` };
      await this.#act('MixMonitor', options, deadlineMs);
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

  /** Whether the leg is being recorded. */
  has(legId: string): boolean {
    return this.#of(legId) !== undefined;
  }

  /** The leg has ended or left us: so has its recording. */
  legEnded(legId: string): void {
    const recording = this.#of(legId);
    if (recording && !recording.closing)
      this.#o.inBackground(this.#stop(recording, DEADLINE_MS), 'a recording was not ended with its leg');
  }

  async read(recordingId: string, deadlineMs: number): Promise<AsyncIterable<Uint8Array>> {
    const recording = await this.#finished(recordingId, deadlineMs);
    if (!recording) throw unknown();
    const said = await this.#file(this.#name(recording, 'said'), deadlineMs);
    try {
      return joinSides(this.#o.clock, said, await this.#file(this.#name(recording, 'heard'), deadlineMs));
    } catch (error) {
      said?.cancel();
      throw error;
    }
  }

  /** A recording is there as long as one of its files is: a deletion that was cut off can be done again. */
  async delete(recordingId: string, deadlineMs: number): Promise<void> {
    const recording = await this.#finished(recordingId, deadlineMs);
    if (!recording) return;
    for (const side of SIDES) {
      const recordingName = this.#name(recording, side);
      await ignoring([404], this.#o.link.request('deleteRecording', { recordingName }, deadlineMs));
    }
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

  /** Looks at the files until they grow no more; `failed` when there are none, or nothing in them. */
  #settle(recording: Recording, before: number, looks: number): void {
    this.#o.after(SETTLE_MS, () => {
      const look = this.#length(recording).then((length) => {
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

  /** Of both files together, bytes. */
  async #length(recording: SwitchRecording): Promise<number> {
    let length = 0;
    for (const side of SIDES) {
      const file = await this.#file(this.#name(recording, side), DEADLINE_MS);
      file?.cancel();
      length += file?.length ?? 0;
    }
    return length;
  }

  /** Undefined when there is none. */
  async #file(name: string, deadlineMs: number): Promise<SideFile | undefined> {
    const uri = `recordings/stored/${encodeURIComponent(name)}/file`;
    return this.#o.link.download(uri, deadlineMs).catch((error: unknown) => {
      if (error instanceof AriError && error.status === 404) return undefined;
      throw error;
    });
  }

  /** Undefined when there is none. */
  async #finished(recordingId: string, deadlineMs: number): Promise<Stored | undefined> {
    if (this.#known.has(recordingId)) throw new CodedError('wrong-state', { state: 'recorded' });
    const stored = await this.#stored(deadlineMs);
    return stored.find((one) => one.recordingId === recordingId);
  }

  /** One for both files. */
  async #stored(deadlineMs: number): Promise<Stored[]> {
    const files = (await this.#o.link.request('listRecordings', {}, deadlineMs)) as { name: string }[];
    const found = files.flatMap(({ name }) => parseRecordingName(this.#o.link.app, name) ?? []);
    const each = found.map(({ recordingId, legId }) => [recordingId, { recordingId, legId }] as const);
    return [...new Map(each).values()];
  }

  #name({ recordingId, legId }: Stored, side: Side): string {
    return recordingName(this.#o.link.app, { recordingId, legId, side });
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
