/**
 * What the last process, or a broken connection to the switch, left between two steps of a call. Who should hear whom is
 * settled by the plan alone (call-plan.ts); here is what settling cannot know: a party that was not dialled yet, and a new
 * leg whose old one has not gone.
 */
import type { Serial } from '../../lib/serial.ts';
import type { Conversations } from './conversations.ts';
import { type Call, type Conversation, isLive, type Leg, liveLegs } from './model.ts';

export type Unfinished = { conversation: Conversation; call: Call; agent: Leg } & (
  | { step: 'dial' }
  | { step: 'take-over'; lost: Leg }
);

/** Takes the steps that are due on this platform. What is under way by itself comes first: then it is asked once more. */
export async function finishSteps(
  conversations: Conversations,
  platformId: string,
  serial: Serial,
  isToDial: (conversation: Conversation, call: Call, leg: Leg) => boolean,
  take: (step: Unfinished) => void,
): Promise<void> {
  const due = () => unfinishedSteps(conversations.all(), platformId, isToDial);
  const finish = async ({ conversation, agent }: Unfinished) => {
    await serial.run(conversation.id, () => Promise.resolve());
    const step = due().find((candidate) => candidate.agent.id === agent.id);
    if (step) take(step);
  };
  await Promise.all(due().map(finish));
}

function unfinishedSteps(
  conversations: readonly Conversation[],
  platformId: string,
  isToDial: (conversation: Conversation, call: Call, leg: Leg) => boolean,
): Unfinished[] {
  return conversations.flatMap((conversation) =>
    [...conversation.calls.values()]
      .filter((call) => call.platformId === platformId && call.endedAt === undefined)
      .flatMap((call) =>
        liveLegs(conversation, call.id)
          .filter((leg) => leg.role === 'agent' && leg.connectedAt !== undefined && !leg.lost)
          .flatMap((agent): Unfinished[] => {
            const lost = conversation.legs.get(agent.replaces ?? '');
            if (lost && isLive(lost)) return [{ conversation, call, agent, step: 'take-over', lost }];
            return isToDial(conversation, call, agent) ? [{ conversation, call, agent, step: 'dial' }] : [];
          }),
      ),
  );
}
