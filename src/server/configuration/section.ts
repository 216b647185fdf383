/** One section of the file: things of one kind by their names, how they are read, made, changed and removed. */
import type { z } from 'zod';
import { refuse } from '../callcenter/refuse.ts';
import type { Stores } from './stores.ts';

export interface Listed<T> {
  /** How the stores know it. */
  id: string;
  /** How the file knows it. */
  name: string;
  item: T;
}

interface Spec<T extends object> {
  /** In the file. */
  section: string;
  /** What stands in the file for one thing. */
  item: z.ZodType<T>;
  /** Everything that there is, in the order of positions where there is one. */
  list(stores: Stores): Listed<T>[];
  add(stores: Stores, name: string, item: T): Promise<unknown>;
  change(stores: Stores, id: string, item: T, before: T): Promise<unknown>;
  /** What is not in the file stays, instead of going. */
  keeps?: true;
  /** @param deleteData records may lose values. */
  remove(stores: Stores, id: string, deleteData: boolean): Promise<unknown>;
  /** Brings all into the order of their positions. */
  reorder?(stores: Stores, ids: string[]): Promise<unknown>;
  /** What is wanted once it has been done: a secret is set once. Left out: the same. */
  settled?(item: T): T;
  /** What of a change is shown; left out: both as they are. A secret is not shown. */
  shown?(item: T): object;
}

/** A section whose things are checked by its schema first. */
export type Section = Spec<object>;

/** Things of every section are objects of their own shape; the engine passes them on as it got them from the same section. */
export function section<T extends object>(spec: Spec<T>): Section {
  return spec as unknown as Section;
}

/** The id behind a name in the file. @throws `bad-input` that names the field. */
export function idOf<T extends { id: string }>(
  all: readonly T[],
  nameOf: (one: T) => string,
  name: string,
  what: string,
  field: string,
): string {
  const found = all.find((one) => nameOf(one) === name);
  if (!found) refuse(field, `there is no ${what} ${name}`);
  return found.id;
}

/** The name in the file of what has this id; an id that leads nowhere stays. */
export function nameOf<T extends { id: string }>(
  all: readonly T[],
  name: (one: T) => string,
  id: string,
): string {
  const found = all.find((one) => one.id === id);
  return found ? name(found) : id;
}

/** The id of a telephone system, by which the file names it, too. @throws `bad-input` that names the field. */
export function platformOf({ platforms }: Pick<Stores, 'platforms'>, id: string, field: string): string {
  return platforms.has(id) ? id : refuse(field, `there is no telephone system ${id}`);
}

/** A prompt's recording, of which there is one in each language. */
export const nameOfRecording = ({ label, language }: { label: string; language: string }): string =>
  `${label} (${language})`;

export const byLabel = ({ label }: { label: string }): string => label;
