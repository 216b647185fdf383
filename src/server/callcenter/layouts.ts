/**
 * Softphone layouts: held in memory and answered synchronously; a change is written first, as a revision of all of them, one at a
 * time, and holds for the calls that begin from then on.
 *
 *     a user's own layout, else that of his profile, else the default
 */
import type { Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { newId } from '../../lib/ids.ts';
import { Serial } from '../../lib/serial.ts';
import type { Role } from '../../protocol/api.ts';
import type { ObjectMeta } from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import {
  CALL_TYPES,
  type CallTypeLayout,
  DEFAULT_LAYOUT,
  LayoutSettings,
  type PopTarget,
  SoftphoneLayout,
  type SoftphoneLayoutInput,
} from '../../protocol/layouts.ts';
import type { Transactional } from '../store/database.ts';
import { profileOfRole } from './model.ts';
import { refuse } from './refuse.ts';

export interface LayoutsOptions {
  db: Transactional;
  clock: Pick<Clock, 'now'>;
  userExists(id: string): boolean;
  profileExists(id: string): boolean;
  /** What the CRM has, to check names by. While it cannot say, they are not checked. */
  objects(): Promise<Pick<ObjectMeta, 'name' | 'fields'>[]>;
  /** The script is there, and active. */
  isActiveScript(id: string): boolean;
  onListenerError: (error: unknown) => void;
}

const MAX_LAYOUTS = 200;

/** All layouts as they were at one instant; never changed. */
export class LayoutSet {
  readonly #byId: ReadonlyMap<string, SoftphoneLayout>;
  readonly #ofUser: ReadonlyMap<string, SoftphoneLayout>;
  readonly #fallback: SoftphoneLayout;

  constructor(
    readonly layouts: readonly SoftphoneLayout[],
    readonly settings: LayoutSettings,
  ) {
    this.#byId = new Map(layouts.map((layout) => [layout.id, layout]));
    this.#ofUser = new Map(layouts.flatMap((layout) => layout.userIds.map((id) => [id, layout] as const)));
    this.#fallback = layouts.find(({ isDefault }) => isDefault) ?? DEFAULT_LAYOUT;
  }

  get(id: string): SoftphoneLayout | undefined {
    return this.#byId.get(id);
  }

  /** The layout of this user. */
  of({ id, profileId }: { id: string; profileId: string | null }): SoftphoneLayout {
    const own = this.#ofUser.get(id);
    if (own || profileId === null) return own ?? this.#fallback;
    return this.layouts.find((one) => one.profileIds.includes(profileId)) ?? this.#fallback;
  }

  /** The layout that holds for a profile, in a sentence; undefined: none does. */
  holdingFor(profileId: string): string | undefined {
    const layout = this.layouts.find((one) => one.profileIds.includes(profileId));
    return layout && `the softphone layout ${layout.label} holds for it`;
  }

  /** The layout that shows this object, or this field of it, in a sentence; undefined: none does. */
  showing(object: string, field?: string): string | undefined {
    const layout = this.layouts.find((one) => CALL_TYPES.some((type) => shows(one[type], object, field)));
    return layout && `the softphone layout ${layout.label} shows it`;
  }

  /** The layout that pops this script, in a sentence; undefined: none does. */
  popping(scriptId: string): string | undefined {
    const layout = this.layouts.find((one) =>
      targetsOf(one).some(([, target]) => target.kind === 'script' && target.scriptId === scriptId),
    );
    return layout && `the softphone layout ${layout.label} pops it`;
  }

  /** The page at this address may pop. */
  allows(url: string): boolean {
    if (/^\/(?![/\\])/.test(url)) return true;
    return URL.canParse(url) && this.settings.allowedOrigins.includes(new URL(url).origin);
  }
}

/** What an organisation has that never set anything. */
export const STANDARD_LAYOUTS = new LayoutSet([DEFAULT_LAYOUT], { allowedOrigins: [] });

export class Layouts {
  readonly events: Emitter<{ changed: [] }>;
  readonly #o: LayoutsOptions;
  readonly #writes = new Serial();
  #now: LayoutSet;

  private constructor(options: LayoutsOptions, now: LayoutSet) {
    this.#o = options;
    this.#now = now;
    this.events = new Emitter(options.onListenerError);
  }

  /** Reads what holds now. The table must be there (`layoutMigrations`). */
  static async load(options: LayoutsOptions): Promise<Layouts> {
    return new Layouts(options, await read(options.db, Number.MAX_SAFE_INTEGER));
  }

  /** What holds now; the same object until something is changed. */
  now(): LayoutSet {
    return this.#now;
  }

  /** Reads anew what holds now. */
  async reload(): Promise<void> {
    await this.#writes.run('', async () => {
      this.#now = await read(this.#o.db, Number.MAX_SAFE_INTEGER);
    });
    this.events.emit('changed');
  }

  /** What held at an instant (UTC milliseconds): for calls that began before the process did. */
  at(instant: number): Promise<LayoutSet> {
    return read(this.#o.db, instant);
  }

  /** @throws `bad-input` with the field, `already-exists` for a label, `too-many`. */
  async add(input: SoftphoneLayoutInput, id = newId('layout')): Promise<SoftphoneLayout> {
    return this.#put(() => {
      if (this.#now.layouts.length >= MAX_LAYOUTS) throw new CodedError('too-many', { limit: MAX_LAYOUTS });
      return { ...input, id };
    });
  }

  /** @throws as `add`, and `not-found`. */
  async change(id: string, patch: Partial<SoftphoneLayoutInput>): Promise<SoftphoneLayout> {
    return this.#put(() => ({ ...this.#must(id), ...patch, id }));
  }

  /** @throws `not-found`; `in-use` for the default. */
  async remove(id: string): Promise<void> {
    await this.#writes.run('', async () => {
      if (this.#must(id).isDefault) throw new CodedError('in-use', { detail: 'it is the default layout' });
      await this.#write(
        this.#now.layouts.filter((layout) => layout.id !== id),
        this.#now.settings,
      );
    });
  }

  /** @throws `bad-input` for a host that goes while a layout pops a page of it. */
  async setSettings(settings: LayoutSettings): Promise<LayoutSettings> {
    await this.#writes.run('', async () => {
      const next = new LayoutSet(this.#now.layouts, settings);
      for (const layout of next.layouts)
        for (const [, target] of pagesOf(layout))
          if (!next.allows(target.url))
            refuse(
              'allowedOrigins',
              `the layout ${layout.label} pops a page of ${new URL(target.url).origin}`,
            );
      await this.#write(next.layouts, settings);
    });
    return this.#now.settings;
  }

  #put(make: () => SoftphoneLayout): Promise<SoftphoneLayout> {
    return this.#writes.run('', async () => {
      const made = make();
      await this.#check(made);
      const others = this.#now.layouts.filter(({ id }) => id !== made.id);
      if (!made.isDefault && !others.some(({ isDefault }) => isDefault))
        refuse('isDefault', 'make another layout the default instead');
      const at = this.#now.layouts.findIndex(({ id }) => id === made.id);
      const rest = made.isDefault ? others.map((one) => ({ ...one, isDefault: false })) : others;
      await this.#write(rest.toSpliced(at < 0 ? rest.length : at, 0, made), this.#now.settings);
      return made;
    });
  }

  /** What one layout needs of the others and of what else there is. */
  async #check(made: SoftphoneLayout): Promise<void> {
    for (const other of this.#now.layouts.filter(({ id }) => id !== made.id)) {
      if (other.label.toLowerCase() === made.label.toLowerCase())
        throw new CodedError('already-exists', { what: 'layout', field: 'label' });
      if (made.profileIds.some((id) => other.profileIds.includes(id)))
        refuse('profileIds', `one of these profiles has the layout ${other.label} already`);
      if (made.userIds.some((id) => other.userIds.includes(id)))
        refuse('userIds', `one of these users has the layout ${other.label} already`);
    }
    if (made.userIds.some((id) => !this.#o.userExists(id))) refuse('userIds', 'there is no such user');
    if (made.profileIds.some((id) => !this.#o.profileExists(id)))
      refuse('profileIds', 'there is no such profile');
    for (const [field, { url }] of pagesOf(made))
      if (!this.#now.allows(url))
        refuse(field, `the host ${new URL(url).origin} is not among those whose pages may pop`);
    for (const [field, target] of targetsOf(made))
      if (target.kind === 'script' && !this.#o.isActiveScript(target.scriptId))
        refuse(`${field}.scriptId`, 'there is no such active script');
    await this.#checkNames(made);
  }

  async #checkNames(made: SoftphoneLayout): Promise<void> {
    const metas = await this.#o.objects().catch(() => undefined);
    if (!metas) return;
    const fieldsOf = new Map(metas.map(({ name, fields }) => [name, new Set(fields.map((f) => f.name))]));
    for (const type of CALL_TYPES) {
      for (const [index, { object, fields }] of (made[type].objects ?? []).entries()) {
        const known = fieldsOf.get(object);
        if (!known) refuse(`${type}.objects.${index}.object`, `there is no object ${object}`);
        const missing = fields.find((field) => !known?.has(field));
        if (missing) refuse(`${type}.objects.${index}.fields`, `${object} has no field ${missing}`);
      }
      for (const count of COUNTS) {
        const target = made[type].pop[count];
        if (target.kind === 'new' && !fieldsOf.has(target.object))
          refuse(`${type}.pop.${count}.object`, `there is no object ${target.object}`);
      }
    }
  }

  #must(id: string): SoftphoneLayout {
    const layout = this.#now.get(id);
    if (!layout) throw new CodedError('not-found', { what: 'layout' });
    return layout;
  }

  async #write(layouts: readonly SoftphoneLayout[], settings: LayoutSettings): Promise<void> {
    await this.#o.db.query('INSERT INTO softphone_layout_revision (at, body) VALUES ($1, $2)', [
      this.#o.clock.now(),
      JSON.stringify({ layouts, settings }),
    ]);
    this.#now = new LayoutSet(layouts, settings);
    this.events.emit('changed');
  }
}

