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
import type { Switch } from '../telephony/ports.ts';
import type { Logger } from 'pino';
import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import { must } from '../../lib/must.ts';
import { Serial } from '../../lib/serial.ts';
import { CodedError } from '../../protocol/errors.ts';
import {
  changedSettings,
  checkSettings,
  type Settings,
  withoutSecrets,
} from '../../protocol/kind-settings.ts';
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
import { withDistinctLegs } from './distinct-legs.ts';
import { kindInfo } from './fields.ts';
import type { AnyPlatformKind, MirrorHost, Platform, SipUpstream } from './kind.ts';
import { PlatformLinks } from './links.ts';
import { NoProvisioning } from './no-provisioning.ts';
import { deletePlatform, readPlatforms, type StoredPlatform, writePlatform } from './store.ts';

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

/** Platforms that an organisation may have. */
const MAX_PLATFORMS = 50;
const TEST_MS = 30_000;

export class Platforms {
  readonly switches: Switches;
  readonly links: PlatformLinks;
  readonly #o: PlatformsOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #writes = new Serial();
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
    for (const stored of await readPlatforms(options.db)) await platforms.#make(stored);
    return platforms;
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
      if (this.#entries.size >= MAX_PLATFORMS)
        throw new CodedError('too-many', { limit: `${MAX_PLATFORMS} telephone systems` });
      const kind = this.#kind(input.kind);
      const id = input.id ?? this.#idFor(input.label);
      if (this.#entries.has(id))
        throw new CodedError('already-exists', { what: 'telephone system', field: 'id' });
      const settings = checkSettings(kind, changedSettings({}, input.settings));
      const { label, country, enabled } = input;
      const stored: StoredPlatform = { id, kind: kind.kind, label, country, settings, enabled };
      this.#refuseLabel(stored);
      await writePlatform(this.#o.db, stored);
      await this.#make(stored);
      return must(this.get(id), 'platform');
    });
  }

  /**
   * New settings connect it anew: its calls go on meanwhile and are adopted.
   * @throws `not-found`, `bad-input`, `already-exists`, `platform-busy` when it carries calls and is to be switched off.
   */
  change(id: string, change: PlatformChange): Promise<ShownPlatform> {
    return this.#write(async () => {
      const entry = this.#mustBeAdded(id);
      const kind = this.#kind(entry.stored.kind);
      const settings = change.settings
        ? checkSettings(kind, changedSettings(entry.stored.settings, change.settings))
        : entry.stored.settings;
      const stored = { ...entry.stored, ...change, settings };
      this.#refuseLabel(stored);
      if (!stored.enabled && entry.stored.enabled) this.#refuseBusy(id);
      await writePlatform(this.#o.db, stored);
      if (change.settings || stored.enabled !== entry.stored.enabled) await this.#makeAnew(entry, stored);
      else this.#rename(entry, stored);
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
      const uses = this.#o.usedBy(id);
      if (uses) throw new CodedError('in-use', { detail: uses });
      if (this.#calls(id) === 0) {
        await this.#remove(entry);
        return 'removed';
      }
      if (!drain) this.#refuseBusy(id);
      entry.draining = true;
      entry.since = this.#o.clock.now();
      this.links.setRefusing(id, true);
      return 'draining';
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
    const kind = this.#kind(kindName);
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
      const kind = this.#kind(stored.kind);
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

  async #remove(entry: Entry): Promise<void> {
    const { id } = entry.stored;
    await deletePlatform(this.#o.db, id);
    this.#entries.delete(id);
    this.links.forgetPlatform(id);
    await this.#takeDown(entry);
  }

  #show({ stored, platform, problem, since, draining }: Entry): ShownPlatform {
    const { id, kind, label, enabled, country } = stored;
    const reason = problem ?? platform?.problem?.();
    const known = this.#o.kinds.find((one) => one.kind === kind);
    const builtIn = id === this.#o.builtIn.id;
    return {
      id,
      kind,
      label,
      enabled,
      country,
      ...withoutSecrets(known, stored.settings),
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

  #kind(name: string): AnyPlatformKind {
    const kind = this.#o.kinds.find((one) => one.kind === name);
    if (!kind)
      throw new CodedError('bad-input', { field: 'kind', detail: `kind: there is no kind "${name}"` });
    return kind;
  }

  #mustBeAdded(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new CodedError('not-found', { what: 'telephone system' });
    if (id === this.#o.builtIn.id)
      throw new CodedError('bad-input', { detail: 'this telephone system is part of the program' });
    return entry;
  }

  #refuseBusy(id: string): void {
    const calls = this.#calls(id);
    if (calls > 0) throw new CodedError('platform-busy', { calls });
  }

  #refuseLabel({ id, label }: StoredPlatform): void {
    const taken = [...this.#entries.values()].some(
      ({ stored }) => stored.id !== id && stored.label === label,
    );
    if (taken) throw new CodedError('already-exists', { what: 'telephone system', field: 'label' });
  }

  #idFor(label: string): string {
    const name = label
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 32);
    return name && !this.#entries.has(name) ? name : newId('platform').replace('_', '-').toLowerCase();
  }

  #folder(id: string): string {
    return join(this.#o.folder, id);
  }
}
