/**
 * Transfers that a user asks for with the buttons of his telephone (SIP REFER, RFC 3515; attended RFC 5589). What he dials is
 * allowed as if he had dialled it; a customer's REFER is refused.
 *
 *     asked ─► trying ─┬─ to a number ─────────────────► as a blind transfer in the softphone
 *                      ├─ to his other call (Replaces) ─► the other party of that call goes into the first one, he leaves both
 *                      └─ not possible ────────────────► failed: he goes on talking
 *     done is said as soon as it is written down that he leaves: his phone hangs up then
 */
import { newId } from '../../lib/ids.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { ConversationEvent } from '../../protocol/facts.ts';
import { isQueued, othersIn, parentOf } from './call-plan.ts';
import type { EngineCore, Found } from './engine-core.ts';
import { carrierOf, type Leg } from './model.ts';
import type { PhoneDirectory } from './phone-directory.ts';
import type { SwitchFact, TransferTarget } from './ports.ts';
import type { Transfers } from './transfers.ts';

/** How long a phone may take to hang up that was told that its transfer is done, in milliseconds. */
const HANGS_UP_WITHIN_MS = 300;

type Asked = Extract<SwitchFact, { type: 'leg.transfer-requested' }>;

export class PhoneTransfers {
  readonly #core: EngineCore;
  readonly #transfers: Transfers;
  readonly #isHeldByPhone: (legId: string) => boolean;
  readonly #underWay = new Set<string>();

  constructor(core: EngineCore, transfers: Transfers, isHeldByPhone: (legId: string) => boolean) {
    this.#core = core;
    this.#transfers = transfers;
    this.#isHeldByPhone = isHeldByPhone;
  }

