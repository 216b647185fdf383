/**
 * The telephone systems of the organisation: the program's own and those that an administrator added. They come, change and
 * go while calls go on; one that is down shows as down, and the others go on.
 *
 *     stored ── enabled ──► made, in the directory ─► down ◄─► up        (its connection keeps trying by itself)
 *        ▲                    │        ▲                │
 *        │                    │        └─ settings changed: closed, made anew; its calls are adopted when it is up
 *        ├── disabled ────────┤  refused while it carries calls
 *        └── removed ◄────────┘  refused while it carries calls, or after the last one (`drain`)
 */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Switch } from '../telephony/ports.ts';
import type { Logger } from 'pino';
import type { Clock } from '../../lib/clock.ts';
import { must } from '../../lib/must.ts';
import { Serial } from '../../lib/serial.ts';
import { CodedError } from '../../protocol/errors.ts';
import { changedSettings, checkSettings, type Settings } from '../../protocol/kind-settings.ts';
import type {
  NewPlatform,
  PlatformChange,
  PlatformKindInfo,
  PlatformReport,
  ShownPlatform,
} from '../../protocol/platforms.ts';
import type { Database } from '../store/database.ts';
import { Switches } from '../telephony/switches.ts';
import type { VoiceFor } from '../telephony/speech/speech.ts';
import { PlatformsBook } from './book.ts';
import { withDistinctLegs } from './distinct-legs.ts';
import { kindInfo } from './fields.ts';
import type { AnyPlatformKind, MirrorHost, Platform, SipUpstream } from './kind.ts';
import { PlatformLinks } from './links.ts';
import { NoProvisioning } from './no-provisioning.ts';
import type { StoredPlatform } from './store.ts';

export interface PlatformsOptions {
  db: Database;
  clock: Clock;
  log: Logger;
  kinds: readonly AnyPlatformKind[];
  /** The program's own: it is not stored and cannot be removed. */
  builtIn: { id: string; kind: string; label: string; platform: Platform };
  /** Each platform may have a folder of its own in it. */
  folder: string;
  /** The voice that speaks a language; see Speech. */
  voiceFor?: VoiceFor;
  /** Puts what holds for every call in front of a platform's switch, such as the trunks' rules; default nothing. */
  guard?(node: Switch): Switch;
  /** Calls that the platform carries now. */
  liveCalls(id: string): number;
  /** What belongs to the platform and must be moved before it is removed, in words; undefined when nothing does. */
  usedBy(id: string): string | undefined;
}

interface Entry {
  stored: StoredPlatform;
  platform: Platform | undefined;
  /** Why it could not even be made. */
  problem: string | undefined;
  since: number;
  stopListening: () => void;
  draining: boolean;
}

const TEST_MS = 30_000;

export class Platforms {
  readonly switches: Switches;
  readonly links: PlatformLinks;
  readonly #o: PlatformsOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #writes = new Serial();
  #book!: PlatformsBook;
  #started = false;
  #mirrorHost: MirrorHost | undefined;

  private constructor(options: PlatformsOptions) {
    this.#o = options;
    const { log } = options;
    this.switches = new Switches((err, event) =>
      log.error({ err, event }, 'a listener of the switches failed'),
    );
    this.links = new PlatformLinks({
      db: options.db,
      clock: options.clock,
      switches: this.switches,
      onError: (what, err, ids) => log.error({ err, ...ids }, what),
    });
  }

