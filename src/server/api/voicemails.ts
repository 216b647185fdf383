/** Voicemail: the messages of one's own box and of one's queues. Their sound is a recording: heard, and audited, as one. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { RecordingInfo } from '../../protocol/recording.ts';
import {
  type Voicemail,
  type VoicemailBox,
  VoicemailChange,
  VoicemailPage,
  Voicemail as VoicemailSchema,
} from '../../protocol/waiting.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import { leads } from '../recording/permissions.ts';
import type { RecordingMover } from '../recording/mover.ts';
import type { RecordingRow, Recordings } from '../recording/recordings.ts';
import { keyOf, PAGE, type VoicemailRow, type Voicemails } from '../recording/voicemails.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, signedIn } from './auth.ts';

export interface VoicemailsDeps {
  voicemails: Voicemails;
  recordings: Pick<Recordings, 'find' | 'audit'>;
  mover: Pick<RecordingMover, 'remove'>;
  callCenter: Pick<CallCenter, 'queues' | 'user'>;
  clock: Clock;
  /** The recording as this user may know of it. */
  show(row: RecordingRow, request: FastifyRequest): RecordingInfo;
}

const tags = ['voicemail'];
const params = z.object({ id: z.string().max(80) });
const everybody = { access: EVERY_USER };
const Query = z.object({
  /** Of this box only: `queue:ID` or `user:ID`. */
  box: z
    .string()
    .regex(/^(queue|user):[\w-]{1,80}$/)
    .optional(),
  /** `next` of the page before. */
  after: z
    .string()
    .regex(/^\d{1,16}\.[\w-]{1,80}$/)
    .optional(),
});

export function voicemailRoutes(api: Api, deps: VoicemailsDeps): void {
  const { voicemails, clock } = deps;
  api.get(
    '/api/voicemails',
    { config: everybody, schema: { tags, querystring: Query, response: { 200: VoicemailPage } } },
    async (request) => {
      const { box, after } = request.query;
      const mine = boxesOf(request, deps);
      const asked = box === undefined ? mine : mine.filter((one) => keyOf(one) === box);
      const [at = '0', id = ''] = after?.split('.') ?? [];
      const rows = await voicemails.list(asked, after === undefined ? undefined : { at: Number(at), id });
      const unread = await voicemails.unread();
      const last = rows.at(-1);
      return {
        voicemails: await Promise.all(rows.map((row) => toVoicemail(row, request, deps))),
        boxes: mine.map((one) => ({ ...one, unread: unread.get(keyOf(one)) ?? 0 })),
        next: last && rows.length === PAGE ? `${last.at}.${last.id}` : null,
      };
    },
  );
  api.put(
    '/api/voicemails/:id',
    {
      // A mark is no change of the configuration, and who hears a message is in the recording's own audit.
      config: { ...everybody, audit: false },
      schema: { tags, params, body: VoicemailChange, response: { 200: VoicemailSchema } },
    },
    async (request) => {
      const { id } = await find(request, deps);
      await voicemails.markRead(id, request.body.read ? signedIn(request).user.id : null, clock.now());
      return toVoicemail(await find(request, deps), request, deps);
    },
  );
  api.delete(
    '/api/voicemails/:id',
    { config: { ...everybody, audit: false }, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      const { id } = await find(request, deps);
      const row = await mustFind(id, deps);
      const access = { recordingId: id, userId: signedIn(request).user.id, from: request.ip };
      await deps.recordings.audit({ ...access, what: 'deleted' }, clock.now());
      await voicemails.remove(id, clock.now());
      await deps.mover.remove(row);
      return reply.code(204).send(null);
    },
  );
}

/** His own, and those of the queues that he is a member of; who leads has all queues'. */
function boxesOf(
  request: FastifyRequest,
  { callCenter }: VoicemailsDeps,
): (VoicemailBox & { label: string })[] {
  const { user } = signedIn(request);
  const queues = callCenter.queues().filter(({ memberIds }) => leads(user) || memberIds.includes(user.id));
  return [
    { kind: 'user', id: user.id, label: callCenter.user(user.id)?.name ?? '' },
    ...queues.map(({ id, label }) => ({ kind: 'queue' as const, id, label })),
  ];
}

async function find(request: FastifyRequest, deps: VoicemailsDeps): Promise<VoicemailRow> {
  const row = await deps.voicemails.find((request.params as z.infer<typeof params>).id);
  if (!row || !boxesOf(request, deps).some((box) => keyOf(box) === keyOf(row.box)))
    throw new CodedError('not-found', { what: 'message' });
  return row;
}

async function mustFind(id: string, { recordings }: VoicemailsDeps): Promise<RecordingRow> {
  const row = await recordings.find(id);
  if (!row) throw new CodedError('not-found', { what: 'message' });
  return row;
}

async function toVoicemail(
  row: VoicemailRow,
  request: FastifyRequest,
  deps: VoicemailsDeps,
): Promise<Voicemail> {
  const recording = await mustFind(row.id, deps);
  const { caller: from, callerName, ...rest } = row;
  return {
    ...rest,
    from,
    ...(callerName === null ? {} : { callerName }),
    conversationId: recording.conversationId,
    callId: recording.callId,
    recording: deps.show(recording, request),
  };
}
