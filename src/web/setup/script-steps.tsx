/** The steps of an agent script: what each shows or does, and where it leads. */
import { ActionIcon, Button, Menu, Select, Textarea, TextInput } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowUp,
  IconEdit,
  IconFlag,
  IconGitBranch,
  IconMessage,
  IconPlus,
  IconSearch,
  IconSquarePlus,
  IconTrash,
} from '@tabler/icons-react';
import type { ObjectMeta } from '../../protocol/crm.ts';
import type { ScriptProblem, ScriptStep, ScriptStepKind } from '../../protocol/scripts.ts';
import { ScriptFields } from './script-fields.tsx';
import { type StepPartProps, Target } from './script-part.tsx';
import { ScriptRules } from './script-rules.tsx';
import classes from './script-steps.module.css';

const KINDS: Record<ScriptStepKind, { label: string; icon: typeof IconFlag }> = {
  screen: { label: 'Screen', icon: IconMessage },
  branch: { label: 'Branch', icon: IconGitBranch },
  lookup: { label: 'Look up a record', icon: IconSearch },
  update: { label: 'Change a record', icon: IconEdit },
  create: { label: 'New record', icon: IconSquarePlus },
  end: { label: 'End', icon: IconFlag },
};

interface ScriptStepsProps {
  steps: ScriptStep[];
  objects: ObjectMeta[];
  problems: ScriptProblem[];
  /** What the form says of a part of a step, by its path. */
  error: (path: string) => string | undefined;
  onChange: (steps: ScriptStep[]) => void;
}

