/**
 * An arrived call that a number leads to one user (direct inward dialling). He is rung as by a colleague: do not disturb, call
 * waiting and his forwards hold. The caller is answered when somebody takes the call, and hears ringing until then.
 *
 *     caller rings ─► user's leg rings ── connects ─► caller answered ─► joined
 *                        └ busy, no answer ─► forwarded: the next one rings ─► …      none: the flow says that nobody answers
 */
import { newId } from '../../lib/ids.ts';
import { must } from '../../lib/must.ts';
import type { Address } from '../../protocol/address.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { EngineCore } from './engine-core.ts';
import type { MakingCalls, Way } from './making-calls.ts';
import { type Call, type Conversation, customerLeg } from './model.ts';
import { callerIdOf } from './parties.ts';

export class DirectCalls {
  readonly #core: EngineCore;
  readonly #making: MakingCalls;

  constructor(core: EngineCore, making: MakingCalls) {
    this.#core = core;
    this.#making = making;
  }

  /**
   * Resolves when his phone is being rung.
   * @param ringMs at most; default: as long as a colleague's call rings.
   * @throws CodedError `colleague-busy`, `colleague-away`, `extension-unknown`, or what the dial plan refuses a forward with.
   */
  async ringUser(conversationId: string, callId: string, userId: string, ringMs?: number): Promise<void> {
    const call = must(this.#core.mustGet(conversationId).calls.get(callId), 'call');
    await this.#ring(conversationId, callId, this.#making.wayToUser(userId, call.platformId), ringMs);
  }

  /**
   * Rings a number outside, to which a number of ours leads. Resolves when it is being rung.
   * @throws CodedError what the dial plan refuses the number with.
   */
  async ringNumber(conversationId: string, callId: string, number: Address, ringMs?: number): Promise<void> {
    const core = this.#core;
    const call = must(core.mustGet(conversationId).calls.get(callId), 'call');
    await this.#ring(conversationId, callId, this.#making.wayOut(number, call.platformId), ringMs);
  }

  async #ring(conversationId: string, callId: string, longest: Way, ringMs = longest.ringMs): Promise<void> {
    const core = this.#core;
    const way = { ...longest, ringMs: Math.min(longest.ringMs, ringMs) };
    const conversation = core.mustGet(conversationId);
    const call = must(conversation.calls.get(callId), 'call');
    if (!customerLeg(conversation, callId)) throw new CodedError('no-such-line');
    core.mustBeUp(call.platformId);
    const legId = newId('leg');
    await core.conversations.commit(conversationId, [this.#making.legCreated(callId, legId, way)]);
    this.#comfort(conversation, call);
    await this.#making.ring(legId, way, callerIdOf(call));
  }

  /** Somebody has taken the call: now its caller is answered, if he was not yet. */
  answerCaller(conversation: Conversation, call: Call): void {
    const customer = call.direction === 'inbound' ? customerLeg(conversation, call.id) : undefined;
    if (!customer || customer.connectedAt !== undefined) return;
    this.#core.run('answer a caller', { conversationId: conversation.id, legId: customer.id }, () =>
      this.#core.switchOf(call.platformId).answer(customer.id),
    );
  }

  /** He hears ringing, and has his fallback, whoever of us falls silent. */
  #comfort(conversation: Conversation, call: Call): void {
    const core = this.#core;
    const customer = customerLeg(conversation, call.id);
    if (!customer || customer.joined) return;
    const node = core.switchOf(call.platformId);
    core.fallbacks.arm(node, customer.id);
    core.run('let a caller hear ringing', { conversationId: conversation.id, legId: customer.id }, () =>
      customer.connectedAt === undefined
        ? node.ring(customer.id)
        : core.playbacks.play(node, customer.id, [{ kind: 'tone', name: 'ring' }]),
    );
  }
}
