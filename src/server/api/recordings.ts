/** Recordings that were made: found, heard by HTTP range, deleted; and who asked for which. */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { CodedError } from '../../protocol/errors.ts';
import { Direction } from '../../protocol/facts.ts';
import {
  RecordingAccess,
  RecordingDetails,
  type RecordingInfo,
  RecordingPage,
  type RecordingSettings,
  RecordingState,
} from '../../protocol/recording.ts';
import type { RecordingMover } from '../recording/mover.ts';
import { leads, permissions } from '../recording/permissions.ts';
import type { RecordingStore } from '../recording/ports.ts';
import type { RecordingRow, Recordings } from '../recording/recordings.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, signedIn } from './auth.ts';
import { byteRange } from './byte-range.ts';

export interface RecordingsDeps {
  recordings: Recordings;
  store: Pick<RecordingStore, 'get'>;
  mover: Pick<RecordingMover, 'remove' | 'retry'>;
  /** As they hold for a user. */
  settingsFor: (userId: string) => RecordingSettings;
  isMember: (userId: string, queueId: string) => boolean;
  clock: Clock;
}

const text = z.string().min(1).max(80);
const instant = z.coerce.number().int().min(0);
const Query = z.object({
  /** One conversation, or several with commas between. */
  conversationId: z.string().min(1).max(4_000).optional(),
  userId: text.optional(),
  queueId: text.optional(),
  direction: Direction.optional(),
  state: RecordingState.optional(),
  from: instant.optional(),
  to: instant.optional(),
  after: z.string().max(120).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const params = z.object({ id: text });
const AudioQuery = z.object({
  /** Saved as a file: needs the right to, and is audited as such. */
  download: z.enum(['1']).optional(),
});
const tags = ['recordings'];

/** Reading is open to every user; whom the row or the settings do not allow it is told that there is none, or `not-allowed`. */
export function recordingRoutes(api: Api, deps: RecordingsDeps): void {
  const { recordings } = deps;
  const everybody = { access: EVERY_USER };

  api.get(
    '/api/recordings',
    { config: everybody, schema: { tags, querystring: Query, response: { 200: RecordingPage } } },
    async (request) => {
      const { user } = signedIn(request);
      // An agent's own, whatever he asks for.
      const own = leads(user) ? {} : { userId: user.id };
      const { conversationId, ...filter } = request.query;
      const ids = conversationId === undefined ? {} : { conversationIds: conversationId.split(',') };
      const { rows, next } = await recordings.list({ ...filter, ...ids, ...own });
      return { recordings: rows.map((row) => show(row, request, deps)), next };
    },
  );
  api.get(
    '/api/recordings/:id',
    { config: everybody, schema: { tags, params, response: { 200: RecordingDetails } } },
    async (request) => {
      const row = await find(request, deps);
      return { ...show(row, request, deps), peaks: await recordings.peaks(row.id) };
    },
  );
  api.get(
    '/api/recordings/:id/audio',
    { config: everybody, schema: { tags, params, querystring: AudioQuery } },
    (request, reply) => sendAudio(request, reply, request.query.download !== undefined, deps),
  );
  api.get(
    '/api/recordings/:id/access',
    {
      config: { access: ['administrator'] },
      schema: { tags, params, response: { 200: z.object({ accesses: z.array(RecordingAccess) }) } },
    },
    async (request) => {
      const row = await find(request, deps);
      return { accesses: await recordings.accesses(row.id) };
    },
  );
  changingRoutes(api, deps);
}

function changingRoutes(api: Api, deps: RecordingsDeps): void {
  api.delete(
    '/api/recordings/:id',
    // Its own audit says who: the trail of the configuration does not.
    {
      config: { access: ['administrator'], audit: false },
      schema: { tags, params, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const row = await find(request, deps);
      if (row.state === 'recording') throw new CodedError('in-use', { detail: 'the call goes on' });
      await audit(request, row, 'deleted', deps);
      await deps.mover.remove(row);
      return reply.code(204).send(null);
    },
  );
  api.post(
    '/api/recordings/retry',
    { config: { access: ['administrator'], audit: false }, schema: { tags, response: { 204: z.null() } } },
    async (_request, reply) => {
      await deps.mover.retry();
      return reply.code(204).send(null);
    },
  );
}

async function find(request: FastifyRequest, deps: RecordingsDeps): Promise<RecordingRow> {
  const { id } = request.params as z.infer<typeof params>;
  const row = await deps.recordings.find(id);
  if (!row || !mayOf(request, row, deps).see) throw new CodedError('not-found', { what: 'recording' });
  return row;
}

async function sendAudio(
  request: FastifyRequest,
  reply: FastifyReply,
  download: boolean,
  deps: RecordingsDeps,
): Promise<FastifyReply> {
  const row = await find(request, deps);
  const may = mayOf(request, row, deps);
  const allowed = download ? may.download : may.play;
  await audit(request, row, allowed ? (download ? 'downloaded' : 'played') : 'refused', deps);
  if (!allowed) throw new CodedError('not-allowed');
  const { storeKey, bytes } = row;
  if (storeKey === null || bytes === null)
    throw new CodedError('recording-no-audio', { reason: NO_AUDIO[row.state] });
  const range = byteRange(request.headers.range, bytes);
  reply.headers({
    'accept-ranges': 'bytes',
    'content-type': 'audio/wav',
    'cache-control': 'private, no-store',
  });
  if (download) reply.header('content-disposition', `attachment; filename="${row.id}.wav"`);
  if (range === undefined) {
    reply.header('content-range', `bytes */${bytes}`);
    throw new CodedError('recording-range', { bytes });
  }
  const content = await deps.store.get(storeKey, range === 'all' ? undefined : range);
  if (range === 'all') reply.header('content-length', bytes);
  else
    reply.code(206).headers({
      'content-range': `bytes ${range.start}-${range.end}/${bytes}`,
      'content-length': range.end - range.start + 1,
    });
  return reply.send(content instanceof Readable ? content : Readable.from(content));
}

const NO_AUDIO: Record<RecordingRow['state'], string> = {
  recording: 'the call goes on',
  waiting: 'it waits for the store',
  stored: 'the store has no file of it',
  failed: 'there is none',
  deleted: 'it was deleted',
};

function audit(
  request: FastifyRequest,
  row: RecordingRow,
  what: RecordingAccess['what'],
  { recordings, clock }: RecordingsDeps,
): Promise<void> {
  const userId = signedIn(request).user.id;
  return recordings.audit({ recordingId: row.id, userId, what, from: request.ip }, clock.now());
}

function mayOf(
  request: FastifyRequest,
  row: RecordingRow,
  { settingsFor, isMember }: Pick<RecordingsDeps, 'settingsFor' | 'isMember'>,
) {
  const { user } = signedIn(request);
  return permissions(user, row, settingsFor(user.id), (queueId) => isMember(user.id, queueId));
}

/** The recording as this user may know of it. */
export function show(
  row: RecordingRow,
  request: FastifyRequest,
  deps: Pick<RecordingsDeps, 'settingsFor' | 'isMember'>,
): RecordingInfo {
  const { play, download } = mayOf(request, row, deps);
  const there = row.state === 'stored';
  const { byUser: by, nextAt, error, attempts } = row;
  return {
    id: row.id,
    conversationId: row.conversationId,
    callId: row.callId,
    legId: row.legId,
    platformId: row.platformId,
    direction: row.direction,
    queueId: row.queueId,
    userIds: row.userIds,
    why: row.why,
    by,
    state: row.state,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    ms: row.ms,
    bytes: row.bytes,
    sha256: row.sha256,
    deleteAt: row.deleteAt,
    problem: error === null ? null : { error, attempts, nextAt: nextAt ?? 0 },
    may: { play: there && play, download: there && download },
  };
}
