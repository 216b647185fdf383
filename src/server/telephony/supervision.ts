/**
 * A supervisor in an agent's call. His own leg is rung and answers by itself; then he hears the agent's leg, and is heard as
 * he asked. Who listens or whispers is no party of the call (call-plan.ts); who has joined it is one like any other.
 *
 *     rings ─► connected ─► listens ◄──► whispers ── barge, take over ──► party of the call, an agent's leg
 *        │                     │             │
 *        └─────────────────────┴─────────────┴── hangs up, the agent's leg is gone, the call is over ──► cleared
 *
 * The agent's new leg (his page was reloaded) is heard in place of his lost one.
 */
import { newId } from '../../lib/ids.ts';
import { CodedError, isTooLate } from '../../protocol/errors.ts';
import type { SupervisionMode } from '../../protocol/facts.ts';
import type { EngineCore, Found } from './engine-core.ts';
import type { MakingCalls } from './making-calls.ts';
import { type Conversation, carrierOf, isLive, type Leg } from './model.ts';
import { customerIdOf } from './parties.ts';
import { type AgentDevice, answerByOf } from './ports.ts';

/** How long the supervisor's own phone rings, in milliseconds, where it does not answer by itself. */
const RING_MS = 30_000;

export class Supervision {
  readonly #core: EngineCore;
  readonly #making: MakingCalls;

  constructor(core: EngineCore, making: MakingCalls) {
    this.#core = core;
    this.#making = making;
  }

