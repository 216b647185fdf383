import { ActionIcon, Button, Input, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { FlowField } from '../../../protocol/flow-nodes.ts';
import { FieldInput, type Settings } from './field-input.tsx';
import { freeId, slug } from './model.ts';
import classes from './panel.module.css';

interface ListInputProps {
  field: FlowField;
  path: string;
  value: unknown;
  errorAt: (path: string) => string | undefined;
  onChange: (entries: Settings[]) => void;
}

/** The column by which an entry is an exit. */
const EXIT = 'exit';

/** A setting of several entries, each with the same columns. */
export function ListInput({ field, path, value, errorAt, onChange }: ListInputProps) {
  const entries = (Array.isArray(value) ? value : []) as Settings[];
  const columns = field.columns ?? [];
  const error = errorAt(path);
  const move = (from: number, to: number) => {
    const entry = entries[from];
    if (entry) onChange(entries.toSpliced(from, 1).toSpliced(to, 0, entry));
  };
  return (
    <Input.Wrapper
      label={field.label}
      description={field.help || undefined}
      withAsterisk={field.required}
      error={entries.some((_, index) => errorAt(`${path}.${index}`)) ? undefined : error}
      size="xs"
      labelElement="div"
      data-field={path}
    >
      <ol className={classes.entries}>
        {entries.map((entry, index) => (
          // Entries have no identity but their place.
          <li key={index} className={classes.entry} data-testid={`entry-${path}.${index}`}>
            <div className={classes.columns}>
              {columns.map((column) =>
                column.name === EXIT ? (
                  <ExitName
                    key={column.name}
                    label={column.label}
                    // Once is enough.
                    help={index === 0 ? column.help : ''}
                    path={`${path}.${index}.${column.name}`}
                    error={errorAt(`${path}.${index}.${column.name}`)}
                    value={String(entry[EXIT] ?? '')}
                    onChange={(exit) => onChange(entries.with(index, { ...entry, [EXIT]: exit }))}
                  />
                ) : (
                  <FieldInput
                    key={column.name}
                    field={index === 0 ? column : { ...column, help: '' }}
                    settings={entry}
                    path={`${path}.${index}.${column.name}`}
                    errorAt={errorAt}
                    onChange={(next) => onChange(entries.with(index, { ...entry, [column.name]: next }))}
                  />
                ),
              )}
            </div>
            <div className={classes.entryTools}>
              <ActionIcon
                size={26}
                aria-label={`Move entry ${index + 1} up`}
                disabled={index === 0}
                onClick={() => move(index, index - 1)}
              >
                <IconArrowUp size={14} />
              </ActionIcon>
              <ActionIcon
                size={26}
                aria-label={`Move entry ${index + 1} down`}
                disabled={index === entries.length - 1}
                onClick={() => move(index, index + 1)}
              >
                <IconArrowDown size={14} />
              </ActionIcon>
              <ActionIcon
                size={26}
                aria-label={`Remove entry ${index + 1}`}
                onClick={() => onChange(entries.toSpliced(index, 1))}
              >
                <IconTrash size={14} />
              </ActionIcon>
            </div>
          </li>
        ))}
      </ol>
      <Button
        variant="default"
        size="compact-xs"
        leftSection={<IconPlus size={13} />}
        onClick={() => onChange([...entries, newEntry(field, entries)])}
        data-testid={`add-${path}`}
      >
        Add {entries.length === 0 ? 'one' : 'another'}
      </Button>
    </Input.Wrapper>
  );
}

/** An entry as its columns begin, with an exit of its own where it is one. */
function newEntry({ columns = [] }: FlowField, entries: readonly Settings[]): Settings {
  const taken = new Set(entries.map((entry) => String(entry[EXIT])));
  return Object.fromEntries(
    columns.map(({ name, initial }) => [
      name,
      name === EXIT ? freeId('choice', taken) : name === 'key' ? freeKey(entries) : initial,
    ]),
  );
}

/** The next digit of the keypad. */
function freeKey(entries: readonly Settings[]): string {
  const taken = new Set(entries.map((entry) => String(entry.key)));
  return [...'1234567890*#'].find((key) => !taken.has(key)) ?? '';
}

/** The name of an exit, taken up when it is written: half a name would lead nowhere. */
function ExitName({
  label,
  help,
  path,
  error,
  value,
  onChange,
}: {
  label: string;
  help: string;
  path: string;
  error: string | undefined;
  value: string;
  onChange: (name: string) => void;
}) {
  const [typed, setTyped] = useState<string>();
  const name = slug(typed ?? value);
  const wrong = typed === undefined ? error : name === '' ? 'Letters or digits are needed.' : undefined;
  const take = () => {
    if (typed !== undefined && !wrong && name !== value) onChange(name);
    if (!wrong) setTyped(undefined);
  };
  return (
    <TextInput
      size="xs"
      label={label}
      description={help || undefined}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={typed ?? value}
      error={wrong}
      onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      onBlur={take}
      onKeyDown={({ key }) => key === 'Enter' && take()}
      data-field={path}
      data-testid={`setting-${path}`}
    />
  );
}
