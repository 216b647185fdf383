/** Whether an alarm's threshold is crossed: pure. What is over time is said together with when it will be. */
import type { Alarm } from '../../protocol/alarms.ts';
import type { FloorAgent, FloorQueue } from '../../protocol/floor.ts';

/** It goes on since then (or will from then on), for this reason; undefined: nothing is wrong. */
export interface Verdict {
  from: number;
  text: string;
}

const STATES = {
  ready: 'ready',
  'not-ready': 'not ready',
  offered: 'being rung',
  talking: 'talking',
  'wrap-up': 'in wrap-up',
  lost: 'without a page',
} as const;

export function aboutQueue(alarm: Alarm, queue: FloorQueue, now: number): Verdict | undefined {
  if (alarm.queueIds.length > 0 && !alarm.queueIds.includes(queue.id)) return undefined;
  const { limit } = alarm;
  switch (alarm.kind) {
    case 'oldest-wait':
      if (queue.oldestAt === null) return undefined;
      return {
        from: queue.oldestAt + limit * 1_000,
        text: `${queue.label}: somebody has waited for more than ${span(limit)}`,
      };
    case 'waiting':
      return queue.waiting > limit
        ? { from: now, text: `${queue.label}: more than ${limit} callers wait` }
        : undefined;
    case 'service-level':
      return queue.serviceLevel !== null && queue.serviceLevel * 100 < limit
        ? { from: now, text: `${queue.label}: the service level of the last hour is below ${limit} %` }
        : undefined;
    case 'ready':
      return queue.ready < limit
        ? { from: now, text: `${queue.label}: fewer than ${limit} agents are ready` }
        : undefined;
    case 'state':
      return undefined;
  }
}

export function aboutAgent(alarm: Alarm, agent: FloorAgent): Verdict | undefined {
  if (alarm.kind !== 'state' || alarm.state !== agent.state) return undefined;
  if (alarm.queueIds.length > 0 && !agent.queueIds.some((id) => alarm.queueIds.includes(id)))
    return undefined;
  return {
    from: agent.since + alarm.limit * 1_000,
    text: `${agent.name} has been ${STATES[alarm.state]} for more than ${span(alarm.limit)}`,
  };
}

/** `90 s`, `2 min`. */
function span(seconds: number): string {
  return seconds % 60 === 0 && seconds > 0 ? `${seconds / 60} min` : `${seconds} s`;
}
