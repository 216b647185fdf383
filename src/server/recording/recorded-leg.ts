/** Which leg of a call is recorded, who talks in it, and what is recorded of it now: questions asked of the model. */
import {
  type Call,
  type Conversation,
  customerLeg,
  type Leg,
  liveLegs,
  type RecordingOfLeg,
} from '../telephony/model.ts';

/**
 * The leg of the party that the agents talk to; between colleagues, the one who was called. Undefined in a consultation, and
 * until it is connected.
 */
export function recordedLeg(conversation: Conversation, call: Call): Leg | undefined {
  if (call.purpose !== 'call') return undefined;
  const leg =
    customerLeg(conversation, call.id) ??
    liveLegs(conversation, call.id).find((one) => one.role === 'agent' && one.userId !== call.userId);
  return leg?.connectedAt === undefined ? undefined : leg;
}

export function activeOf(conversation: Conversation, legId: string | undefined): RecordingOfLeg | undefined {
  return [...conversation.recordings.values()].find(
    (recording) => recording.legId === legId && recording.stoppedAt === undefined,
  );
}

/** Since when it is paused, undefined while it is not. */
export function pausedSince({ holders }: RecordingOfLeg): number | undefined {
  return holders.size === 0 ? undefined : Math.min(...holders.values());
}

/** The queue whose agents answered it last. */
export function queueOf(conversation: Conversation, call: Call): string | undefined {
  return [...conversation.queueStays.values()]
    .filter((stay) => stay.callId === call.id && stay.how === 'answered')
    .at(-1)?.queueId;
}

/** The agents who are connected in it. */
export function talkers(conversation: Conversation, call: Call): string[] {
  const users = liveLegs(conversation, call.id)
    .filter((leg) => leg.role === 'agent' && leg.joined)
    .flatMap((leg) => leg.userId ?? []);
  return [...new Set(users)];
}
