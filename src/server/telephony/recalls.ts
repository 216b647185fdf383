/**
 * Calls that nobody took: they come back. And the parking lot, from which they come back too.
 *
 *     transferred, target rings ── answered ─► joined
 *           └ no answer, busy, failed ─► back to who transferred, if he is free ── answered ─► joined
 *                                             └ not free, no answer ─► the queue from which it came, first in line (the flow)
 *                                                   └ it came from none ─► apology, hung up
 *     talking ── park ─► slot (music) ─┬─ picked up ─► who picked up rings ─► joined
 *                                      ├─ time-out ─► back to who parked, as above
 *                                      └─ hangs up ─► over, the slot is free
 */
import { agentLegCreated } from './conversations.ts';
import { newId } from '../../lib/ids.ts';
import { must } from '../../lib/must.ts';
import { CodedError } from '../../protocol/errors.ts';
import { planCall, waitingLeg } from './call-plan.ts';
import { refuseUnlessCapable } from './capabilities.ts';
import type { EngineCore, Found } from './engine-core.ts';
import type { MakingCalls } from './making-calls.ts';
import { type Call, type Conversation, carrierOf, isLive, liveLegs } from './model.ts';
import { customerIdOf } from './parties.ts';
import { type AgentDevice, answerByOf } from './ports.ts';

/** How long it rings at who transferred or parked, in milliseconds. */
const RECALL_RINGS_MS = 30_000;
const PARKED_MS = 120_000;
const FIRST_SLOT = 701;
/** Slots of a platform. */
const SLOTS = 99;

const APOLOGY = 'We are sorry: nobody can take your call at the moment. Please call again later.';

export class Recalls {
  readonly #core: EngineCore;
  readonly #making: MakingCalls;
  readonly #connected: (found: Found) => void;

  constructor(core: EngineCore, making: MakingCalls, connected: (found: Found) => void) {
    this.#core = core;
    this.#making = making;
    this.#connected = connected;
  }

  /** A leg of the call is gone: when it was the one that should have taken the call, the call goes back. */
  afterFailure(conversation: Conversation, call: Call): void {
    const { transfer } = call;
    if (!transfer || transfer.apology || transfer.queueId || call.parked) return;
    const parties = liveLegs(conversation, call.id).filter((leg) => !leg.leaving);
    if (parties.some((leg) => leg.connectedAt === undefined)) return; // somebody still rings
    const there = parties.filter((leg) => leg.connectedAt !== undefined);
    if (there.length !== 1) return; // the others talk on without him, or everybody is gone
    this.#back(conversation, call);
  }

  async park(legId: string): Promise<{ slot: string }> {
    const core = this.#core;
    const { conversation, call, leg } = core.mustFind(legId);
    refuseUnlessCapable(conversation, leg, 'park');
    core.mustBeUp(call.platformId);
    const slot = this.#freeSlot(call.platformId);
    const userId = must(leg.userId, 'user');
    await core.conversations.commit(conversation.id, [
      { type: 'call.parked', callId: call.id, slot, userId },
    ]);
    this.#expire(conversation.id, call.id, core.o.parkMs ?? PARKED_MS);
    await core.settle(conversation.id, call.id);
    return { slot };
  }

  async pickUp(
    slot: string,
    userId: string,
    device: AgentDevice,
  ): Promise<{ callId: string; legId: string }> {
    const core = this.#core;
    const found = this.#parked(device.platformId).find(({ call }) => call.parked?.slot === slot);
    if (!found) throw new CodedError('not-found', { what: 'parked call' });
    const node = core.mustBeUp(device.platformId);
    const { conversation, call } = found;
    const legId = newId('leg');
    const via = core.carrierFor(userId, device.platformId, device.deviceId);
    await core.conversations.commit(conversation.id, [
      agentLegCreated(call.id, legId, userId, device, via),
      { type: 'call.unparked', callId: call.id, slot, how: 'picked-up', userId },
    ]);
    if (via) this.#connected(core.mustFind(legId));
    else
      await core.originateOrClear(node, legId, {
        endpoint: device.endpoint,
        callerId: customerIdOf(conversation, call),
        autoAnswer: true,
        answerBy: answerByOf(device.control),
      });
    return { callId: call.id, legId };
  }

