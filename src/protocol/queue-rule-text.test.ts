import { expect, it } from 'vitest';
import { describeRule, duration } from './queue-rule-text.ts';
import { QueueRule } from './queue-rules.ts';
import type { z } from 'zod';

const labels: Record<string, string> = { b: 'Billing', f: 'French', s: 'Sales', v: 'Callback' };
const names = {
  skill: (id: string) => labels[id],
  queue: (id: string) => labels[id],
  flow: (id: string) => labels[id],
};
const text = (rule: z.input<typeof QueueRule>, requirements = [{ skillId: 'b', minimum: 3 }]) =>
  describeRule({ requirements, rule: QueueRule.parse(rule) }, names);
const billing = (afterMs: number, minimum: number) => ({
  afterMs,
  requirements: [{ skillId: 'b', minimum }],
});

it('says who is offered a call, and how that widens', () => {
  expect(text({}, [])).toEqual(['Any ready member']);
  expect(text({})).toEqual(['Billing ≥ 3']);
  expect(text({ steps: [billing(20_000, 1)], helpers: [{ queueId: 's', afterMs: 120_000 }] })).toEqual([
    'First 20 s: Billing ≥ 3; then Billing ≥ 1; after 2 min also Sales',
  ]);
  expect(text({ steps: [billing(30_000, 1)], helpers: [{ queueId: 's', afterMs: 30_000 }] })[0]).toBe(
    'First 30 s: Billing ≥ 3; then Billing ≥ 1, also Sales',
  );
});

it('names the groups that come later', () => {
  const groups = [
    { label: 'Night team', afterMs: 30_000, userIds: ['ann'] },
    { label: 'Managers', afterMs: 90_000, userIds: ['bob'] },
  ];
  expect(text({ groups }, [])[0]).toBe(
    'First 30 s: any ready member without Night team and Managers; then also Night team; after 1 min 30 s also Managers',
  );
});

it('says everything else in a sentence each', () => {
  const hangup = { kind: 'hangup' as const, text: 'Please call tomorrow.' };
  const rule = {
    strategy: 'most-skilled' as const,
    preferred: { forMs: 45_000, lastAgentDays: 7 },
    priority: 5,
    ageing: { points: 2, everyMs: 60_000 },
    overflow: [
      { when: 'wait' as const, afterMs: 300_000, target: { kind: 'queue' as const, queueId: 's' } },
      { when: 'length' as const, waiting: 20, target: { kind: 'number' as const, number: '+442079460000' } },
      { when: 'predicted-wait' as const, waitMs: 600_000, target: { kind: 'flow' as const, flowId: 'v' } },
    ],
    full: { waiting: 50, target: hangup },
    closed: { target: { kind: 'voicemail' as const } },
    maxWait: { afterMs: 3_600_000, target: { kind: 'hangup' as const, text: '' } },
  };
  expect(text(rule).slice(1)).toEqual([
    'Of several free agents the most skilled one',
    'First 45 s only the agent of the last 7 days, or whom a flow named, if he is logged in',
    'Priority 5',
    'Priority grows by 2 for each 1 min of waiting',
    'After 5 min: to the queue Sales',
    'When 20 wait: to +442079460000',
    'When the predicted wait is 10 min or more: to the flow Callback',
    'Full when 50 wait: hears “Please call tomorrow.” and is hung up',
    'Outside its hours: to voicemail',
    'At most 1 h, then is hung up',
  ]);
});

it.each([
  [0, '0 s'],
  [20_000, '20 s'],
  [60_000, '1 min'],
  [3_690_000, '1 h 1 min 30 s'],
])('%i ms are %s', (ms, words) => expect(duration(ms)).toBe(words));
