/**
 * What the last process, or a broken connection to the switch, left between two steps of a call: parties who are both there,
 * and do not hear each other. The model says who should talk to whom, the switch who does.
 */
import { type Call, type Conversation, isLive, type Leg, liveLegs } from './model.ts';
import type { Serial } from '../../lib/serial.ts';
import type { Conversations } from './conversations.ts';
import { otherParty } from './parties.ts';
import type { Switch, SwitchSnapshot } from './ports.ts';

export type Unfinished = { conversation: Conversation; call: Call; agent: Leg } & (
  | { step: 'join'; other: Leg }
  /** The other party of a made call was not dialled yet. */
  | { step: 'dial' }
  /** A new leg has come, and the lost one in whose place it is has not gone. */
  | { step: 'take-over'; lost: Leg }
);

/** Takes the steps that are due on this switch. What is under way by itself comes first: then it is asked once more. */
export async function finishSteps(
  conversations: Conversations,
  node: Switch,
  serial: Serial,
  take: (step: Unfinished) => Promise<void>,
): Promise<void> {
  const due = async () => unfinishedSteps(conversations.all(), node.id, await node.list());
  const finish = async ({ conversation, agent }: Unfinished) => {
    await serial.run(conversation.id, () => Promise.resolve());
    const step = (await due()).find((candidate) => candidate.agent.id === agent.id);
    if (step) await take(step);
  };
  await Promise.all((await due()).map(finish));
}

/** The steps to take now, on this platform. Nothing is due for who is held, lost or still rung. */
function unfinishedSteps(
  conversations: readonly Conversation[],
  platformId: string,
  { legs }: Pick<SwitchSnapshot, 'legs'>,
): Unfinished[] {
  const bridgeOf = new Map(legs.map(({ legId, bridgeId }) => [legId, bridgeId]));
  return conversations.flatMap((conversation) =>
    [...conversation.calls.values()]
      .filter((call) => call.platformId === platformId && call.endedAt === undefined)
      .flatMap((call) =>
        liveLegs(conversation, call.id)
          .filter((leg) => isConnectedAgent(conversation, call, leg))
          .flatMap((agent) => stepOf(conversation, call, agent, bridgeOf) ?? []),
      ),
  );
}

function stepOf(
  conversation: Conversation,
  call: Call,
  agent: Leg,
  bridgeOf: ReadonlyMap<string, string | undefined>,
): Unfinished | undefined {
  const at = { conversation, call, agent };
  const lost = conversation.legs.get(agent.replaces ?? '');
  if (lost && isLive(lost)) return { ...at, step: 'take-over', lost };
  const other = otherParty(conversation, call.id, agent);
  if (other && other.state !== 'held') {
    const bridge = bridgeOf.get(agent.id);
    if (bridge === undefined || bridge !== bridgeOf.get(other.id)) return { ...at, step: 'join', other };
  }
  return isAlone(conversation, call, agent) ? { ...at, step: 'dial' } : undefined;
}

/** The agent who talks in this call, or would, had the last step been taken. */
function isConnectedAgent(conversation: Conversation, call: Call, leg: Leg): boolean {
  if (leg.role !== 'agent' || leg.lost || leg.state !== 'connected') return false;
  if (call.direction !== 'inbound') return leg.userId === call.userId;
  const accepted = [...conversation.offers.values()].some(
    (offer) => offer.legId === leg.id && offer.ended === 'accepted',
  );
  return accepted || leg.joined;
}

function isAlone(conversation: Conversation, call: Call, agent: Leg): boolean {
  if (call.direction === 'inbound') return false;
  return ![...conversation.legs.values()].some(
    (leg) => leg.callId === call.id && leg.userId !== agent.userId,
  );
}
