/**
 * The trunks between platforms. Whoever controls calls sees one leg: what rings on another platform than the call's is a pair of
 * link legs below it, joined by a one-time number that is dialled from the one to the other.
 *
 *     call's platform                    device's platform
 *     caller ═ leg L ──── SIP, one-time number ────► arrival N ═ leg L (the device)
 *
 * Both halves of L have the same id, each on its switch: a command on L goes to the half that it concerns, what the halves say is
 * told once, as L's, on the call's platform. N is nobody's: `wrap` hides it. What is joined stands in `linked_leg`, so that the
 * next process finds it again. The INVITE carries the number in `X-Crosspoint-Link` too, for those who look at traces.
 */
import { randomInt } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { PlatformLink } from '../../protocol/platforms.ts';
import type { Database } from '../store/database.ts';
import type {
  DeadlineOption,
  Endpoint,
  Originate,
  Switch,
  SwitchDirectory,
  SwitchEvents,
  SwitchFact,
  SwitchSnapshot,
} from '../telephony/ports.ts';
import { LinkedLegs } from './linked-legs.ts';
import { deleteLink, readLinks, writeLink } from './store.ts';

export interface PlatformLinksOptions {
  db: Database;
  clock: Clock;
  switches: SwitchDirectory;
  onError: (what: string, error: unknown, ids: { legId?: string; platformId?: string }) => void;
}

/** Digits of a one-time number: nobody hits one by chance in the seconds that it holds. */
const TOKEN_DIGITS = 18;

interface Wrapped {
  inner: Switch;
  events: Emitter<SwitchEvents>;
  stop: () => void;
}

export class PlatformLinks {
  readonly #o: PlatformLinksOptions;
  readonly #life: Lifecycle;
  readonly #links = new Map<string, PlatformLink>();
  readonly #wrapped = new Map<string, Wrapped>();
  readonly #refusing = new Set<string>();
  readonly #legs: LinkedLegs;

