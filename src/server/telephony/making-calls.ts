/**
 * Calls that agents make, and the way to a colleague: forwards, do not disturb, call waiting, and legs that another one carries.
 *
 *     agent's leg connects ─► other party rings ─► connects ─► joined      (an agent who talks already: his leg carries this too)
 *                                  └ no answer, busy ─► forwarded: the next one rings ─► …
 */
import { agentLegCreated } from './conversations.ts';
import { newId } from '../../lib/ids.ts';
import { must } from '../../lib/must.ts';
import { type Address, UNKNOWN_ADDRESS } from '../../protocol/address.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { ClearCause, ConversationEvent } from '../../protocol/facts.ts';
import type { Destination, EngineCore, Found, NewLeg } from './engine-core.ts';
import { isOnlyOffered } from './call-plan.ts';
import { type Call, type Conversation, isLive, type Leg } from './model.ts';
import { callerIdOf, customerIdOf } from './parties.ts';
import { answerByOf, type MakeCall, type TransferTarget } from './ports.ts';

/** A party to ring: where, and what is put into the model. */
export interface Way {
  destination: Destination;
  address: Address;
  /** The leg of his that carries this one too. */
  via?: string;
  ringMs: number;
}

/** The next one to ring in place of one who did not take the call. */
export interface Hop {
  legId: string;
  events: ConversationEvent[];
  way: Way;
  callerId: NewLeg['callerId'];
  conversationId: string;
}

/** How long another party rings, in milliseconds. */
const RING_MS = 60_000;
/** How long a colleague rings before his calls are forwarded, unless he chose otherwise. */
const NO_ANSWER_MS = 20_000;
/** Forwards in a row: more are a circle. */
const MAX_FORWARDS = 5;
/** How a leg can end whose user forwards what he does not take. */
const FORWARDED: ReadonlySet<ClearCause> = new Set(['no-answer', 'unreachable', 'busy', 'rejected']);

export class MakingCalls {
  readonly #core: EngineCore;
  readonly #connected: (found: Found) => void;
  readonly #alerting: (found: Found) => void;
  readonly #unanswered: (found: Found) => void;

  /** @param tell what happens to legs that the switch knows nothing of, because others carry them. */
  constructor(
    core: EngineCore,
    tell: { connected(found: Found): void; alerting(found: Found): void; unanswered(found: Found): void },
  ) {
    this.#core = core;
    this.#connected = (found) => tell.connected(found);
    this.#alerting = (found) => tell.alerting(found);
    this.#unanswered = (found) => tell.unanswered(found);
  }

  /** See CallControl.makeCall. */
  async makeCall(request: MakeCall, conversationId: string): Promise<{ callId: string; legId: string }> {
    const core = this.#core;
    const { userId, device } = request;
    const { platformId } = device;
    const emergency = request.to.kind === 'service';
    if (core.draining && !emergency) throw new CodedError('draining');
    this.wayTo(request.to, userId, platformId); // a number that leads nowhere is refused before anything rings
    const node = core.mustBeUp(platformId);
    const [callId, legId] = [newId('call'), newId('leg')];
    const via = core.carrierFor(userId, platformId, device.deviceId);
    if (via) core.holdOthers(userId, legId);
    const durable = core.conversations.commit(conversationId, [
      {
        type: 'call.created',
        callId,
        platformId,
        direction: request.to.kind === 'extension' ? 'internal' : 'outbound',
        purpose: 'call',
        userId,
        ani: request.from,
        dnis: request.to,
      },
      agentLegCreated(callId, legId, userId, device, via),
    ]);
    await this.#written(durable, emergency, conversationId);
    if (via) this.#connected(core.mustFind(legId));
    else
      await core.originateOrClear(node, legId, {
        endpoint: device.endpoint,
        callerId: { number: request.to.value, name: request.callerName },
        autoAnswer: true,
        answerBy: answerByOf(device.control),
      });
    return { callId, legId };
  }

  /** The agent's own leg of a call that he made, whose other party was not dialled yet. */
  isToDial(conversation: Conversation, call: Call, leg: Leg): boolean {
    if (call.direction === 'inbound' || call.queueId || leg.userId !== call.userId || leg.role !== 'agent')
      return false;
    return ![...conversation.legs.values()].some(
      (one) => one.callId === call.id && one.userId !== leg.userId && !isOnlyOffered(conversation, one),
    );
  }

  /** When it cannot be dialled after all, the agent's leg goes too: he would wait in silence. */
  dialOther(conversation: Conversation, call: Call, agent: Leg): void {
    const core = this.#core;
    const dialled = async () => {
      const way = this.wayTo(call.dnis, must(call.userId, 'user'), call.platformId);
      const legId = newId('leg');
      const durable = core.conversations.commit(conversation.id, [this.legCreated(call.id, legId, way)]);
      await this.#written(durable, call.dnis.kind === 'service', conversation.id);
      await this.ring(legId, way, { number: call.ani.value, name: '' });
    };
    core.run('dial', { conversationId: conversation.id, legId: agent.id }, () =>
      dialled().catch(async (error: unknown) => {
        await core.dropLeg(agent.id);
        throw error;
      }),
    );
  }

  /** @throws CodedError what the dial plan refuses with, or `colleague-busy`. */
  wayTo(to: Address, byUserId: string, platformId: string): Way {
    return this.#follow(to, this.#core.o.resolve(to, byUserId), byUserId, platformId);
  }

  /**
   * To a user whom a number of ours leads to. He forwards with his own rights, also while he has no phone.
   * @throws as wayTo
   */
  wayToUser(userId: string, platformId: string): Way {
    const { personal, resolveUser, extensionOf } = this.#core.o;
    const { forward } = personal.of(userId);
    try {
      return this.#follow(extensionOf(userId) ?? UNKNOWN_ADDRESS, resolveUser(userId), userId, platformId);
    } catch (error) {
      const next = forward.always ?? forward.noAnswer ?? forward.busy;
      if (!(error instanceof CodedError && error.code === 'colleague-away') || !next) throw error;
      return this.wayTo(next, userId, platformId);
    }
  }

