/** How each user wants to be called: kept in the database, read from memory at every call. */
import { parseAddress } from '../../protocol/address.ts';
import { CodedError } from '../../protocol/errors.ts';
import { DEFAULT_PERSONAL_SETTINGS, PersonalSettings } from '../../protocol/softphone.ts';
import type { PersonalCallSettings } from '../telephony/ports.ts';
import type { Database } from '../store/database.ts';
import type { SoftphoneSettings } from './ports.ts';

const FORWARDS = ['forwardAlways', 'forwardBusy', 'forwardNoAnswer'] as const;

export class PersonalSettingsStore {
  readonly #db: Database;
  readonly #settings: Pick<SoftphoneSettings, 'user'>;
  readonly #values = new Map<string, PersonalSettings>();

  constructor(db: Database, settings: Pick<SoftphoneSettings, 'user'>) {
    this.#db = db;
    this.#settings = settings;
  }

  /** Call once, before anything asks. What an older version wrote is completed with the defaults. */
  async load(): Promise<void> {
    const rows = await this.#db.query<{ user_id: string; body: object }>(
      'SELECT user_id, body FROM personal_settings',
    );
    for (const { user_id: userId, body } of rows) {
      const read = PersonalSettings.safeParse({ ...DEFAULT_PERSONAL_SETTINGS, ...body });
      if (read.success) this.#values.set(userId, read.data);
    }
  }

  of(userId: string): PersonalSettings {
    return this.#values.get(userId) ?? DEFAULT_PERSONAL_SETTINGS;
  }

  /** The same as call control asks for it. */
  forCalls(userId: string): PersonalCallSettings {
    const { doNotDisturb, callWaiting, autoAnswer, nailedUp, noAnswerSeconds, ...forward } = this.of(userId);
    const country = this.#settings.user(userId)?.country ?? '';
    const to = (typed: string | null) => (typed === null ? undefined : parseAddress(typed, country));
    const always = to(forward.forwardAlways);
    const busy = to(forward.forwardBusy);
    const noAnswer = to(forward.forwardNoAnswer);
    return {
      dnd: doNotDisturb,
      callWaiting,
      autoAnswer,
      nailedUp,
      forward: {
        ...(always ? { always } : {}),
        ...(busy ? { busy } : {}),
        ...(noAnswer ? { noAnswer } : {}),
        noAnswerMs: noAnswerSeconds * 1_000,
      },
    };
  }

  /** @throws `number-invalid` or `own-extension` for a number that no call can be forwarded to; nothing is changed then. */
  async change(userId: string, change: Partial<PersonalSettings>): Promise<void> {
    const next = { ...this.of(userId), ...change };
    for (const forward of FORWARDS) next[forward] = this.#checked(userId, next[forward]);
    await this.#db.query(
      `INSERT INTO personal_settings (user_id, body) VALUES ($1, $2)
       ON CONFLICT (user_id) DO UPDATE SET body = $2`,
      [userId, JSON.stringify(next)],
    );
    this.#values.set(userId, next);
  }

  /** An empty field forwards nothing. */
  #checked(userId: string, typed: string | null): string | null {
    const number = typed?.trim() ?? '';
    if (number === '') return null;
    const user = this.#settings.user(userId);
    const to = parseAddress(number, user?.country ?? '');
    if (to.kind === 'withheld' || to.kind === 'unknown' || to.kind === 'service')
      throw new CodedError('number-invalid', { number });
    if (to.kind === 'extension' && to.value === user?.extension)
      throw new CodedError('own-extension', { number });
    return number;
  }
}
