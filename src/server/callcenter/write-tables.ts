import { newId } from '../../lib/ids.ts';
import { DEFAULT_AGENT_RULES } from '../../protocol/agent-rules.ts';
import type { Requirement, SkillLevel } from '../../protocol/skills.ts';
import type { Sql } from '../store/database.ts';
import { type Disposition, type EntryInput, PRIVATE_PLATFORM, type QueueInput } from './model.ts';

/** Inserts or replaces a queue with its members, what it asks of them, and wrap-up codes; a code that keeps its label keeps its id. */
export async function writeQueue(
  sql: Sql,
  id: string,
  input: QueueInput,
  known: readonly Disposition[],
): Promise<void> {
  await sql.query(
    `INSERT INTO queue (id, label, ring_ms, wrap_ms, disposition_required, greeting, agent_rules, rule)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      ON CONFLICT (id) DO UPDATE SET label = $2, ring_ms = $3, wrap_ms = $4, disposition_required = $5, greeting = $6,
        agent_rules = $7, rule = $8`,
    [
      id,
      input.label,
      input.ringMs,
      input.wrapMs,
      input.dispositionRequired,
      input.greeting,
      JSON.stringify(input.agentRules ?? DEFAULT_AGENT_RULES),
      JSON.stringify(input.rule ?? {}),
    ],
  );
  await sql.query('DELETE FROM queue_member WHERE queue_id = $1', [id]);
  await sql.query('INSERT INTO queue_member SELECT $1, unnest($2::text[])', [
    id,
    [...new Set(input.memberIds)],
  ]);
  await writeRequirements(sql, id, input.requirements ?? []);
  await writeDispositions(sql, id, [...new Set(input.dispositions)], known);
}

async function writeRequirements(sql: Sql, queueId: string, all: readonly Requirement[]): Promise<void> {
  await sql.query('DELETE FROM queue_skill WHERE queue_id = $1', [queueId]);
  await sql.query('INSERT INTO queue_skill SELECT $1, * FROM unnest($2::text[], $3::integer[])', [
    queueId,
    all.map(({ skillId }) => skillId),
    all.map(({ minimum }) => minimum),
  ]);
}

/** The user has these skills and no others. */
export async function writeUserSkills(
  sql: Sql,
  userId: string,
  skills: readonly SkillLevel[],
): Promise<void> {
  await sql.query('DELETE FROM user_skill WHERE user_id = $1', [userId]);
  await sql.query('INSERT INTO user_skill SELECT $1, * FROM unnest($2::text[], $3::integer[])', [
    userId,
    skills.map(({ skillId }) => skillId),
    skills.map(({ level }) => level),
  ]);
}

/** None of the queue's codes can be chosen from now on; they stay for what happened, after those that can. */
export async function retireDispositions(sql: Sql, queueId: string): Promise<void> {
  await sql.query(
    'UPDATE disposition SET active = false, position = position + 1000 * active::integer WHERE queue_id = $1',
    [queueId],
  );
}

async function writeDispositions(
  sql: Sql,
  queueId: string,
  labels: string[],
  known: readonly Disposition[],
): Promise<void> {
  const ids = labels.map((label) => known.find((d) => d.label === label)?.id ?? newId('disp'));
  await retireDispositions(sql, queueId);
  await sql.query(
    `INSERT INTO disposition (id, queue_id, label, position, active)
      SELECT made.id, $1, made.label, made.n, true FROM unnest($2::text[], $3::text[]) WITH ORDINALITY made(id, label, n)
      ON CONFLICT (id) DO UPDATE SET position = EXCLUDED.position, active = true`,
    [queueId, ids, labels],
  );
}

/** Inserts or replaces a number of ours; `dnis` is normalised already. */
export async function writeEntry(sql: Sql, id: string, input: EntryInput): Promise<void> {
  await sql.query(
    `INSERT INTO owned_number (id, dnis, label, queue_id, user_id, trunk_id, platform_id, offered_to_visitors, flow_id)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
      ON CONFLICT (id) DO UPDATE SET dnis = $2, label = $3, queue_id = $4, user_id = $5, trunk_id = $6, platform_id = $7,
        offered_to_visitors = $8, flow_id = $9`,
    [
      id,
      input.dnis,
      input.label,
      input.queueId ?? null,
      input.userId ?? null,
      input.trunkId ?? null,
      input.platformId ?? PRIVATE_PLATFORM,
      input.offeredToVisitors,
      input.flowId ?? null,
    ],
  );
}
