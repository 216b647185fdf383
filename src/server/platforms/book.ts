/**
 * Which telephone systems an organisation has added, as it is set: checked, and written. What of it lives is made by `Platforms`; in
 * a transaction nothing is.
 */
import { readableId } from '../../lib/ids.ts';
import { CodedError } from '../../protocol/errors.ts';
import {
  changedSettings,
  checkSettings,
  kindNamed,
  type Settings,
  withoutSecrets,
} from '../../protocol/kind-settings.ts';
import type { NewPlatform, PlatformChange } from '../../protocol/platforms.ts';
import type { Transactional } from '../store/database.ts';
import type { AnyPlatformKind } from './kind.ts';
import { deletePlatform, readPlatforms, type StoredPlatform, writePlatform } from './store.ts';

export interface PlatformsBookOptions {
  db: Transactional;
  kinds: readonly AnyPlatformKind[];
  /** The program's own: it is not stored. */
  builtIn: { id: string; label: string };
  /** Calls that the platform carries now. */
  liveCalls(id: string): number;
  /** What belongs to the platform and must be moved before it is removed, in words; undefined when nothing does. */
  usedBy(id: string): string | undefined;
  /** Others have written: `read` takes it in. Left out: nothing follows from it. */
  onReload?(read: () => Promise<void>): Promise<void>;
}

/** Platforms that an organisation may have, with the program's own. */
const MAX_PLATFORMS = 50;

export class PlatformsBook {
  readonly #o: PlatformsBookOptions;
  #all = new Map<string, StoredPlatform>();

  private constructor(options: PlatformsBookOptions) {
    this.#o = options;
  }

  /** Reads everything. The table must be there (`platformMigrations`). */
  static async load(options: PlatformsBookOptions): Promise<PlatformsBook> {
    const book = new PlatformsBook(options);
    await book.#read();
    return book;
  }

  /** The same as a transaction sees it: what it writes there nobody is told. */
  in(db: Transactional, usedBy: PlatformsBookOptions['usedBy']): Promise<PlatformsBook> {
    const { kinds, builtIn, liveCalls } = this.#o;
    return PlatformsBook.load({ db, kinds, builtIn, liveCalls, usedBy });
  }

  /** Reads everything anew. */
  async reload(): Promise<void> {
    const read = () => this.#read();
    await (this.#o.onReload?.(read) ?? read());
  }

  get kinds(): readonly AnyPlatformKind[] {
    return this.#o.kinds;
  }

  /** Those that were added, with their secrets. */
  all(): StoredPlatform[] {
    return [...this.#all.values()];
  }

  has(id: string): boolean {
    return id === this.#o.builtIn.id || this.#all.has(id);
  }

  /** What may be shown of it, and the names of the secrets that are set. */
  shown({ kind, settings }: StoredPlatform): { settings: Settings; secretsSet: string[] } {
    const known = this.#o.kinds.find((one) => one.kind === kind);
    return withoutSecrets(known, settings);
  }

  /** @throws `bad-input`. */
  kind(name: string): AnyPlatformKind {
    return kindNamed(this.#o.kinds, name);
  }

  /** @throws `bad-input` for a setting that is wrong, `already-exists`, `too-many`. */
  async add(input: NewPlatform): Promise<StoredPlatform> {
    if (this.#all.size + 1 >= MAX_PLATFORMS)
      throw new CodedError('too-many', { limit: `${MAX_PLATFORMS} telephone systems` });
    const kind = this.kind(input.kind);
    const id = input.id ?? readableId(input.label, 'platform', (one) => this.has(one));
    if (this.has(id)) throw new CodedError('already-exists', { what: 'telephone system', field: 'id' });
    const settings = checkSettings(kind, changedSettings({}, input.settings));
    const { label, country, enabled } = input;
    return await this.#write({ id, kind: kind.kind, label, country, settings, enabled });
  }

  /** @throws `not-found`, `bad-input`, `already-exists`, `platform-busy` when it carries calls and is to be switched off. */
  async change(id: string, change: PlatformChange): Promise<StoredPlatform> {
    const before = this.must(id);
    const kind = this.kind(before.kind);
    const settings = change.settings
      ? checkSettings(kind, changedSettings(before.settings, change.settings))
      : before.settings;
    const stored = { ...before, ...change, settings };
    if (!stored.enabled && before.enabled) this.#refuseBusy(id);
    return await this.#write(stored);
  }

  /** @throws `not-found`, `bad-input` for the program's own, `in-use` while something belongs to it. */
  mayGo(id: string): void {
    this.must(id);
    const uses = this.#o.usedBy(id);
    if (uses) throw new CodedError('in-use', { detail: uses });
  }

  /** With the links from and to it. @throws as `mayGo`, and `platform-busy`. */
  async remove(id: string): Promise<void> {
    this.mayGo(id);
    this.#refuseBusy(id);
    await deletePlatform(this.#o.db, id);
    this.#all.delete(id);
  }

  /** @throws `not-found`, `bad-input` for the program's own. */
  must(id: string): StoredPlatform {
    if (id === this.#o.builtIn.id)
      throw new CodedError('bad-input', { detail: 'this telephone system is part of the program' });
    const stored = this.#all.get(id);
    if (!stored) throw new CodedError('not-found', { what: 'telephone system' });
    return stored;
  }

  async #read(): Promise<void> {
    this.#all = new Map((await readPlatforms(this.#o.db)).map((stored) => [stored.id, stored]));
  }

  async #write(stored: StoredPlatform): Promise<StoredPlatform> {
    const { id, label } = this.#o.builtIn;
    const taken = [{ id, label }, ...this.all()].some(
      (one) => one.id !== stored.id && one.label === stored.label,
    );
    if (taken) throw new CodedError('already-exists', { what: 'telephone system', field: 'label' });
    await writePlatform(this.#o.db, stored);
    this.#all.set(stored.id, stored);
    return stored;
  }

  #refuseBusy(id: string): void {
    const calls = this.#o.liveCalls(id);
    if (calls > 0) throw new CodedError('platform-busy', { calls });
  }
}
