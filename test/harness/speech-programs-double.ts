/** The offline engines of speech, played: they hear what `hears` says, and speak a second of silence. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FetchedPrograms } from '../../src/server/speech/engines.ts';
import { writeWav } from '../../src/server/telephony/speech/wav.ts';

export class SpeechProgramsDouble implements FetchedPrograms {
  readonly #folder = mkdtempSync(join(tmpdir(), 'crosspoint-speech-double-'));
  state: FetchedPrograms['state'] = {};
  fetched = 0;
  hears = '';
  readonly model = { acoustic: '/nowhere', dictionary: join(this.#folder, 'words.dict') };

  constructor() {
    writeFileSync(this.model.dictionary, '');
  }

  get ready(): boolean {
    return this.state.version !== undefined;
  }

  async fetch(): Promise<void> {
    this.fetched++;
    this.state = { version: '5.1.1' };
  }

  async run(program: 'pocketsphinx' | 'espeak-ng', args: readonly string[]): Promise<Uint8Array> {
    if (args.includes('--stdout')) return writeWav({ rate: 22_050, samples: new Int16Array(22_050) });
    if (program === 'espeak-ng') return Buffer.from('t\u02C8\u025Bst');
    return Buffer.from(JSON.stringify({ t: this.hears, w: [{ t: this.hears, p: 0.9, d: 0.5 }] }));
  }

  async close(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
