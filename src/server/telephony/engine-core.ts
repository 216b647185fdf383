/**
 * What all parts of call control share: the model, the switches, and `settle`, which brings the switch to what the model says
 * should be heard (call-plan.ts). Commands decide and record at once; what they mean for the ear follows by settling:
 *
 *     command or fact ─► model (at once) ─► settle ─► bridge, music, hang up ─► `legs.joined`
 *
 * One conversation's effects run one after the other, and so do those on one agent's switch leg, which may carry several
 * calls. What fails for another reason than that it came too late is tried again.
 */
import type { Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { Serial } from '../../lib/serial.ts';
import type { Address } from '../../protocol/address.ts';
import { CodedError, isTooLate } from '../../protocol/errors.ts';
import type { ClearCause, ConversationEvent } from '../../protocol/facts.ts';
import { awaitsAgent, planCall } from './call-plan.ts';
import type { Conversations } from './conversations.ts';
import { FallbackKeeper } from './fallback-keeper.ts';
import { type Call, type Conversation, carrierOf, isLive, type Leg, liveLegs } from './model.ts';
import type { PhoneDirectory } from './phone-directory.ts';
import { Playbacks } from './playbacks.ts';
import type { AgentDevice, AnswerBy, Endpoint, PersonalSettings, Switch, SwitchDirectory } from './ports.ts';
import { mustSwitch } from './switches.ts';

/** Where a dialled address leads: the leg to make, or a CodedError thrown by the resolver. */
export interface Destination {
  endpoint: Endpoint;
  role: 'external' | 'agent';
  userId?: string;
  deviceId?: string;
  /** How a colleague's device takes a call by itself. */
  answerBy?: AnswerBy;
}

export interface CallEngineOptions {
  conversations: Conversations;
  switches: SwitchDirectory;
  clock: Clock;
  /** The country whose national numbers have no prefix, per platform. */
  countryOf(platformId: string): string;
  /** Where a dialled address leads; throws CodedError: see `resolveDestination`. */
  resolve(to: Address, userId: string): Destination;
  /** The user's phone; throws CodedError `colleague-away` or `extension-unknown`. */
  resolveUser(userId: string): Destination;
  /** By which trunks a call that reached us goes on to a number outside; throws CodedError. */
  resolveOutside(to: Address, platformId: string): Destination;
  /** The extension of a user; undefined when he has none. */
  extensionOf(userId: string): Address | undefined;
  /** A queue that calls can be transferred to. */
  knowsQueue(queueId: string): boolean;
  /** The device that can be rung when a call comes back to this user; undefined while he is not free for it. */
  freeDevice(userId: string): AgentDevice | undefined;
  personal: PersonalSettings;
  /** Whose telephones there are; without it a telephone is answered, dials and transfers as anybody's. */
  phones?: PhoneDirectory;
  onError: (what: string, error: unknown, ids: { conversationId?: string; legId?: string }) => void;
  onReconciled: (platformId: string, result: { adopted: number; closed: number; strangers: number }) => void;
  /** What the switch does by itself after this many milliseconds of our silence. Default 30,000. */
  fallbackMs?: number;
  /** How long an agent may be gone from a call, page closed, before the caller goes back to the queue. Default 20,000. */
  reattachMs?: number;
  /** How long a call stays parked before it comes back, in milliseconds. Default 120,000. */
  parkMs?: number;
}

export interface Found {
  conversation: Conversation;
  call: Call;
  leg: Leg;
}

/** What failed on the switch is tried again after this many milliseconds, as long as the call lives. */
const AGAIN_MS = 2_000;

/** A device that answers by itself has to do it within this many milliseconds; a desk phone has to be lifted. */
export const AGENT_ANSWERS_WITHIN_MS = 30_000;

export type KeyEvents = {
  /** A party pressed a key (RFC 4733). Not journalled: it may be of a secret. */
  key: [conversation: Conversation, call: Call, leg: Leg, digit: string];
};

export interface NewLeg {
  endpoint: Endpoint;
  callerId: { number: string; name: string };
  autoAnswer: boolean;
  answerBy?: AnswerBy;
  ringMs?: number;
}

export class EngineCore {
  readonly o: CallEngineOptions;
  readonly conversations: Conversations;
  readonly serial = new Serial();
  readonly life: Lifecycle;
  readonly fallbacks: FallbackKeeper;
  /** What is being played, by switch leg: it is stopped before the leg is joined. */
  readonly playbacks = new Playbacks();
  readonly keys: Emitter<KeyEvents>;
  /** What each switch leg hears by our doing: a bridge's id, or music. */
  readonly #hears = new Map<string, string>();
  draining = false;
  /** What follows when a leg is gone: all parts of call control together decide it. */
  legCleared: (found: Found, cause: ClearCause) => void = (found, cause) => this.clear(found, cause);

  constructor(options: CallEngineOptions) {
    this.o = options;
    this.conversations = options.conversations;
    this.life = new Lifecycle(options.clock);
    this.fallbacks = new FallbackKeeper(options.clock, options.fallbackMs ?? 30_000, (legId, error) =>
      this.report('arm fallback', error, { legId }),
    );
    this.life.add(this.fallbacks);
    this.keys = new Emitter((error) => this.report('a key', error, {}));
  }

  // ── Looking up ────────────────────────────────────────────────────────────────────────────────────────────────────

  switchOf(platformId: string): Switch {
    return mustSwitch(this.o.switches, platformId);
  }

  /** @throws CodedError `switch-down` */
  mustBeUp(platformId: string): Switch {
    const node = this.switchOf(platformId);
    if (node.link !== 'up') throw new CodedError('switch-down');
    return node;
  }

  /** @throws CodedError `no-such-line` when it is over. */
  mustGet(conversationId: string): Conversation {
    const conversation = this.conversations.get(conversationId);
    if (!conversation) throw new CodedError('no-such-line');
    return conversation;
  }

  /** @throws CodedError `no-such-line` when it is over. */
  mustFind(legId: string): Found {
    const found = this.conversations.find(legId);
    if (!found || !isLive(found.leg)) throw new CodedError('no-such-line');
    return found;
  }

  /** The user's live legs in all calls, the oldest first. */
  legsOf(userId: string): Found[] {
    const found: Found[] = [];
    for (const conversation of this.conversations.all())
      for (const leg of conversation.legs.values()) {
        if (leg.userId !== userId || leg.role !== 'agent' || !isLive(leg)) continue;
        const call = conversation.calls.get(leg.callId);
        if (call) found.push({ conversation, call, leg });
      }
    return found;
  }

  /** The switch leg that can carry one more call of this user. */
  carrierFor(userId: string, platformId: string, deviceId?: string): string | undefined {
    const legs = this.legsOf(userId).filter(
      ({ call, leg }) =>
        call.platformId === platformId &&
        leg.connectedAt !== undefined &&
        !leg.lost &&
        !leg.leaving &&
        (deviceId === undefined || leg.deviceId === undefined || leg.deviceId === deviceId),
    );
    const found = legs.at(-1);
    return found && carrierOf(found.leg);
  }

  // ── Recording ─────────────────────────────────────────────────────────────────────────────────────────────────────

  record(conversation: Conversation, events: readonly ConversationEvent[], switchAt?: number): void {
    this.conversations.record(conversation.id, events, switchAt === undefined ? {} : { switchAt });
  }

  /** Puts the user's other talking legs on hold: one of them talks at a time. Muting ends with it. */
  holdOthers(userId: string, except: string): void {
    for (const { conversation, call, leg } of this.legsOf(userId)) {
      if (leg.id === except || leg.state !== 'connected' || leg.lost || call.purpose === 'standing') continue;
      if (leg.leaving) continue;
      this.record(conversation, [{ type: 'leg.held', callId: call.id, legId: leg.id, by: leg.id }]);
      if (leg.muted) this.run('unmute', { legId: leg.id }, () => this.mute(leg, call.platformId, false));
      this.settleSoon(conversation.id, call.id);
    }
  }

  /** The leg is gone: from the model at once, from the ears of the others soon. */
  clear(
    { conversation, call, leg }: Found,
    cause: ClearCause,
    more: ConversationEvent[] = [],
    switchAt?: number,
  ): void {
    if (!isLive(leg)) return;
    const carrier = carrierOf(leg);
    this.record(
      conversation,
      [{ type: 'leg.cleared', callId: call.id, legId: leg.id, cause }, ...more],
      switchAt,
    );
    if (this.conversations.carriedBy(carrier).length === 0) this.#forget(carrier);
    this.afterLeaving(conversation, call, cause);
  }

  /** A leg left the call, or went to another: the call ends with its last one. */
  afterLeaving(conversation: Conversation, call: Call, cause: ClearCause): void {
    if (call.endedAt !== undefined || awaitsAgent(conversation, call)) return;
    if (liveLegs(conversation, call.id).length > 0) return this.settleSoon(conversation.id, call.id);
    this.record(conversation, [{ type: 'call.ended', callId: call.id, cause }]);
    const { bridgeId } = call;
    const node = this.o.switches.get(call.platformId)?.switch;
    if (bridgeId === undefined || node?.link !== 'up') return;
    // After whatever takes its legs to another bridge.
    this.run('end a bridge', {}, () => this.serial.run(conversation.id, () => node.endBridge(bridgeId)));
  }

  // ── The switch ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Hangs a leg up, or takes it from the leg that carries it. No error when it is gone already. */
  async dropLeg(legId: string): Promise<void> {
    const found = this.conversations.find(legId);
    if (!found || !isLive(found.leg)) return;
    const carrier = carrierOf(found.leg);
    const node = this.switchOf(found.call.platformId);
    const carriesMore = this.conversations.carriedBy(carrier).some(({ leg }) => leg.id !== legId);
    if (carriesMore) {
      const wasHeld = found.leg.state === 'held';
      this.legCleared(found, found.leg.connectedAt === undefined ? 'rejected' : 'normal');
      return await this.#quieten(node, carrier, `bridge_${found.call.id}`, wasHeld);
    }
    try {
      await node.hangup(carrier);
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'no-such-line') throw error;
      this.legCleared(found, 'lost');
    }
  }

  /** For every call that the switch leg carries. */
  async mute(leg: Leg, platformId: string, on: boolean): Promise<void> {
    const carrier = carrierOf(leg);
    await this.switchOf(platformId).mute(carrier, on);
    for (const one of this.conversations.carriedBy(carrier))
      this.record(one.conversation, [{ type: 'leg.muted', callId: one.call.id, legId: one.leg.id, on }]);
  }

  /**
   * A leg that cannot even be made is cleared in the model, so that nobody waits for it. One that ended there while it was
   * being written down is not made.
   */
  async originateOrClear(node: Switch, legId: string, leg: NewLeg): Promise<void> {
    if (this.conversations.carriedBy(legId).length === 0) return;
    try {
      await node.originate({ legId, ringMs: AGENT_ANSWERS_WITHIN_MS, ...possible(node, leg) });
    } catch (error) {
      for (const found of this.conversations.carriedBy(legId)) this.legCleared(found, 'failed');
      throw error;
    }
  }

  /** Brings the switch to what the model says about this call. */
  settle(conversationId: string, callId: string): Promise<void> {
    return this.serial.run(conversationId, () => {
      const conversation = this.conversations.get(conversationId);
      const call = conversation?.calls.get(callId);
      if (!conversation || !call || call.endedAt !== undefined) return Promise.resolve();
      const carriers = liveLegs(conversation, callId)
        .filter((leg) => leg.role === 'agent')
        .map(carrierOf);
      return this.#locked([...new Set(carriers)].sort(), () => this.#settle(conversation, call));
    });
  }

  settleSoon(conversationId: string, callId: string): void {
    this.settle(conversationId, callId).catch((error: unknown) => {
      if (isTooLate(error)) return;
      if (!this.life.closed) this.report('settle a call', error, { conversationId });
      this.life.after(AGAIN_MS, () => this.settleSoon(conversationId, callId));
    });
  }

  /** After a (re)connection: what is bridged is known, what else is heard is not. */
  learn(platformId: string, bridges: readonly { bridgeId: string; legIds: string[] }[]): void {
    for (const conversation of this.conversations.all())
      for (const leg of conversation.legs.values())
        if (conversation.calls.get(leg.callId)?.platformId === platformId) {
          this.#hears.delete(carrierOf(leg));
          this.playbacks.lose(carrierOf(leg));
        }
    for (const { bridgeId, legIds } of bridges) for (const legId of legIds) this.#hears.set(legId, bridgeId);
  }

  /** The leg hears music in place of whoever it talked to, and its fallback is armed. */
  async comfort(node: Switch, leg: Leg): Promise<void> {
    const carrier = carrierOf(leg);
    if (this.#hears.get(carrier) === MUSIC) return;
    await node.unbridge(carrier);
    await node.startMusic(carrier);
    this.#hears.set(carrier, MUSIC);
    this.fallbacks.arm(node, carrier);
  }

  /** Music that a flow has begun is ended with the next talk, or when nobody is carried that should hear it. */
  hearsMusic(carrier: string): void {
    this.#hears.set(carrier, MUSIC);
  }

  run(what: string, ids: { conversationId?: string; legId?: string }, work: () => Promise<unknown>): void {
    work().catch((error: unknown) => this.report(what, error, ids));
  }

  report(what: string, error: unknown, ids: { conversationId?: string; legId?: string }): void {
    if (!isTooLate(error)) this.o.onError(what, error, ids);
  }

  async #settle(conversation: Conversation, call: Call): Promise<void> {
    const node = this.o.switches.get(call.platformId)?.switch;
    if (node?.link !== 'up') return; // reconciling settles everything
    const { talk, alone, drop } = planCall(conversation, call);
    if (talk.length > 0) await this.#join(node, conversation, call, talk);
    else if (alone) await this.comfort(node, alone);
    for (const leg of drop) await this.dropLeg(leg.id);
  }

  async #join(node: Switch, conversation: Conversation, call: Call, talk: Leg[]): Promise<void> {
    const bridgeId = `bridge_${call.id}`;
    const strays = liveLegs(conversation, call.id).filter(
      (leg) => !talk.includes(leg) && this.#hears.get(carrierOf(leg)) === bridgeId,
    );
    if (talk.some((leg) => this.#hears.get(carrierOf(leg)) !== bridgeId || !leg.joined)) {
      const carriers = talk.map(carrierOf);
      await Promise.all(carriers.map((carrier) => this.playbacks.stop(node, carrier)));
      await node.bridge(bridgeId, carriers).catch((error: unknown) => {
        // What was taken from under them for it is not there any more.
        for (const carrier of carriers) this.#hears.delete(carrier);
        throw error;
      });
      for (const carrier of carriers) {
        this.#hears.set(carrier, bridgeId);
        this.fallbacks.disarm(carrier);
      }
      this.record(conversation, [
        { type: 'legs.joined', callId: call.id, bridgeId, legIds: talk.map((leg) => leg.id) },
      ]);
    }
    for (const leg of strays) {
      await node.unbridge(carrierOf(leg));
      this.#hears.delete(carrierOf(leg));
    }
  }

  /** The switch leg goes on with other calls, if any: what it heard of the one that ended is over. */
  async #quieten(node: Switch, carrier: string, bridgeId: string, wasHeld: boolean): Promise<void> {
    if (node.link !== 'up') return;
    if (!wasHeld) await this.playbacks.stop(node, carrier);
    const hears = this.#hears.get(carrier);
    if (hears !== bridgeId && (hears !== MUSIC || wasHeld)) return;
    this.#hears.delete(carrier);
    this.fallbacks.disarm(carrier);
    await (hears === MUSIC ? node.stopMusic(carrier) : node.unbridge(carrier));
  }

  #forget(carrier: string): void {
    this.fallbacks.forget(carrier);
    this.playbacks.forget(carrier);
    this.#hears.delete(carrier);
  }

  #locked(carriers: readonly string[], work: () => Promise<void>): Promise<void> {
    const [first, ...rest] = carriers;
    if (first === undefined) return work();
    return this.serial.run(`carrier:${first}`, () => this.#locked(rest, work));
  }
}

/** A telephone that would be told to answer, by a switch that cannot say so, is lifted. */
function possible(node: Switch, leg: NewLeg): NewLeg {
  const cannot = leg.answerBy === 'talk-event' && node.capabilities.missing?.['talk-event'] !== undefined;
  return cannot ? { ...leg, answerBy: 'none' } : leg;
}

const MUSIC = 'music';
