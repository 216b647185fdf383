/** The objects and fields that there are: the standard ones, with what an administrator added and changed. */
import type { FieldMeta, ObjectMeta } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { ObjectRights } from '../../../protocol/profiles.ts';
import { STANDARD_OBJECTS } from './objects.ts';

/**
 * What is kept of an object: of a standard one only what differs, so that a newer version of the program brings its fields along.
 */
export interface KeptObject {
  name: string;
  /** Of a custom object: the beginning of its records' ids. */
  prefix?: string;
  label?: string;
  labelPlural?: string;
  /** Custom fields, in the order of their making. */
  fields: FieldMeta[];
  /** What is different about standard fields. */
  changes: Record<string, Partial<Pick<FieldMeta, 'label' | 'options'>>>;
  page?: string[];
  list?: string[];
}

/** All objects as they were at one instant; never changed. */
export class ObjectSet {
  readonly #byName: ReadonlyMap<string, ObjectMeta>;
  readonly #byPrefix: ReadonlyMap<string, ObjectMeta>;

  constructor(readonly all: readonly ObjectMeta[]) {
    this.#byName = new Map(all.map((meta) => [meta.name, meta]));
    this.#byPrefix = new Map(all.map((meta) => [meta.prefix, meta]));
  }

  /** @throws `not-found`. */
  named(name: string): ObjectMeta {
    const meta = this.#byName.get(name);
    if (!meta) throw new CodedError('not-found', { what: 'object' });
    return meta;
  }

  /** The object that a record id belongs to by its prefix. @throws `not-found`. */
  ofId(id: string): ObjectMeta {
    const meta = this.#byPrefix.get(id.slice(0, 3));
    if (!meta) throw new CodedError('not-found', { what: 'record' });
    return meta;
  }

  /** Objects in the order of search results: people first, most often somebody is looked for; custom ones before work. */
  searched(): string[] {
    return this.#known(['Contact', 'Account', 'Lead', ...this.#custom(), 'Case', 'Task']);
  }

  /** Objects whose telephone numbers are those of callers, the best match first. A case's and a call's number are not its own. */
  callers(): string[] {
    return this.#known(['Contact', 'Lead', 'Account', ...this.#custom()]);
  }

  /** Whether a record's id is one of these objects'. */
  has(id: string): boolean {
    return this.#byPrefix.has(id.slice(0, 3));
  }

  /** What somebody with these rights sees: objects that he may read, without the fields that are hidden from him. */
  seenWith(rights: Readonly<Record<string, ObjectRights>>): ObjectSet {
    const seen = this.all.filter(({ name }) => rights[name]?.read !== false);
    const names = new Set(seen.map(({ name }) => name));
    return new ObjectSet(
      seen.map((meta) => ({
        ...meta,
        fields: meta.fields.filter((field) => !rights[meta.name]?.hidden.includes(field.name)),
        related: meta.related.filter(
          ({ object, field }) => names.has(object) && !rights[object]?.hidden.includes(field),
        ),
      })),
    );
  }

  #custom(): string[] {
    return this.all.filter((meta) => meta.custom).map((meta) => meta.name);
  }

  #known(names: string[]): string[] {
    return names.filter((name) => this.#byName.has(name));
  }

  /** Names of all fields that may point at a record of `object`. */
  referring(object: string): string[] {
    const fields = this.all.flatMap((meta) => meta.fields);
    return [...new Set(fields.filter((f) => f.refersTo?.includes(object)).map((f) => f.name))];
  }
}

/** The standard objects with what is kept. */
export function objectSetOf(kept: readonly KeptObject[]): ObjectSet {
  const own = new Map(kept.map((one) => [one.name, one]));
  const custom = kept.filter((one) => one.prefix !== undefined).map(customObject);
  const standard = STANDARD_OBJECTS.map((meta) => changed(meta, own.get(meta.name)));
  const all = [...standard, ...custom].map((meta) => ({
    ...meta,
    fields: meta.fields.map((field) => aboutAll(field, custom)),
  }));
  return new ObjectSet(all.map((meta) => ({ ...meta, related: relatedOf(meta, all) })));
}

export const STANDARD_SET = objectSetOf([]);

function customObject(kept: KeptObject): ObjectMeta {
  const { name, prefix = '', label = name, labelPlural = label } = kept;
  const plain = { required: false, readOnly: false, inList: false };
  const fields: FieldMeta[] = [
    { ...plain, name: 'Name', label: 'Name', type: 'text', required: true, inList: true, maxLength: 80 },
    { ...plain, name: 'OwnerId', label: 'Owner', type: 'reference', readOnly: true, refersTo: ['User'] },
  ];
  const base = { name, prefix, label, labelPlural, nameField: 'Name', fields, related: [], custom: true };
  return changed(base, kept);
}

function changed(meta: ObjectMeta, kept: KeptObject | undefined): ObjectMeta {
  if (!kept) return meta;
  const { page, list, label = meta.label, labelPlural = meta.labelPlural } = kept;
  const fields = meta.fields.map((field) => ({ ...field, ...kept.changes[field.name] }));
  // The owner comes last.
  const all = fields.toSpliced(fields.length - 1, 0, ...kept.fields);
  return {
    ...meta,
    label,
    labelPlural,
    fields: list ? all.map((field) => ({ ...field, inList: list.includes(field.name) })) : all,
    ...(page ? { page } : {}),
    ...(list ? { list } : {}),
  };
}

/** A task may be about a record of any custom object. */
function aboutAll(field: FieldMeta, custom: readonly ObjectMeta[]): FieldMeta {
  if (field.name !== 'WhatId' || !field.refersTo) return field;
  return { ...field, refersTo: [...field.refersTo, ...custom.map((meta) => meta.name)] };
}

/** The related lists that an object has anyway, and one for each custom field that points at it. */
function relatedOf(meta: ObjectMeta, all: readonly ObjectMeta[]): ObjectMeta['related'] {
  const pointing = all.flatMap((other) =>
    other.fields
      .filter((field) => field.custom && field.refersTo?.includes(meta.name))
      .map((field) => ({ object: other.name, field: field.name, label: labelOfRelated(other, field) })),
  );
  return [...meta.related, ...pointing];
}

/** Two fields of one object that point here are told apart by their labels. */
function labelOfRelated(meta: ObjectMeta, field: FieldMeta): string {
  const several = meta.fields.filter((f) => f.refersTo?.some((o) => field.refersTo?.includes(o))).length > 1;
  return several ? `${meta.labelPlural} (${field.label})` : meta.labelPlural;
}
