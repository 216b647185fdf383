/**
 * Agent scripts as an administrator keeps them: held in memory, a write goes to the database first, one at a time. Every change is a
 * version of its own; a run keeps the one that it began with (DESIGN rule 9).
 *
 *     draft (may have problems) ── active: true, without problems ──► active ── active: false ──► draft
 */
import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import { Serial } from '../../lib/serial.ts';
import type { ObjectMeta } from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import { scriptProblems, type ScriptSurroundings } from '../../protocol/script-check.ts';
import { type Script, ScriptInput } from '../../protocol/scripts.ts';
import { isUniqueViolation, type Transactional } from '../store/database.ts';

export interface ScriptsOptions {
  db: Transactional;
  clock: Pick<Clock, 'now'>;
  /** What the CRM has, to check names by. While it cannot say, they are not checked. */
  objects(): Promise<Pick<ObjectMeta, 'name' | 'fields'>[]>;
  /** Some queue has a wrap-up code with this label. */
  hasDisposition(label: string): boolean;
  /** What pops this script, in a sentence: then it must stay active. */
  usedBy(id: string): string | undefined;
}

type StoredScript = Omit<Script, 'problems'>;

interface Row {
  id: string;
  version: number;
  changed_at: number;
  body: unknown;
}

const MAX_SCRIPTS = 500;

export class Scripts {
  readonly #o: ScriptsOptions;
  readonly #writes = new Serial();
  #scripts = new Map<string, StoredScript>();

  private constructor(options: ScriptsOptions) {
    this.#o = options;
  }

  /** Reads everything. The tables must be there (`scriptMigrations`). */
  static async load(options: ScriptsOptions): Promise<Scripts> {
    const scripts = new Scripts(options);
    await scripts.reload();
    return scripts;
  }

  /** Reads everything anew. */
  async reload(): Promise<void> {
    const rows = await this.#o.db.query<Row>('SELECT id, version, changed_at, body FROM script');
    this.#scripts = new Map(
      rows.map(({ id, version, changed_at, body }) => [
        id,
        { ...ScriptInput.parse(body), id, version, changedAt: changed_at },
      ]),
    );
  }

  /** As they are kept: without what is wrong with them. */
  stored(): StoredScript[] {
    return [...this.#scripts.values()];
  }

  /** By label, with what is wrong with each. */
  async all(): Promise<Script[]> {
    const around = await this.#surroundings();
    return [...this.#scripts.values()]
      .sort((a, b) => a.label.localeCompare(b.label))
      .map((script) => ({ ...script, problems: scriptProblems(script, around) }));
  }

  get(id: string): StoredScript | undefined {
    return this.#scripts.get(id);
  }

  /** By the name that an adapter uses, in any case. */
  named(name: string): StoredScript | undefined {
    return [...this.#scripts.values()].find((script) => script.name.toLowerCase() === name.toLowerCase());
  }

  /** A version that a run began with. @throws `not-found`. */
  async version(id: string, version: number): Promise<ScriptInput> {
    const now = this.#scripts.get(id);
    if (now?.version === version) return now;
    const [row] = await this.#o.db.query<{ body: unknown }>(
      'SELECT body FROM script_version WHERE script_id = $1 AND version = $2',
      [id, version],
    );
    if (!row) throw new CodedError('not-found', { what: 'script' });
    return ScriptInput.parse(row.body);
  }

  /** @throws `already-exists` for a name that is taken, `too-many`, `script-invalid` when it shall be active with problems. */
  add(input: ScriptInput): Promise<Script> {
    return this.#writes.run('', async () => {
      if (this.#scripts.size >= MAX_SCRIPTS) throw new CodedError('too-many', { limit: MAX_SCRIPTS });
      return this.#write(newId('script'), 1, input);
    });
  }

  /** @throws as `add`, `not-found`, and `in-use` for one that shall no longer be active and that something pops. */
  change(id: string, input: ScriptInput): Promise<Script> {
    return this.#writes.run('', async () => {
      const { version } = this.#must(id);
      const use = input.active ? undefined : this.#o.usedBy(id);
      if (use !== undefined) throw new CodedError('in-use', { field: 'active', detail: use });
      return this.#write(id, version + 1, input);
    });
  }

  /** Runs that go on keep their version. @throws `not-found`; `in-use` while it is active. */
  remove(id: string): Promise<void> {
    return this.#writes.run('', async () => {
      if (this.#must(id).active) throw new CodedError('in-use', { detail: 'the script is active' });
      await this.#o.db.query('DELETE FROM script WHERE id = $1', [id]);
      this.#scripts.delete(id);
    });
  }

  async #write(id: string, version: number, input: ScriptInput): Promise<Script> {
    const problems = scriptProblems(input, await this.#surroundings());
    const [first] = problems;
    if (input.active && first)
      throw new CodedError('script-invalid', {
        field: `steps.${input.steps.findIndex((step) => step.id === first.step)}`,
        detail: `${titleOf(input, first.step)}: ${first.detail}`,
        problems: problems.length,
      });
    const changedAt = this.#o.clock.now();
    const body = JSON.stringify(input);
    try {
      await this.#o.db.tx(async (sql) => {
        await sql.query(
          `INSERT INTO script (id, name, version, changed_at, body) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (id) DO UPDATE SET name = $2, version = $3, changed_at = $4, body = $5`,
          [id, input.name, version, changedAt, body],
        );
        await sql.query('INSERT INTO script_version (script_id, version, body) VALUES ($1, $2, $3)', [
          id,
          version,
          body,
        ]);
      });
    } catch (error) {
      if (isUniqueViolation(error)) throw new CodedError('already-exists', { what: 'script', field: 'name' });
      throw error;
    }
    const written: StoredScript = { ...input, id, version, changedAt };
    this.#scripts.set(id, written);
    return { ...written, problems };
  }

  #must(id: string): StoredScript {
    const script = this.#scripts.get(id);
    if (!script) throw new CodedError('not-found', { what: 'script' });
    return script;
  }

  async #surroundings(): Promise<ScriptSurroundings> {
    const hasDisposition = (label: string) => this.#o.hasDisposition(label);
    const metas = await this.#o.objects().catch(() => undefined);
    if (!metas) return { hasDisposition };
    const fields = new Map(metas.map((meta) => [meta.name, new Set(meta.fields.map(({ name }) => name))]));
    return { hasDisposition, fieldsOf: (object) => fields.get(object) };
  }
}

function titleOf(input: ScriptInput, stepId: string): string {
  return input.steps.find(({ id }) => id === stepId)?.title ?? stepId;
}
