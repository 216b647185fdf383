/** What `withTrunks` asks about trunks: limits of calls at once and per second, how numbers are read, which leg goes where. */
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import { CodedError } from '../protocol/errors.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import { fromTrunk } from './callcenter/trunk-numbers.ts';
import type { Trunk, Trunks } from './callcenter/trunks.ts';
import type { Conversations } from './telephony/conversations.ts';
import type { Arrival } from './telephony/ports.ts';
import { callsOn } from './telephony/trunk-load.ts';
import type { TrunkRules } from './telephony/trunking.ts';

export interface TrunkLimitsOptions {
  trunks: Pick<Trunks, 'get'>;
  /** Calls that are on the trunk now. */
  callsOn(trunkId: string): number;
  clock: Clock;
}

const SECOND_MS = 1_000;

/** Counts what begins on each trunk: the calls at once come from the call model, those of the last second from here. */
export class TrunkLimits {
  readonly #o: TrunkLimitsOptions;
  readonly #begun = new Map<string, number[]>();

  constructor(options: TrunkLimitsOptions) {
    this.#o = options;
  }

  /** It has room for one more call now. */
  hasRoom(trunkId: string): boolean {
    const { maxCalls = Infinity, callsPerSecond = Infinity } = this.#o.trunks.get(trunkId) ?? {};
    return this.#o.callsOn(trunkId) < maxCalls && this.#lastSecond(trunkId).length < callsPerSecond;
  }

  /** Takes room for one more call, where there is any. */
  admits(trunkId: string): boolean {
    if (!this.hasRoom(trunkId)) return false;
    this.#begun.set(trunkId, [...this.#lastSecond(trunkId), this.#o.clock.now()]);
    return true;
  }

  #lastSecond(trunkId: string): number[] {
    const since = this.#o.clock.now() - SECOND_MS;
    return (this.#begun.get(trunkId) ?? []).filter((at) => at > since);
  }
}

export function trunkRules(options: {
  trunks: Pick<Trunks, 'get'>;
  limits: TrunkLimits;
  callCenter: Pick<CallCenter, 'entries'>;
  conversations: Conversations;
  log: Logger;
}): TrunkRules {
  const { trunks, limits, callCenter, conversations, log } = options;
  return {
    admits: (trunkId) => limits.admits(trunkId),
    read(trunkId, arrival) {
      const trunk = trunks.get(trunkId);
      return trunk ? readArrival(trunk, arrival, callCenter.entries()) : arrival;
    },
    onRouted(legId, trunkId) {
      const found = conversations.find(legId);
      if (!found) return;
      const { conversation, call } = found;
      conversations.record(conversation.id, [{ type: 'leg.routed', callId: call.id, legId, trunkId }]);
    },
    onRefused: (trunkId) => log.warn({ trunkId }, 'a caller was refused: the trunk has reached its limit'),
    onError(what, err, ids) {
      if (err instanceof CodedError && err.code === 'no-such-line') return;
      log.error({ err, ...ids }, what);
    },
  };
}

/**
 * Numbers as E.164 where they are any. A provider that sends its own account as the dialled number means the one number that
 * leads in by this trunk.
 */
export function readArrival(
  trunk: Trunk,
  arrival: Arrival,
  entries: readonly { dnis: string; trunkId: string | null }[],
): Arrival {
  const { connection, numbers } = trunk;
  const ani = fromTrunk(arrival.ani, numbers);
  const own = entries.filter(({ trunkId }) => trunkId === trunk.id);
  const account = connection.kind === 'registration' && arrival.dnis === connection.user;
  const [only, ...more] = account ? own : [];
  const dnis = only && more.length === 0 ? only.dnis : fromTrunk(arrival.dnis, numbers).value || arrival.dnis;
  return { ...arrival, ani: ani.kind === 'withheld' ? '' : ani.value || arrival.ani, dnis };
}

/** Calls on a trunk, by the model of the calls that are going on. */
export function callCounter(conversations: Conversations): (trunkId: string) => number {
  return (trunkId) => callsOn(conversations.all(), trunkId);
}
