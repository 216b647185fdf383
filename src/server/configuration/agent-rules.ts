/** Reason codes in the file, and how queues name them. */
import { z } from 'zod';
import { AgentRules, DEFAULT_AGENT_RULES, NoAnswerRule, ReasonKind } from '../../protocol/agent-rules.ts';
import { refuse } from '../callcenter/refuse.ts';
import { byLabel, idOf, nameOf, section } from './section.ts';
import type { Stores } from './stores.ts';

const ReasonItem = z
  .object({ position: z.number().int().min(1).max(1_000), kind: ReasonKind.default('not-ready') })
  .strict();

/** Those that the program sets by itself are not in the file, nor those that cannot be chosen any more: one that goes from it can not. */
export const reasons = section<z.output<typeof ReasonItem>>({
  section: 'reasons',
  item: ReasonItem,
  list: ({ callCenter }) =>
    callCenter
      .reasons()
      .filter(({ system, active }) => active && !system)
      .map(({ id, label, kind }, index) => ({ id, name: label, item: { position: index + 1, kind } })),
  async add({ callCenter }, label, { kind }) {
    const gone = callCenter.reasons().find((one) => one.label === label && one.kind === kind && !one.active);
    await (gone ? callCenter.changeReason(gone.id, { active: true }) : callCenter.addReason({ label, kind }));
  },
  // Its place is given with those of all others.
  async change(_stores, _id, { kind }, before) {
    if (kind !== before.kind) refuse('kind', 'what a reason is for stays: give the new one another name');
  },
  remove: ({ callCenter }, id) => callCenter.changeReason(id, { active: false }),
  async reorder({ callCenter }, ids) {
    for (const [position, id] of ids.entries()) await callCenter.changeReason(id, { position });
  },
});

const { reasonIds: _none, noAnswer: silent, ...plain } = DEFAULT_AGENT_RULES;

/** Reasons by their names. */
export const NamedAgentRules = AgentRules.omit({ reasonIds: true, noAnswer: true })
  .extend({
    reasons: z.array(z.string()).max(200),
    noAnswer: NoAnswerRule.omit({ reasonId: true }).extend({ reason: z.string().nullable() }).strict(),
  })
  .strict()
  .default({ ...plain, reasons: [], noAnswer: { state: silent.state, after: silent.after, reason: null } });
type NamedAgentRules = z.output<typeof NamedAgentRules>;
type Reasons = Pick<Stores['callCenter'], 'reasons'>;

export function namesInAgentRules(
  center: Reasons,
  { reasonIds, noAnswer: { reasonId, ...noAnswer }, ...rest }: AgentRules,
): NamedAgentRules {
  const label = (id: string) => nameOf(center.reasons(), byLabel, id);
  return {
    ...rest,
    reasons: reasonIds.map(label),
    noAnswer: { ...noAnswer, reason: reasonId === null ? null : label(reasonId) },
  };
}

/** @throws `bad-input` for a reason that there is not. */
export function agentRulesOf(
  center: Reasons,
  { reasons: labels, noAnswer: { reason, ...noAnswer }, ...rest }: NamedAgentRules,
): AgentRules {
  const id = (label: string, field: string) =>
    idOf(center.reasons(), byLabel, label, 'reason', `agentRules.${field}`);
  return {
    ...rest,
    reasonIds: labels.map((label) => id(label, 'reasons')),
    noAnswer: { ...noAnswer, reasonId: reason === null ? null : id(reason, 'noAnswer.reason') },
  };
}
