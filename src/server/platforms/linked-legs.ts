/**
 * Legs whose device is on another platform than their call (links.ts). One of them, seen from the device's platform:
 *
 *     expected ── the one-time number arrives ──► ringing ── the device connects ──► joined
 *        │ 30 s, or the near half ends               │ the device does not want            │ either half ends
 *        └──────────────► over ◄─────────────────────┴─────────────────────────────────────┘
 *
 * The near half is what the call sees: it rings, connects and ends because the arrival on the far side is rung, answered and
 * hung up. So nothing has to be told twice, and a platform that dies takes only its own half away.
 */
import type { Clock } from '../../lib/clock.ts';
import type { Lifecycle } from '../../lib/lifecycle.ts';
import { Serial } from '../../lib/serial.ts';
import { isTooLate } from '../../protocol/errors.ts';
import type { ClearCause } from '../../protocol/facts.ts';
import type { Database } from '../store/database.ts';
import type { LegInfo, Originate, Switch, SwitchFact } from '../telephony/ports.ts';

export interface LinkedLeg {
  legId: string;
  /** The number that is dialled from the one platform to the other. */
  token: string;
  /** The call's platform, and the device's. */
  from: string;
  to: string;
  /** What the device's half is made of when the number arrives. */
  request: Originate;
  /** The arrival on the device's platform. */
  arrivalId?: string;
  /** The arrival has been answered. */
  answered?: boolean;
  /** The near half has ended. */
  over?: boolean;
}

export interface LinkedLegsOptions {
  db: Database;
  clock: Clock;
  life: Lifecycle;
  /** The platform's own switch; undefined while it is away. */
  inner(platformId: string): Switch | undefined;
  /** Says something on a platform as if its switch had. */
  tell(platformId: string, fact: SwitchFact): void;
  onError: (what: string, error: unknown, ids: { legId?: string; platformId?: string }) => void;
}

interface Row {
  leg_id: string;
  token: string;
  from_id: string;
  to_id: string;
  near_id: string | null;
  request: Originate;
}

/** How long the number may take from the one to the other, in milliseconds. */
const ARRIVES_WITHIN_MS = 30_000;

export class LinkedLegs {
  readonly #o: LinkedLegsOptions;
  readonly #legs = new Map<string, LinkedLeg>();
  readonly #serial = new Serial();

  constructor(options: LinkedLegsOptions) {
    this.#o = options;
  }

