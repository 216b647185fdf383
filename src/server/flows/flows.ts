/**
 * Flows as an administrator keeps them: held in memory, a write goes to the database first, one at a time.
 *
 *     draft ── saved (may have problems) ──► draft ── published (without problems) ──► version n, for good ── a call began with it
 *       ▲                                                                                 │
 *       └──────────────────────────────── reverted ◄──────────────────────────────────────┘
 */
import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import { Serial } from '../../lib/serial.ts';
import { CodedError } from '../../protocol/errors.ts';
import {
  type Flow,
  FlowDocument,
  type FlowDraft,
  type FlowProblem,
  type FlowSummary,
  type FlowVersion,
  type NewFlow,
} from '../../protocol/flows.ts';
import { isUniqueViolation, type Transactional } from '../store/database.ts';
import { type Exists, flowProblems, type ReferenceKind, referencesOf } from './check.ts';

export interface FlowsOptions {
  db: Transactional;
  clock: Pick<Clock, 'now'>;
  /** What settings may name, beside recordings and secrets. */
  exists: Exists;
  /** What leads to the flow, in words. */
  usedBy(id: string): string[];
  /** Empty for who is no more. */
  userName(id: string): string;
}

interface Stored {
  id: string;
  label: string;
  description: string;
  rev: number;
  changedAt: number;
  document: FlowDocument;
  published: number | null;
  publishedRev: number | null;
}

interface Row extends Omit<Stored, 'document'> {
  draft: unknown;
}

interface VersionRow {
  version: number;
  publishedAt: number;
  userId: string;
  note: string;
  document: unknown;
}

const MAX_FLOWS = 500;
const COLUMNS = `id, label, description, rev, changed_at AS "changedAt", draft, published, published_rev AS "publishedRev"`;
const VERSION_COLUMNS = `version, published_at AS "publishedAt", user_id AS "userId", note, document`;

export class Flows {
  readonly #o: FlowsOptions;
  readonly #writes = new Serial();
  #flows = new Map<string, Stored>();
  /** Published documents, by flow. */
  #published = new Map<string, { version: number; document: FlowDocument }>();

  private constructor(options: FlowsOptions) {
    this.#o = options;
  }

  /** Reads everything. The tables must be there (`flowMigrations`). */
  static async load(options: FlowsOptions): Promise<Flows> {
    const flows = new Flows(options);
    await flows.reload();
    return flows;
  }