  /** To a number outside, on behalf of nobody. @throws CodedError what the dial plan refuses with. */
  wayOut(number: Address, platformId: string): Way {
    const destination = this.#core.o.resolveOutside(number, platformId);
    return { destination, address: number, ringMs: RING_MS };
  }

  #follow(to: Address, first: Destination, byUserId: string, platformId: string): Way {
    const { resolve, personal } = this.#core.o;
    let address = to;
    let destination = first;
    for (let hops = 0; hops <= MAX_FORWARDS; hops++) {
      if (!destination.userId) return { destination, address, ringMs: RING_MS };
      const settings = personal.of(destination.userId);
      const carrier = this.#core.carrierFor(destination.userId, platformId, destination.deviceId);
      const busy = settings.dnd || (this.#isBusy(destination.userId) && !settings.callWaiting);
      const next = settings.forward.always ?? (busy ? settings.forward.busy : undefined);
      if (!next && busy) throw new CodedError('colleague-busy');
      if (!next) {
        const ringMs = settings.forward.noAnswer ? (settings.forward.noAnswerMs ?? NO_ANSWER_MS) : RING_MS;
        return { destination, address, ringMs, ...(carrier ? { via: carrier } : {}) };
      }
      address = next;
      destination = resolve(address, byUserId);
    }
    throw new CodedError('colleague-busy');
  }

  /** @throws as wayTo, and `extension-unknown` for a user without one. */
  wayToTarget(target: Exclude<TransferTarget, { kind: 'queue' }>, byUserId: string, platformId: string): Way {
    if (target.kind === 'number') return this.wayTo(target.number, byUserId, platformId);
    const address = this.#core.o.extensionOf(target.userId);
    if (!address) throw new CodedError('extension-unknown', { number: '' });
    return this.wayTo(address, byUserId, platformId);
  }

  legCreated(callId: string, legId: string, { destination, address, via }: Way): ConversationEvent {
    return {
      type: 'leg.created',
      callId,
      legId,
      role: destination.role,
      ...(destination.userId ? { userId: destination.userId } : {}),
      ...(destination.deviceId ? { deviceId: destination.deviceId } : {}),
      ...(via ? { via } : {}),
      address,
    };
  }

  /** Rings the leg, which stands in the model. Rejects when it cannot be made; it is cleared then. */
  async ring(legId: string, way: Way, callerId: NewLeg['callerId']): Promise<void> {
    const { call } = this.#core.mustFind(legId);
    const { destination, ringMs } = way;
    const autoAnswer = destination.userId ? this.#core.o.personal.of(destination.userId).autoAnswer : false;
    if (way.via) return this.ringCarried(legId, ringMs, autoAnswer);
    await this.#core.originateOrClear(this.#core.switchOf(call.platformId), legId, {
      endpoint: destination.endpoint,
      callerId,
      autoAnswer,
      ...(destination.answerBy ? { answerBy: destination.answerBy } : {}),
      ringMs,
    });
  }

  /** A leg that another one carries rings in the model alone: the user sees it, and answers it by command. */
  ringCarried(legId: string, ringMs: number, autoAnswer: boolean): void {
    this.#alerting(this.#core.mustFind(legId));
    if (autoAnswer) return this.answerCarried(legId);
    this.#core.life.after(ringMs, () => {
      const found = this.#core.conversations.find(legId);
      if (found && isLive(found.leg) && found.leg.connectedAt === undefined) this.#unanswered(found);
    });
  }

  answerCarried(legId: string): void {
    this.#connected(this.#core.mustFind(legId));
  }

  /** Whom to ring in place of a colleague who did not take a direct call. */
  nextHop({ conversation, call, leg }: Found, cause: ClearCause): Hop | undefined {
    if (leg.role !== 'agent' || !leg.userId || leg.connectedAt !== undefined || leg.userId === call.userId)
      return undefined;
    if (!FORWARDED.has(cause)) return undefined;
    if ([...conversation.offers.values()].some((offer) => offer.legId === leg.id) || leg.replaces)
      return undefined;
    const { forward } = this.#core.o.personal.of(leg.userId);
    const to = cause === 'busy' || cause === 'rejected' ? forward.busy : forward.noAnswer;
    const tried = [...conversation.legs.values()].filter((one) => one.callId === call.id).length;
    if (!to || tried > MAX_FORWARDS) return undefined;
    try {
      const way = this.wayTo(to, leg.userId, call.platformId);
      const legId = newId('leg');
      const events = [this.legCreated(call.id, legId, way)];
      const callerId = call.transfer ? customerIdOf(conversation, call) : callerIdOf(call);
      return { legId, events, way, callerId, conversationId: conversation.id };
    } catch (error) {
      this.#core.report('forward a call', error, { conversationId: conversation.id });
      return undefined;
    }
  }

  ringHop({ legId, way, callerId, conversationId }: Hop): void {
    this.#core.run('ring a forward', { conversationId, legId }, () => this.ring(legId, way, callerId));
  }

  /** Written before it is done, but for a call for help: that does not wait for a database which is away. */
  async #written(durable: Promise<void>, emergency: boolean, conversationId: string): Promise<void> {
    if (!emergency) return durable;
    this.#core.run('write an emergency call', { conversationId }, () => durable);
  }

  #isBusy(userId: string): boolean {
    return this.#core.legsOf(userId).some(({ call, leg }) => call.purpose !== 'standing' && !leg.leaving);
  }
}
