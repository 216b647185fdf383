/**
 * Agent legs that stand ("nailed up"): one leg per agent, made when he begins, that carries call after call, so that nothing has to
 * ring. It has a conversation of its own, so that it survives us like any call.
 *
 *     none ── nailUp ─► rings ─► stands ── calls come and go on it ─► release, hung up, broken ─► none (as a phone that is gone)
 */
import { agentLegCreated } from './conversations.ts';
import { newId } from '../../lib/ids.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { EngineCore } from './engine-core.ts';
import { type AgentDevice, answerByOf } from './ports.ts';

export class StandingLegs {
  readonly #core: EngineCore;

  constructor(core: EngineCore) {
    this.#core = core;
  }

  /** The user's leg that stands; undefined while there is none. */
  of(userId: string): string | undefined {
    const found = this.#core
      .legsOf(userId)
      .find(({ call, leg }) => call.purpose === 'standing' && leg.connectedAt !== undefined && !leg.lost);
    return found?.leg.id;
  }

  /** Rings the device once; the leg stands when it is answered. @throws `already-exists`, `switch-down`. */
  async nailUp(userId: string, device: AgentDevice): Promise<string> {
    const core = this.#core;
    if (core.legsOf(userId).some(({ call }) => call.purpose === 'standing'))
      throw new CodedError('already-exists', { what: 'standing leg', field: 'user' });
    const node = core.mustBeUp(device.platformId);
    const [conversationId, callId, legId] = [newId('conv'), newId('call'), newId('leg')];
    await core.conversations.commit(conversationId, [
      {
        type: 'call.created',
        callId,
        platformId: device.platformId,
        direction: 'internal',
        purpose: 'standing',
        userId,
        ani: device.address,
        dnis: device.address,
      },
      agentLegCreated(callId, legId, userId, device),
    ]);
    await core.originateOrClear(node, legId, {
      endpoint: device.endpoint,
      callerId: { number: device.address.value || 'anonymous', name: '' },
      autoAnswer: true,
      answerBy: answerByOf(device.control),
    });
    return legId;
  }

  /** Calls that it carries go on; it is hung up with the last of them. */
  async release(userId: string): Promise<void> {
    for (const { call, leg } of this.#core.legsOf(userId))
      if (call.purpose === 'standing') await this.#core.dropLeg(leg.id);
  }
}