  /** What the last process left. */
  async load(): Promise<void> {
    const rows = await this.#o.db.query<Row>('SELECT * FROM linked_leg');
    for (const { leg_id: legId, token, from_id: from, to_id: to, near_id, request } of rows)
      this.#legs.set(legId, {
        legId,
        token,
        from,
        to,
        request,
        ...(near_id === null ? {} : { arrivalId: near_id }),
      });
  }

  /** The number will be dialled now; resolves when that is written down. */
  async expect(leg: LinkedLeg): Promise<void> {
    this.#legs.set(leg.legId, leg);
    const { legId, token, from, to, request } = leg;
    await this.#o.db.query(
      'INSERT INTO linked_leg (leg_id, token, from_id, to_id, request, made_at) VALUES ($1, $2, $3, $4, $5, $6)',
      [legId, token, from, to, JSON.stringify(request), this.#o.clock.now()],
    );
    this.#o.life.after(ARRIVES_WITHIN_MS, () => {
      if (this.#legs.get(legId) === leg && leg.arrivalId === undefined) this.end(legId);
    });
  }

  /** Live ones on this platform. */
  count(platformId: string): number {
    return [...this.#legs.values()].filter((leg) => leg.to === platformId && !leg.over).length;
  }

  /** The switch on which the device of this leg is, when it is another one than the call's. */
  deviceSwitch(platformId: string, legId: string): Switch | undefined {
    const leg = this.#legs.get(legId);
    return leg?.from === platformId ? this.#o.inner(leg.to) : undefined;
  }

  /** Nobody but us is concerned with this leg of the platform. */
  hides(platformId: string, { legId, arrival }: Pick<LegInfo, 'legId' | 'arrival'>): boolean {
    const leg = this.#legs.get(legId);
    if (leg) return leg.to === platformId;
    return this.#ofArrival(platformId, legId, arrival?.dnis) !== undefined;
  }

  /** True when the fact is about a half on the device's platform: then it is dealt with, and nobody else hears it. */
  takes(platformId: string, fact: SwitchFact): boolean {
    if (fact.type === 'device.registration' || !('legId' in fact)) return false;
    const near = this.#legs.get(fact.legId);
    if (near && near.from === platformId) {
      if (fact.type === 'leg.cleared') this.end(fact.legId);
      return false;
    }
    if (near) {
      this.#deviceSays(near, fact);
      return true;
    }
    const leg = this.#ofArrival(platformId, fact.legId, fact.type === 'leg.arrived' ? fact.dnis : undefined);
    if (!leg) return false;
    if (fact.type === 'leg.arrived') this.#arrived(leg, fact.legId);
    if (fact.type === 'leg.cleared') this.#clearDevice(leg);
    return true;
  }

  /** The platform is connected again: what happened meanwhile is made good. */
  reconcile(platformId: string): void {
    const mine = [...this.#legs.values()].filter((leg) => leg.to === platformId || leg.from === platformId);
    for (const leg of mine) this.#run('bring a linked leg up to date', leg, () => this.#bringUpToDate(leg));
  }

  /** Its near half is over: so is the far one. */
  end(legId: string): void {
    const leg = this.#legs.get(legId);
    if (!leg || leg.over) return;
    leg.over = true;
    this.#run('end a linked leg', leg, async () => {
      const far = this.#o.inner(leg.to);
      if (far?.link === 'up') {
        await hangUp(far, leg.legId);
        if (leg.arrivalId !== undefined) await hangUp(far, leg.arrivalId);
      }
      await this.#forget(leg);
    });
  }

  #arrived(leg: LinkedLeg, arrivalId: string): void {
    if (leg.arrivalId !== undefined) return;
    leg.arrivalId = arrivalId;
    this.#run('ring a device through a link', leg, async () => {
      const far = this.#o.inner(leg.to);
      if (!far) return;
      await this.#o.db.query('UPDATE linked_leg SET near_id = $2 WHERE leg_id = $1', [leg.legId, arrivalId]);
      try {
        await far.originate({ ...leg.request, endpoint: here(leg.request) });
      } catch (error) {
        await far.reject(arrivalId, 'congestion');
        throw error;
      }
    });
  }

  #deviceSays(leg: LinkedLeg, fact: SwitchFact): void {
    switch (fact.type) {
      case 'leg.alerting':
        return this.#run('ring through a link', leg, () => this.#onArrival(leg, (far, id) => far.ring(id)));
      case 'leg.connected':
        return this.#run('join through a link', leg, () => this.#join(leg));
      case 'leg.cleared':
        return this.#run('clear through a link', leg, () => this.#clearArrival(leg, fact.cause));
      case 'leg.held':
      case 'leg.retrieved':
        return this.#o.tell(leg.from, fact);
      default:
    }
  }

  async #join(leg: LinkedLeg): Promise<void> {
    await this.#onArrival(leg, async (far, arrivalId) => {
      if (!leg.answered) await far.answer(arrivalId);
      leg.answered = true;
      await far.bridge(`link_${leg.legId}`, [arrivalId, leg.legId]);
    });
  }

  /** The device is gone: the arrival ends with what it says, and by that the near half. */
  #clearArrival(leg: LinkedLeg, cause: ClearCause): Promise<void> {
    return this.#onArrival(leg, (far, arrivalId) =>
      leg.answered ? far.hangup(arrivalId) : far.reject(arrivalId, refusalOf(cause)),
    );
  }

  #clearDevice(leg: LinkedLeg): void {
    this.#run('clear a device behind a link', leg, async () => {
      const far = this.#o.inner(leg.to);
      if (far?.link === 'up') await hangUp(far, leg.legId);
    });
  }

  async #bringUpToDate(leg: LinkedLeg): Promise<void> {
    const [near, far] = [this.#o.inner(leg.from), this.#o.inner(leg.to)];
    if (near?.link === 'up' && !(await near.list()).legs.some(({ legId }) => legId === leg.legId))
      return this.end(leg.legId);
    if (far?.link !== 'up') return;
    const { legs } = await far.list();
    const device = legs.find(({ legId }) => legId === leg.legId);
    const arrival = legs.find(
      ({ legId, arrival: came }) => legId === leg.arrivalId || came?.dnis === leg.token,
    );
    if (!arrival) return device ? await hangUp(far, leg.legId) : undefined;
    if (leg.arrivalId === undefined) return this.#arrived(leg, arrival.legId);
    leg.answered ||= arrival.state === 'connected';
    if (!device) return this.#clearArrival(leg, 'lost');
    if (device.state === 'connected' && device.bridgeId === undefined) await this.#join(leg);
  }

  async #onArrival(leg: LinkedLeg, work: (far: Switch, arrivalId: string) => Promise<void>): Promise<void> {
    const far = this.#o.inner(leg.to);
    if (far && leg.arrivalId !== undefined) await work(far, leg.arrivalId);
  }

  #ofArrival(platformId: string, legId: string, dnis: string | undefined): LinkedLeg | undefined {
    for (const leg of this.#legs.values())
      if (
        leg.to === platformId &&
        (leg.arrivalId === legId || (leg.arrivalId === undefined && leg.token === dnis))
      )
        return leg;
    return undefined;
  }

  async #forget(leg: LinkedLeg): Promise<void> {
    await this.#o.db.query('DELETE FROM linked_leg WHERE leg_id = $1', [leg.legId]);
    // What its halves still say is nobody else's business either.
    this.#o.life.after(ARRIVES_WITHIN_MS, () => {
      if (this.#legs.get(leg.legId) === leg) this.#legs.delete(leg.legId);
    });
  }

  /** One leg's steps run one after the other. */
  #run(what: string, leg: LinkedLeg, work: () => Promise<void> | void): void {
    this.#serial
      .run(leg.legId, async () => work())
      .catch((error: unknown) => {
        if (!isTooLate(error)) this.#o.onError(what, error, { legId: leg.legId });
      });
  }
}

/** The device as its own platform knows it. */
function here({ endpoint }: Originate): Originate['endpoint'] {
  if (endpoint.kind === 'sip') return endpoint;
  const { platformId: _elsewhere, ...own } = endpoint;
  return own;
}

function refusalOf(cause: ClearCause): 'busy' | 'rejected' | 'congestion' {
  if (cause === 'busy' || cause === 'rejected') return cause;
  return cause === 'no-answer' ? 'rejected' : 'congestion';
}

async function hangUp(node: Switch, legId: string): Promise<void> {
  await node.hangup(legId).catch((error: unknown) => {
    if (!isTooLate(error)) throw error;
  });
}
