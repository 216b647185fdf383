/**
 * Supervisors who listen: a snoop channel has what the supervised leg says and hears, and a bridge of its own joins it with the
 * supervisor's leg. When it whispers, what comes from that bridge is added to what the supervised leg hears.
 *
 *     begin ─► snoop made ─► bridged ── end, either leg gone, the supervisor bridged elsewhere ─► (gone)
 *
 * Ids and arguments of these channels say what they are for, so that the next process finds them.
 */
import type { AriLink } from './ari-link.ts';
import type { AriChannel } from './ari-types.ts';
import { ignoring } from './commands.ts';
import type { Entrances } from './entrances.ts';
import { innerBridgeName, isInner } from './inner.ts';
import type { LegRecord } from './leg-book.ts';

type Join = (bridgeId: string, leg: LegRecord, deadlineMs: number) => Promise<void>;

const MARK = 'cp-snoop-';

export class Supervisions {
  readonly #link: AriLink;
  readonly #entrances: Entrances;
  readonly #join: Join;
  /** Legs of supervisors. */
  readonly #supervisors = new Set<string>();

  constructor(link: AriLink, entrances: Entrances, join: Join) {
    this.#link = link;
    this.#entrances = entrances;
    this.#join = join;
  }

  async begin(
    supervisor: LegRecord,
    legId: string,
    mode: 'listen' | 'whisper',
    deadlineMs: number,
  ): Promise<void> {
    const id = MARK + supervisor.legId;
    await this.end(supervisor.legId, deadlineMs);
    this.#supervisors.add(supervisor.legId);
    try {
      const whisper = mode === 'whisper' ? 'out' : 'none';
      const snoop = {
        channelId: legId,
        snoopId: id,
        spy: 'both',
        whisper,
        app: this.#link.app,
        appArgs: 'inner',
      };
      await this.#entrances.after(id, deadlineMs, () => this.#link.request('snoop', snoop, deadlineMs));
      const bridge = { bridgeId: id, type: 'mixing', name: innerBridgeName(this.#link.app) };
      await ignoring([409], this.#link.request('makeBridge', bridge, deadlineMs));
      await this.#link.request('addToBridge', { bridgeId: id, channel: [id] }, deadlineMs);
      await this.#join(id, supervisor, deadlineMs);
    } catch (error) {
      await this.end(supervisor.legId, deadlineMs).catch(() => undefined); // the first error is the one to tell
      throw error;
    }
  }

  /** Whether the leg supervises somebody. */
  has(legId: string): boolean {
    return this.#supervisors.has(legId);
  }

  async end(supervisorLegId: string, deadlineMs: number): Promise<void> {
    const id = MARK + supervisorLegId;
    if (!this.#supervisors.delete(supervisorLegId)) return;
    await ignoring([404], this.#link.request('hangup', { channelId: id }, deadlineMs));
    await ignoring([404, 409], this.#link.request('endBridge', { bridgeId: id }, deadlineMs));
  }

  /** The supervisor whose snoop channel this is, when it is one. */
  supervisorOf(channelId: string): string | undefined {
    const legId = channelId.startsWith(MARK) ? channelId.slice(MARK.length) : undefined;
    return legId !== undefined && this.has(legId) ? legId : undefined;
  }

  /** After a (re)connection. */
  async adopt(channels: AriChannel[], legIds: ReadonlySet<string>, deadlineMs: number): Promise<void> {
    this.#supervisors.clear();
    const snoops = channels.filter((c) => isInner(c, this.#link.app) && c.id.startsWith(MARK));
    for (const { id } of snoops) this.#supervisors.add(id.slice(MARK.length));
    for (const legId of this.#supervisors) if (!legIds.has(legId)) await this.end(legId, deadlineMs);
  }
}
