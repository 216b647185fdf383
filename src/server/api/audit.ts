/**
 * The audit trail: every change of the configuration, with who, when, before and after. One hook writes it for every route
 * that changes something and is for administrators alone, or that names itself in `config.audit`. It is an intent: the row
 * stands before the change is made, so that no change is without a trace, whatever dies.
 *
 *     request ─► row `begun`, before ─► handler ─┬─ 2xx ─────► `done`, after
 *                                                └─ refused ─► row removed
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { AuditPage, AuditQuery, type ConfigChange } from '../../protocol/setup.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { Database } from '../store/database.ts';
import type { Access, Api } from './api-types.ts';
import { maskSecrets, secretsIn } from './mask-secrets.ts';

/** How a route's object is read for the trail. A route for administrators alone needs none: it gets its path's noun. */
export interface Audit {
  /** Noun, such as `queues`; default: the path's first word after `/api/`. */
  object?: string;
  /** The object as it is now, by the route's parameters or the answer's id; undefined when there is none. */
  read?: (id: string) => unknown;
  /** Id of what the request changes; default: the parameter `id`, or the answer's. */
  id?: (request: FastifyRequest) => string;
  /** Whether this request changes the configuration at all. Default: yes. */
  when?: (request: FastifyRequest) => Promise<boolean>;
  /** Default by method: POST creates, PUT and PATCH change, DELETE deletes. */
  action?: ConfigChange['action'];
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False for a route that changes no configuration, such as a test or a retry. */
    audit?: Audit | false;
  }
  interface FastifyRequest {
    auditRow: { id: number; objectId: string } | null;
  }
}

export interface AuditDeps {
  db: Database;
  clock: Clock;
  callCenter: Pick<CallCenter, 'user'>;
}

const ACTIONS: Record<string, ConfigChange['action']> = {
  POST: 'create',
  PUT: 'change',
  PATCH: 'change',
  DELETE: 'delete',
};

/** Has every change of the configuration written down. To be called before routes are added. */
export function auditChanges(api: Api, deps: AuditDeps): void {
  api.decorateRequest('auditRow', null);
  api.addHook('preHandler', (request) => begin(request, deps));
  api.addHook('onSend', (request, reply, payload) => end(request, reply, payload, deps));
}

/** What is written down about this request's route, or undefined. */
export function auditOf(
  method: string,
  url: string,
  config: { access?: Access; audit?: Audit | false },
): (Audit & Required<Pick<Audit, 'object' | 'action'>>) | undefined {
  const action = ACTIONS[method];
  const forAdministrators = Array.isArray(config.access) && config.access.join() === 'administrator';
  if (!action || config.audit === false || (!config.audit && !forAdministrators)) return undefined;
  const object = /^\/api\/([\w-]+)/.exec(url)?.[1] ?? 'settings';
  return { object, action, ...config.audit };
}

async function begin(request: FastifyRequest, { db, clock }: AuditDeps): Promise<void> {
  const { url = '', config } = request.routeOptions;
  const audit = auditOf(request.method, url, config);
  if (!audit || !request.signedIn) return;
  if (audit.when && !(await audit.when(request))) return;
  const objectId = audit.id?.(request) ?? String((request.params as { id?: string }).id ?? '');
  const before = audit.action === 'create' ? undefined : await audit.read?.(objectId);
  const rows = await db.query<{ id: number }>(
    `INSERT INTO config_change (at, user_id, object, object_id, label, action, outcome, before)
      VALUES ($1, $2, $3, $4, $5, $6, 'begun', $7) RETURNING id`,
    [
      clock.now(),
      request.signedIn.user.id,
      audit.object,
      objectId,
      labelOf(before),
      audit.action,
      toJson(before),
    ],
  );
  const row = rows[0];
  if (row) request.auditRow = { id: row.id, objectId };
}

async function end(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  { db }: AuditDeps,
): Promise<unknown> {
  const row = request.auditRow;
  if (!row) return payload;
  request.auditRow = null;
  try {
    if (reply.statusCode >= 300) await db.query('DELETE FROM config_change WHERE id = $1', [row.id]);
    else await complete(request, row, payload, db);
  } catch (err) {
    // The change is made and its row stands as `begun`: nothing is without a trace.
    request.log.error({ err, id: row.id }, 'the audit trail could not be completed');
  }
  return payload;
}