  /** After a restart: what was on its way goes on, what is parked has its time. */
  resume(platformId: string): void {
    const now = this.#core.o.clock.now();
    for (const { conversation, call } of this.#parked(platformId)) {
      const until = must(call.parked, 'slot').at + (this.#core.o.parkMs ?? PARKED_MS);
      this.#expire(conversation.id, call.id, Math.max(0, until - now));
    }
    for (const conversation of this.#core.conversations.all())
      for (const call of conversation.calls.values()) {
        if (call.platformId !== platformId || call.endedAt !== undefined) continue;
        if (call.transfer?.apology) this.#apologise(conversation, call);
        else this.afterFailure(conversation, call);
      }
  }

  #expire(conversationId: string, callId: string, ms: number): void {
    this.#core.life.after(ms, () => {
      const conversation = this.#core.conversations.get(conversationId);
      const call = conversation?.calls.get(callId);
      if (!conversation || !call?.parked || call.endedAt !== undefined) return;
      const until = call.parked.at + (this.#core.o.parkMs ?? PARKED_MS);
      const left = until - this.#core.o.clock.now();
      if (left > 0) return; // parked anew meanwhile: that has its own time
      this.#core.record(conversation, [
        { type: 'call.unparked', callId, slot: call.parked.slot, how: 'timeout' },
      ]);
      this.#back(conversation, call);
    });
  }

  #back(conversation: Conversation, call: Call): void {
    const transfer = must(call.transfer, 'transfer');
    const userId = transfer.byUserId;
    const device = transfer.recalled ? undefined : this.#core.o.freeDevice(userId);
    if (device && device.platformId === call.platformId)
      return this.#toUser(conversation, call, userId, device);
    const queueId = [...conversation.queueStays.values()].findLast(
      (stay) => stay.callId === call.id,
    )?.queueId;
    if (queueId && waitingLeg(conversation, call.id)) {
      this.#core.record(conversation, [{ type: 'call.recalled', callId: call.id, to: 'queue', queueId }]);
      return this.#core.settleSoon(conversation.id, call.id);
    }
    this.#core.record(conversation, [{ type: 'call.recalled', callId: call.id, to: 'apology' }]);
    this.#apologise(conversation, call);
  }

  #toUser(conversation: Conversation, call: Call, userId: string, device: AgentDevice): void {
    const core = this.#core;
    const legId = newId('leg');
    const via = core.carrierFor(userId, call.platformId, device.deviceId);
    const durable = core.conversations.commit(conversation.id, [
      agentLegCreated(call.id, legId, userId, device, via),
      { type: 'call.recalled', callId: call.id, to: 'user', userId, legId },
    ]);
    const { autoAnswer } = core.o.personal.of(userId);
    core.settleSoon(conversation.id, call.id);
    core.run('recall', { conversationId: conversation.id, legId }, async () => {
      await durable;
      if (via) return this.#making.ringCarried(legId, RECALL_RINGS_MS, autoAnswer);
      await core.originateOrClear(core.switchOf(call.platformId), legId, {
        endpoint: device.endpoint,
        callerId: customerIdOf(conversation, call),
        autoAnswer,
        answerBy: answerByOf(device.control),
        ringMs: RECALL_RINGS_MS,
      });
    });
  }

  #apologise(conversation: Conversation, call: Call): void {
    const core = this.#core;
    const { alone } = planCall(conversation, call);
    if (!alone) return;
    core.run('apologise', { conversationId: conversation.id, legId: alone.id }, async () => {
      const node = core.switchOf(call.platformId);
      await core.settle(conversation.id, call.id); // what it has until then is music
      await core.playbacks.play(node, carrierOf(alone), [{ kind: 'text', text: APOLOGY }]);
      if (isLive(alone) && call.transfer?.apology) await core.dropLeg(alone.id);
    });
  }

  #parked(platformId: string): { conversation: Conversation; call: Call }[] {
    return this.#core.conversations
      .all()
      .flatMap((conversation) =>
        [...conversation.calls.values()]
          .filter((call) => call.platformId === platformId && call.parked && call.endedAt === undefined)
          .map((call) => ({ conversation, call })),
      );
  }

  #freeSlot(platformId: string): string {
    const taken = new Set(this.#parked(platformId).map(({ call }) => call.parked?.slot));
    for (let slot = FIRST_SLOT; slot < FIRST_SLOT + SLOTS; slot++)
      if (!taken.has(String(slot))) return String(slot);
    throw new CodedError('too-many', { limit: SLOTS });
  }
}