  /** Reads everything anew. */
  async reload(): Promise<void> {
    const { db } = this.#o;
    const rows = await db.query<Row>(`SELECT ${COLUMNS} FROM flow`);
    const versions = await db.query<{ flowId: string; version: number; document: unknown }>(
      `SELECT v.flow_id AS "flowId", v.version, v.document FROM flow_version v
        JOIN flow f ON f.id = v.flow_id AND f.published = v.version`,
    );
    this.#flows = new Map(
      rows.map(({ draft, ...row }) => [row.id, { ...row, document: FlowDocument.parse(draft) }]),
    );
    this.#published = new Map(
      versions.map(({ flowId, version, document }) => [
        flowId,
        { version, document: FlowDocument.parse(document) },
      ]),
    );
  }

  /** By label. */
  all(): FlowSummary[] {
    return [...this.#flows.values()]
      .sort((a, b) => a.label.localeCompare(b.label))
      .map((flow) => this.#summary(flow));
  }

  find(id: string): Flow | undefined {
    const flow = this.#flows.get(id);
    return flow && this.#whole(flow);
  }

  /** @throws `not-found`. */
  must(id: string): Flow {
    return this.#whole(this.#mustHave(id));
  }

  /** What is wrong with a document that need not be saved. */
  problems(document: FlowDocument): FlowProblem[] {
    return flowProblems(document, this.#o.exists);
  }

  /** What new calls get. */
  published(id: string): { version: number; document: FlowDocument } | undefined {
    return this.#published.get(id);
  }

  /** A version that a call began with; also of a flow that has been deleted since. */
  async version(id: string, version: number): Promise<FlowDocument | undefined> {
    const now = this.#published.get(id);
    if (now?.version === version) return now.document;
    const rows = await this.#o.db.query<{ document: unknown }>(
      'SELECT document FROM flow_version WHERE flow_id = $1 AND version = $2',
      [id, version],
    );
    return rows[0] && FlowDocument.parse(rows[0].document);
  }

  /** The newest first. @throws `not-found`. */
  async versions(id: string): Promise<FlowVersion[]> {
    this.#mustHave(id);
    const rows = await this.#o.db.query<VersionRow>(
      `SELECT ${VERSION_COLUMNS} FROM flow_version WHERE flow_id = $1 ORDER BY version DESC`,
      [id],
    );
    return rows.map((row) => ({
      ...row,
      flowId: id,
      userName: this.#o.userName(row.userId),
      document: FlowDocument.parse(row.document),
    }));
  }

  /** The label of a flow whose draft or published version names this, such as a queue that is to be deleted. */
  naming(kind: ReferenceKind, id: string): string | undefined {
    const names = (document: FlowDocument | undefined) =>
      document !== undefined && referencesOf(document).some((one) => one.kind === kind && one.id === id);
    return [...this.#flows.values()].find(
      (flow) => names(flow.document) || names(this.#published.get(flow.id)?.document),
    )?.label;
  }

  /** @throws `already-exists` for a label that is taken, `too-many`. */
  add({ label, description, document }: NewFlow, id = newId('flow')): Promise<Flow> {
    return this.#writes.run('', async () => {
      if (this.#flows.size >= MAX_FLOWS) throw new CodedError('too-many', { limit: MAX_FLOWS });
      return this.#write({
        id,
        label,
        description,
        rev: 1,
        changedAt: this.#o.clock.now(),
        document: document ?? FlowDocument.parse({}),
        published: null,
        publishedRev: null,
      });
    });
  }

  /** Saves the draft. @throws `not-found`, `conflict` when it is another than `rev` by now, `already-exists`. */
  save(id: string, { rev, label, description, document }: FlowDraft): Promise<Flow> {
    return this.#writes.run('', async () => {
      const flow = this.#mustBe(id, rev);
      return this.#write({ ...flow, label, description, document, ...this.#next(flow) });
    });
  }

  /** New calls get the draft as it is. @throws `not-found`, `conflict`, `flow-invalid` with the first problem. */
  publish(id: string, { rev, note }: { rev: number; note: string }, userId: string): Promise<Flow> {
    return this.#writes.run('', async () => {
      const flow = this.#mustBe(id, rev);
      const problems = this.problems(flow.document);
      const [first] = problems;
      if (first) throw new CodedError('flow-invalid', { detail: first.detail, problems: problems.length });
      const version = (flow.published ?? 0) + 1;
      await this.#o.db.tx(async (sql) => {
        await sql.query(
          'INSERT INTO flow_version (flow_id, version, published_at, user_id, note, document) VALUES ($1, $2, $3, $4, $5, $6)',
          [id, version, this.#o.clock.now(), userId, note, JSON.stringify(flow.document)],
        );
        await sql.query('UPDATE flow SET published = $2, published_rev = $3 WHERE id = $1', [
          id,
          version,
          rev,
        ]);
      });
      const written = { ...flow, published: version, publishedRev: rev };
      this.#flows.set(id, written);
      this.#published.set(id, { version, document: flow.document });
      return this.#whole(written);
    });
  }

  /** The draft becomes what the version was. @throws `not-found`, `conflict`. */
  revert(id: string, { rev, version }: { rev: number; version: number }): Promise<Flow> {
    return this.#writes.run('', async () => {
      const flow = this.#mustBe(id, rev);
      const document = await this.version(id, version);
      if (!document) throw new CodedError('not-found', { what: 'version' });
      return this.#write({ ...flow, document, ...this.#next(flow) });
    });
  }

  /** Its versions stay: calls that began with them go on. @throws `not-found`; `in-use` while something leads to it. */
  remove(id: string): Promise<void> {
    return this.#writes.run('', async () => {
      this.#mustHave(id);
      const [use] = this.#o.usedBy(id);
      if (use !== undefined) throw new CodedError('in-use', { detail: `${use} leads to it` });
      await this.#o.db.query('DELETE FROM flow WHERE id = $1', [id]);
      this.#flows.delete(id);
      this.#published.delete(id);
    });
  }

  #next({ rev }: Stored): Pick<Stored, 'rev' | 'changedAt'> {
    return { rev: rev + 1, changedAt: this.#o.clock.now() };
  }

  async #write(flow: Stored): Promise<Flow> {
    const { id, label, description, rev, changedAt, document } = flow;
    try {
      await this.#o.db.query(
        `INSERT INTO flow (id, label, description, rev, changed_at, draft) VALUES ($1, $2, $3, $4, $5, $6)
          ON CONFLICT (id) DO UPDATE SET label = $2, description = $3, rev = $4, changed_at = $5, draft = $6`,
        [id, label, description, rev, changedAt, JSON.stringify(document)],
      );
    } catch (error) {
      if (isUniqueViolation(error)) throw new CodedError('already-exists', { what: 'flow', field: 'label' });
      throw error;
    }
    this.#flows.set(id, flow);
    return this.#whole(flow);
  }

  #summary({ id, label, description, rev, changedAt, published, publishedRev }: Stored): FlowSummary {
    const edited = publishedRev !== rev;
    return { id, label, description, rev, changedAt, published, edited, usedBy: this.#o.usedBy(id) };
  }

  #whole(flow: Stored): Flow {
    return { ...this.#summary(flow), document: flow.document, problems: this.problems(flow.document) };
  }

  #mustHave(id: string): Stored {
    const flow = this.#flows.get(id);
    if (!flow) throw new CodedError('not-found', { what: 'flow' });
    return flow;
  }

  #mustBe(id: string, rev: number): Stored {
    const flow = this.#mustHave(id);
    if (flow.rev !== rev) throw new CodedError('conflict');
    return flow;
  }
}
