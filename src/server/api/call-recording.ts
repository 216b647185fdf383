/** The recording of a call that goes on: begun, paused and resumed by its agent, or by a payment page on his behalf. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CodedError } from '../../protocol/errors.ts';
import { CallRecordingState, RecordingPause } from '../../protocol/recording.ts';
import { leads } from '../recording/permissions.ts';
import type { CallRecordingControl } from '../recording/ports.ts';
import type { Conversations } from '../telephony/conversations.ts';
import { type Conversation, isLive, type Leg } from '../telephony/model.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, signedIn } from './auth.ts';

export interface CallRecordingDeps {
  conversations: Pick<Conversations, 'get'>;
  control: CallRecordingControl;
}

const tags = ['recordings'];
const params = z.object({ conversationId: z.string().min(1).max(80) });
const config = { access: EVERY_USER };
const response = { 200: CallRecordingState };

/**
 * An agent for the calls that he is in; supervisors and administrators, and so the API users who have one of these roles, for
 * every call.
 */
export function callRecordingRoutes(api: Api, { conversations, control }: CallRecordingDeps): void {
  const find = (request: FastifyRequest): Leg => {
    const { conversationId } = request.params as z.infer<typeof params>;
    const conversation = conversations.get(conversationId);
    const { user } = signedIn(request);
    const leg = conversation && talkingLeg(conversation, user.id, leads(user));
    if (!leg) throw new CodedError('no-such-line');
    return leg;
  };
  const path = '/api/calls/:conversationId/recording';

  api.get(path, { config, schema: { tags, params, response } }, async (request) =>
    control.stateOf(find(request).callId),
  );
  api.post(`${path}/start`, { config, schema: { tags, params, response } }, async (request) => {
    const leg = find(request);
    await control.start(leg.id, leg.userId ?? '');
    return control.stateOf(leg.callId);
  });
  for (const verb of ['pause', 'resume'] as const)
    api.post(
      `${path}/${verb}`,
      { config, schema: { tags, params, body: RecordingPause.nullish(), response } },
      async (request) => {
        const leg = find(request);
        await control[verb](leg.id, signedIn(request).user.id, request.body?.holder);
        return control.stateOf(leg.callId);
      },
    );
}

/** The user's newest leg that talks; with `anybody`, else any agent's. A consultation's is not recorded and comes last. */
function talkingLeg(conversation: Conversation, userId: string, anybody: boolean): Leg | undefined {
  const legs = [...conversation.legs.values()]
    .filter((leg) => leg.role === 'agent' && isLive(leg) && leg.joined)
    .sort((a, b) => rank(conversation, b) - rank(conversation, a));
  return legs.find((leg) => leg.userId === userId) ?? (anybody ? legs[0] : undefined);
}

function rank(conversation: Conversation, leg: Leg): number {
  const consult = conversation.calls.get(leg.callId)?.purpose !== 'call';
  return (consult ? 0 : 1e15) + leg.createdAt;
}
