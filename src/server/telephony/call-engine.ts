/**
 * Call control (CSTA's services) over any Switch: it turns the switch's facts into the model's events and carries out what
 * flows, routing and the softphone ask. It knows nothing of queues: it emits `call.arrived` and is told what to do.
 *
 * An arrived call:   arrive ─► flow answers, plays, music ─► agent's leg rings ─► connects ─► joined ─► first hang-up ends it
 * A made call:       agent's leg connects ─► other party's leg rings ─► connects ─► joined ─► first hang-up ends it
 *
 * Its parts: engine-core.ts (settling), call-plan.ts (who hears whom), call-facts.ts (what the switch says), making-calls.ts,
 * direct-calls.ts, agent-commands.ts, transfers.ts, recalls.ts (calls that come back, parking), standing-legs.ts, capabilities.ts,
 * supervision.ts (who listens, whispers, barges in and takes over).
 */
import type { Emitter } from '../../lib/emitter.ts';
import { newId } from '../../lib/ids.ts';
import type { Address } from '../../protocol/address.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { SupervisionMode } from '../../protocol/facts.ts';
import { AgentCommands } from './agent-commands.ts';
import { CallFacts } from './call-facts.ts';
import { planCall, waitingLeg } from './call-plan.ts';
import { capabilitiesOf, noCapabilities } from './capabilities.ts';
import { DirectCalls } from './direct-calls.ts';
import { type CallEngineOptions, EngineCore, type KeyEvents } from './engine-core.ts';
import { LostLegs } from './lost-legs.ts';
import { MakingCalls } from './making-calls.ts';
import { carrierOf, customerLeg, isLive, type Leg } from './model.ts';
import { customerIdOf, lonelyCustomers } from './parties.ts';
import { PhoneCalls } from './phone-calls.ts';
import type { PlayOutcome } from './playbacks.ts';
import {
  type AgentDevice,
  answerByOf,
  type AudioTap,
  type CallCapabilities,
  type CallControl,
  type LegInfo,
  type LinkState,
  type MakeCall,
  type Media,
  type Switch,
  type TransferRequest,
} from './ports.ts';
import { Recalls } from './recalls.ts';
import { reconcile } from './reconcile.ts';
import { StandingLegs } from './standing-legs.ts';
import { Supervision } from './supervision.ts';
import { followSwitches } from './switches.ts';
import { Transfers } from './transfers.ts';
import { finishSteps } from './unfinished.ts';

export class CallEngine implements CallControl {
  readonly #core: EngineCore;
  readonly #facts: CallFacts;
  readonly #making: MakingCalls;
  readonly #direct: DirectCalls;
  readonly #agents: AgentCommands;
  readonly #transfers: Transfers;
  readonly #recalls: Recalls;
  readonly #lostLegs: LostLegs;
  readonly #standing: StandingLegs;
  readonly #phones: PhoneCalls;
  readonly #supervision: Supervision;

