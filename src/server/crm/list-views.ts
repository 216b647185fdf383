/** List views: private ones of their owner, shared ones of everybody. */
import type { Clock } from '../../lib/clock.ts';
import type { ObjectMeta } from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import { type ListView, type ListViewInput, OPERATORS_OF, RECORD_TIMES } from '../../protocol/list-views.ts';
import { isUniqueViolation, type Transactional } from '../store/database.ts';
import type { Actor } from './ports.ts';

export interface ListViewsOptions {
  db: Transactional;
  clock: Pick<Clock, 'now'>;
  /** What the CRM has, to check names by. */
  objects(): Promise<ObjectMeta[]>;
}

/** Private views of one user, and shared ones of the organisation, at most. */
const MAX_VIEWS = 500;

type StoredView = Omit<ListView, 'gone'>;

const COLUMNS =
  'id, object, name, owner AS "ownerId", shared, conditions, columns, sort, direction, updated_at AS "updatedAt"';

/**
 * Errors: `not-found` for a view that is not there or is another user's, `not-allowed` for a shared one that the role may
 * not write, `bad-input` for names that the object does not have or a name that is taken.
 */
export class ListViews {
  readonly #o: ListViewsOptions;

  constructor(options: ListViewsOptions) {
    this.#o = options;
  }

  /** The views that the user sees, by name: his own and the shared ones. */
  async list(actor: Actor, object?: string): Promise<ListView[]> {
    const views = await this.#o.db.query<StoredView>(
      `SELECT ${COLUMNS} FROM list_view WHERE (shared OR owner = $1) AND ($2::text IS NULL OR object = $2)
       ORDER BY lower(name), id`,
      [actor.userId, object ?? null],
    );
    const metas = await this.#o.objects();
    return views.flatMap((view) => withoutGone(view, metas) ?? []);
  }

  /** The shared list view that names this field, in a sentence; undefined: none does. A private one does without it. */
  async naming(object: string, field: string): Promise<string | undefined> {
    const [view] = await this.#o.db.query<{ name: string }>(
      `SELECT name FROM list_view WHERE shared AND object = $1
         AND (sort = $2 OR columns ? $2 OR conditions @> $3) ORDER BY lower(name) LIMIT 1`,
      [object, field, JSON.stringify([{ field }])],
    );
    return view && `the list view ${view.name} of everybody names it`;
  }

  /** The view, or undefined: for the audit trail, which asks for nobody. */
  async find(id: string): Promise<ListView | undefined> {
    const [view] = await this.#o.db.query<StoredView>(`SELECT ${COLUMNS} FROM list_view WHERE id = $1`, [id]);
    return view && withoutGone(view, await this.#o.objects());
  }

  async read(actor: Actor, id: string): Promise<ListView> {
    const view = await this.find(id);
    if (!view || !(view.shared || view.ownerId === actor.userId)) {
      throw new CodedError('not-found', { what: 'list view' });
    }
    return view;
  }

  async add(actor: Actor, input: ListViewInput): Promise<ListView> {
    allow(actor, input.shared);
    await this.#check(input);
    await this.#checkRoom(actor);
    return await this.#write(
      `INSERT INTO list_view (owner, object, name, shared, conditions, columns, sort, direction, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${COLUMNS}`,
      [actor.userId, ...this.#values(input)],
    );
  }

  /** Changes what is given. A private view that becomes shared stays its maker's in name only. */
  async change(actor: Actor, id: string, changes: Partial<ListViewInput>): Promise<ListView> {
    const before = await this.read(actor, id);
    const input = { ...before, ...changes };
    allow(actor, before.shared || input.shared);
    if (input.object !== before.object) {
      throw new CodedError('bad-input', { field: 'object', detail: 'a list view stays of its object' });
    }
    await this.#check(input);
    return await this.#write(
      `UPDATE list_view SET object = $2, name = $3, shared = $4, conditions = $5, columns = $6, sort = $7,
         direction = $8, updated_at = $9 WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, ...this.#values(input)],
    );
  }

  async remove(actor: Actor, id: string): Promise<void> {
    const view = await this.read(actor, id);
    allow(actor, view.shared);
    await this.#o.db.query('DELETE FROM list_view WHERE id = $1', [id]);
  }

  #values(input: ListViewInput): unknown[] {
    const { object, name, shared, conditions, columns, sort, direction } = input;
    const now = this.#o.clock.now();
    return [object, name, shared, JSON.stringify(conditions), JSON.stringify(columns), sort, direction, now];
  }

  async #write(text: string, params: unknown[]): Promise<ListView> {
    try {
      const [view] = await this.#o.db.query<StoredView>(text, params);
      if (!view) throw new CodedError('not-found', { what: 'list view' });
      return { ...view, gone: [] };
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new CodedError('bad-input', { field: 'name', detail: 'another list has this name' });
    }
  }

  async #checkRoom(actor: Actor): Promise<void> {
    const rows = await this.#o.db.query(
      `SELECT 1 FROM list_view WHERE shared OR owner = $1 LIMIT ${MAX_VIEWS}`,
      [actor.userId],
    );
    if (rows.length === MAX_VIEWS) throw new CodedError('too-many', { limit: MAX_VIEWS });
  }

  /** Every name is one of the object's. What a condition's value may be, the list itself says when it is read. */
  async #check({ object, conditions, columns, sort }: ListViewInput): Promise<void> {
    const meta = (await this.#o.objects()).find(({ name }) => name === object);
    if (!meta) throw new CodedError('bad-input', { field: 'object', detail: `there is no object ${object}` });
    const known = namesOf(meta);
    const used = [
      ...conditions.map(({ field }) => ['conditions', field] as const),
      ...columns.map((column) => ['columns', column] as const),
      ['sort', sort] as const,
    ];
    const wrong = used.find(([, name]) => !known.has(name));
    if (wrong) {
      throw new CodedError('bad-input', {
        field: wrong[0],
        detail: `${meta.labelPlural} have no field ${wrong[1]}`,
      });
    }
    for (const { field, operator } of conditions) {
      const type = meta.fields.find(({ name }) => name === field)?.type ?? 'datetime';
      if (OPERATORS_OF[type].includes(operator)) continue;
      throw new CodedError('bad-input', {
        field: 'conditions',
        detail: `${field} cannot be asked for “${operator}”`,
      });
    }
  }
}

function namesOf({ fields }: ObjectMeta): Set<string> {
  return new Set([...fields.map(({ name }) => name), ...Object.keys(RECORD_TIMES), 'name']);
}

/** The view as it can be shown; undefined for one of an object that was deleted. Without its sort it goes by name. */
function withoutGone(view: StoredView, metas: readonly ObjectMeta[]): ListView | undefined {
  const meta = metas.find(({ name }) => name === view.object);
  if (!meta) return undefined;
  const known = namesOf(meta);
  const { conditions, columns, sort } = view;
  const named = [...conditions.map(({ field }) => field), ...columns, sort];
  const gone = [...new Set(named)].filter((name) => !known.has(name));
  if (gone.length === 0) return { ...view, gone };
  return {
    ...view,
    conditions: conditions.filter(({ field }) => known.has(field)),
    columns: columns.filter((name) => known.has(name)),
    sort: known.has(sort) ? sort : meta.nameField,
    gone,
  };
}

function allow(actor: Actor, shared: boolean): void {
  if (!shared) return;
  if (!actor.roles.some((role) => role === 'supervisor' || role === 'administrator')) {
    throw new CodedError('not-allowed');
  }
}
