import { MultiSelect, NumberInput, Select, Switch } from '@mantine/core';
import type { AgentRules, NoAnswerRule } from '../../protocol/agent-rules.ts';
import type { ShownReason } from '../../protocol/setup.ts';
import { FieldGrid, SMALL } from './fields.tsx';
import classes from './form-page.module.css';
import { Section } from './page.tsx';
import { useRecords } from './resource.ts';

interface QueueAgentsProps {
  rules: AgentRules;
  /** What is wrong with a field, by its path. */
  error: (path: string) => string | undefined;
  onChange: (rules: AgentRules) => void;
}

/** What the queue asks of its agents beside calls. */
export function QueueAgents({ rules, error, onChange }: QueueAgentsProps) {
  const reasons = useRecords<ShownReason>('reasons').data ?? [];
  const set = (change: Partial<AgentRules>) => onChange({ ...rules, ...change });
  const choosable = reasons.filter((one) => !one.system && (one.active || rules.reasonIds.includes(one.id)));
  return (
    <>
      <Section
        title="Unanswered calls"
        intro="What becomes of an agent who does not answer. The caller keeps the place in the queue, and is offered to the next."
      >
        <NoAnswer
          rule={rules.noAnswer}
          reasons={reasons}
          error={(name) => error(`agentRules.noAnswer.${name}`)}
          onChange={(noAnswer) => set({ noAnswer })}
        />
      </Section>
      <Section
        title="Not ready and logged out"
        intro="Which reasons the queue’s agents choose among. An agent of several queues has the reasons of all of them, and must give one where any of them asks for it."
      >
        <FieldGrid>
          <MultiSelect
            {...SMALL}
            className={classes.wide}
            label="Reasons"
            placeholder={rules.reasonIds.length === 0 ? 'All reasons' : undefined}
            data={[
              { group: 'To be not ready', items: choices(choosable, 'not-ready') },
              { group: 'To log out', items: choices(choosable, 'logged-out') },
            ]}
            value={rules.reasonIds}
            error={error('agentRules.reasonIds')}
            searchable
            clearable
            clearButtonProps={{ 'aria-label': 'Clear reasons' }}
            onChange={(reasonIds) => set({ reasonIds })}
            data-testid="field-reasonIds"
          />
          <Toggle
            label="A reason is needed to be not ready"
            checked={rules.notReadyReasonRequired}
            onChange={(notReadyReasonRequired) => set({ notReadyReasonRequired })}
            testId="field-notReadyReasonRequired"
          />
          <Toggle
            label="A reason is needed to log out"
            checked={rules.logoutReasonRequired}
            onChange={(logoutReasonRequired) => set({ logoutReasonRequired })}
            testId="field-logoutReasonRequired"
          />
        </FieldGrid>
      </Section>
    </>
  );
}

/** How a wrap-up of the queue goes: the part of its rules that stands with the wrap-up time. */
export function WrapUpRules({ rules, error, onChange }: QueueAgentsProps) {
  return (
    <>
      <NumberInput
        {...SMALL}
        label="More time"
        description="How often an agent may take 30 seconds more; 0 for never."
        suffix=" times"
        min={0}
        max={100}
        clampBehavior="none"
        value={numberOrEmpty(rules.wrapExtensions)}
        error={error('agentRules.wrapExtensions')}
        onChange={(value) => onChange({ ...rules, wrapExtensions: numberOf(value) })}
        data-testid="field-wrapExtensions"
      />
      <Select
        {...SMALL}
        label="A state chosen during a call takes effect"
        description="Where a code is needed the wrap-up is never left out."
        data={[
          { value: 'after-wrap-up', label: 'after the wrap-up' },
          { value: 'instead-of-wrap-up', label: 'instead of the wrap-up' },
        ]}
        value={rules.pendingState}
        allowDeselect={false}
        onChange={(value) => onChange({ ...rules, pendingState: value as AgentRules['pendingState'] })}
        data-testid="field-pendingState"
      />
    </>
  );
}

function NoAnswer({
  rule,
  reasons,
  error,
  onChange,
}: {
  rule: NoAnswerRule;
  reasons: ShownReason[];
  error: (name: string) => string | undefined;
  onChange: (rule: NoAnswerRule) => void;
}) {
  const fitting = reasons.filter(
    (one) => one.kind === rule.state && (one.active || one.id === rule.reasonId),
  );
  return (
    <FieldGrid>
      <Select
        {...SMALL}
        label="The agent is then"
        data={[
          { value: 'not-ready', label: 'not ready' },
          { value: 'logged-out', label: 'logged out' },
          { value: 'ready', label: 'ready as before' },
        ]}
        value={rule.state}
        allowDeselect={false}
        onChange={(value) => onChange({ ...rule, state: value as NoAnswerRule['state'], reasonId: null })}
        data-testid="field-noAnswer-state"
      />
      {rule.state !== 'ready' && (
        <>
          <Select
            {...SMALL}
            label="With the reason"
            placeholder={rule.state === 'not-ready' ? 'No answer' : 'None'}
            data={fitting.map(({ id, label }) => ({ value: id, label }))}
            value={rule.reasonId}
            error={error('reasonId')}
            clearable
            onChange={(reasonId) => onChange({ ...rule, reasonId })}
            data-testid="field-noAnswer-reasonId"
          />
          <NumberInput
            {...SMALL}
            label="After"
            description="Unanswered calls in a row; until then the agent stays ready, behind the others."
            suffix={rule.after === 1 ? ' call' : ' calls'}
            min={1}
            max={20}
            clampBehavior="none"
            value={numberOrEmpty(rule.after)}
            error={error('after')}
            onChange={(value) => onChange({ ...rule, after: numberOf(value) })}
            data-testid="field-noAnswer-after"
          />
        </>
      )}
    </FieldGrid>
  );
}

function Toggle(props: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  testId: string;
}) {
  const { label, checked, onChange, testId } = props;
  return (
    <Switch
      size="xs"
      label={label}
      checked={checked}
      onChange={(event) => onChange(event.currentTarget.checked)}
      data-testid={testId}
    />
  );
}

function choices(reasons: readonly ShownReason[], kind: ShownReason['kind']) {
  return reasons.filter((one) => one.kind === kind).map(({ id, label }) => ({ value: id, label }));
}

/** An emptied field is no number: the schema says so. */
function numberOf(value: string | number): number {
  return value === '' ? Number.NaN : Number(value);
}

function numberOrEmpty(value: number): number | '' {
  return Number.isNaN(value) ? '' : value;
}
