/** Whether what a queue's rule names is there, and stays. */
import { parseAddress } from '../../protocol/address.ts';
import { CodedError } from '../../protocol/errors.ts';
import { type QueueRule, targetsOf } from '../../protocol/queue-rules.ts';
import type { Queue } from './model.ts';
import { refuse } from './refuse.ts';

interface Known {
  skill(id: string): unknown;
  queue(id: string): unknown;
  user(id: string): unknown;
  knowsFlow(id: string): boolean;
}

/** @param country how a number outside is read. @throws `bad-input` with the field. */
export function checkRule(rule: QueueRule, known: Known, country: string): void {
  rule.steps.forEach(({ requirements }, n) => {
    for (const { skillId } of requirements)
      if (!known.skill(skillId)) refuseRule(`steps.${n}.requirements`, 'there is no such skill');
  });
  rule.groups.forEach(({ userIds }, n) => {
    if (userIds.some((id) => !known.user(id))) refuseRule(`groups.${n}.userIds`, 'there is no such user');
  });
  rule.helpers.forEach(({ queueId }, n) => {
    if (!known.queue(queueId)) refuseRule(`helpers.${n}.queueId`, 'there is no such queue');
  });
  for (const { field, target } of targetsOf(rule)) {
    if (target.kind === 'queue' && !known.queue(target.queueId))
      refuseRule(`${field}.queueId`, 'there is no such queue');
    if (target.kind === 'flow' && !known.knowsFlow(target.flowId))
      refuseRule(`${field}.flowId`, 'there is no such flow, or it is not published');
    if (target.kind === 'number' && parseAddress(target.number, country).kind !== 'e164')
      refuseRule(`${field}.number`, 'this is no telephone number outside');
  }
}

/** @throws `in-use` while a rule names it. A queue's own rule does not keep the queue. */
export function mustNotBeInRules(kind: 'queue' | 'skill', id: string, queues: readonly Queue[]): void {
  const user = queues.find((queue) => (kind === 'skill' || queue.id !== id) && namesIt(kind, id, queue.rule));
  if (user) throw new CodedError('in-use', { detail: `the rule of the queue ${user.label} names it` });
}

function namesIt(kind: 'queue' | 'skill', id: string, rule: QueueRule): boolean {
  if (kind === 'skill')
    return rule.steps.some(({ requirements }) => requirements.some(({ skillId }) => skillId === id));
  return (
    rule.helpers.some(({ queueId }) => queueId === id) ||
    targetsOf(rule).some(({ target }) => target.kind === 'queue' && target.queueId === id)
  );
}

function refuseRule(field: string, detail: string): never {
  refuse(`rule.${field}`, detail);
}
