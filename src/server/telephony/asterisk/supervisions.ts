/**
 * Supervisors who listen: a snoop channel has what the supervised leg says and hears, and a bridge of its own joins it with the
 * supervisor's leg. When it whispers, what comes from that bridge is added to what the supervised leg hears (see mixed-bridges.ts).
 *
 *     begin ─► snoop made ─► bridged ── end, either leg gone, the supervisor bridged elsewhere ─► (gone)
 *                  ▲            │
 *                  └── begin ───┘ another mode or leg: the supervisor is moved before the old bridge ends, for a leg that is
 *                                 put into a bridge while another one is being taken apart may end up in none
 *
 * Snoop and bridge have one id, which names the supervisor's leg, so that the next process finds them. It is another one each
 * time: Asterisk lets go of an id only a moment after the channel.
 */
import { newId } from '../../../lib/ids.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { AriLink } from './ari-link.ts';
import type { AriChannel } from './ari-types.ts';
import { ignoring } from './commands.ts';
import type { Entrances } from './entrances.ts';
import { innerBridgeName, isInner } from './inner.ts';
import type { LegRecord } from './leg-book.ts';

export interface SupervisionsOptions {
  link: AriLink;
  entrances: Entrances;
  /** Adds the supervisor's leg to a bridge. */
  join: (bridgeId: string, leg: LegRecord, deadlineMs: number) => Promise<void>;
  /** The bridge is gone: nobody is in it. */
  forgetBridge: (bridgeId: string) => void;
}

const NAME = /^cp-snoop-[^-]+-(.+)$/;

export class Supervisions {
  readonly #o: SupervisionsOptions;
  /** By the supervisor's leg: the id of its snoop and bridge. */
  readonly #ids = new Map<string, string>();
  /** By the supervisor's leg: the leg that it supervises. */
  readonly #supervised = new Map<string, string>();

  constructor(options: SupervisionsOptions) {
    this.#o = options;
  }

  /** @throws CodedError `wrong-state` when the supervisor talks to somebody, or the leg is a supervisor's. */
  async begin(
    supervisor: LegRecord,
    legId: string,
    mode: 'listen' | 'whisper',
    deadlineMs: number,
  ): Promise<void> {
    const { bridgeId = '' } = supervisor;
    const talks = bridgeId !== '' && !NAME.test(bridgeId);
    if (talks || supervisor.state !== 'connected' || supervisor.legId === legId || this.#ids.has(legId))
      throw new CodedError('wrong-state', { state: 'connected to somebody' });
    const before = this.#ids.get(supervisor.legId);
    const id = `cp-snoop-${newId('s')}-${supervisor.legId}`;
    this.#ids.set(supervisor.legId, id);
    this.#supervised.set(supervisor.legId, legId);
    try {
      await this.#join(supervisor, id, legId, mode, deadlineMs);
      if (before !== undefined) await this.#drop(before, deadlineMs);
    } catch (error) {
      if (before !== undefined) await this.#drop(before, deadlineMs).catch(() => undefined);
      await this.end(supervisor.legId, deadlineMs).catch(() => undefined); // the first error is the one to tell
      throw error;
    }
  }

  /** Whether the leg supervises somebody. */
  has(legId: string): boolean {
    return this.#ids.has(legId);
  }

  /** Whether somebody supervises the leg. */
  isSupervised(legId: string): boolean {
    return [...this.#supervised.values()].includes(legId);
  }

  async end(supervisorLegId: string, deadlineMs: number): Promise<void> {
    const id = this.#ids.get(supervisorLegId);
    if (id === undefined) return;
    this.#ids.delete(supervisorLegId);
    this.#supervised.delete(supervisorLegId);
    await this.#drop(id, deadlineMs);
  }

  /** The snoop and its bridge. */
  async #drop(id: string, deadlineMs: number): Promise<void> {
    const { link } = this.#o;
    await ignoring([404], link.request('hangup', { channelId: id }, deadlineMs));
    await ignoring([404, 409], link.request('endBridge', { bridgeId: id }, deadlineMs));
    this.#o.forgetBridge(id);
  }

  /** The supervisor whose snoop channel this is, when it is one. */
  supervisorOf(channelId: string): string | undefined {
    const legId = NAME.exec(channelId)?.[1];
    return legId !== undefined && this.#ids.get(legId) === channelId ? legId : undefined;
  }

  /** After a (re)connection. */
  async adopt(channels: AriChannel[], legIds: ReadonlySet<string>, deadlineMs: number): Promise<void> {
    this.#ids.clear();
    for (const channel of channels) {
      const legId = NAME.exec(channel.id)?.[1];
      if (legId !== undefined && isInner(channel, this.#o.link.app)) this.#ids.set(legId, channel.id);
    }
    for (const legId of this.#supervised.keys()) if (!this.#ids.has(legId)) this.#supervised.delete(legId);
    for (const legId of this.#ids.keys()) if (!legIds.has(legId)) await this.end(legId, deadlineMs);
  }

  async #join(
    supervisor: LegRecord,
    id: string,
    legId: string,
    mode: 'listen' | 'whisper',
    deadlineMs: number,
  ): Promise<void> {
    const { link, entrances, join } = this.#o;
    const whisper = mode === 'whisper' ? 'out' : 'none';
    const snoop = { channelId: legId, snoopId: id, spy: 'both', whisper, app: link.app, appArgs: 'inner' };
    await entrances.after(id, deadlineMs, () => link.request('snoop', snoop, deadlineMs));
    const bridge = { bridgeId: id, type: 'mixing', name: innerBridgeName(link.app) };
    await link.request('makeBridge', bridge, deadlineMs);
    await link.request('addToBridge', { bridgeId: id, channel: [id] }, deadlineMs);
    await join(id, supervisor, deadlineMs);
  }
}
