/**
 * Recordings of prompts that an administrator uploads: checked, brought to telephone rate, kept in the database, and laid into a
 * folder of this machine for the switch to play.
 */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { FlowRecording } from '../../protocol/flows.ts';
import { isUniqueViolation, type Sql } from '../store/database.ts';
import { readWav, toTelephoneRate, writeWav } from '../telephony/speech/wav.ts';

export interface FlowRecordingsOptions {
  db: Sql;
  clock: Pick<Clock, 'now'>;
  /** Where the files lie. */
  folder: string;
  /** The label of a flow that plays it. */
  usedBy(id: string): string | undefined;
}

/** Of an uploaded file: some five minutes at 16 kHz. */
export const MAX_RECORDING_BYTES = 10_000_000;
const MAX_RECORDINGS = 2_000;
const COLUMNS = `id, label, language, seconds, bytes, uploaded_at AS "uploadedAt"`;

export class FlowRecordings {
  readonly #o: FlowRecordingsOptions;
  #all = new Map<string, FlowRecording>();

  private constructor(options: FlowRecordingsOptions) {
    this.#o = options;
  }

  static async load(options: FlowRecordingsOptions): Promise<FlowRecordings> {
    const recordings = new FlowRecordings(options);
    const rows = await options.db.query<FlowRecording>(`SELECT ${COLUMNS} FROM flow_recording`);
    recordings.#all = new Map(rows.map((row) => [row.id, row]));
    return recordings;
  }

  /** By label. */
  all(): FlowRecording[] {
    return [...this.#all.values()].sort((a, b) => a.label.localeCompare(b.label));
  }

  find(id: string): FlowRecording | undefined {
    return this.#all.get(id);
  }

  /**
   * @param file a WAV file: mono, 16-bit PCM, 8 to 48 kHz.
   * @throws `bad-input` that says what is wrong with the file, `already-exists`, `too-many`.
   */
  async add(
    { label, language }: Pick<FlowRecording, 'label' | 'language'>,
    file: Uint8Array,
  ): Promise<FlowRecording> {
    if (this.#all.size >= MAX_RECORDINGS) throw new CodedError('too-many', { limit: MAX_RECORDINGS });
    const wav = toTelephone(file);
    const recording = {
      id: newId('prompt'),
      label,
      language,
      seconds: (wav.length - 44) / 16_000,
      bytes: wav.length,
      uploadedAt: this.#o.clock.now(),
    };
    const { id, seconds, bytes, uploadedAt } = recording;
    try {
      await this.#o.db.query(
        'INSERT INTO flow_recording (id, label, language, seconds, bytes, uploaded_at, wav) VALUES ($1, $2, $3, $4, $5, $6, $7)',
        [id, label, language, seconds, bytes, uploadedAt, Buffer.from(wav)],
      );
    } catch (error) {
      if (isUniqueViolation(error))
        throw new CodedError('already-exists', { what: 'recording in this language', field: 'label' });
      throw error;
    }
    this.#all.set(id, recording);
    return recording;
  }

  /** The file as it is played. @throws `not-found`. */
  async read(id: string): Promise<Uint8Array> {
    const rows = await this.#o.db.query<{ wav: Buffer }>('SELECT wav FROM flow_recording WHERE id = $1', [
      id,
    ]);
    if (!rows[0]) throw new CodedError('not-found', { what: 'recording' });
    return rows[0].wav;
  }

  /** Its file on this machine, made when it is not there yet; undefined: there is no such recording. */
  async file(id: string): Promise<string | undefined> {
    if (!this.#all.has(id)) return undefined;
    const path = join(this.#o.folder, `${id}.wav`);
    const there = await stat(path).catch(() => undefined);
    if (there) return path;
    const wav = await this.read(id);
    await mkdir(this.#o.folder, { recursive: true, mode: 0o755 });
    await writeFile(path, wav, { mode: 0o644 });
    return path;
  }

  /** @throws `not-found`; `in-use` while a flow plays it. */
  async remove(id: string): Promise<void> {
    if (!this.#all.has(id)) throw new CodedError('not-found', { what: 'recording' });
    const flow = this.#o.usedBy(id);
    if (flow !== undefined) throw new CodedError('in-use', { detail: `the flow ${flow} plays it` });
    await this.#o.db.query('DELETE FROM flow_recording WHERE id = $1', [id]);
    this.#all.delete(id);
  }
}

function toTelephone(file: Uint8Array): Uint8Array {
  try {
    const pcm = toTelephoneRate(readWav(file));
    if (pcm.samples.length === 0) throw new Error('this WAV file has no sound');
    return writeWav(pcm);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    throw new CodedError('bad-input', {
      field: 'file',
      detail: `${why}: upload a WAV file, mono, 16 bit, 8,000 to 48,000 samples a second`,
    });
  }
}