  /** Makes every platform that is enabled; none of them is connected before `start()`. */
  static async load(options: PlatformsOptions): Promise<Platforms> {
    const platforms = new Platforms(options);
    const { id, kind, label, platform } = options.builtIn;
    await platforms.links.load();
    platforms.#enter({ id, kind, label, country: null, settings: {}, enabled: true }, platform);
    const { db, kinds, usedBy } = options;
    platforms.#book = await PlatformsBook.load({
      db,
      kinds,
      builtIn: { id, label },
      liveCalls: (one) => platforms.#calls(one),
      usedBy,
      onReload: (read) => platforms.#write(() => platforms.#follow(read)),
    });
    for (const stored of platforms.#book.all()) await platforms.#make(stored);
    return platforms;
  }

  /** What is set, as it is kept: who has written to it otherwise has it reloaded, and what is other is made anew. */
  get book(): PlatformsBook {
    return this.#book;
  }

  /** Where PBXs that route by themselves show their calls: before `start()`. */
  setMirrorHost(host: MirrorHost): void {
    this.#mirrorHost = host;
  }

  /** Connects all; resolves when the program's own is up, and rejects when it is not in time. Others are not waited for. */
  async start(deadlineMs: number): Promise<void> {
    this.#started = true;
    const { builtIn } = this.#o;
    for (const [id, { platform }] of this.#entries) if (id !== builtIn.id) this.#begin(platform);
    await builtIn.platform.start(deadlineMs);
  }

  /** Ends our end of all: their calls go on. */
  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    for (const { stopListening } of entries) stopListening();
    await Promise.all(entries.map(async ({ platform }) => platform?.close()));
    await this.links.close();
  }

  kinds(): PlatformKindInfo[] {
    return this.#o.kinds.map(kindInfo);
  }

  all(): ShownPlatform[] {
    return [...this.#entries.values()].map((entry) => this.#show(entry));
  }

  get(id: string): ShownPlatform | undefined {
    const entry = this.#entries.get(id);
    return entry && this.#show(entry);
  }

  /** What it was made to be: for whoever uses its roles beside the switch. */
  platform(id: string): Platform | undefined {
    return this.#entries.get(id)?.platform;
  }

  /** Calls of this platform are routed there, and only shown and controlled here. */
  routesItself(id: string): boolean {
    const kind = this.#entries.get(id)?.stored.kind;
    return this.#o.kinds.find((one) => one.kind === kind)?.routesItself ?? false;
  }

  /** ISO 3166 code of its numbers; undefined: the installation's. */
  country(id: string): string | undefined {
    return this.#entries.get(id)?.stored.country ?? undefined;
  }

  /** Where its browser phones reach SIP; undefined while there is none. */
  sip(id: string): SipUpstream | undefined {
    return this.#entries.get(id)?.platform?.sip?.();
  }

  /** @throws `bad-input` for a setting that is wrong, `already-exists`, `too-many`. */
  add(input: NewPlatform): Promise<ShownPlatform> {
    return this.#write(async () => {
      const stored = await this.#book.add(input);
      await this.#make(stored);
      return must(this.get(stored.id), 'platform');
    });
  }

  /**
   * New settings connect it anew: its calls go on meanwhile and are adopted.
   * @throws `not-found`, `bad-input`, `already-exists`, `platform-busy` when it carries calls and is to be switched off.
   */
  change(id: string, change: PlatformChange): Promise<ShownPlatform> {
    return this.#write(async () => {
      const entry = this.#mustBeAdded(id);
      await this.#become(entry, await this.#book.change(id, change), change.settings !== undefined);
      return must(this.get(id), 'platform');
    });
  }

  /**
   * @param drain true: it takes no new calls and goes after its last one; then nothing is refused for its calls.
   * @throws `not-found`, `bad-input` for the program's own, `in-use` while something belongs to it, `platform-busy`.
   */
  remove(id: string, { drain = false } = {}): Promise<'removed' | 'draining'> {
    return this.#write(async () => {
      const entry = this.#mustBeAdded(id);
      this.#book.mayGo(id);
      if (drain && this.#calls(id) > 0) {
        this.#drain(entry);
        return 'draining';
      }
      await this.#remove(entry);
      return 'removed';
    });
  }

  /** A call has ended: what was waiting for the last one goes. */
  callEnded(): void {
    for (const entry of this.#entries.values()) {
      if (!entry.draining || this.#calls(entry.stored.id) > 0) continue;
      this.#write(() => this.#removeDrained(entry)).catch((err: unknown) =>
        this.#o.log.error(
          { err, platformId: entry.stored.id },
          'a drained telephone system could not be removed',
        ),
      );
    }
  }

  /** The checks of settings that are not saved. `id`: what is not given is taken from this platform. */
  async test(kindName: string, settings: Settings, id?: string): Promise<PlatformReport> {
    const kind = this.#book.kind(kindName);
    if (!kind.check) throw new CodedError('not-capable');
    const stored = id === undefined ? undefined : this.#entries.get(id)?.stored;
    if (id !== undefined && stored?.kind !== kindName)
      throw new CodedError('not-found', { what: 'telephone system of this kind' });
    const checked = checkSettings(kind, changedSettings(stored?.settings ?? {}, settings));
    const { clock, log } = this.#o;
    return kind.check(checked, {
      label: stored?.label ?? '',
      clock,
      log,
      folder: this.#folder(id ?? 'test'),
    });
  }

  // ── Pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** One after the other: a change is made to what the one before it left. */
  #write<T>(work: () => Promise<T>): Promise<T> {
    return this.#writes.run('write', work);
  }

  async #make(stored: StoredPlatform): Promise<void> {
    if (!stored.enabled) return this.#enter(stored, undefined);
    const { clock, log } = this.#o;
    const { id, label } = stored;
    const context = {
      id,
      label,
      clock,
      log: log.child({ platformId: id }),
      folder: this.#folder(id),
      ...(this.#o.voiceFor ? { voiceFor: this.#o.voiceFor } : {}),
      mirrorHost: () => must(this.#mirrorHost, 'mirror host'),
    };
    try {
      const kind = this.#book.kind(stored.kind);
      const platform = await kind.create(checkSettings(kind, stored.settings) as never, context);
      this.#enter(stored, platform);
      if (this.#started) this.#begin(platform);
    } catch (error) {
      log.error({ err: error, platformId: id }, 'a telephone system could not be made from its settings');
      this.#enter(stored, undefined, error instanceof Error ? error.message : String(error));
    }
  }

  #enter(stored: StoredPlatform, platform: Platform | undefined, problem?: string): void {
    const entry: Entry = {
      stored,
      platform,
      problem,
      since: this.#o.clock.now(),
      stopListening: () => undefined,
      draining: false,
    };
    entry.stopListening =
      platform?.onLink(() => {
        if (!entry.draining) entry.since = this.#o.clock.now();
      }) ?? entry.stopListening;
    this.#entries.set(stored.id, entry);
    if (!platform?.switch) return;
    const { id, label } = stored;
    const distinct = this.#distinct(stored, platform.switch);
    const node = this.links.wrap(this.#o.guard?.(distinct) ?? distinct);
    this.switches.add({
      id,
      label,
      switch: node,
      provisioning: platform.provisioning ?? new NoProvisioning(),
    });
  }

  /** The built-in one's legs keep their names: one switch of all may. */
  #distinct({ id }: StoredPlatform, node: Switch): Switch {
    if (id === this.#o.builtIn.id) return node;
    return withDistinctLegs(node, (err, event) =>
      this.#o.log.error({ err, event, platformId: id }, 'a listener of a switch failed'),
    );
  }

  /** It goes on trying; that it is down shows. */
  #begin(platform: Platform | undefined): void {
    platform?.start(TEST_MS).catch(() => undefined);
  }

  /** What was written by somebody else is made as it is now; what is gone and carries calls goes after the last one. */
  async #follow(read: () => Promise<void>): Promise<void> {
    await read();
    const { builtIn } = this.#o;
    const wanted = this.#book.all();
    for (const entry of this.#entries.values()) {
      const { id } = entry.stored;
      if (id === builtIn.id || this.#book.has(id)) continue;
      if (this.#calls(id) > 0) this.#drain(entry);
      else await this.#forget(entry);
    }
    for (const stored of wanted) {
      const entry = this.#entries.get(stored.id);
      if (!entry) await this.#make(stored);
      else if (!isDeepStrictEqual(entry.stored, stored))
        await this.#become(entry, stored, !isDeepStrictEqual(entry.stored.settings, stored.settings));
    }
  }

  async #become(entry: Entry, stored: StoredPlatform, settingsChanged: boolean): Promise<void> {
    if (settingsChanged || stored.enabled !== entry.stored.enabled) await this.#makeAnew(entry, stored);
    else this.#rename(entry, stored);
  }

  #drain(entry: Entry): void {
    entry.draining = true;
    entry.since = this.#o.clock.now();
    this.links.setRefusing(entry.stored.id, true);
  }

  /** The old connection is closed before there is a new one: at an Asterisk it would be taken for a rival. */
  async #makeAnew(entry: Entry, stored: StoredPlatform): Promise<void> {
    await this.#takeDown(entry);
    await this.#make(stored);
  }

  async #takeDown({ stored: { id }, platform, stopListening }: Entry): Promise<void> {
    stopListening();
    this.switches.remove(id);
    this.links.unwrap(id);
    await platform?.close();
  }

  #rename(entry: Entry, stored: StoredPlatform): void {
    entry.stored = stored;
    const listed = this.switches.get(stored.id);
    if (listed) listed.label = stored.label;
  }

  async #removeDrained(entry: Entry): Promise<void> {
    const { id } = entry.stored;
    if (this.#entries.get(id) !== entry || !entry.draining || this.#calls(id) > 0) return;
    await this.#remove(entry);
  }

  /** One that is gone from the book already only had calls left. */
  async #remove(entry: Entry): Promise<void> {
    const { id } = entry.stored;
    if (this.#book.has(id)) await this.#book.remove(id);
    await this.#forget(entry);
  }

  async #forget(entry: Entry): Promise<void> {
    const { id } = entry.stored;
    this.#entries.delete(id);
    this.links.forgetPlatform(id);
    await this.#takeDown(entry);
  }

  #show({ stored, platform, problem, since, draining }: Entry): ShownPlatform {
    const { id, kind, label, enabled, country } = stored;
    const reason = problem ?? platform?.problem?.();
    const builtIn = id === this.#o.builtIn.id;
    return {
      id,
      kind,
      label,
      enabled,
      country,
      ...this.#book.shown(stored),
      builtIn,
      state: !enabled ? 'off' : draining ? 'draining' : (platform?.link() ?? 'down'),
      ...(reason && enabled ? { problem: reason } : {}),
      since,
      liveCalls: this.#calls(id),
    };
  }

  /** Its own, and those of others that are connected with a device of it. */
  #calls(id: string): number {
    return this.#o.liveCalls(id) + this.links.legsTo(id);
  }

  #mustBeAdded(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new CodedError('not-found', { what: 'telephone system' });
    if (id === this.#o.builtIn.id)
      throw new CodedError('bad-input', { detail: 'this telephone system is part of the program' });
    return entry;
  }

  #folder(id: string): string {
    return join(this.#o.folder, id);
  }
}
