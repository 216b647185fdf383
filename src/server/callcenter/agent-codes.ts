/** Reasons and what queues ask of their agents. */
import type { AgentRules, ReasonKind } from '../../protocol/agent-rules.ts';
import type { Sql } from '../store/database.ts';
import type { Queue, Reason } from './model.ts';
import { refuse } from './refuse.ts';

export interface ReasonInput {
  label: string;
  kind?: ReasonKind;
  /** Set by the program, and not to be chosen. */
  system?: boolean;
}
/** `position`: its place in the whole list, counted from 0. */
export interface ReasonPatch {
  label?: string;
  active?: boolean;
  position?: number;
}

/** What an agent of these queues chooses among, and whether he must. Who is in no queue chooses among all, if he likes. */
export function reasonChoices(
  queues: readonly Pick<Queue, 'agentRules'>[],
  reasons: readonly Reason[],
  kind: ReasonKind,
): { required: boolean; reasons: { id: string; label: string }[] } {
  const rules = queues.map(({ agentRules }) => agentRules);
  // A queue that names none leaves all of them to its agents, whatever their other queues say.
  const open = rules.length === 0 || rules.some(({ reasonIds }) => reasonIds.length === 0);
  const named = new Set(rules.flatMap(({ reasonIds }) => reasonIds));
  const offered = reasons.filter(
    (one) => one.kind === kind && one.active && !one.system && (open || named.has(one.id)),
  );
  const required = rules.some((rule) =>
    kind === 'not-ready' ? rule.notReadyReasonRequired : rule.logoutReasonRequired,
  );
  return {
    required: required && offered.length > 0,
    reasons: offered.map(({ id, label }) => ({ id, label })),
  };
}

/** @throws CodedError `bad-input` for a reason that there is not, or one of the other kind. */
export function checkAgentRules(
  { reasonIds, noAnswer }: AgentRules,
  reasonOf: (id: string) => Reason | undefined,
): void {
  const unknown = reasonIds.find((id) => !reasonOf(id));
  if (unknown) refuse('agentRules.reasonIds', `there is no reason ${unknown}`);
  if (noAnswer.reasonId === null) return;
  const reason = reasonOf(noAnswer.reasonId);
  if (!reason) refuse('agentRules.noAnswer.reasonId', `there is no reason ${noAnswer.reasonId}`);
  if (reason.kind !== noAnswer.state)
    refuse('agentRules.noAnswer.reasonId', `“${reason.label}” is no reason for that state`);
}

/** Adds a reason at the end of the list. */
export async function insertReason(
  sql: Sql,
  id: string,
  { label, kind = 'not-ready', system = false }: ReasonInput,
): Promise<void> {
  await sql.query(
    `INSERT INTO reason_code (id, label, system, kind, position)
      SELECT $1, $2, $3, $4, count(*) FROM reason_code`,
    [id, label, system, kind],
  );
}

/** @param all every reason, in the order to show them. @throws CodedError `bad-input` for the end of one that the program sets. */
export async function updateReason(
  sql: Sql,
  all: readonly Reason[],
  reason: Reason,
  { label = reason.label, active = reason.active, position }: ReasonPatch,
): Promise<void> {
  if (reason.system && !active) refuse('active', 'the program sets this reason itself');
  await sql.query('UPDATE reason_code SET label = $2, active = $3 WHERE id = $1', [reason.id, label, active]);
  if (position === undefined) return;
  const others = all.filter((one) => one !== reason);
  const ids = others.toSpliced(position, 0, reason).map((one) => one.id);
  await sql.query(
    `UPDATE reason_code SET position = placed.n - 1
      FROM unnest($1::text[]) WITH ORDINALITY placed(id, n) WHERE reason_code.id = placed.id`,
    [ids],
  );
}
