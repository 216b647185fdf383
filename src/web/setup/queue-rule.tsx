import { NumberInput, Select, Stack, Text } from '@mantine/core';
import { describeRule, type RuleNames, STRATEGY_WORDS } from '../../protocol/queue-rule-text.ts';
import type { FlowSummary } from '../../protocol/flows.ts';
import { type QueueRule, STRATEGIES, type Strategy } from '../../protocol/queue-rules.ts';
import type { ShownQueue, ShownUser } from '../../protocol/setup.ts';
import type { Requirement, Skill } from '../../protocol/skills.ts';
import { FieldGrid, SMALL } from './fields.tsx';
import { Section } from './page.tsx';
import { OverflowRules } from './queue-rule-overflow.tsx';
import { TimeInput } from './queue-rule-inputs.tsx';
import { Widening } from './queue-rule-widening.tsx';
import { useRecords } from './resource.ts';

interface QueueRuleProps {
  /** The queue's id; undefined while it is made. */
  queueId: string | undefined;
  requirements: readonly Requirement[];
  memberIds: readonly string[];
  rule: QueueRule;
  /** What is wrong with a field, by its path. */
  error: (path: string) => string | undefined;
  onChange: (rule: QueueRule) => void;
}

/** The rule of a queue: read out, and changed. */
export function QueueRuleParts({ queueId, requirements, memberIds, rule, error, onChange }: QueueRuleProps) {
  const queues = (useRecords<ShownQueue>('queues').data ?? []).filter(({ id }) => id !== queueId);
  const users = (useRecords<ShownUser>('users').data ?? []).filter(({ id }) => memberIds.includes(id));
  const set = (change: Partial<QueueRule>) => onChange({ ...rule, ...change });
  const parts = { rule, queues, error: (path: string) => error(`rule.${path}`), set };
  return (
    <>
      <Section
        title="While a caller waits"
        intro="Less can be required, and others can help, the longer a caller waits. Times count from entering the queue."
      >
        <Widening {...parts} users={users} />
      </Section>
      <Section
        title="Turn and choice"
        intro="Whose turn it is, and which of several free agents gets the call."
      >
        <Turn {...parts} />
      </Section>
      <Section
        title="Sent elsewhere"
        intro="When a caller leaves the queue, and for where. Nobody is sent to a queue where he waited before in the same call."
      >
        <OverflowRules {...parts} />
      </Section>
      <Section title="The rule">
        <RuleText requirements={requirements} rule={rule} />
      </Section>
    </>
  );
}

/** What a rule's skills, queues and flows are called. */
export function useRuleNames(): RuleNames {
  const skills = useRecords<Skill>('skills').data ?? [];
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  const flows = useRecords<FlowSummary>('flows').data ?? [];
  const labelIn = (all: readonly { id: string; label: string }[]) => (id: string) =>
    all.find((one) => one.id === id)?.label;
  return { skill: labelIn(skills), queue: labelIn(queues), flow: labelIn(flows) };
}

/** A queue's rule in words, as it is in the form now. */
function RuleText({ requirements, rule }: Pick<QueueRuleProps, 'requirements' | 'rule'>) {
  const lines = describeRule({ requirements, rule }, useRuleNames());
  return (
    <Stack gap={4} role="status" data-testid="queue-rule">
      {lines.map((line) => (
        <Text key={line} size="sm">
          {line}.
        </Text>
      ))}
    </Stack>
  );
}

export interface RulePartProps {
  rule: QueueRule;
  /** The other queues. */
  queues: readonly ShownQueue[];
  /** By the path inside of the rule. */
  error: (path: string) => string | undefined;
  set: (change: Partial<QueueRule>) => void;
}

function Turn({ rule, error, set }: RulePartProps) {
  const { ageing, preferred } = rule;
  return (
    <FieldGrid>
      <Select
        {...SMALL}
        label="Of several free agents"
        data={STRATEGIES.map((value) => ({ value, label: STRATEGY_WORDS[value] }))}
        allowDeselect={false}
        value={rule.strategy}
        onChange={(value) => set({ strategy: value as Strategy })}
        data-testid="field-strategy"
      />
      <NumberInput
        {...SMALL}
        label="Priority"
        description="Added to what a call brings; the higher goes first."
        min={-1_000}
        max={1_000}
        value={rule.priority}
        error={error('priority')}
        onChange={(value) => set({ priority: Number(value) })}
        data-testid="field-priority"
      />
      <TimeInput
        label="Priority grows every"
        help="By one for each such wait; empty: it does not grow."
        ms={ageing?.everyMs}
        error={error('ageing')}
        onChange={(everyMs) =>
          set({ ageing: everyMs === undefined ? null : { points: ageing?.points ?? 1, everyMs } })
        }
        testId="field-ageing"
      />
      {ageing && (
        <NumberInput
          {...SMALL}
          label="By how much"
          min={1}
          max={1_000}
          value={ageing.points}
          error={error('ageing.points')}
          onChange={(value) => set({ ageing: { ...ageing, points: Number(value) } })}
        />
      )}
      <TimeInput
        label="First only the caller’s own agent"
        help="So long, if that agent is logged in; empty: no agent of one’s own."
        ms={preferred?.forMs}
        error={error('preferred')}
        onChange={(forMs) =>
          set({ preferred: forMs === undefined ? null : { lastAgentDays: 7, ...preferred, forMs } })
        }
        testId="field-preferred"
      />
      {preferred && (
        <NumberInput
          {...SMALL}
          label="Who that is"
          description="Whom a flow named, else who answered the caller last in this queue, so many days back; 0: only whom a flow named."
          suffix=" days"
          min={0}
          max={365}
          value={preferred.lastAgentDays}
          error={error('preferred.lastAgentDays')}
          onChange={(value) => set({ preferred: { ...preferred, lastAgentDays: Number(value) } })}
        />
      )}
    </FieldGrid>
  );
}
