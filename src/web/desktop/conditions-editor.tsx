import { ActionIcon, Button, MultiSelect, Select, TagsInput, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FieldMeta, ObjectMeta } from '../../protocol/crm.ts';
import { type ListCondition, ME, OPERATORS_OF, PERIODS, WITHOUT_VALUE } from '../../protocol/list-views.ts';
import { api } from '../ui/api.ts';
import { filterFields, isComplete, operatorWord, PERIOD_WORDS } from './condition-words.ts';
import classes from './conditions-editor.module.css';
import { ReferenceInput } from './reference-input.tsx';

interface ConditionsEditorProps {
  meta: ObjectMeta;
  conditions: ListCondition[];
  /** Told of each change that can be asked; a condition without its value waits. */
  onChange: (conditions: ListCondition[]) => void;
}

/** What the records of a list must meet, one row each; all of them count. */
export function ConditionsEditor({ meta, conditions, onChange }: ConditionsEditorProps) {
  const [draft, setDraft] = useState(conditions);
  const [shown, setShown] = useState(conditions);
  if (JSON.stringify(shown) !== JSON.stringify(conditions)) {
    // Another list, or the back button.
    setShown(conditions);
    if (JSON.stringify(draft.filter(isComplete)) !== JSON.stringify(conditions)) setDraft(conditions);
  }
  const change = (next: ListCondition[]) => {
    setDraft(next);
    onChange(next.filter(isComplete));
  };
  const fields = filterFields(meta);
  const add = () => change([...draft, NEW]);
  return (
    <section className={classes.editor} aria-label="Conditions" data-testid="conditions">
      {draft.map((condition, i) => (
        <ConditionRow
          // A condition has no name of its own; its place is what tells it apart.
          key={`${i}${condition.field}`}
          fields={fields}
          condition={condition}
          first={condition.field === ''}
          onChange={(next) => change(draft.with(i, next))}
          onRemove={() => change(draft.toSpliced(i, 1))}
        />
      ))}
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} />}
        onClick={add}
        disabled={draft.length >= 20}
        data-testid="add-condition"
      >
        Add a condition
      </Button>
    </section>
  );
}

/** No field is chosen yet. */
const NEW: ListCondition = { field: '', operator: 'equals', values: [] };

function firstOf(field: FieldMeta): ListCondition {
  return { field: field.name, operator: OPERATORS_OF[field.type][0] ?? 'equals', values: [] };
}

interface ConditionRowProps {
  fields: FieldMeta[];
  condition: ListCondition;
  /** It was just added: its field has the focus. */
  first: boolean;
  onChange: (condition: ListCondition) => void;
  onRemove: () => void;
}

function ConditionRow({ fields, condition, first, onChange, onRemove }: ConditionRowProps) {
  const field = fields.find(({ name }) => name === condition.field);
  const operators = field ? OPERATORS_OF[field.type] : [];
  return (
    <div className={classes.row}>
      <Select
        size="xs"
        aria-label="Field"
        data={fields.map(({ name, label }) => ({ value: name, label }))}
        value={field?.name ?? null}
        placeholder="Choose a field"
        error={field || condition.field === '' ? undefined : `${condition.field} is gone`}
        onChange={(name) => {
          const next = fields.find((one) => one.name === name);
          if (next) onChange(firstOf(next));
        }}
        searchable
        allowDeselect={false}
        autoFocus={first}
        data-testid="condition-field"
      />
      {field ? (
        <Select
          size="xs"
          aria-label="Comparison"
          data={operators.map((one) => ({ value: one, label: operatorWord(one, field?.type ?? 'text') }))}
          value={condition.operator}
          onChange={(operator) => {
            const next = operators.find((one) => one === operator);
            if (next) onChange({ ...condition, operator: next, values: [] });
          }}
          allowDeselect={false}
          data-testid="condition-operator"
        />
      ) : (
        <span />
      )}
      {field && !WITHOUT_VALUE.includes(condition.operator) ? (
        <ValueInput
          field={field}
          condition={condition}
          onChange={(values) => onChange({ ...condition, values })}
        />
      ) : (
        <span />
      )}
      <ActionIcon variant="subtle" color="gray" aria-label="Remove this condition" onClick={onRemove}>
        <IconX size={15} />
      </ActionIcon>
    </div>
  );
}

interface ValueInputProps {
  field: FieldMeta;
  condition: ListCondition;
  onChange: (values: string[]) => void;
}

function ValueInput({ field, condition, onChange }: ValueInputProps) {
  const { values, operator } = condition;
  const common = {
    size: 'xs',
    'aria-label': `${field.label}: value`,
    'data-testid': 'condition-value',
  } as const;
  const one = (value: string | null) => onChange(value ? [value] : []);
  if (operator === 'within') {
    const data = PERIODS.map((period) => ({ value: period, label: PERIOD_WORDS[period] }));
    return <Select {...common} data={data} value={values[0] ?? null} onChange={one} />;
  }
  switch (field.type) {
    case 'picklist':
      return (
        <MultiSelect {...common} data={field.options ?? []} value={values} onChange={onChange} searchable />
      );
    case 'boolean':
      return (
        <Select
          {...common}
          data={[
            { value: 'true', label: 'Yes' },
            { value: 'false', label: 'No' },
          ]}
          value={values[0] ?? null}
          onChange={one}
        />
      );
    case 'number':
    case 'date':
    case 'datetime':
      return (
        <TextInput
          {...common}
          type={field.type === 'number' ? 'number' : 'date'}
          value={values[0] ?? ''}
          onChange={(event) => one(event.currentTarget.value)}
        />
      );
    case 'reference':
      return <ReferenceValue field={field} condition={condition} onChange={onChange} />;
    default:
      return (
        <TagsInput
          {...common}
          placeholder={values.length === 0 ? 'Type, then Enter' : ''}
          value={values}
          onChange={onChange}
        />
      );
  }
}

function ReferenceValue({ field, condition: { values }, onChange }: ValueInputProps) {
  const toUser = field.refersTo?.includes('User') === true;
  const users = useQuery({
    queryKey: ['user-names'],
    queryFn: ({ signal }) => api<{ users: { id: string; name: string }[] }>('/api/users/names', { signal }),
    enabled: toUser,
  });
  const one = (value: unknown) => onChange(typeof value === 'string' && value !== '' ? [value] : []);
  if (!toUser)
    return <ReferenceInput meta={{ ...field, label: '' }} value={values[0] ?? null} onChange={one} />;
  const names = (users.data?.users ?? []).map(({ id, name }) => ({ value: id, label: name }));
  return (
    <MultiSelect
      size="xs"
      aria-label={`${field.label}: value`}
      data={[{ value: ME, label: 'Me' }, ...names]}
      value={values}
      onChange={onChange}
      searchable
      data-testid="condition-value"
    />
  );
}