async function complete(
  request: FastifyRequest,
  row: { id: number; objectId: string },
  payload: unknown,
  db: Database,
): Promise<void> {
  const { url = '', config } = request.routeOptions;
  const audit = auditOf(request.method, url, config);
  const answer = answerOf(payload);
  const objectId = row.objectId || idOf(answer);
  const deleted = audit?.action === 'delete';
  const read = deleted ? undefined : ((await audit?.read?.(objectId)) ?? answer ?? request.body);
  const after = deleted ? undefined : withSecretsSet(read, request.body);
  await db.query(
    `UPDATE config_change SET outcome = 'done', object_id = $2, after = $3, label = coalesce(nullif($4, ''), label)
      WHERE id = $1`,
    [row.id, objectId, toJson(after), labelOf(after)],
  );
}

/** `GET /api/audit`, for administrators. */
export function auditRoutes(api: Api, { db, callCenter }: AuditDeps): void {
  api.get(
    '/api/audit',
    {
      config: { access: ['administrator'] },
      schema: { tags: ['audit'], querystring: AuditQuery, response: { 200: AuditPage } },
    },
    async (request) => {
      const { limit } = request.query;
      const [rows, objects] = await Promise.all([
        readChanges(db, request.query),
        db.query<{ object: string }>('SELECT DISTINCT object FROM config_change ORDER BY object'),
      ]);
      const changes = rows
        .slice(0, limit)
        .map((row) => ({ ...row, userName: callCenter.user(row.userId)?.name ?? '' }));
      return { changes, more: rows.length > limit, objects: objects.map(({ object }) => object) };
    },
  );
}

function readChanges(
  db: Database,
  query: z.output<typeof AuditQuery>,
): Promise<Omit<ConfigChange, 'userName'>[]> {
  const { object, objectId, userId, q, from, to, beforeId, limit } = query;
  return db.query(
    `SELECT id, at, user_id AS "userId", object, object_id AS "objectId", label, action, outcome, before, after
      FROM config_change
      WHERE ($1::text IS NULL OR object = $1) AND ($2::text IS NULL OR object_id = $2)
        AND ($3::text IS NULL OR user_id = $3)
        AND ($4::text IS NULL OR strpos(lower(label || ' ' || coalesce(before::text, '') || coalesce(after::text, '')), lower($4)) > 0)
        AND ($5::bigint IS NULL OR at >= $5) AND ($6::bigint IS NULL OR at < $6) AND ($7::bigint IS NULL OR id < $7)
      ORDER BY id DESC LIMIT $8`,
    [object, objectId, userId, q || undefined, from, to, beforeId, limit + 1].map((value) => value ?? null),
  );
}

/** A secret is never read back, so that one was set shows in the request alone. */
function withSecretsSet(after: unknown, body: unknown): unknown {
  const set = secretsIn(body);
  if (set.length === 0 || typeof after !== 'object' || after === null) return after;
  return { ...after, ...Object.fromEntries(set.map((name) => [name, '(set anew)'])) };
}

function toJson(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(maskSecrets(value));
}

/** The answer's JSON; what is no object says nothing. */
function answerOf(payload: unknown): object | undefined {
  if (typeof payload !== 'string' || !payload.startsWith('{')) return undefined;
  return JSON.parse(payload) as object;
}

function idOf(answer: object | undefined): string {
  const given = Object.values(answer ?? {}).find(
    (value): value is { id: string } => typeof (value as { id?: unknown } | null)?.id === 'string',
  );
  const own = (answer as { id?: unknown } | undefined)?.id;
  return String(own ?? given?.id ?? '');
}

const LABELS = ['label', 'name', 'title', 'username', 'dnis', 'number'];

function labelOf(value: unknown): string {
  const fields = (value ?? {}) as Record<string, unknown>;
  const name = LABELS.map((key) => fields[key]).find((one) => typeof one === 'string' && one !== '');
  return String(name ?? '').slice(0, 200);
}
