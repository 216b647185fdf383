/**
 * Call control (CSTA's services) over any Switch: it turns the switch's facts into the model's events and carries out what
 * flows, routing and the softphone ask. It knows nothing of queues: it emits `call.arrived` and is told what to do.
 *
 * An arrived call:   arrive ─► flow answers, plays, music ─► agent's leg rings ─► connects ─► joined ─► first hang-up ends it
 * A made call:       agent's leg connects ─► other party's leg rings ─► connects ─► joined ─► first hang-up ends it
 *
 * One conversation's commands run one after the other; facts are applied at once, in the order in which they come.
 */
import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { must } from '../../lib/must.ts';
import { Serial } from '../../lib/serial.ts';
import { type Address, parseAddress } from '../../protocol/address.ts';
import { CodedError, isTooLate } from '../../protocol/errors.ts';
import type { ClearCause } from '../../protocol/facts.ts';
import type { Conversations } from './conversations.ts';
import { FallbackKeeper } from './fallback-keeper.ts';
import { LostLegs } from './lost-legs.ts';
import { agentLeg, type Call, type Conversation, customerLeg, isLive, type Leg, liveLegs } from './model.ts';
import { callerIdOf, isTalkingToAgent, leavesNobodyToTalk, lonelyCustomers, otherParty } from './parties.ts';
import { type PlayOutcome, Playbacks } from './playbacks.ts';
import type {
  AgentDevice,
  Endpoint,
  LinkState,
  MakeCall,
  Media,
  Switch,
  SwitchDirectory,
  SwitchFact,
} from './ports.ts';
import { reconcile } from './reconcile.ts';
import { followSwitches, mustSwitch } from './switches.ts';
import { finishSteps, type Unfinished } from './unfinished.ts';

/** Where a dialled address leads: the leg to make, or a CodedError thrown by the resolver. */
export interface Destination {
  endpoint: Endpoint;
  role: 'external' | 'agent';
  userId?: string;
  deviceId?: string;
}

export interface CallEngineOptions {
  conversations: Conversations;
  switches: SwitchDirectory;
  clock: Clock;
  /** The country whose national numbers have no prefix, per platform. */
  countryOf(platformId: string): string;
  /** Where a dialled address leads; throws CodedError: see `resolveDestination`. */
  resolve(to: Address, userId: string): Destination;
  onError: (what: string, error: unknown, ids: { conversationId?: string; legId?: string }) => void;
  onReconciled: (platformId: string, result: { adopted: number; closed: number; strangers: number }) => void;
  /** What the switch does by itself after this many milliseconds of our silence. Default 30,000. */
  fallbackMs?: number;
  /** How long an agent may be gone from a call, page closed, before the caller goes back to the queue. Default 20,000. */
  reattachMs?: number;
}

export class CallEngine {
  readonly #o: CallEngineOptions;
  readonly #conversations: Conversations;
  readonly #serial = new Serial();
  readonly #fallbacks: FallbackKeeper;
  /** What is being played to a leg: it is stopped before the leg is joined. */
  readonly #playbacks = new Playbacks();
  readonly #lostLegs: LostLegs;
  readonly #heldByPhone = new Set<string>();
  readonly #life: Lifecycle;
  #draining = false;

