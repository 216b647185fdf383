import { ActionIcon, Button, Checkbox, Select, TagsInput, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { SCRIPT_FIELD_TYPES, type ScriptField } from '../../protocol/scripts.ts';
import classes from './script-steps.module.css';

const TYPES: Record<(typeof SCRIPT_FIELD_TYPES)[number], string> = {
  text: 'Text',
  textarea: 'Long text',
  number: 'Number',
  date: 'Date',
  phone: 'Telephone number',
  email: 'E-mail',
  checkbox: 'Yes or no',
  choice: 'One of',
  choices: 'Several of',
};

interface ScriptFieldsProps {
  fields: ScriptField[];
  error: (path: string) => string | undefined;
  onChange: (fields: ScriptField[]) => void;
}

/** What a screen asks. */
export function ScriptFields({ fields, error, onChange }: ScriptFieldsProps) {
  const move = (index: number, to: number) => {
    const field = fields[index];
    if (field) onChange(fields.toSpliced(index, 1).toSpliced(to, 0, field));
  };
  return (
    <div className={classes.rows}>
      {fields.map((field, index) => (
        // Fields have no identity but their place.
        <FieldRow
          key={index}
          field={field}
          error={(name) => error(`fields.${index}.${name}`)}
          onChange={(next) => onChange(fields.with(index, next))}
          onUp={index > 0 ? () => move(index, index - 1) : undefined}
          onDown={index < fields.length - 1 ? () => move(index, index + 1) : undefined}
          onRemove={() => onChange(fields.toSpliced(index, 1))}
        />
      ))}
      <Button
        variant="subtle"
        size="compact-xs"
        w="fit-content"
        leftSection={<IconPlus size={14} />}
        onClick={() => onChange([...fields, newField(fields)])}
        data-testid="add-question"
      >
        Add a question
      </Button>
    </div>
  );
}

interface FieldRowProps {
  field: ScriptField;
  error: (name: string) => string | undefined;
  onChange: (field: ScriptField) => void;
  onUp: (() => void) | undefined;
  onDown: (() => void) | undefined;
  onRemove: () => void;
}

function FieldRow({ field, error, onChange, onUp, onDown, onRemove }: FieldRowProps) {
  const set = (change: Partial<ScriptField>) => onChange({ ...field, ...change });
  const isChoice = field.type === 'choice' || field.type === 'choices';
  return (
    <div className={classes.row} role="group" aria-label={`Question ${field.label}`}>
      <TextInput
        size="xs"
        label="Question"
        value={field.label}
        error={error('label')}
        onChange={({ currentTarget }) => set({ label: currentTarget.value })}
      />
      <TextInput
        size="xs"
        label="Answer’s name"
        value={field.name}
        error={error('name')}
        onChange={({ currentTarget }) => set({ name: currentTarget.value })}
      />
      <Select
        size="xs"
        label="Kind"
        allowDeselect={false}
        data={SCRIPT_FIELD_TYPES.map((type) => ({ value: type, label: TYPES[type] }))}
        value={field.type}
        onChange={(type) => set({ type: type ?? 'text' })}
      />
      {isChoice ? (
        <TagsInput
          size="xs"
          label="Options"
          placeholder="Each ended by Enter"
          value={field.options}
          error={error('options')}
          onChange={(options) => set({ options })}
        />
      ) : (
        <TextInput
          size="xs"
          label="Begins with"
          placeholder="{record:caller.Email}"
          value={field.initial}
          error={error('initial')}
          onChange={({ currentTarget }) => set({ initial: currentTarget.value })}
        />
      )}
      <Checkbox
        size="xs"
        label="Needed"
        checked={field.required}
        onChange={({ currentTarget }) => set({ required: currentTarget.checked })}
      />
      <Checkbox
        size="xs"
        label="Sensitive"
        title="Not in the call data, and forgotten when the script ends"
        checked={field.sensitive}
        onChange={({ currentTarget }) => set({ sensitive: currentTarget.checked })}
      />
      <ActionIcon aria-label={`Move ${field.label} up`} disabled={!onUp} onClick={onUp}>
        <IconArrowUp size={15} />
      </ActionIcon>
      <ActionIcon aria-label={`Move ${field.label} down`} disabled={!onDown} onClick={onDown}>
        <IconArrowDown size={15} />
      </ActionIcon>
      <ActionIcon aria-label={`Remove ${field.label}`} onClick={onRemove}>
        <IconTrash size={15} />
      </ActionIcon>
    </div>
  );
}

function newField(fields: readonly ScriptField[]): ScriptField {
  let number = fields.length + 1;
  while (fields.some(({ name }) => name === `answer${number}`)) number++;
  return {
    name: `answer${number}`,
    label: 'Question',
    type: 'text',
    help: '',
    required: false,
    options: [],
    initial: '',
    sensitive: false,
  };
}
