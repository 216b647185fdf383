import { Autocomplete, NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { FlowField } from '../../../protocol/flow-nodes.ts';
import { SMALL } from '../fields.tsx';
import { PromptInput } from './prompt-input.tsx';
import { useEditor } from './use-flow-editor.ts';
import { useReferences } from './use-references.ts';

export type Settings = Readonly<Record<string, unknown>>;

export interface FieldInputProps {
  field: FlowField;
  /** All settings of the node, or all columns of the entry, that the field is one of. */
  settings: Settings;
  /** What is wrong with a setting, by its path. */
  errorAt: (path: string) => string | undefined;
  /** Path of the field, such as `choices.0.key`. */
  path: string;
  onChange: (value: unknown) => void;
}

/** One value, as its kind describes it; a list of entries is a ListInput. */
export function FieldInput(props: FieldInputProps) {
  const { field, settings, errorAt, path, onChange } = props;
  const value = settings[field.name] ?? field.initial;
  const common = {
    label: field.label,
    description: field.help || undefined,
    withAsterisk: field.required,
    error: errorAt(path),
    ...SMALL,
    'data-field': path,
    'data-testid': `setting-${path}`,
  } as const;
  const text = typeof value === 'string' ? value : '';
  switch (field.type) {
    case 'number':
      return (
        <NumberInput
          {...common}
          min={field.min}
          max={field.max}
          clampBehavior="none"
          suffix={field.unit ? ` ${field.unit}` : undefined}
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => onChange(next === '' ? undefined : Number(next))}
        />
      );
    case 'boolean':
      return (
        <Switch
          label={field.label}
          description={field.help || undefined}
          error={errorAt(path)}
          size="xs"
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
          data-field={path}
          data-testid={`setting-${path}`}
        />
      );
    case 'prompt':
      return <PromptInput field={field} path={path} value={value} errorAt={errorAt} onChange={onChange} />;
    case 'lines':
      return (
        <Textarea
          {...common}
          autosize
          minRows={2}
          maxRows={8}
          value={Array.isArray(value) ? value.join('\n') : ''}
          onChange={({ currentTarget }) => onChange(linesOf(currentTarget.value))}
        />
      );
    case 'long-text':
    case 'template':
      return (
        <Textarea
          {...common}
          autosize
          minRows={field.type === 'template' ? 1 : 2}
          maxRows={8}
          value={text}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      );
    case 'data-key':
      return <DataKeyInput common={common} value={text} onChange={onChange} />;
    case 'crm-field':
      return <CrmFieldInput common={common} value={text} settings={settings} onChange={onChange} />;
    case 'text':
    case 'secret':
      return (
        <TextInput {...common} value={text} onChange={({ currentTarget }) => onChange(currentTarget.value)} />
      );
    default:
      return <ChoiceInput common={common} field={field} value={text} onChange={onChange} />;
  }
}

/** An empty line at the end is one that is being begun. */
function linesOf(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}

interface PartProps {
  common: { label: string; description: ReactNode };
  value: string;
  onChange: (value: unknown) => void;
}

function ChoiceInput({ common, field, value, onChange }: PartProps & { field: FlowField }) {
  const { choices } = useReferences();
  const data = field.type === 'choice' ? (field.options ?? []) : (choices(field.type) ?? []);
  const known = value === '' || data.some((choice) => choice.value === value);
  return (
    <Select
      {...common}
      data={known ? data : [...data, { value, label: `${value} (gone)` }]}
      placeholder={field.required ? 'Choose one' : 'None'}
      searchable={data.length > 8}
      clearable={!field.required}
      allowDeselect={false}
      nothingFoundMessage="No such choice"
      value={value || null}
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}

/** Keys that other nodes of the flow name are suggested: a typing error there is a value that never comes. */
function DataKeyInput({ common, value, onChange }: PartProps) {
  const { document, kinds } = useEditor();
  const keys = document.nodes.flatMap((node) =>
    (kinds.get(node.kind)?.fields ?? [])
      .filter(({ type }) => type === 'data-key')
      .map(({ name }) => node.settings[name])
      .filter((key): key is string => typeof key === 'string' && key !== '' && key !== value),
  );
  return <Autocomplete {...common} data={[...new Set(keys)].sort()} value={value} onChange={onChange} />;
}

/** A field of the object that the same node names. */
function CrmFieldInput({ common, value, settings, onChange }: PartProps & { settings: Settings }) {
  const { objects } = useReferences();
  const fields = objects
    .filter(({ name }) => Object.values(settings).includes(name))
    .flatMap((object) => object.fields.map(({ name }) => name));
  return <Autocomplete {...common} data={[...new Set(fields)]} value={value} onChange={onChange} />;
}
