/**
 * Which list is shown, as the address says it: a list view, and beside it what has been changed and not been saved, so that
 * a reload, a bookmark and the back button keep both.
 */
import type { ObjectMeta } from '../../protocol/crm.ts';
import { ListConditions, type ListCondition, type ListView, ME } from '../../protocol/list-views.ts';

/** What is shown and how. */
export interface ListShape {
  conditions: ListCondition[];
  /** Empty: the columns of the object's lists. */
  columns: string[];
  sort: string;
  direction: 'asc' | 'desc';
}

/** A list that every object has, or one that somebody made. */
export interface KnownList extends ListShape {
  id: string;
  name: string;
  /** Undefined: it cannot be changed, only saved under another name. */
  saved?: ListView;
}

/** Its records are what the user viewed last: no conditions, no order of its own. */
export const RECENT = 'recent';

/** The lists that every object has: all, mine, viewed last. Work begins with the newest, everything else by name. */
export function standardLists(meta: ObjectMeta): KnownList[] {
  const byAge = meta.name === 'Task' || meta.name === 'Case';
  const order = byAge
    ? ({ sort: 'createdAt', direction: 'desc' } as const)
    : ({ sort: meta.nameField, direction: 'asc' } as const);
  const plural = meta.labelPlural.toLowerCase();
  const plain = { conditions: [], columns: [], ...order };
  const mine: ListCondition = { field: 'OwnerId', operator: 'equals', values: [ME] };
  return [
    { ...plain, id: 'all', name: `All ${plural}` },
    { ...plain, id: 'mine', name: `My ${plural}`, conditions: [mine] },
    { ...plain, id: RECENT, name: 'Recently viewed' },
  ];
}

export function knownList(view: ListView): KnownList {
  const { id, name, conditions, columns, sort, direction } = view;
  return { id, name, conditions, columns, sort, direction, saved: view };
}

export interface ListAddress {
  /** Id of the list. */
  list: string;
  /** Words typed above it. */
  q: string;
  /** What differs from the list as it is saved. */
  changes: Partial<ListShape>;
}

/** Reads the address; what it says wrongly is left out. */
export function readAddress(search: string): ListAddress {
  const params = new URLSearchParams(search);
  const changes: Partial<ListShape> = {};
  const conditions = ListConditions.safeParse(parseJson(params.get('conditions')));
  if (conditions.success) changes.conditions = conditions.data;
  const columns = params.get('columns');
  if (columns !== null) changes.columns = columns.split(',').filter((name) => name !== '');
  const sort = params.get('sort');
  if (sort) changes.sort = sort;
  const direction = params.get('direction');
  if (direction === 'asc' || direction === 'desc') changes.direction = direction;
  return { list: params.get('list') ?? 'all', q: params.get('q') ?? '', changes };
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** The query of the address, without the question mark; what is as the list has it is left out. */
export function writeAddress(base: KnownList, q: string, shape: ListShape): string {
  const params = new URLSearchParams();
  if (base.id !== 'all') params.set('list', base.id);
  if (q !== '') params.set('q', q);
  if (!same(base.conditions, shape.conditions)) params.set('conditions', JSON.stringify(shape.conditions));
  if (!same(base.columns, shape.columns)) params.set('columns', shape.columns.join(','));
  if (base.sort !== shape.sort) params.set('sort', shape.sort);
  if (base.direction !== shape.direction) params.set('direction', shape.direction);
  return params.toString();
}

export function isChanged(base: KnownList, shape: ListShape): boolean {
  return writeAddress({ ...base, id: 'all' }, '', shape) !== '';
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