  constructor(options: PlatformLinksOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
    this.#legs = new LinkedLegs({
      db: options.db,
      clock: options.clock,
      life: this.#life,
      inner: (platformId) => this.#wrapped.get(platformId)?.inner,
      tell: (platformId, fact) => this.#wrapped.get(platformId)?.events.emit('fact', fact),
      onError: options.onError,
    });
  }

  /** Reads what is configured and what the last process left joined. */
  async load(): Promise<void> {
    for (const link of await readLinks(this.#o.db)) this.#links.set(key(link.from, link.to), link);
    await this.#legs.load();
  }

  all(): PlatformLink[] {
    return [...this.#links.values()];
  }

  /** @throws `not-found` for a platform that is not there, `bad-input` for one with itself. */
  async put(link: PlatformLink): Promise<void> {
    if (link.from === link.to)
      throw new CodedError('bad-input', { detail: 'a link is between two telephone systems' });
    for (const id of [link.from, link.to])
      if (!this.#o.switches.get(id)) throw new CodedError('not-found', { what: 'telephone system' });
    await writeLink(this.#o.db, link);
    this.#links.set(key(link.from, link.to), link);
  }

  async remove(from: string, to: string): Promise<void> {
    if (!this.#links.has(key(from, to))) throw new CodedError('not-found', { what: 'link' });
    await deleteLink(this.#o.db, from, to);
    this.#links.delete(key(from, to));
  }

  /** The platforms whose calls can be connected with a device of this one now. */
  reaching(platformId: string): ReadonlySet<string> {
    const up = this.#o.switches.get(platformId)?.switch.link === 'up';
    const over = up ? this.all().filter((link) => link.to === platformId) : [];
    return new Set([platformId, ...over.map((link) => link.from)]);
  }

  /** Legs of other platforms' calls that are on this one. */
  legsTo(platformId: string): number {
    return this.#legs.count(platformId);
  }

  /** From now on the platform takes no new calls: they are refused with congestion. */
  setRefusing(platformId: string, on: boolean): void {
    if (on) this.#refusing.add(platformId);
    else this.#refusing.delete(platformId);
  }

  forgetPlatform(platformId: string): void {
    this.#refusing.delete(platformId);
    for (const link of this.all())
      if (link.from === platformId || link.to === platformId) this.#links.delete(key(link.from, link.to));
  }

  /** The switch as everybody is to see it. */
  wrap(inner: Switch): Switch {
    const platformId = inner.id;
    const events = new Emitter<SwitchEvents>((error) =>
      this.#o.onError('listener of a switch', error, { platformId }),
    );
    const stops = [
      inner.events.on('fact', (fact) => this.#onFact(platformId, inner, fact)),
      inner.events.on('link', (link) => {
        if (link === 'up') this.#legs.reconcile(platformId);
        events.emit('link', link);
      }),
    ];
    this.#wrapped.set(platformId, { inner, events, stop: () => stops.forEach((stop) => stop()) });
    return this.#outside(inner, events);
  }

  unwrap(platformId: string): void {
    this.#wrapped.get(platformId)?.stop();
    this.#wrapped.delete(platformId);
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  #onFact(platformId: string, inner: Switch, fact: SwitchFact): void {
    if (this.#legs.takes(platformId, fact)) return;
    if (fact.type === 'leg.arrived' && this.#refusing.has(platformId)) {
      inner
        .reject(fact.legId, 'congestion')
        .catch((error: unknown) => this.#o.onError('refuse a call', error, { platformId }));
      return;
    }
    this.#wrapped.get(platformId)?.events.emit('fact', fact);
  }

  /** Everything of the switch's own, but what concerns a leg that has its device elsewhere. */
  #outside(inner: Switch, events: Emitter<SwitchEvents>): Switch {
    const device = (legId: string) => this.#legs.deviceSwitch(inner.id, legId) ?? inner;
    const mine: Partial<Switch> = {
      events,
      originate: (request, options) => this.#originate(inner, request, options),
      list: async (options) => this.#visible(inner.id, await inner.list(options)),
      answer: (legId, options) => device(legId).answer(legId, options),
      talk: (legId, options) => device(legId).talk(legId, options),
    };
    return new Proxy(inner, {
      get: (target, property) => {
        if (property in mine) return mine[property as keyof Switch];
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  #visible(platformId: string, { legs, bridges, ...rest }: SwitchSnapshot): SwitchSnapshot {
    const shown = legs.filter((leg) => !this.#legs.hides(platformId, leg));
    return { ...rest, legs: shown, bridges: bridges.filter(({ bridgeId }) => !bridgeId.startsWith('link_')) };
  }

  async #originate(inner: Switch, request: Originate, options?: DeadlineOption): Promise<void> {
    const { endpoint } = request;
    const to = platformOf(endpoint);
    if (to === undefined || to === inner.id) return inner.originate(request, options);
    const link = this.#links.get(key(inner.id, to));
    const far = this.#o.switches.get(to);
    if (!link || !far) throw new CodedError('not-linked', { from: inner.id, to });
    if (far.switch.link !== 'up') throw new CodedError('switch-down');
    const token = link.prefix + oneTimeNumber();
    await this.#legs.expect({ legId: request.legId, token, from: inner.id, to, request });
    const trunk: Endpoint =
      link.trunk === undefined
        ? { kind: 'sip', uri: (link.address ?? '').replace('{number}', token) }
        : { kind: 'trunk', trunk: link.trunk, number: token };
    const half = { ...request, endpoint: trunk, autoAnswer: false, headers: { 'X-Crosspoint-Link': token } };
    try {
      await inner.originate(half, options);
    } catch (error) {
      this.#legs.end(request.legId);
      throw error;
    }
  }
}

function platformOf(endpoint: Endpoint): string | undefined {
  return endpoint.kind === 'sip' ? undefined : endpoint.platformId;
}

function key(from: string, to: string): string {
  return `${from} ${to}`;
}

function oneTimeNumber(): string {
  return Array.from({ length: TOKEN_DIGITS }, () => String(randomInt(10))).join('');
}
