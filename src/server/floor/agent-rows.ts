/** An agent as supervisors see him: made from his state and his calls, when one of them has changed. */
import type { FloorAgent, FloorCall } from '../../protocol/floor.ts';
import type { Conversation, Leg } from '../telephony/model.ts';
import { customerLeg, isLive } from '../telephony/model.ts';
import type { FloorSources } from './ports.ts';

/** What of a queue's members an agent counts as. */
export type Category = 'ready' | 'busy' | 'notReady' | undefined;

export function categoryOf({ state }: Pick<FloorAgent, 'state'>): Category {
  switch (state) {
    case 'ready':
      return 'ready';
    case 'offered':
    case 'talking':
    case 'wrap-up':
      return 'busy';
    case 'not-ready':
      return 'notReady';
    case 'logged-out':
    case 'lost':
      return undefined;
  }
}

export class AgentRows {
  readonly #o: FloorSources;
  /** By user: the conversations in which he has had a leg. */
  readonly #conversations = new Map<string, Set<string>>();
  #teams = new Map<string, string[]>();
  #queues = new Map<string, string[]>();
  #reasons = new Map<string, string>();

  constructor(options: FloorSources) {
    this.#o = options;
    for (const conversation of options.conversations.all())
      for (const leg of conversation.legs.values()) if (leg.userId) this.note(conversation.id, leg.userId);
    this.readSettings();
  }

  /** Teams, queues or reasons are others. */
  readSettings(): void {
    const { teams, callCenter } = this.#o;
    this.#teams = indexed(teams.all());
    this.#queues = indexed(callCenter.queues());
    this.#reasons = new Map(callCenter.reasons().map(({ id, label }) => [id, label]));
  }

  /** Everybody who can take calls. */
  ids(): string[] {
    const { callCenter } = this.#o;
    return callCenter
      .users()
      .map(({ id }) => id)
      .filter((id) => callCenter.takesCalls(id));
  }

  /** He has a leg in the conversation. */
  note(conversationId: string, userId: string): void {
    const ids = this.#conversations.get(userId);
    if (ids) ids.add(conversationId);
    else this.#conversations.set(userId, new Set([conversationId]));
  }

  forget(conversation: Conversation): void {
    for (const leg of conversation.legs.values())
      if (leg.userId) this.#conversations.get(leg.userId)?.delete(conversation.id);
  }

  /** Undefined when he does not take calls any more. */
  row(userId: string): FloorAgent | undefined {
    const { callCenter } = this.#o;
    const user = callCenter.user(userId);
    if (!user || !callCenter.takesCalls(userId)) return undefined;
    const view = this.#o.acd.agent(userId);
    const { reason } = view.requested;
    const call = this.#callOf(userId);
    const endsAt = view.wrap?.endsAt;
    return {
      id: userId,
      name: user.name,
      state: view.shown,
      since: view.since,
      ...(reason && view.shown === 'not-ready' ? { reason: this.#reasons.get(reason) ?? reason } : {}),
      teamIds: this.#teams.get(userId) ?? [],
      queueIds: this.#queues.get(userId) ?? [],
      ...call,
      ...(endsAt === undefined ? {} : { wrapEndsAt: endsAt }),
    };
  }

  #callOf(userId: string): Pick<FloorAgent, 'call' | 'supervisors'> | undefined {
    const found = this.#legOf(userId);
    if (!found) return undefined;
    const { conversation, leg } = found;
    const call = conversation.calls.get(leg.callId);
    if (!call) return undefined;
    const supervisors = [...conversation.legs.values()].flatMap((one) =>
      one.supervises?.legId === leg.id && isLive(one) && one.userId
        ? [{ userId: one.userId, mode: one.supervises.mode }]
        : [],
    );
    const offer = [...conversation.offers.values()].findLast(
      (one) => one.userId === userId && one.callId === call.id,
    );
    const customer = customerLeg(conversation, call.id)?.address ?? call.ani;
    const shown: FloorCall = {
      conversationId: conversation.id,
      callId: call.id,
      direction: call.direction,
      ...(offer ? { queueId: offer.queueId } : {}),
      since: leg.connectedAt ?? leg.createdAt,
      held: leg.state === 'held',
      ...(customer.value ? { peer: customer.value } : {}),
    };
    return { call: shown, ...(supervisors.length > 0 ? { supervisors } : {}) };
  }

  /** The leg that he talks on, else the newest. */
  #legOf(userId: string): { conversation: Conversation; leg: Leg } | undefined {
    let found: { conversation: Conversation; leg: Leg } | undefined;
    for (const id of this.#conversations.get(userId) ?? []) {
      const conversation = this.#o.conversations.get(id);
      for (const leg of conversation?.legs.values() ?? []) {
        if (!conversation || leg.userId !== userId || leg.role !== 'agent' || !isLive(leg)) continue;
        if (conversation.calls.get(leg.callId)?.purpose === 'standing') continue;
        if (!found || found.leg.state !== 'connected' || leg.state === 'connected')
          found = { conversation, leg };
      }
    }
    return found;
  }
}

function indexed(groups: readonly { id: string; memberIds: readonly string[] }[]): Map<string, string[]> {
  const byUser = new Map<string, string[]>();
  for (const { id, memberIds } of groups)
    for (const userId of memberIds) {
      const ids = byUser.get(userId);
      if (ids) ids.push(id);
      else byUser.set(userId, [id]);
    }
  return byUser;
}