export function ScriptSteps({ steps, objects, problems, error, onChange }: ScriptStepsProps) {
  const replace = (index: number, step: ScriptStep) => onChange(steps.with(index, step));
  const move = (index: number, to: number) => {
    const step = steps[index];
    if (step) onChange(steps.toSpliced(index, 1).toSpliced(to, 0, step));
  };
  const add = (kind: ScriptStepKind) => onChange([...steps, newStep(kind, steps)]);
  const choices = steps.map(({ id, title }, index) => ({ value: id, label: `${index + 1}. ${title || id}` }));
  return (
    <>
      <ol className={classes.steps} data-field="steps">
        {steps.map((step, index) => (
          // A step's id can be the same as another's while it is edited.
          <StepCard
            key={index}
            index={index}
            last={index === steps.length - 1}
            step={step}
            objects={objects}
            targets={choices.filter(({ value }) => value !== step.id)}
            problems={problems.filter((problem) => problem.step === step.id)}
            error={(path) => error(`${index}.${path}`)}
            onChange={(next) => replace(index, next)}
            onMove={(to) => move(index, to)}
            onRemove={() => onChange(steps.toSpliced(index, 1))}
          />
        ))}
      </ol>
      <Menu position="bottom-start">
        <Menu.Target>
          <Button variant="default" mt="sm" leftSection={<IconPlus size={14} />} data-testid="add-step">
            Add a step
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {Object.entries(KINDS).map(([kind, { label, icon: Sign }]) => (
            <Menu.Item
              key={kind}
              leftSection={<Sign size={15} />}
              onClick={() => add(kind as ScriptStepKind)}
              data-testid={`add-${kind}`}
            >
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

interface StepCardProps extends StepPartProps {
  index: number;
  last: boolean;
  problems: ScriptProblem[];
  onMove: (to: number) => void;
  onRemove: () => void;
}

function StepCard(props: StepCardProps) {
  const { step, index, last, problems, error, onChange, onMove, onRemove } = props;
  const { label, icon: Sign } = KINDS[step.kind];
  const name = `step ${index + 1}, ${step.title}`;
  return (
    <li
      className={classes.step}
      data-wrong={problems.length > 0 || undefined}
      data-testid={`step-${index}`}
      aria-label={name}
    >
      <div className={classes.head}>
        <Sign size={16} aria-hidden />
        <span className={classes.kind}>
          {index + 1}. {label}
        </span>
        <span className={classes.tools}>
          <ActionIcon aria-label={`Move ${name} up`} disabled={index === 0} onClick={() => onMove(index - 1)}>
            <IconArrowUp size={15} />
          </ActionIcon>
          <ActionIcon aria-label={`Move ${name} down`} disabled={last} onClick={() => onMove(index + 1)}>
            <IconArrowDown size={15} />
          </ActionIcon>
          <ActionIcon aria-label={`Remove ${name}`} onClick={onRemove}>
            <IconTrash size={15} />
          </ActionIcon>
        </span>
      </div>
      <div className={classes.parts}>
        <TextInput
          size="xs"
          label="Title"
          withAsterisk
          value={step.title}
          error={error('title')}
          onChange={({ currentTarget }) => onChange({ ...step, title: currentTarget.value })}
          data-testid={`title-${index}`}
        />
        <TextInput
          size="xs"
          label="Id"
          description="Small letters, digits and -"
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={step.id}
          error={error('id')}
          onChange={({ currentTarget }) => onChange({ ...step, id: currentTarget.value })}
        />
        <StepParts {...props} />
      </div>
      {problems.length > 0 && (
        <ul className={classes.problems} data-testid={`problems-${index}`}>
          {problems.map(({ detail }) => (
            <li key={detail}>{detail}</li>
          ))}
        </ul>
      )}
    </li>
  );
}

function StepParts({ step, onChange, ...rest }: StepPartProps) {
  switch (step.kind) {
    case 'screen':
      return (
        <>
          <StepText
            value={step.text}
            error={rest.error('text')}
            onChange={(text) => onChange({ ...step, text })}
          />
          <ScriptFields
            fields={step.fields}
            error={rest.error}
            onChange={(fields) => onChange({ ...step, fields })}
          />
          <Target label="Then" value={step.next} {...rest} onTarget={(next) => onChange({ ...step, next })} />
        </>
      );
    case 'branch':
      return <ScriptRules step={step} {...rest} onChange={onChange} />;
    case 'lookup':
      return <LookupParts step={step} {...rest} onChange={onChange} />;
    case 'update':
    case 'create':
      return <WriteParts step={step} {...rest} onChange={onChange} />;
    case 'end':
      return (
        <>
          <StepText
            value={step.text}
            error={rest.error('text')}
            onChange={(text) => onChange({ ...step, text })}
          />
          <TextInput
            size="xs"
            label="Wrap-up code"
            description="Its label; set where the call’s queue has it."
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={step.disposition ?? ''}
            error={rest.error('disposition')}
            onChange={({ currentTarget: { value } }) =>
              onChange({ ...step, disposition: value === '' ? null : value })
            }
          />
        </>
      );
  }
}

function StepText({
  value,
  error,
  onChange,
}: {
  value: string;
  error: string | undefined;
  onChange: (text: string) => void;
}) {
  return (
    <Textarea
      className={classes.wide}
      size="xs"
      label="What the agent says"
      autosize
      minRows={2}
      maxRows={10}
      value={value}
      error={error}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

function LookupParts({
  step,
  objects,
  targets,
  error,
  onChange,
}: StepPartProps<Extract<ScriptStep, { kind: 'lookup' }>>) {
  const meta = objects.find(({ name }) => name === step.object);
  return (
    <>
      <ObjectSelect
        objects={objects}
        value={step.object}
        onChange={(object) => onChange({ ...step, object, field: '' })}
      />
      <Select
        size="xs"
        label="Whose field"
        searchable
        data={(meta?.fields ?? []).map(({ name, label }) => ({ value: name, label }))}
        value={step.field || null}
        error={error('field')}
        onChange={(field) => onChange({ ...step, field: field ?? '' })}
      />
      <TextInput
        size="xs"
        label="Is"
        placeholder="{answer:number}"
        value={step.value}
        error={error('value')}
        onChange={({ currentTarget }) => onChange({ ...step, value: currentTarget.value })}
      />
      <RecordName value={step.into} error={error('into')} onChange={(into) => onChange({ ...step, into })} />
      <Target
        label="When found"
        value={step.found}
        targets={targets}
        onTarget={(found) => onChange({ ...step, found })}
      />
      <Target
        label="When not found"
        value={step.missing}
        targets={targets}
        onTarget={(missing) => onChange({ ...step, missing })}
      />
    </>
  );
}

function WriteParts({
  step,
  objects,
  targets,
  error,
  onChange,
}: StepPartProps<Extract<ScriptStep, { kind: 'update' | 'create' }>>) {
  const rows = Object.entries(step.fields);
  const setRows = (next: [string, string][]) => onChange({ ...step, fields: Object.fromEntries(next) });
  return (
    <>
      {step.kind === 'create' ? (
        <>
          <ObjectSelect
            objects={objects}
            value={step.object}
            onChange={(object) => onChange({ ...step, object })}
          />
          <RecordName
            value={step.into}
            error={error('into')}
            onChange={(into) => onChange({ ...step, into })}
          />
        </>
      ) : (
        <TextInput
          size="xs"
          label="Record"
          description="caller, or the name that a step above keeps one under"
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={step.record}
          error={error('record')}
          onChange={({ currentTarget }) => onChange({ ...step, record: currentTarget.value })}
        />
      )}
      <div className={classes.rows}>
        {rows.map(([name, text], index) => (
          // Fields have no identity but their place.
          <div key={index} className={classes.row}>
            <TextInput
              size="xs"
              label="Field"
              value={name}
              error={error(`fields.${name}`)}
              onChange={({ currentTarget }) => setRows(rows.with(index, [currentTarget.value, text]))}
            />
            <TextInput
              size="xs"
              label="Becomes"
              placeholder="{answer:name}"
              value={text}
              onChange={({ currentTarget }) => setRows(rows.with(index, [name, currentTarget.value]))}
            />
            <ActionIcon
              aria-label={`Remove the field ${name}`}
              onClick={() => setRows(rows.toSpliced(index, 1))}
            >
              <IconTrash size={15} />
            </ActionIcon>
          </div>
        ))}
        <Button
          variant="subtle"
          size="compact-xs"
          w="fit-content"
          leftSection={<IconPlus size={14} />}
          disabled={rows.some(([name]) => name === '')}
          onClick={() => setRows([...rows, ['', '']])}
        >
          Add a field
        </Button>
        {error('fields')}
      </div>
      <Target
        label="Then"
        value={step.next}
        targets={targets}
        onTarget={(next) => onChange({ ...step, next })}
      />
      <Target
        label="When the CRM refuses"
        value={step.failed}
        targets={targets}
        onTarget={(failed) => onChange({ ...step, failed })}
      />
    </>
  );
}

function ObjectSelect({
  objects,
  value,
  onChange,
}: {
  objects: ObjectMeta[];
  value: string;
  onChange: (object: string) => void;
}) {
  return (
    <Select
      size="xs"
      label="Object"
      searchable
      allowDeselect={false}
      data={objects.map(({ name, label }) => ({ value: name, label }))}
      value={value || null}
      onChange={(object) => onChange(object ?? '')}
    />
  );
}

function RecordName({
  value,
  error,
  onChange,
}: {
  value: string;
  error: string | undefined;
  onChange: (name: string) => void;
}) {
  return (
    <TextInput
      size="xs"
      label="Kept as"
      description="Then {record:NAME.Field} is one of its fields"
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={value}
      error={error}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

/** An id that no other step has. */
function newStep(kind: ScriptStepKind, steps: readonly ScriptStep[]): ScriptStep {
  let number = steps.length + 1;
  while (steps.some(({ id }) => id === `${kind}-${number}`)) number++;
  const base = { id: `${kind}-${number}`, title: KINDS[kind].label };
  switch (kind) {
    case 'screen':
      return { ...base, kind, text: '', fields: [], next: null };
    case 'branch':
      return {
        ...base,
        kind,
        rules: [{ all: [{ left: '', is: 'equal', right: '' }], next: null }],
        otherwise: null,
      };
    case 'lookup':
      return {
        ...base,
        kind,
        object: 'Contact',
        field: '',
        value: '',
        into: 'found',
        found: null,
        missing: null,
      };
    case 'update':
      return { ...base, kind, record: 'caller', fields: { '': '' }, next: null, failed: null };
    case 'create':
      return { ...base, kind, object: 'Case', fields: { '': '' }, into: 'made', next: null, failed: null };
    case 'end':
      return { ...base, kind, text: '', disposition: null };
  }
}
