/** Which engines are used, as an administrator has set it: held in memory; a write goes to the database first, one at a time. */
import { Serial } from '../../lib/serial.ts';
import { CodedError } from '../../protocol/errors.ts';
import { type SpeechInput, SpeechSettings, type SpeechView } from '../../protocol/speech.ts';
import type { Transactional } from '../store/database.ts';
import type { Migration } from '../store/migrations.ts';

export const speechMigrations: readonly Migration[] = [
  {
    id: 'speech-001-settings',
    sql: `
      CREATE TABLE speech_settings (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        value jsonb NOT NULL,
        -- sealed by the vault
        hearing_key text,
        speaking_key text
      );`,
  },
];

/** Seals what must not lie readable in the database (crm/vault.ts). */
export interface Seal {
  seal(text: string, place: string): string;
  unseal(sealed: string, place: string): string | undefined;
}

type KeyName = 'hearing' | 'speaking';

export interface SpeechSettingsOptions {
  db: Transactional;
  vault: Seal;
  /** After each write. */
  onChanged: () => void;
}

interface Row {
  value: unknown;
  hearing_key: string | null;
  speaking_key: string | null;
}

export class SpeechSettingsBook {
  readonly #o: SpeechSettingsOptions;
  readonly #writes = new Serial();
  #settings: SpeechSettings = SpeechSettings.parse({});
  #keys: Partial<Record<KeyName, string>> = {};

  private constructor(options: SpeechSettingsOptions) {
    this.#o = options;
  }

  static async load(options: SpeechSettingsOptions): Promise<SpeechSettingsBook> {
    const book = new SpeechSettingsBook(options);
    await book.#read();
    return book;
  }

  /** Reads everything anew, for whom it concerns. */
  async reload(): Promise<void> {
    await this.#read();
    this.#o.onChanged();
  }

  get settings(): SpeechSettings {
    return this.#settings;
  }

  /** For what uses it, never to show; undefined: none is set. */
  key(name: KeyName): string | undefined {
    return this.#keys[name];
  }

  view(): SpeechView {
    const { hearing, speaking } = this.#keys;
    return {
      ...this.#settings,
      hearingSecretSet: hearing !== undefined,
      speakingSecretSet: speaking !== undefined,
    };
  }

  async save({ hearingSecret, speakingSecret, ...settings }: SpeechInput): Promise<SpeechView> {
    await this.#writes.run('', async () => {
      const keys = {
        hearing: hearingSecret ?? this.#keys.hearing,
        speaking: speakingSecret ?? this.#keys.speaking,
      };
      await this.#o.db.query(
        `INSERT INTO speech_settings (one, value, hearing_key, speaking_key) VALUES (true, $1, $2, $3)
          ON CONFLICT (one) DO UPDATE SET value = $1, hearing_key = $2, speaking_key = $3`,
        [
          JSON.stringify(settings),
          this.#sealed('hearing', keys.hearing),
          this.#sealed('speaking', keys.speaking),
        ],
      );
      await this.#read();
    });
    this.#o.onChanged();
    return this.view();
  }

  #sealed(name: KeyName, key: string | undefined): string | null {
    return key ? this.#o.vault.seal(key, placeOf(name)) : null;
  }

  async #read(): Promise<void> {
    const [row] = await this.#o.db.query<Row>('SELECT value, hearing_key, speaking_key FROM speech_settings');
    if (!row) return;
    const settings = SpeechSettings.safeParse(row.value);
    if (!settings.success) throw new CodedError('bad-input', { detail: 'the stored settings of speech' });
    this.#settings = settings.data;
    this.#keys = {};
    for (const [name, sealed] of [
      ['hearing', row.hearing_key],
      ['speaking', row.speaking_key],
    ] as const) {
      const key = sealed === null ? undefined : this.#o.vault.unseal(sealed, placeOf(name));
      if (key !== undefined) this.#keys[name] = key;
    }
  }
}

function placeOf(name: KeyName): string {
  return `speech:${name}`;
}
