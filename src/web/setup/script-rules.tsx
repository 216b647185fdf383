import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ScriptCondition, ScriptStep } from '../../protocol/scripts.ts';
import { type StepPartProps, Target } from './script-part.tsx';
import classes from './script-steps.module.css';

type Branch = Extract<ScriptStep, { kind: 'branch' }>;
type Rule = Branch['rules'][number];

const COMPARISONS: Record<ScriptCondition['is'], string> = {
  equal: 'is',
  'not-equal': 'is not',
  contains: 'contains',
  greater: 'is greater than',
  less: 'is less than',
  empty: 'is empty',
  filled: 'is not empty',
};

const NEW_CONDITION: ScriptCondition = { left: '', is: 'equal', right: '' };

/** The rules of a branch: the first whose conditions all hold leads on. */
export function ScriptRules({ step, targets, error, onChange }: StepPartProps<Branch>) {
  const setRules = (rules: Rule[]) => onChange({ ...step, rules });
  return (
    <>
      <div className={classes.rows}>
        {step.rules.map((rule, index) => (
          // Rules have no identity but their place.
          <RuleRows
            key={index}
            number={index + 1}
            rule={rule}
            targets={targets}
            error={(path) => error(`rules.${index}.${path}`)}
            onChange={(next) => setRules(step.rules.with(index, next))}
            onRemove={step.rules.length > 1 ? () => setRules(step.rules.toSpliced(index, 1)) : undefined}
          />
        ))}
        <Button
          variant="subtle"
          size="compact-xs"
          w="fit-content"
          leftSection={<IconPlus size={14} />}
          onClick={() => setRules([...step.rules, { all: [NEW_CONDITION], next: null }])}
        >
          Add a rule
        </Button>
      </div>
      <Target
        label="Otherwise"
        value={step.otherwise}
        targets={targets}
        onTarget={(otherwise) => onChange({ ...step, otherwise })}
      />
    </>
  );
}

interface RuleRowsProps {
  number: number;
  rule: Rule;
  targets: StepPartProps['targets'];
  error: StepPartProps['error'];
  onChange: (rule: Rule) => void;
  onRemove: (() => void) | undefined;
}

function RuleRows({ number, rule, targets, error, onChange, onRemove }: RuleRowsProps) {
  const setAll = (all: ScriptCondition[]) => onChange({ ...rule, all });
  return (
    <div className={classes.rows} role="group" aria-label={`Rule ${number}`}>
      {rule.all.map((condition, index) => (
        // Conditions have no identity but their place.
        <div key={index} className={classes.row}>
          <TextInput
            size="xs"
            label={index === 0 ? `Rule ${number}: if` : 'and'}
            placeholder="{answer:reason}"
            value={condition.left}
            error={error(`all.${index}.left`)}
            onChange={({ currentTarget }) =>
              setAll(rule.all.with(index, { ...condition, left: currentTarget.value }))
            }
          />
          <Select
            size="xs"
            aria-label="Compared how"
            allowDeselect={false}
            data={Object.entries(COMPARISONS).map(([value, label]) => ({ value, label }))}
            value={condition.is}
            onChange={(is) =>
              is && setAll(rule.all.with(index, { ...condition, is: is as ScriptCondition['is'] }))
            }
          />
          {condition.is !== 'empty' && condition.is !== 'filled' && (
            <TextInput
              size="xs"
              aria-label="With what"
              value={condition.right}
              error={error(`all.${index}.right`)}
              onChange={({ currentTarget }) =>
                setAll(rule.all.with(index, { ...condition, right: currentTarget.value }))
              }
            />
          )}
          <ActionIcon
            aria-label={`Remove condition ${index + 1} of rule ${number}`}
            disabled={rule.all.length === 1 && !onRemove}
            onClick={() => (rule.all.length === 1 ? onRemove?.() : setAll(rule.all.toSpliced(index, 1)))}
          >
            <IconTrash size={15} />
          </ActionIcon>
        </div>
      ))}
      <div className={classes.row}>
        <Target
          label={`Rule ${number}: then`}
          value={rule.next}
          targets={targets}
          onTarget={(next) => onChange({ ...rule, next })}
        />
        <Button variant="subtle" size="compact-xs" onClick={() => setAll([...rule.all, NEW_CONDITION])}>
          And …
        </Button>
      </div>
    </div>
  );
}