  /**
   * Rings the supervisor's device, to supervise this agent's leg. Resolves with his leg when it is being rung.
   * @throws CodedError `wrong-state` when the agent talks to nobody, `busy` when the supervisor is in a call himself,
   * `not-capable` when the telephone system cannot, `switch-down`.
   */
  async begin(
    agentLegId: string,
    userId: string,
    device: AgentDevice,
    mode: SupervisionMode,
  ): Promise<string> {
    const core = this.#core;
    const { conversation, call, leg } = core.mustFind(agentLegId);
    refuseUnlessTalking(leg);
    if (core.legsOf(userId).some((one) => one.call.purpose !== 'standing') || this.#legOf(userId))
      throw new CodedError('busy');
    const node = core.mustBeUp(call.platformId);
    if (node.capabilities.missing?.['supervise'] !== undefined) throw new CodedError('not-capable');
    const legId = newId('leg');
    const via = core.carrierFor(userId, call.platformId, device.deviceId);
    const { deviceId, address } = device;
    await core.conversations.commit(conversation.id, [
      {
        type: 'leg.created',
        callId: call.id,
        legId,
        role: 'supervisor',
        userId,
        deviceId,
        address,
        ...(via ? { via } : {}),
      },
      { type: 'supervision.set', callId: call.id, legId, agentLegId, mode },
    ]);
    if (via) this.#making.ringCarried(legId, RING_MS, true);
    else
      await core.originateOrClear(node, legId, {
        endpoint: device.endpoint,
        callerId: customerIdOf(conversation, call),
        autoAnswer: true,
        answerBy: answerByOf(device.control),
        ringMs: RING_MS,
      });
    return legId;
  }

  /** From listening to whispering and back, or into the call. @throws CodedError `wrong-state`, `switch-down`. */
  async change(legId: string, mode: SupervisionMode): Promise<void> {
    const found = this.#core.mustFind(legId);
    const { conversation, call, leg } = found;
    const { supervises } = leg;
    if (!supervises) throw new CodedError('wrong-state', { state: 'in the call already' });
    this.#core.mustBeUp(call.platformId);
    const event = {
      type: 'supervision.set' as const,
      callId: call.id,
      legId,
      agentLegId: supervises.legId,
      mode,
    };
    await this.#core.conversations.commit(conversation.id, [event]);
    if (leg.connectedAt !== undefined) await this.#carryOut(found);
  }

  /** The user's leg that listens or whispers now, or rings for it. */
  legOf(userId: string): string | undefined {
    return this.#legOf(userId)?.leg.id;
  }

  /** The supervisor's leg has connected, or takes up again after a restart. */
  connected(found: Found): void {
    const { conversation, leg } = found;
    this.#core.run('supervise', { conversationId: conversation.id, legId: leg.id }, () =>
      this.#carryOut(found).catch(async (error: unknown) => {
        await this.#core.dropLeg(leg.id);
        throw error;
      }),
    );
  }

  /** A leg is gone: whoever supervised it has nothing to hear any more. */
  legCleared({ conversation, call, leg }: Found): void {
    if (leg.supervises && leg.via) this.#endOn(call.platformId, leg);
    for (const one of this.#supervisorsOf(conversation, leg.id))
      this.#core.run('end a supervision', { legId: one.id }, () => this.#core.dropLeg(one.id));
  }

  /** The agent goes on with another leg. */
  follow({ conversation, call, leg }: Found, oldLegId: string): void {
    for (const one of this.#supervisorsOf(conversation, oldLegId)) {
      const mode = one.supervises?.mode ?? 'listen';
      this.#core.record(conversation, [
        { type: 'supervision.set', callId: call.id, legId: one.id, agentLegId: leg.id, mode },
      ]);
      if (one.connectedAt !== undefined) this.connected({ conversation, call, leg: one });
    }
  }

  /** After a (re)connection: what was being heard is heard again. */
  resume(platformId: string): void {
    for (const conversation of this.#core.conversations.all())
      for (const leg of conversation.legs.values()) {
        const call = conversation.calls.get(leg.callId);
        if (!leg.supervises || !isLive(leg) || call?.platformId !== platformId) continue;
        const agent = conversation.legs.get(leg.supervises.legId);
        if (!agent || !isLive(agent)) this.legCleared({ conversation, call, leg: agent ?? leg });
        else if (leg.connectedAt !== undefined) this.connected({ conversation, call, leg });
      }
  }

  /** Once all effects on the conversation so far are done, so that the agent is where the model says. */
  #carryOut({ conversation, call, leg }: Found): Promise<void> {
    const core = this.#core;
    return core.serial
      .run(conversation.id, async () => {
        const { supervises } = leg;
        if (!supervises || !isLive(leg)) return false;
        const agent = conversation.legs.get(supervises.legId);
        if (!agent || !isLive(agent)) throw new CodedError('no-such-line');
        const { mode } = supervises;
        const node = core.switchOf(call.platformId);
        if (mode === 'listen' || mode === 'whisper') {
          await node.supervise(carrierOf(leg), carrierOf(agent), mode);
          return false;
        }
        await node.endSupervision(carrierOf(leg));
        core.record(conversation, [
          {
            type: 'supervision.joined',
            callId: call.id,
            legId: leg.id,
            mode,
            agentUserId: agent.userId ?? '',
          },
        ]);
        return true;
      })
      .then((joined) => (joined ? core.settle(conversation.id, call.id) : undefined));
  }

  #legOf(userId: string): Found | undefined {
    for (const conversation of this.#core.conversations.all())
      for (const leg of conversation.legs.values()) {
        const call = conversation.calls.get(leg.callId);
        if (leg.userId === userId && leg.role === 'supervisor' && isLive(leg) && call)
          return { conversation, call, leg };
      }
    return undefined;
  }

  #supervisorsOf(conversation: Conversation, agentLegId: string): Leg[] {
    return [...conversation.legs.values()].filter(
      (leg) => leg.supervises?.legId === agentLegId && isLive(leg),
    );
  }

  /** The switch leg that carried it goes on without. */
  #endOn(platformId: string, leg: Leg): void {
    this.#core.run('end a supervision', { legId: leg.id }, async () => {
      const node = this.#core.switchOf(platformId);
      if (node.link !== 'up') return;
      await node.endSupervision(carrierOf(leg)).catch((error: unknown) => {
        if (!isTooLate(error)) throw error;
      });
    });
  }
}

function refuseUnlessTalking(leg: Leg): void {
  const talks = leg.role === 'agent' && leg.joined && !leg.leaving && !leg.lost;
  if (!talks || leg.userId === undefined) throw new CodedError('wrong-state', { state: leg.state });
}
