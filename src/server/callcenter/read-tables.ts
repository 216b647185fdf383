import { type AgentRules, DEFAULT_AGENT_RULES } from '../../protocol/agent-rules.ts';
import type { Role } from '../../protocol/api.ts';
import { QueueRule } from '../../protocol/queue-rules.ts';
import type { Skill } from '../../protocol/skills.ts';
import type { Sql } from '../store/database.ts';
import type { Device, Disposition, Entry, Queue, Reason, User } from './model.ts';

export type Kind = 'user' | 'queue' | 'number' | 'skill' | 'reason' | 'device';

/** Everything an administrator has set, by id, each in the order to show it. */
export interface Tables {
  users: Map<string, User>;
  queues: Map<string, Queue>;
  /** By user: those that he is a member of. */
  queuesOf: Map<string, Queue[]>;
  entries: Map<string, Entry>;
  skills: Map<string, Skill>;
  reasons: Map<string, Reason>;
  /** By queue. */
  dispositions: Map<string, Disposition[]>;
  /** SIP phones. */
  devices: Map<string, Device>;
}

/** Reads the tables, without the secrets in them. */
export async function readTables(sql: Sql): Promise<Tables> {
  const [users, queues, entries, skills, reasons, dispositions, devices] = await Promise.all([
    readUsers(sql),
    readQueues(sql),
    readEntries(sql),
    sql.query<Skill>('SELECT id, label, description FROM skill ORDER BY lower(label), id'),
    sql.query<Reason>('SELECT id, label, kind, system, active FROM reason_code ORDER BY position, id'),
    readDispositions(sql),
    sql.query<Device>(
      'SELECT id, user_id AS "userId", kind, label, username, control, platform_id AS "platformId" FROM device ORDER BY id',
    ),
  ]);
  return {
    users: byId(users),
    queues: byId(queues),
    queuesOf: queuesByMember(queues),
    entries: byId(entries),
    skills: byId(skills),
    reasons: byId(reasons),
    dispositions,
    devices: byId(devices),
  };
}

/** True for the error of a row that others still point at (SQLSTATE 23503). */
export function isForeignKeyViolation(error: unknown): boolean {
  return error instanceof Error && (error as { code?: string }).code === '23503';
}

function readUsers(sql: Sql): Promise<User[]> {
  return sql.query<User & { roles: Role[] }>(
    `SELECT id, username, name, email, roles, locale, zone, country, extension, device_id AS "deviceId", disabled, demo_password AS "demoPassword",
      platform_id AS "platformId", profile_id AS "profileId",
      ARRAY(SELECT json_build_object('skillId', skill_id, 'level', level) FROM user_skill WHERE user_id = "user".id ORDER BY skill_id) AS skills,
      queue_order AS "queueOrder"
      FROM "user" ORDER BY name, id`,
  );
}

async function readQueues(sql: Sql): Promise<Queue[]> {
  const rows = await sql.query<Queue & { agentRules: Partial<AgentRules> }>(
    `SELECT id, label, agent_rules AS "agentRules", ring_ms AS "ringMs", wrap_ms AS "wrapMs", disposition_required AS "dispositionRequired", greeting,
      ARRAY(SELECT user_id FROM queue_member WHERE queue_id = id ORDER BY user_id) AS "memberIds",
      ARRAY(SELECT json_build_object('skillId', skill_id, 'minimum', minimum) FROM queue_skill WHERE queue_id = queue.id ORDER BY skill_id)
        AS requirements, rule
      FROM queue ORDER BY label`,
  );
  return rows.map((row) => ({
    ...row,
    agentRules: { ...DEFAULT_AGENT_RULES, ...row.agentRules },
    rule: QueueRule.parse(row.rule),
  }));
}

function queuesByMember(queues: readonly Queue[]): Map<string, Queue[]> {
  const result = new Map<string, Queue[]>();
  for (const queue of queues)
    for (const userId of queue.memberIds) result.set(userId, [...(result.get(userId) ?? []), queue]);
  return result;
}

function readEntries(sql: Sql): Promise<Entry[]> {
  return sql.query<Entry>(
    `SELECT id, dnis, label, queue_id AS "queueId", user_id AS "userId", flow_id AS "flowId", trunk_id AS "trunkId", platform_id AS "platformId",
      offered_to_visitors AS "offeredToVisitors" FROM owned_number ORDER BY length(dnis), dnis, platform_id`,
  );
}

async function readDispositions(sql: Sql): Promise<Map<string, Disposition[]>> {
  const rows = await sql.query<Disposition & { queue_id: string }>(
    'SELECT id, queue_id, label, active FROM disposition ORDER BY position, id',
  );
  const result = new Map<string, Disposition[]>();
  for (const { queue_id, id, label, active } of rows) {
    const list = result.get(queue_id) ?? [];
    list.push({ id, label, active });
    result.set(queue_id, list);
  }
  return result;
}

function byId<T extends { id: string }>(rows: T[]): Map<string, T> {
  return new Map(rows.map((row) => [row.id, row]));
}

/** What was added, changed or removed between two readings. A queue's wrap-up codes are the queue's. */
export function differing(before: Tables, after: Tables): [Kind, string][] {
  const pairs = [
    ['user', before.users, after.users],
    ['queue', before.queues, after.queues],
    ['queue', before.dispositions, after.dispositions],
    ['number', before.entries, after.entries],
    ['skill', before.skills, after.skills],
    ['reason', before.reasons, after.reasons],
    ['device', before.devices, after.devices],
  ] as const;
  const all = pairs.flatMap(([kind, was, is]) =>
    [...new Set([...was.keys(), ...is.keys()])]
      .filter((id) => JSON.stringify(was.get(id)) !== JSON.stringify(is.get(id)))
      .map((id) => `${kind} ${id}`),
  );
  return [...new Set(all)].map((one) => one.split(' ') as [Kind, string]);
}
