/**
 * A switch whose calls by trunks keep the trunks' rules. It stands in front of any Switch, so that call control knows one leg
 * only, whatever it takes to get it out:
 *
 *     originate ─► admitted? ── no ──────────────► next trunk ── none left: `trunks-full`
 *                     │ yes                            ▲
 *                     ▼                                │ not alerting yet: congestion, unreachable, failed, or silent too long
 *                 the switch's originate ─► cleared ───┤
 *                     │                                └ anything else, or no trunk left: leg.cleared
 *                     └► alerting, early media, connected: it stays
 *
 * Arrivals by a trunk have their numbers read by its rules; one more than its limit is refused with congestion and not told of.
 */
import type { Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { ClearCause } from '../../protocol/facts.ts';
import type {
  Arrival,
  DeadlineOption,
  Originate,
  Switch,
  SwitchEvents,
  SwitchFact,
  SwitchSnapshot,
  TrunkEndpoint,
} from './ports.ts';

export interface TrunkRules {
  /** Whether one more call may begin on the trunk now; a call that may is counted. */
  admits(trunkId: string): boolean;
  /** ANI and DNIS as E.164 or extension, from what came in by the trunk. */
  read(trunkId: string, arrival: Arrival): Arrival;
  /** The leg is tried by this trunk now. */
  onRouted(legId: string, trunkId: string): void;
  /** A caller was refused because the trunk is full. */
  onRefused(trunkId: string): void;
  onError(what: string, error: unknown, ids: { legId: string }): void;
}

/** Causes by which the next trunk may do better. */
const TRUNK_TROUBLE: ReadonlySet<ClearCause> = new Set(['congestion', 'unreachable', 'failed']);
/** A trunk that says nothing for so long, milliseconds, is given up when there is another one. */
const SILENT_MS = 12_000;

interface Attempt {
  request: Originate;
  left: TrunkEndpoint[];
  /** It was given up: what clears it now is ours. */
  givenUp: boolean;
  cancelTimer: () => void;
}

/** The switch with the rules in front of it, which are asked for when they are needed. Everything else of it is as it was. */
export function withTrunks(node: Switch, rules: () => TrunkRules, clock: Clock): Switch {
  const trunking = new Trunking(node, rules, clock);
  return new Proxy(node, {
    get(target, name) {
      if (name === 'events') return trunking.events;
      if (name === 'originate') return trunking.originate.bind(trunking);
      if (name === 'hangup') return trunking.hangup.bind(trunking);
      if (name === 'list') return trunking.list.bind(trunking);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

class Trunking {
  readonly events: Emitter<SwitchEvents>;
  readonly #node: Switch;
  readonly #ask: () => TrunkRules;
  readonly #clock: Clock;
  readonly #attempts = new Map<string, Attempt>();

  constructor(node: Switch, rules: () => TrunkRules, clock: Clock) {
    this.#node = node;
    this.#ask = rules;
    this.#clock = clock;
    this.events = new Emitter((error, event) =>
      this.#rules.onError(`listener of ${event}`, error, { legId: '' }),
    );
    node.events.on('link', (link) => {
      if (link !== 'up') this.#forgetAll();
      this.events.emit('link', link);
    });
    node.events.on('fact', (fact) => this.#take(fact));
  }

  get #rules(): TrunkRules {
    return this.#ask();
  }

  async originate(request: Originate, options?: DeadlineOption): Promise<void> {
    const { endpoint, legId } = request;
    if (endpoint.kind !== 'trunk') return this.#node.originate(request, options);
    const { otherwise = [], ...first } = endpoint;
    const attempt = { request, left: [first, ...otherwise], givenUp: false, cancelTimer: () => undefined };
    this.#attempts.set(legId, attempt);
    if (!(await this.#next(legId, attempt, options))) {
      this.#attempts.delete(legId);
      throw new CodedError('trunks-full');
    }
  }

  /** The caller does not want it any more: no further trunk. */
  hangup(legId: string, options?: DeadlineOption): Promise<void> {
    this.#settle(legId);
    return this.#node.hangup(legId, options);
  }

  async list(options?: DeadlineOption): Promise<SwitchSnapshot> {
    const snapshot = await this.#node.list(options);
    const legs = snapshot.legs.map((leg) =>
      leg.arrival ? { ...leg, arrival: this.#read(leg.arrival) } : leg,
    );
    return { ...snapshot, legs };
  }

  /** Tries the next trunk that admits it. False: there is none. */
  async #next(legId: string, attempt: Attempt, options?: DeadlineOption): Promise<boolean> {
    for (let to = attempt.left.shift(); to; to = attempt.left.shift()) {
      if (!to.emergency && !this.#rules.admits(to.trunk)) continue;
      this.#rules.onRouted(legId, to.trunk);
      attempt.givenUp = false;
      if (attempt.left.length > 0)
        attempt.cancelTimer = this.#clock.after(SILENT_MS, () => this.#giveUp(legId, attempt));
      await this.#node.originate(asked(attempt.request, to), options);
      return true;
    }
    return false;
  }

  #giveUp(legId: string, attempt: Attempt): void {
    if (this.#attempts.get(legId) !== attempt) return;
    attempt.givenUp = true;
    this.#node
      .hangup(legId)
      .catch((error: unknown) => this.#rules.onError('give up a trunk', error, { legId }));
  }

  #take(fact: SwitchFact): void {
    if (fact.type === 'leg.arrived') return this.#arrived(fact);
    if (fact.type === 'leg.cleared' && this.#triesAgain(fact)) return;
    if (fact.type === 'leg.alerting' || fact.type === 'leg.early-media' || fact.type === 'leg.connected')
      this.#settle(fact.legId);
    this.events.emit('fact', fact);
  }

  #triesAgain(fact: Extract<SwitchFact, { type: 'leg.cleared' }>): boolean {
    const { legId } = fact;
    const attempt = this.#attempts.get(legId);
    if (!attempt) return false;
    attempt.cancelTimer();
    if (attempt.left.length === 0 || !(attempt.givenUp || TRUNK_TROUBLE.has(fact.cause))) {
      this.#attempts.delete(legId);
      return false;
    }
    const cause = attempt.givenUp ? 'unreachable' : fact.cause;
    const over = () => {
      if (this.#attempts.get(legId) !== attempt) return;
      this.#attempts.delete(legId);
      this.events.emit('fact', { ...fact, cause });
    };
    this.#next(legId, attempt).then(
      (tried) => (tried ? undefined : over()),
      (error: unknown) => {
        this.#rules.onError('try the next trunk', error, { legId });
        over();
      },
    );
    return true;
  }

  #arrived(fact: Extract<SwitchFact, { type: 'leg.arrived' }>): void {
    const trunkId = trunkOf(fact.entry);
    if (trunkId !== undefined && !this.#rules.admits(trunkId)) {
      this.#rules.onRefused(trunkId);
      const { legId } = fact;
      this.#node
        .reject(legId, 'congestion')
        .catch((error: unknown) => this.#rules.onError('refuse a caller', error, { legId }));
      return;
    }
    this.events.emit('fact', { ...fact, ...this.#read(fact) });
  }

  #read(arrival: Arrival): Arrival {
    const trunkId = trunkOf(arrival.entry);
    return trunkId === undefined ? arrival : this.#rules.read(trunkId, arrival);
  }

  /** From here on the leg is as any other. */
  #settle(legId: string): void {
    this.#attempts.get(legId)?.cancelTimer();
    this.#attempts.delete(legId);
  }

  #forgetAll(): void {
    for (const legId of this.#attempts.keys()) this.#settle(legId);
  }
}

function trunkOf(entry: string): string | undefined {
  return entry.startsWith('trunk:') ? entry.slice('trunk:'.length) : undefined;
}

/** Nothing anonymous reaches a trunk. @throws CodedError `no-caller-id` */
function asked(request: Originate, to: TrunkEndpoint): Originate {
  const number = to.callerId ?? request.callerId.number;
  if (!/\d/.test(number)) throw new CodedError('no-caller-id');
  return { ...request, endpoint: to, callerId: { name: request.callerId.name, number } };
}
