/**
 * Which calls are recorded, what callers are told of it, for how long recordings are kept and who may hear them. Held in memory
 * and answered synchronously; a write goes to the database first, one at a time.
 *
 *     a queue's rule, else its direction's rule, else `withoutRule` of the settings
 */
import { newId } from '../../lib/ids.ts';
import { Serial } from '../../lib/serial.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Direction } from '../../protocol/facts.ts';
import { type RecordingRule, type RecordingRuleInput, RecordingSettings } from '../../protocol/recording.ts';
import { isUniqueViolation, type Transactional } from '../store/database.ts';
import type { CallCenter } from './call-center.ts';

/** What the rules say about one call. */
export interface RecordingDecision {
  record: 'always' | 'demand' | 'never';
  /** Spoken to the other party first; empty for nothing. */
  announcement: string;
  /** Null: kept for ever. */
  retentionDays: number | null;
}

export interface RecordingRulesOptions {
  db: Transactional;
  callCenter: Pick<CallCenter, 'queue' | 'events'>;
  onError: (error: unknown) => void;
}

const DEFAULTS: RecordingSettings = {
  agentsMayPlay: true,
  agentsMayDownload: false,
  maxPauseMs: 300_000,
  withoutRule: { record: 'demand', retentionDays: null },
};

interface RuleRow {
  id: string;
  queue_id: string | null;
  direction: Direction | null;
  record: RecordingRule['record'];
  announcement: string;
  retention_days: number | null;
}

export class RecordingRules {
  readonly #o: RecordingRulesOptions;
  readonly #writes = new Serial();
  #rules: RecordingRule[];
  #settings: RecordingSettings;

  private constructor(options: RecordingRulesOptions, rules: RecordingRule[], settings: RecordingSettings) {
    this.#o = options;
    this.#rules = rules;
    this.#settings = settings;
    options.callCenter.events.on('changed', (kind, id) => {
      if (kind === 'queue' && !options.callCenter.queue(id)) this.#dropOf(id).catch(options.onError);
    });
  }

  /** Reads everything. The tables must be there (`callcenterMigrations`). */
  static async load(options: RecordingRulesOptions): Promise<RecordingRules> {
    const { rules, settings } = await readAll(options.db);
    return new RecordingRules(options, rules, settings);
  }

  /** Reads everything anew. */
  reload(): Promise<void> {
    return this.#writes.run('', async () => {
      const { rules, settings } = await readAll(this.#o.db);
      this.#rules = rules;
      this.#settings = settings;
    });
  }

  all(): RecordingRule[] {
    return [...this.#rules];
  }

  settings(): RecordingSettings {
    return this.#settings;
  }

  /** What holds for a call of this direction that this queue's agents answer, if it came through one. */
  decide(direction: Direction, queueId: string | undefined): RecordingDecision {
    const rule =
      this.#rules.find(({ scope }) => scope.kind === 'queue' && scope.queueId === queueId) ??
      this.#rules.find(({ scope }) => scope.kind === 'direction' && scope.direction === direction);
    return rule ?? { announcement: '', ...this.#settings.withoutRule };
  }

  /** @throws CodedError `already-exists` when there is a rule about the same, `not-found` for an unknown queue. */
  add(input: RecordingRuleInput): Promise<RecordingRule> {
    return this.#write({ ...input, id: newId('rule') });
  }

  /** @throws CodedError `not-found`, `already-exists`. */
  async change(id: string, input: RecordingRuleInput): Promise<RecordingRule> {
    this.#mustHave(id);
    return this.#write({ ...input, id });
  }

  /** @throws CodedError `not-found`. */
  remove(id: string): Promise<void> {
    return this.#writes.run('', async () => {
      this.#mustHave(id);
      await this.#o.db.query('DELETE FROM recording_rule WHERE id = $1', [id]);
      this.#rules = this.#rules.filter((rule) => rule.id !== id);
    });
  }

  setSettings(settings: RecordingSettings): Promise<RecordingSettings> {
    return this.#writes.run('', async () => {
      await this.#o.db.query(
        'INSERT INTO recording_settings (one, value) VALUES (true, $1) ON CONFLICT (one) DO UPDATE SET value = $1',
        [JSON.stringify(settings)],
      );
      this.#settings = settings;
      return settings;
    });
  }

  #write(rule: RecordingRule): Promise<RecordingRule> {
    return this.#writes.run('', async () => {
      const { scope } = rule;
      const queueId = scope.kind === 'queue' ? scope.queueId : null;
      if (queueId !== null && !this.#o.callCenter.queue(queueId))
        throw new CodedError('not-found', { what: 'queue' });
      try {
        await this.#o.db.query(
          `INSERT INTO recording_rule (id, queue_id, direction, record, announcement, retention_days) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (id) DO UPDATE SET queue_id = $2, direction = $3, record = $4, announcement = $5, retention_days = $6`,
          [
            rule.id,
            queueId,
            scope.kind === 'direction' ? scope.direction : null,
            rule.record,
            rule.announcement,
            rule.retentionDays,
          ],
        );
      } catch (error) {
        if (isUniqueViolation(error))
          throw new CodedError('already-exists', { what: 'recording rule', field: scope.kind });
        throw error;
      }
      this.#rules = [...this.#rules.filter((one) => one.id !== rule.id), rule].sort((a, b) =>
        a.id < b.id ? -1 : 1,
      );
      return rule;
    });
  }

  #dropOf(queueId: string): Promise<void> {
    return this.#writes.run('', async () => {
      await this.#o.db.query('DELETE FROM recording_rule WHERE queue_id = $1', [queueId]);
      this.#rules = this.#rules.filter(({ scope }) => scope.kind !== 'queue' || scope.queueId !== queueId);
    });
  }

  #mustHave(id: string): void {
    if (!this.#rules.some((rule) => rule.id === id))
      throw new CodedError('not-found', { what: 'recording rule' });
  }
}

async function readAll(db: Transactional): Promise<{ rules: RecordingRule[]; settings: RecordingSettings }> {
  const rows = await db.query<RuleRow>(
    'SELECT id, queue_id, direction, record, announcement, retention_days FROM recording_rule ORDER BY id',
  );
  const [stored] = await db.query<{ value: unknown }>('SELECT value FROM recording_settings');
  const settings = RecordingSettings.safeParse(stored?.value);
  return { rules: rows.map(toRule), settings: settings.success ? settings.data : DEFAULTS };
}

function toRule(row: RuleRow): RecordingRule {
  return {
    id: row.id,
    scope: row.direction
      ? { kind: 'direction', direction: row.direction }
      : { kind: 'queue', queueId: row.queue_id ?? '' },
    record: row.record,
    announcement: row.announcement,
    retentionDays: row.retention_days,
  };
}