const COUNTS = ['none', 'one', 'many'] as const;

/** What a layout pops, with the names of the fields. */
function targetsOf(layout: SoftphoneLayout): [string, PopTarget][] {
  return CALL_TYPES.flatMap((type) =>
    COUNTS.map((count): [string, PopTarget] => [`${type}.pop.${count}`, layout[type].pop[count]]),
  );
}

/** The pages that a layout pops, with the names of their fields. */
function pagesOf(layout: SoftphoneLayout): [string, Extract<PopTarget, { kind: 'page' }>][] {
  return targetsOf(layout).flatMap(([field, target]): [string, Extract<PopTarget, { kind: 'page' }>][] =>
    target.kind === 'page' ? [[`${field}.url`, target]] : [],
  );
}

function shows({ objects, pop }: CallTypeLayout, object: string, field: string | undefined): boolean {
  const shown = objects?.find((one) => one.object === object);
  if (field !== undefined) return shown?.fields.includes(field) ?? false;
  const targets = COUNTS.map((count) => pop[count]);
  return shown !== undefined || targets.some((target) => target.kind === 'new' && target.object === object);
}

/** Layouts held for roles before there were profiles. */
function upcast(layout: { roles?: Role[] }): unknown {
  const { roles, ...rest } = layout;
  return roles ? { ...rest, profileIds: roles.map(profileOfRole) } : rest;
}

async function read(db: Transactional, until: number): Promise<LayoutSet> {
  const [row] = await db.query<{ body: { layouts: { roles?: Role[] }[]; settings: unknown } }>(
    'SELECT body FROM softphone_layout_revision WHERE at <= $1 ORDER BY rev DESC LIMIT 1',
    [until],
  );
  if (!row) return STANDARD_LAYOUTS;
  return new LayoutSet(
    row.body.layouts.map((layout) => SoftphoneLayout.parse(upcast(layout))),
    LayoutSettings.parse(row.body.settings),
  );
}