  constructor(options: CallEngineOptions) {
    this.#o = options;
    this.#conversations = options.conversations;
    this.#life = new Lifecycle(options.clock);
    this.#fallbacks = new FallbackKeeper(options.clock, options.fallbackMs ?? 30_000, (legId, error) =>
      this.#report('arm fallback', error, { legId }),
    );
    this.#life.add(this.#fallbacks);
    this.#lostLegs = new LostLegs({
      conversations: options.conversations,
      life: this.#life,
      reattachMs: options.reattachMs ?? 20_000,
      comfort: (platformId, leg) =>
        this.#run('comfort the caller of a lost agent', { legId: leg.id }, () =>
          this.#giveMusic(this.#switchOf(platformId), leg),
        ),
      giveUp: (legId) => this.#run('give up a lost leg', { legId }, () => this.dropLeg(legId)),
    });
  }

  /** Listens to the switches, also to those that come later. Call it before they are started, so that the first `up` reconciles. */
  start(): void {
    const stop = followSwitches(this.#o.switches, {
      fact: (platformId, fact) => this.#onFact(platformId, fact),
      link: (platformId, link) => this.#onLink(platformId, link),
    });
    this.#life.add(stop);
  }

  /** From now on new calls are refused with congestion; live ones go on. */
  drain(): void {
    this.#draining = true;
  }

  /** Legs stay as they are on the switch, fallbacks armed. */
  async close(): Promise<void> {
    await this.#life.close();
    await this.#serial.idle();
  }

  linkOf(platformId: string): LinkState {
    return this.#o.switches.get(platformId)?.switch.link ?? 'down';
  }

  // ── What flows ask ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Answers the caller and arms his fallback. */
  answerCaller(conversationId: string, callId: string): Promise<void> {
    return this.#onCustomer(conversationId, callId, async (leg, node) => {
      await node.answer(leg.id);
      this.#fallbacks.arm(node, leg.id);
    });
  }

  rejectCaller(
    conversationId: string,
    callId: string,
    cause: 'busy' | 'rejected' | 'not-found' | 'congestion',
  ): Promise<void> {
    return this.#onCustomer(conversationId, callId, (leg, node) => node.reject(leg.id, cause));
  }

  /** Music until he is joined; nothing happens when he talks to an agent by now. */
  musicToCaller(conversationId: string, callId: string): Promise<void> {
    return this.#onCustomer(conversationId, callId, async (leg, node) => {
      if (!isTalkingToAgent(this.#mustGet(conversationId), callId)) await node.startMusic(leg.id);
    });
  }

  /** Plays to the caller; resolves at the end of it, `stopped` when he hung up or was joined meanwhile. */
  async sayToCaller(conversationId: string, callId: string, media: Media[]): Promise<PlayOutcome> {
    const conversation = this.#mustGet(conversationId);
    const leg = customerLeg(conversation, callId);
    if (!leg) throw new CodedError('no-such-line');
    return this.#playbacks.play(
      this.#switchOf(must(conversation.calls.get(callId), 'call').platformId),
      leg.id,
      media,
    );
  }

  // ── What routing asks ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Rings the agent with a leg that `leg.created` has put into the model. Rejects when it cannot be made; the leg is cleared then. */
  async ringAgent(legId: string, device: AgentDevice, ringMs: number): Promise<void> {
    const { call } = this.#mustFind(legId);
    await this.#originateOrClear(this.#switchOf(call.platformId), legId, {
      endpoint: device.endpoint,
      callerId: callerIdOf(call),
      autoAnswer: false,
      ringMs,
    });
  }

  /** The agent's leg has connected and is the one that gets the call: joins it with the customer. */
  connectAgent(conversationId: string, legId: string): Promise<void> {
    return this.#serial.run(conversationId, async () => {
      const { conversation, call, leg } = this.#mustFind(legId);
      const customer = customerLeg(conversation, call.id);
      if (!customer) throw new CodedError('offer-gone');
      await this.#join(conversation, call, [customer, leg]);
    });
  }

  /** A leg that stands in the model but will not be asked of the switch after all ends there too. */
  cancelUnmadeLeg(legId: string): void {
    const found = this.#conversations.find(legId);
    if (found) this.#legCleared(found.conversation, found.call, found.leg, 'cancelled', undefined);
  }

  /** Hangs a leg up. No error when it is gone already. */
  async dropLeg(legId: string): Promise<void> {
    const found = this.#conversations.find(legId);
    if (!found || !isLive(found.leg)) return;
    try {
      await this.#switchOf(found.call.platformId).hangup(legId);
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'no-such-line') throw error;
      this.#legCleared(found.conversation, found.call, found.leg, 'lost', undefined);
    }
  }

  // ── What the softphone asks ───────────────────────────────────────────────────────────────────────────────────────

  /** Calls `to` for the agent: his device first, then the other party. Returns the new conversation's and call's ids. */
  async makeCall(request: MakeCall, conversationId: string): Promise<{ callId: string; legId: string }> {
    if (this.#draining) throw new CodedError('draining');
    this.#o.resolve(request.to, request.userId); // a number that leads nowhere is refused before anything rings
    const node = this.#switchOf(request.device.platformId);
    if (node.link !== 'up') throw new CodedError('switch-down');
    const [callId, legId] = [newId('call'), newId('leg')];
    await this.#conversations.commit(conversationId, [
      {
        type: 'call.created',
        callId,
        platformId: request.device.platformId,
        direction: request.to.kind === 'extension' ? 'internal' : 'outbound',
        purpose: 'call',
        userId: request.userId,
        ani: request.from,
        dnis: request.to,
      },
      {
        type: 'leg.created',
        callId,
        legId,
        role: 'agent',
        userId: request.userId,
        deviceId: request.device.deviceId,
        address: request.device.address,
      },
    ]);
    await this.#originateOrClear(node, legId, {
      endpoint: request.device.endpoint,
      callerId: { number: request.to.value, name: request.callerName },
      autoAnswer: true,
    });
    return { callId, legId };
  }

  /** Ends the call for the agent and so, with two parties, for both. */
  async hangup(legId: string): Promise<void> {
    const { conversation, call, leg } = this.#mustFind(legId);
    const mine = liveLegs(conversation, call.id).filter((one) => one.userId === leg.userId);
    await Promise.all(mine.map((one) => this.dropLeg(one.id)));
  }

  /** The other party gets music, the agent silence. */
  hold(legId: string): Promise<void> {
    return this.#onAgent(legId, async (conversation, leg, node) => {
      if (leg.state !== 'connected') throw new CodedError('wrong-state', { state: leg.state });
      const other = must(otherParty(conversation, leg.callId, leg), 'other party');
      await this.#giveMusic(node, other);
      this.#conversations.record(conversation.id, [
        { type: 'leg.held', callId: leg.callId, legId, by: legId },
      ]);
    });
  }

  retrieve(legId: string): Promise<void> {
    return this.#onAgent(legId, async (conversation, leg) => {
      if (leg.state !== 'held') throw new CodedError('wrong-state', { state: leg.state });
      if (this.#heldByPhone.has(legId)) throw new CodedError('not-capable');
      const call = must(conversation.calls.get(leg.callId), 'call');
      await this.#join(conversation, call, [
        must(otherParty(conversation, call.id, leg), 'other party'),
        leg,
      ]);
      this.#conversations.record(conversation.id, [{ type: 'leg.retrieved', callId: call.id, legId }]);
    });
  }

  mute(legId: string, on: boolean): Promise<void> {
    return this.#onAgent(legId, async (conversation, leg, node) => {
      await node.mute(legId, on);
      this.#conversations.record(conversation.id, [{ type: 'leg.muted', callId: leg.callId, legId, on }]);
    });
  }

  /** Keys pressed by the agent, sent to the other party (RFC 4733). */
  sendDigits(legId: string, digits: string): Promise<void> {
    return this.#onAgent(legId, async (conversation, leg, node) => {
      await node.sendDigits(must(otherParty(conversation, leg.callId, leg), 'other party').id, digits);
    });
  }

  /** The page that carried the agent's sound is gone: see LostLegs. */
  loseAgentLeg(legId: string): void {
    this.#lostLegs.lose(legId);
  }

  /** Makes the agent a new leg in place of the lost one, in the standing bridge. Needs a device that answers at once. */
  async reattach(conversationId: string, lostLegId: string, device: AgentDevice): Promise<void> {
    const { call, leg } = this.#mustFind(lostLegId);
    const legId = newId('leg');
    await this.#conversations.commit(conversationId, [
      {
        type: 'leg.created',
        callId: call.id,
        legId,
        role: 'agent',
        ...(leg.userId ? { userId: leg.userId } : {}),
        deviceId: device.deviceId,
        address: device.address,
        replaces: leg.id,
      },
    ]);
    await this.#originateOrClear(this.#switchOf(call.platformId), legId, {
      endpoint: device.endpoint,
      callerId: callerIdOf(call),
      autoAnswer: true,
    });
  }

  // ── Facts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #onLink(platformId: string, link: LinkState): void {
    if (link !== 'up') return;
    this.#run('reconcile', {}, async () => {
      const node = this.#switchOf(platformId);
      const result = await reconcile(this.#conversations, platformId, node, this.#o.clock.now(), (fact) =>
        this.#onFact(platformId, fact),
      );
      this.#rearm(platformId, node);
      this.#lostLegs.resume(platformId);
      this.#run('finish steps', {}, () =>
        finishSteps(this.#conversations, node, this.#serial, (step) => this.#finish(step)),
      );
      this.#o.onReconciled(platformId, result);
    });
  }

  #onFact(platformId: string, fact: SwitchFact): void {
    if (fact.type === 'leg.arrived') return this.#arrived(platformId, fact);
    if (fact.type === 'device.registration') return;
    const found = this.#conversations.find(fact.legId);
    if (!found) return;
    const { conversation, call, leg } = found;
    const ids = { callId: call.id, legId: leg.id };
    const observe = (type: 'leg.alerting' | 'leg.connected' | 'leg.retrieved') =>
      this.#conversations.record(conversation.id, [{ type, ...ids }], { switchAt: fact.at });
    switch (fact.type) {
      case 'leg.alerting':
        if (leg.state === 'initiated') observe('leg.alerting');
        return this.#alerting(conversation, call, leg);
      case 'leg.connected':
        if (leg.connectedAt !== undefined || !isLive(leg)) return;
        observe('leg.connected');
        return this.#connected(conversation, call, leg);
      case 'leg.held':
        this.#heldByPhone.add(leg.id);
        return this.#conversations.record(conversation.id, [{ type: 'leg.held', ...ids, by: leg.id }], {
          switchAt: fact.at,
        });
      case 'leg.retrieved':
        this.#heldByPhone.delete(leg.id);
        return observe('leg.retrieved');
      case 'leg.cleared':
        return this.#legCleared(conversation, call, leg, fact.cause, fact.at);
      case 'playback.finished':
        return this.#playbacks.finished(leg.id, fact.playbackId, fact.outcome);
      case 'leg.digit':
        return;
    }
  }

  #arrived(platformId: string, fact: Extract<SwitchFact, { type: 'leg.arrived' }>): void {
    if (this.#conversations.find(fact.legId)) return;
    const node = this.#switchOf(platformId);
    if (this.#draining)
      return this.#run('refuse a call', { legId: fact.legId }, () => node.reject(fact.legId, 'congestion'));
    const country = this.#o.countryOf(platformId);
    const conversationId = newId('conv');
    const durable = this.#conversations.commit(
      conversationId,
      [
        {
          type: 'call.arrived',
          callId: newId('call'),
          legId: fact.legId,
          platformId,
          entry: fact.entry,
          ani: parseAddress(fact.ani, country),
          dnis: parseAddress(fact.dnis, country),
          ...(fact.callerName ? { callerName: fact.callerName } : {}),
        },
      ],
      { switchAt: fact.at },
    );
    durable.catch((error: unknown) => this.#report('write an arrival', error, { conversationId }));
  }

  /** The agent of a call that he made hears it ring at the other end. */
  #alerting(conversation: Conversation, call: Call, leg: Leg): void {
    if (call.direction === 'inbound' || leg.userId === call.userId) return;
    const agent = call.userId && agentLeg(conversation, call.id, call.userId);
    if (!agent || agent.state !== 'connected') return;
    if (this.#playbacks.isPlaying(agent.id)) return;
    this.#run('ring back', { legId: agent.id }, () =>
      this.#playbacks.play(this.#switchOf(call.platformId), agent.id, [{ kind: 'tone', name: 'ring' }]),
    );
  }

  #connected(conversation: Conversation, call: Call, leg: Leg): void {
    if (leg.replaces) return this.#replaced(conversation, call, leg, leg.replaces);
    if (call.direction === 'inbound') return; // routing decides about an offered leg, the flow about the caller's
    if (leg.userId === call.userId) return this.#dialOther(conversation, call, leg);
    const agent = call.userId && agentLeg(conversation, call.id, call.userId);
    if (!agent)
      return this.#run('end a call without its agent', { legId: leg.id }, () => this.dropLeg(leg.id));
    this.#run('connect a made call', { conversationId: conversation.id }, () =>
      this.#serial.run(conversation.id, () => this.#join(conversation, call, [leg, agent])),
    );
  }

  /** When it cannot be dialled after all, the agent's leg goes too: he would wait in silence. */
  #dialOther(conversation: Conversation, call: Call, agent: Leg): void {
    const dialled = async () => {
      const destination = this.#o.resolve(call.dnis, must(call.userId, 'user'));
      const legId = newId('leg');
      await this.#conversations.commit(conversation.id, [
        {
          type: 'leg.created',
          callId: call.id,
          legId,
          role: destination.role,
          ...(destination.userId ? { userId: destination.userId } : {}),
          ...(destination.deviceId ? { deviceId: destination.deviceId } : {}),
          address: call.dnis,
        },
      ]);
      await this.#originateOrClear(this.#switchOf(call.platformId), legId, {
        endpoint: destination.endpoint,
        callerId: { number: call.ani.value, name: '' },
        autoAnswer: false,
        ringMs: 60_000,
      });
    };
    const ids = { conversationId: conversation.id, legId: agent.id };
    this.#run('dial', ids, () =>
      dialled().catch(async (error: unknown) => {
        await this.dropLeg(agent.id);
        throw error;
      }),
    );
  }

  #replaced(conversation: Conversation, call: Call, leg: Leg, oldId: string): void {
    this.#run('take over a leg', { conversationId: conversation.id, legId: leg.id }, async () => {
      const old = conversation.legs.get(oldId);
      const other = otherParty(conversation, call.id, leg);
      if (!other) return this.dropLeg(leg.id);
      const wasHeld = old?.state === 'held';
      await this.#serial.run(conversation.id, async () => {
        if (wasHeld)
          this.#conversations.record(conversation.id, [
            { type: 'leg.held', callId: call.id, legId: leg.id, by: leg.id },
          ]);
        else await this.#join(conversation, call, [other, leg]);
        if (old?.muted) {
          await this.#switchOf(call.platformId).mute(leg.id, true);
          this.#conversations.record(conversation.id, [
            { type: 'leg.muted', callId: call.id, legId: leg.id, on: true },
          ]);
        }
      });
      if (old && isLive(old)) await this.dropLeg(old.id);
    });
  }

  #legCleared(
    conversation: Conversation,
    call: Call,
    leg: Leg,
    cause: ClearCause,
    switchAt: number | undefined,
  ): void {
    if (!isLive(leg)) return;
    this.#fallbacks.forget(leg.id);
    this.#heldByPhone.delete(leg.id);
    this.#playbacks.forget(leg.id);
    this.#conversations.record(
      conversation.id,
      [{ type: 'leg.cleared', callId: call.id, legId: leg.id, cause }],
      switchAt === undefined ? {} : { switchAt },
    );
    // A leg that should have taken a lost one's place and never did: the agent has as long again to come back.
    if (leg.replaces && !leg.joined) this.#lostLegs.expectBack(leg.replaces);
    this.#endWithoutParties(conversation, call, leg, cause);
  }

  /** Who else must go when `gone` has left, and is the call over? */
  #endWithoutParties(conversation: Conversation, call: Call, gone: Leg, cause: ClearCause): void {
    const left = liveLegs(conversation, call.id);
    if (left.length === 0) {
      const node = this.#o.switches.get(call.platformId)?.switch;
      if (call.bridgeId && node?.link === 'up')
        this.#run('end a bridge', {}, () => node.endBridge(must(call.bridgeId, 'bridge')));
      return this.#conversations.record(conversation.id, [{ type: 'call.ended', callId: call.id, cause }]);
    }
    if (!leavesNobodyToTalk(conversation, call, gone)) return;
    for (const leg of left) this.#run('clear the other party', { legId: leg.id }, () => this.dropLeg(leg.id));
  }

  // ── Pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #join(conversation: Conversation, call: Call, legs: Leg[]): Promise<void> {
    const bridgeId = `bridge_${call.id}`;
    const node = this.#switchOf(call.platformId);
    const legIds = legs.map((leg) => leg.id);
    await Promise.all(legIds.map((legId) => this.#playbacks.stop(node, legId)));
    await node.bridge(bridgeId, legIds);
    for (const leg of legs) this.#fallbacks.disarm(leg.id);
    this.#conversations.record(conversation.id, [{ type: 'legs.joined', callId: call.id, bridgeId, legIds }]);
  }

  /** A leg that cannot even be made is cleared in the model, so that nobody waits for it. */
  async #originateOrClear(
    node: Switch,
    legId: string,
    leg: {
      endpoint: Endpoint;
      callerId: { number: string; name: string };
      autoAnswer: boolean;
      ringMs?: number;
    },
  ): Promise<void> {
    try {
      await node.originate({ legId, ringMs: AGENT_ANSWERS_WITHIN_MS, ...leg });
    } catch (error) {
      const found = this.#conversations.find(legId);
      if (found) this.#legCleared(found.conversation, found.call, found.leg, 'failed', undefined);
      throw error;
    }
  }

  /** In place of whoever he talked to. */
  async #giveMusic(node: Switch, leg: Leg): Promise<void> {
    await node.unbridge(leg.id);
    await node.startMusic(leg.id);
    this.#fallbacks.arm(node, leg.id);
  }

  /** After a restart: legs that talk to nobody get their fallback renewed from here. */
  #rearm(platformId: string, node: Switch): void {
    for (const leg of lonelyCustomers(this.#conversations.all(), platformId))
      this.#fallbacks.arm(node, leg.id);
  }

  async #finish(step: Unfinished): Promise<void> {
    const { conversation, call, agent } = step;
    if (step.step === 'dial') return this.#dialOther(conversation, call, agent);
    if (step.step === 'take-over') return this.#replaced(conversation, call, agent, step.lost.id);
    await this.#serial.run(conversation.id, () => this.#join(conversation, call, [step.other, agent]));
  }

  async #onCustomer(
    conversationId: string,
    callId: string,
    work: (leg: Leg, node: Switch) => Promise<void>,
  ): Promise<void> {
    await this.#serial.run(conversationId, async () => {
      const conversation = this.#mustGet(conversationId);
      const leg = customerLeg(conversation, callId);
      if (!leg) throw new CodedError('no-such-line');
      await work(leg, this.#switchOf(must(conversation.calls.get(callId), 'call').platformId));
    });
  }

  async #onAgent(
    legId: string,
    work: (conversation: Conversation, leg: Leg, node: Switch) => Promise<void>,
  ): Promise<void> {
    await this.#serial.run(this.#mustFind(legId).conversation.id, async () => {
      const { conversation, call, leg } = this.#mustFind(legId);
      await work(conversation, leg, this.#switchOf(call.platformId));
    });
  }

  #mustGet(conversationId: string): Conversation {
    const conversation = this.#conversations.get(conversationId);
    if (!conversation) throw new CodedError('no-such-line');
    return conversation;
  }

  #mustFind(legId: string): { conversation: Conversation; call: Call; leg: Leg } {
    const found = this.#conversations.find(legId);
    if (!found || !isLive(found.leg)) throw new CodedError('no-such-line');
    return found;
  }

  #switchOf(platformId: string): Switch {
    return mustSwitch(this.#o.switches, platformId);
  }

  #run(what: string, ids: { conversationId?: string; legId?: string }, work: () => Promise<unknown>): void {
    work().catch((error: unknown) => this.#report(what, error, ids));
  }

  #report(what: string, error: unknown, ids: { conversationId?: string; legId?: string }): void {
    if (!isTooLate(error)) this.#o.onError(what, error, ids);
  }
}

/** A device that answers by itself has to do it within this many milliseconds; a desk phone has to be lifted. */
const AGENT_ANSWERS_WITHIN_MS = 30_000;
