/** What an agent does with a call that he has: hold, swap, mute, keys, hang up. */
import { newId } from '../../lib/ids.ts';
import { must } from '../../lib/must.ts';
import { CodedError, isTooLate } from '../../protocol/errors.ts';
import { othersIn } from './call-plan.ts';
import { refuseUnlessCapable } from './capabilities.ts';
import type { EngineCore } from './engine-core.ts';
import type { MakingCalls } from './making-calls.ts';
import { carrierOf, isLive, liveLegs } from './model.ts';
import { callerIdOf, customerIdOf } from './parties.ts';
import type { AgentDevice } from './ports.ts';

export class AgentCommands {
  readonly #core: EngineCore;
  readonly #making: MakingCalls;
  readonly #isHeldByPhone: (legId: string) => boolean;

  constructor(core: EngineCore, making: MakingCalls, isHeldByPhone: (legId: string) => boolean) {
    this.#core = core;
    this.#making = making;
    this.#isHeldByPhone = isHeldByPhone;
  }

  async answer(legId: string): Promise<void> {
    const { conversation, call, leg } = this.#core.mustFind(legId);
    refuseUnlessCapable(conversation, leg, 'answer');
    const node = this.#core.mustBeUp(call.platformId);
    if (this.#core.conversations.isCarried(leg)) return this.#making.answerCarried(legId);
    const carrier = carrierOf(leg);
    const device = this.#core.o.phones?.device(leg.userId ?? '');
    const control = device && device.deviceId === leg.deviceId ? device.control : undefined;
    if (control === 'talk-event') return await node.talk(carrier);
    if (control === 'auto-answer' && device) return await this.#ringAgain(legId, carrier, device);
    if (node.capabilities.browserPhone) throw new CodedError('not-capable');
    await node.answer(carrier);
  }

  /**
   * A telephone that answers by itself only when its INVITE says so gets a second one in place of the first: the same leg here,
   * which another switch leg carries from now on.
   */
  async #ringAgain(legId: string, rings: string, device: AgentDevice): Promise<void> {
    const core = this.#core;
    const { conversation, call } = core.mustFind(legId);
    const node = core.mustBeUp(call.platformId);
    const via = newId('leg');
    await core.conversations.commit(conversation.id, [{ type: 'leg.carried', callId: call.id, legId, via }]);
    await node.hangup(rings).catch((error: unknown) => {
      if (!isTooLate(error)) throw error; // it was lifted, or has stopped ringing: the second INVITE decides
    });
    await core.originateOrClear(node, via, {
      endpoint: device.endpoint,
      callerId: customerIdOf(conversation, call),
      autoAnswer: true,
      answerBy: 'auto-answer-header',
    });
  }

  async hangup(legId: string): Promise<void> {
    const { conversation, call, leg } = this.#core.mustFind(legId);
    this.#core.mustBeUp(call.platformId);
    const mine = liveLegs(conversation, call.id).filter(
      (one) => one.id === legId || one.userId === leg.userId,
    );
    await Promise.all(mine.map((one) => this.#core.dropLeg(one.id)));
  }

  async hold(legId: string): Promise<void> {
    const { conversation, call, leg } = this.#core.mustFind(legId);
    refuseUnlessCapable(conversation, leg, 'hold');
    this.#core.mustBeUp(call.platformId);
    this.#core.record(conversation, [{ type: 'leg.held', callId: call.id, legId, by: legId }]);
    await this.#core.settle(conversation.id, call.id);
  }

  async retrieve(legId: string): Promise<void> {
    const { conversation, call, leg } = this.#core.mustFind(legId);
    refuseUnlessCapable(conversation, leg, 'retrieve');
    if (this.#isHeldByPhone(legId)) throw new CodedError('not-capable');
    this.#core.mustBeUp(call.platformId);
    this.#core.holdOthers(must(leg.userId, 'user'), legId);
    this.#core.record(conversation, [{ type: 'leg.retrieved', callId: call.id, legId }]);
    await this.#core.settle(conversation.id, call.id);
  }

  async mute(legId: string, on: boolean): Promise<void> {
    const { conversation, call, leg } = this.#core.mustFind(legId);
    refuseUnlessCapable(conversation, leg, 'mute');
    this.#core.mustBeUp(call.platformId);
    await this.#core.mute(leg, call.platformId, on);
  }

  async sendDigits(legId: string, digits: string): Promise<void> {
    const { conversation, call, leg } = this.#core.mustFind(legId);
    refuseUnlessCapable(conversation, leg, 'dtmf');
    const node = this.#core.mustBeUp(call.platformId);
    const others = othersIn(conversation, leg).filter((other) => other.connectedAt !== undefined);
    await Promise.all(others.map((other) => node.sendDigits(carrierOf(other), digits)));
  }

  async drop(legId: string, partyLegId: string): Promise<void> {
    const { conversation, call, leg } = this.#core.mustFind(legId);
    refuseUnlessCapable(conversation, leg, 'drop');
    this.#core.mustBeUp(call.platformId);
    if (!othersIn(conversation, leg).some((other) => other.id === partyLegId))
      throw new CodedError('no-such-line');
    await this.#core.dropLeg(partyLegId);
  }

  /**
   * Makes the agent a new leg in place of the lost one, in the standing bridge. Needs a device that answers at once. What the
   * lost switch leg carried beside it comes back on the same new leg.
   */
  async reattach(conversationId: string, lostLegId: string, device: AgentDevice): Promise<void> {
    const core = this.#core;
    const { call, leg } = core.mustFind(lostLegId);
    const legId = newId('leg');
    const via =
      this.#comingBack(carrierOf(leg)) ?? core.carrierFor(leg.userId ?? '', call.platformId, device.deviceId);
    await core.conversations.commit(conversationId, [
      {
        type: 'leg.created',
        callId: call.id,
        legId,
        role: 'agent',
        ...(leg.userId ? { userId: leg.userId } : {}),
        deviceId: device.deviceId,
        address: device.address,
        replaces: leg.id,
        ...(via ? { via } : {}),
      },
    ]);
    if (!via)
      return await core.originateOrClear(core.switchOf(call.platformId), legId, {
        endpoint: device.endpoint,
        callerId: callerIdOf(call),
        autoAnswer: true,
      });
    const carrier = core.conversations.find(via)?.leg;
    if (carrier?.connectedAt !== undefined) this.#making.answerCarried(legId);
  }

  /** The switch leg that is being made in place of this lost one. */
  #comingBack(lostCarrier: string): string | undefined {
    const lost = this.#core.conversations.carriedBy(lostCarrier).map(({ leg }) => leg.id);
    for (const { conversation } of this.#core.conversations.carriedBy(lostCarrier))
      for (const leg of conversation.legs.values())
        if (isLive(leg) && leg.replaces !== undefined && lost.includes(leg.replaces)) return carrierOf(leg);
    return undefined;
  }
}
