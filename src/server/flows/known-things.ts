/** What there is around flows: what their settings may name, and what leads to them. */
import { targetsOf } from '../../protocol/queue-rules.ts';
import type { BusinessHoursBook } from '../callcenter/business-hours.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { Exists } from './check.ts';
import type { FlowRecordings } from './flow-recordings.ts';
import type { FlowSecrets } from './flow-secrets.ts';

export interface AroundFlows {
  callCenter: Pick<CallCenter, 'queue' | 'user' | 'skill'>;
  hours: Pick<BusinessHoursBook, 'get'>;
  scripts: { get(id: string): { active: boolean } | undefined };
  recordings: Pick<FlowRecordings, 'find'>;
  secrets: Pick<FlowSecrets, 'has'>;
}

/** Whether settings may name it. */
export function knownThings({ callCenter, hours, scripts, recordings, secrets }: AroundFlows): Exists {
  const known: Record<Parameters<Exists>[0], (id: string) => boolean> = {
    queue: (id) => callCenter.queue(id) !== undefined,
    user: (id) => callCenter.user(id)?.disabled === false,
    hours: (id) => hours.get(id) !== undefined,
    script: (id) => scripts.get(id)?.active === true,
    skill: (id) => callCenter.skill(id) !== undefined,
    recording: (id) => recordings.find(id) !== undefined,
    secret: (name) => secrets.has(name),
  };
  return (kind, id) => known[kind](id);
}

/** What leads callers to a flow, in words: numbers, and rules of queues. */
export function leadingTo(callCenter: Pick<CallCenter, 'entries' | 'queues'>, id: string): string[] {
  const numbers = callCenter.entries().filter(({ flowId }) => flowId === id);
  const queues = callCenter
    .queues()
    .filter(({ rule }) =>
      targetsOf(rule).some(({ target }) => target.kind === 'flow' && target.flowId === id),
    );
  return [
    ...numbers.map(({ dnis }) => `the number ${dnis}`),
    ...queues.map(({ label }) => `the rule of the queue ${label}`),
  ];
}