  constructor(options: CallEngineOptions) {
    const core = new EngineCore(options);
    this.#core = core;
    this.#lostLegs = new LostLegs({
      conversations: options.conversations,
      life: core.life,
      reattachMs: options.reattachMs ?? 20_000,
      comfort: (conversationId, callId) => core.settleSoon(conversationId, callId),
      giveUp: (legId) => core.run('give up a lost leg', { legId }, () => core.dropLeg(legId)),
    });
    this.#making = new MakingCalls(core, {
      connected: (found) => this.#facts.connected(found),
      alerting: (found) => this.#facts.alerting(found),
      unanswered: (found) => this.#facts.legCleared(found, 'no-answer'),
    });
    this.#transfers = new Transfers(core, this.#making);
    this.#recalls = new Recalls(core, this.#making, (found) => this.#facts.connected(found));
    this.#direct = new DirectCalls(core, this.#making);
    this.#phones = new PhoneCalls(core, this.#making);
    this.#supervision = new Supervision(core, this.#making);
    this.#facts = new CallFacts(core, {
      making: this.#making,
      transfers: this.#transfers,
      recalls: this.#recalls,
      direct: this.#direct,
      lostLegs: this.#lostLegs,
      phones: this.#phones,
      supervision: this.#supervision,
    });
    this.#agents = new AgentCommands(core, this.#making, (legId) => this.#facts.isHeldByPhone(legId));
    this.#standing = new StandingLegs(core);
    core.legCleared = (found, cause) => this.#facts.legCleared(found, cause);
  }

  /** Listens to the switches, also to those that come later. Call it before they are started, so that the first `up` reconciles. */
  start(): void {
    const { life, o } = this.#core;
    const stop = followSwitches(o.switches, {
      fact: (platformId, fact) => this.#facts.onFact(platformId, fact),
      link: (platformId, link) => this.#onLink(platformId, link),
    });
    life.add(stop);
  }

  /** From now on new calls are refused with congestion; live ones go on. */
  drain(): void {
    this.#core.draining = true;
  }

  /** Legs stay as they are on the switch, fallbacks armed. */
  async close(): Promise<void> {
    await this.#core.life.close();
    await this.#core.serial.idle();
  }

  linkOf(platformId: string): LinkState {
    return this.#core.o.switches.get(platformId)?.switch.link ?? 'down';
  }

  // ── What flows ask ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Answers the caller and arms his fallback. */
  answerCaller(conversationId: string, callId: string): Promise<void> {
    return this.#onCustomer(conversationId, callId, async (leg, node) => {
      await node.answer(leg.id);
      this.#core.fallbacks.arm(node, leg.id);
    });
  }

  rejectCaller(
    conversationId: string,
    callId: string,
    cause: 'busy' | 'rejected' | 'not-found' | 'congestion',
  ): Promise<void> {
    return this.#onCustomer(conversationId, callId, (leg, node) => node.reject(leg.id, cause));
  }

  /** Rings the user whom the caller's number leads to: see DirectCalls. */
  ringUser(conversationId: string, callId: string, userId: string, ringMs?: number): Promise<void> {
    return this.#direct.ringUser(conversationId, callId, userId, ringMs);
  }

  /** Rings the number outside that a number of ours leads to: see DirectCalls. */
  ringNumber(conversationId: string, callId: string, number: Address, ringMs?: number): Promise<void> {
    return this.#direct.ringNumber(conversationId, callId, number, ringMs);
  }

  /** The caller's own leg: whoever else is in the call is not his business. */
  hangupCaller(conversationId: string, callId: string): Promise<void> {
    return this.#onCustomer(conversationId, callId, (leg) => this.#core.dropLeg(leg.id));
  }

  /** Music until whoever waits is joined; nothing happens when he talks by now. */
  musicToCaller(conversationId: string, callId: string): Promise<void> {
    const core = this.#core;
    return core.serial.run(conversationId, async () => {
      const { call, leg } = this.#mustWait(conversationId, callId);
      if (planCall(core.mustGet(conversationId), call).talk.includes(leg)) return;
      const node = core.switchOf(call.platformId);
      await node.startMusic(carrierOf(leg));
      core.hearsMusic(carrierOf(leg));
      // An agent who consults a queue has us no longer than his phone; everybody else needs the switch's help if we are gone.
      if (leg.role !== 'agent' || leg.joined) core.fallbacks.arm(node, carrierOf(leg));
    });
  }

  /** Plays to whoever waits; resolves at the end of it, `stopped` when he hung up or was joined meanwhile. */
  async sayToCaller(conversationId: string, callId: string, media: Media[]): Promise<PlayOutcome> {
    const { call, leg } = this.#mustWait(conversationId, callId);
    return this.#core.playbacks.play(this.#core.switchOf(call.platformId), carrierOf(leg), media);
  }

  /** Ends what is being played to whoever waits; `sayToCaller` resolves with `stopped`. */
  hushCaller(conversationId: string, callId: string): Promise<void> {
    const { call, leg } = this.#mustWait(conversationId, callId);
    return this.#core.playbacks.stop(this.#core.switchOf(call.platformId), carrierOf(leg));
  }

  /** What whoever waits says. @throws CodedError `not-capable` where the switch cannot give it. */
  async tapCaller(conversationId: string, callId: string): Promise<AudioTap> {
    const { call, leg } = this.#mustWait(conversationId, callId);
    const audioId = newId('audio');
    return this.#core.switchOf(call.platformId).openAudio(carrierOf(leg), audioId);
  }

  /** Keys that parties press. */
  get keys(): Emitter<KeyEvents> {
    return this.#core.keys;
  }

  // ── What routing asks ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Rings the agent with a leg that `leg.created` has put into the model. Rejects when it cannot be made; the leg is cleared then. */
  async ringAgent(legId: string, device: AgentDevice, ringMs: number): Promise<void> {
    const core = this.#core;
    const { conversation, call, leg } = core.mustFind(legId);
    const userId = leg.userId ?? '';
    const { autoAnswer } = core.o.personal.of(userId);
    const via = core.carrierFor(userId, call.platformId, device.deviceId);
    if (via) {
      core.record(conversation, [{ type: 'leg.carried', callId: call.id, legId, via }]);
      return this.#making.ringCarried(legId, ringMs, autoAnswer);
    }
    await core.originateOrClear(core.switchOf(call.platformId), legId, {
      endpoint: device.endpoint,
      callerId: customerIdOf(conversation, call),
      autoAnswer,
      answerBy: answerByOf(device.control),
      ringMs,
    });
  }

  /** The agent's leg has connected and is the one that gets the call: joins it with whoever waits, or calls who is to be called back. */
  async connectAgent(conversationId: string, legId: string): Promise<void> {
    const { conversation, call, leg } = this.#core.mustFind(legId);
    if (call.callback) return this.#making.dialOther(conversation, call, leg);
    if (!waitingLeg(this.#core.mustGet(conversationId), call.id)) throw new CodedError('offer-gone');
    await this.#core.settle(conversationId, call.id);
  }

  /** A leg that stands in the model but will not be asked of the switch after all ends there too. */
  cancelUnmadeLeg(legId: string): void {
    const found = this.#core.conversations.find(legId);
    if (found) this.#facts.legCleared(found, 'cancelled');
  }

  /** Hangs a leg up, or takes it from the one that carries it. No error when it is gone already. */
  dropLeg(legId: string): Promise<void> {
    return this.#core.dropLeg(legId);
  }

  // ── What supervisors ask ──────────────────────────────────────────────────────────────────────────────────────────

  /** Rings the supervisor's device, to hear this agent's leg or join its call: see Supervision. */
  supervise(agentLegId: string, userId: string, device: AgentDevice, mode: SupervisionMode): Promise<string> {
    return this.#supervision.begin(agentLegId, userId, device, mode);
  }

  /** The supervisor's leg is to be something else: see Supervision. */
  changeSupervision(legId: string, mode: SupervisionMode): Promise<void> {
    return this.#supervision.change(legId, mode);
  }

  /** The leg by which this user supervises now, or is rung for it. */
  supervisionOf(userId: string): string | undefined {
    return this.#supervision.legOf(userId);
  }

  // ── What the softphone asks (CallControl) ─────────────────────────────────────────────────────────────────────────

  makeCall(request: MakeCall, conversationId: string): Promise<{ callId: string; legId: string }> {
    return this.#making.makeCall(request, conversationId);
  }

  answer(legId: string): Promise<void> {
    return this.#agents.answer(legId);
  }

  hangup(legId: string): Promise<void> {
    return this.#agents.hangup(legId);
  }

  hold(legId: string): Promise<void> {
    return this.#agents.hold(legId);
  }

  retrieve(legId: string): Promise<void> {
    return this.#agents.retrieve(legId);
  }

  mute(legId: string, on: boolean): Promise<void> {
    return this.#agents.mute(legId, on);
  }

  sendDigits(legId: string, digits: string): Promise<void> {
    return this.#agents.sendDigits(legId, digits);
  }

  drop(legId: string, partyLegId: string): Promise<void> {
    return this.#agents.drop(legId, partyLegId);
  }

  consult(legId: string, request: TransferRequest): Promise<{ callId: string; legId: string }> {
    return this.#transfers.consult(legId, request);
  }

  completeTransfer(consultLegId: string): Promise<void> {
    return this.#transfers.completeTransfer(consultLegId);
  }

  cancelConsult(consultLegId: string): Promise<void> {
    return this.#transfers.cancelConsult(consultLegId);
  }

  conference(consultLegId: string): Promise<void> {
    return this.#transfers.conference(consultLegId);
  }

  transfer(legId: string, request: TransferRequest): Promise<void> {
    return this.#transfers.transfer(legId, request);
  }

  park(legId: string): Promise<{ slot: string }> {
    return this.#recalls.park(legId);
  }

  pickUp(slot: string, userId: string, device: AgentDevice): Promise<{ callId: string; legId: string }> {
    return this.#recalls.pickUp(slot, userId, device);
  }

  capabilities(legId: string): CallCapabilities {
    const found = this.#core.conversations.find(legId);
    if (!found || !isLive(found.leg)) return noCapabilities('no-such-line');
    return capabilitiesOf(found.conversation, found.leg);
  }

  /** The user's leg that stands and carries his calls; undefined while there is none. */
  standingLeg(userId: string): string | undefined {
    return this.#standing.of(userId);
  }

  /** Makes the user's standing leg. @throws `already-exists`, `switch-down`. */
  nailUp(userId: string, device: AgentDevice): Promise<string> {
    return this.#standing.nailUp(userId, device);
  }

  /** Ends it; calls that it carries go on to their end. */
  releaseStanding(userId: string): Promise<void> {
    return this.#standing.release(userId);
  }

  /** The page that carried the agent's sound is gone: see LostLegs. */
  loseAgentLeg(legId: string): void {
    this.#lostLegs.lose(legId);
  }

  /** Makes the agent a new leg in place of the lost one, in the standing bridge. Needs a device that answers at once. */
  reattach(conversationId: string, lostLegId: string, device: AgentDevice): Promise<void> {
    return this.#agents.reattach(conversationId, lostLegId, device);
  }

  // ── After a (re)connection ────────────────────────────────────────────────────────────────────────────────────────

  #onLink(platformId: string, link: LinkState): void {
    const core = this.#core;
    if (link !== 'up') return;
    core.run('reconcile', {}, async () => {
      const node = core.switchOf(platformId);
      let legs: readonly LegInfo[] = [];
      const result = await reconcile(
        core.conversations,
        platformId,
        node,
        core.o.clock.now(),
        (fact) => this.#facts.onFact(platformId, fact),
        (snapshot) => {
          core.learn(platformId, snapshot.bridges);
          legs = snapshot.legs;
        },
      );
      core.run('answer phones', {}, () => this.#phones.resume(node, legs));
      for (const leg of lonelyCustomers(core.conversations.all(), platformId))
        core.fallbacks.arm(node, leg.id);
      this.#lostLegs.resume(platformId);
      this.#supervision.resume(platformId);
      this.#settleAll(platformId);
      this.#finish(platformId);
      this.#recalls.resume(platformId);
      core.o.onReconciled(platformId, result);
    });
  }

  #settleAll(platformId: string): void {
    for (const conversation of this.#core.conversations.all())
      for (const call of conversation.calls.values())
        if (call.platformId === platformId && call.endedAt === undefined)
          this.#core.settleSoon(conversation.id, call.id);
  }

  #finish(platformId: string): void {
    const { conversations, serial } = this.#core;
    this.#core.run('finish steps', {}, () =>
      finishSteps(
        conversations,
        platformId,
        serial,
        (conversation, call, leg) => this.#making.isToDial(conversation, call, leg),
        (step) => {
          const { conversation, call, agent } = step;
          if (step.step === 'dial') this.#making.dialOther(conversation, call, agent);
          else this.#facts.takeOver({ conversation, call, leg: agent }, step.lost.id);
        },
      ),
    );
  }

  #onCustomer(
    conversationId: string,
    callId: string,
    work: (leg: Leg, node: Switch) => Promise<void>,
  ): Promise<void> {
    return this.#core.serial.run(conversationId, async () => {
      const conversation = this.#core.mustGet(conversationId);
      const leg = customerLeg(conversation, callId);
      const call = conversation.calls.get(callId);
      if (!leg || !call) throw new CodedError('no-such-line');
      await work(leg, this.#core.switchOf(call.platformId));
    });
  }

  /** @throws CodedError `no-such-line` when nobody waits in the call. */
  #mustWait(conversationId: string, callId: string) {
    const conversation = this.#core.mustGet(conversationId);
    const call = conversation.calls.get(callId);
    const leg = waitingLeg(conversation, callId) ?? customerLeg(conversation, callId);
    if (!call || !leg || !isLive(leg)) throw new CodedError('no-such-line');
    return { call, leg };
  }
}