  requested(platformId: string, { legId, to, replacesLegId }: Asked): void {
    // Asterisk may tell one REFER twice.
    if (this.#underWay.has(legId)) return;
    this.#underWay.add(legId);
    const node = this.#core.switchOf(platformId);
    let said = false;
    const done = async () => {
      said = true;
      // A phone that has hung up already knows.
      await node.transferProgress(legId, 'done').catch((error: unknown) => {
        this.#core.report('tell a phone that it has transferred', error, { legId });
      });
      await this.#hungUp(legId);
    };
    this.#core.run('transfer as a phone asked', { legId }, async () => {
      try {
        await node.transferProgress(legId, 'trying');
        if (replacesLegId === undefined) await this.#blind(platformId, legId, to, done);
        else await this.#attended(legId, replacesLegId, done);
      } catch (error) {
        if (!said) await node.transferProgress(legId, 'failed');
        if (said || !(error instanceof CodedError)) throw error;
      } finally {
        this.#underWay.delete(legId);
      }
    });
  }

  /** The phone hangs up by itself when it knows; hung up before that it would never know. */
  #hungUp(switchLegId: string): Promise<void> {
    const { clock } = this.#core.o;
    const { conversations } = this.#core;
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        stop();
        resolve();
      };
      const cancel = clock.after(HANGS_UP_WITHIN_MS, end);
      const stop = conversations.events.on('event', () =>
        conversations.carriedBy(switchLegId).length === 0 ? end() : undefined,
      );
    });
  }

  async #blind(
    platformId: string,
    switchLegId: string,
    to: string,
    done: () => Promise<void>,
  ): Promise<void> {
    const { leg, userId, phones } = this.#mine(switchLegId);
    const number = phones.read(to, userId);
    if (number.kind === 'withheld' || number.kind === 'unknown')
      throw new CodedError('number-invalid', { number: to });
    const queueId = phones.queueAt(number, platformId);
    const target: TransferTarget =
      queueId === undefined ? { kind: 'number', number } : { kind: 'queue', queueId };
    const from = queueId === undefined ? phones.callerIdOf(userId, number) : leg.address;
    await this.#transfers.transfer(leg.id, { target, from }, done);
  }

  /** The call that a customer made stays, whichever of the two it is. */
  async #attended(switchLegId: string, replacedLegId: string, done: () => Promise<void>): Promise<void> {
    const [one, other] = [this.#mine(switchLegId), this.#mine(replacedLegId)];
    if (one.userId !== other.userId) throw new CodedError('not-allowed');
    if (one.conversation === other.conversation) return await this.#consulted(one, other, done);
    const swap = other.call.direction === 'inbound' && one.call.direction !== 'inbound';
    const [kept, given] = swap ? [other, one] : [one, other];
    const { queueId } = given.call;
    if (queueId !== undefined && isQueued(given.conversation, given.call.id)) {
      const request = { target: { kind: 'queue', queueId } as const, from: given.leg.address };
      await this.#transfers.transfer(kept.leg.id, request, done);
      return await this.#core.dropLeg(given.leg.id);
    }
    await this.#join(kept, given, one.userId, done);
  }

  /** A consultation that was made in the softphone, with a second call at the phone. */
  async #consulted(one: Found, other: Found, done: () => Promise<void>): Promise<void> {
    const consult = [one, other].find(({ conversation, leg }) => parentOf(conversation, leg));
    if (!consult) throw new CodedError('wrong-state', { state: 'one call' });
    await done();
    await this.#transfers.completeTransfer(consult.leg.id);
  }

  /** Who is in the given call goes on in the kept one: his switch leg carries a leg there. */
  async #join(kept: Found, given: Found, userId: string, done: () => Promise<void>): Promise<void> {
    const core = this.#core;
    const targets = othersIn(given.conversation, given.leg);
    const [first] = targets;
    if (!first || othersIn(kept.conversation, kept.leg).length === 0)
      throw new CodedError('wrong-state', { state: 'alone' });
    const { id: callId } = kept.call;
    const moved = targets.map((leg) => ({ leg, legId: newId('leg') }));
    const durable = core.conversations.commit(kept.conversation.id, [
      ...moved.flatMap(({ leg, legId }) => goesOn(callId, leg, legId)),
      {
        type: 'call.transferred',
        callId,
        byUserId: userId,
        how: targets.some(({ connectedAt }) => connectedAt !== undefined) ? 'attended' : 'blind',
        ...(moved[0] ? { legId: moved[0].legId } : {}),
        ...(first.userId ? { userId: first.userId } : { number: first.address }),
      },
    ]);
    core.record(
      given.conversation,
      targets.map(({ id }) => ({
        type: 'leg.cleared' as const,
        callId: given.call.id,
        legId: id,
        cause: 'normal' as const,
      })),
    );
    await durable;
    await done();
    await core.settle(kept.conversation.id, callId);
    core.afterLeaving(given.conversation, given.call, 'normal');
  }

  /** The user's leg that this switch leg carries and that he means: the one that he talks on, or has held to ask. */
  #mine(switchLegId: string): Found & { userId: string; phones: PhoneDirectory } {
    const { conversations, o } = this.#core;
    const mine = conversations.carriedBy(switchLegId).filter(({ leg }) => leg.role === 'agent');
    const found =
      mine.find(({ leg }) => leg.state === 'connected') ??
      mine.find(({ leg }) => this.#isHeldByPhone(leg.id)) ??
      mine.at(-1);
    const userId = found?.leg.userId;
    if (!found || userId === undefined || !o.phones) throw new CodedError('not-allowed');
    return { ...found, userId, phones: o.phones };
  }
}

/** The leg as it is, in another call. */
function goesOn(callId: string, leg: Leg, legId: string): ConversationEvent[] {
  const { userId, deviceId, address, trunkId } = leg;
  const events: ConversationEvent[] = [
    {
      type: 'leg.created',
      callId,
      legId,
      role: leg.role === 'customer' ? 'external' : leg.role,
      ...(userId === undefined ? {} : { userId }),
      ...(deviceId === undefined ? {} : { deviceId }),
      address,
      via: carrierOf(leg),
    },
  ];
  if (trunkId !== undefined) events.push({ type: 'leg.routed', callId, legId, trunkId });
  if (leg.connectedAt !== undefined) events.push({ type: 'leg.connected', callId, legId });
  else if (leg.state === 'alerting') events.push({ type: 'leg.alerting', callId, legId });
  return events;
}
