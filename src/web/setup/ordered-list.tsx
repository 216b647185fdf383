import { ActionIcon, Button, Group, Input, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from '@tabler/icons-react';
import { type KeyboardEvent, useRef } from 'react';
import classes from './ordered-list.module.css';

interface OrderedListProps {
  label: string;
  help?: string;
  /** What one entry is called. */
  one: string;
  values: string[];
  /** What is wrong with the list, or with one entry of it. */
  error: (index?: number) => string | undefined;
  onChange: (values: string[]) => void;
  name: string;
}

/** Texts in an order. Enter adds one below, Alt with up or down moves one. */
export function OrderedList({ label, help, one, values, error, onChange, name }: OrderedListProps) {
  const list = useRef<HTMLDivElement>(null);
  const focus = (index: number) =>
    // After the new entry has been rendered.
    requestAnimationFrame(() => list.current?.querySelectorAll('input')[index]?.focus());
  const move = (index: number, by: number) => {
    const to = index + by;
    const value = values[index];
    if (value === undefined || to < 0 || to >= values.length) return;
    onChange(values.toSpliced(index, 1).toSpliced(to, 0, value));
    focus(to);
  };
  const add = (index: number) => {
    onChange(values.toSpliced(index, 0, ''));
    focus(index);
  };
  const key = (event: KeyboardEvent, index: number) => {
    if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      add(index + 1);
    }
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    move(index, event.key === 'ArrowUp' ? -1 : 1);
  };
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      description={help}
      error={error()}
      size="xs"
      data-field={name}
      data-testid={`field-${name}`}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
    >
      <div ref={list} className={classes.list} role="group" aria-label={label}>
        {values.map((value, index) => (
          // Entries have no identity but their place.
          <Group key={index} gap={4} wrap="nowrap" align="flex-start">
            <TextInput
              size="xs"
              className={classes.input}
              aria-label={`${one} ${index + 1}`}
              value={value}
              error={error(index)}
              onChange={(event) => onChange(values.with(index, event.currentTarget.value))}
              onKeyDown={(event) => key(event, index)}
            />
            <ActionIcon
              aria-label={`Move ${value || one} up`}
              disabled={index === 0}
              onClick={() => move(index, -1)}
            >
              <IconArrowUp size={15} />
            </ActionIcon>
            <ActionIcon
              aria-label={`Move ${value || one} down`}
              disabled={index === values.length - 1}
              onClick={() => move(index, 1)}
            >
              <IconArrowDown size={15} />
            </ActionIcon>
            <ActionIcon
              aria-label={`Remove ${value || one}`}
              onClick={() => onChange(values.toSpliced(index, 1))}
            >
              <IconX size={15} />
            </ActionIcon>
          </Group>
        ))}
        <Button
          variant="subtle"
          size="compact-xs"
          className={classes.add}
          leftSection={<IconPlus size={14} />}
          onClick={() => add(values.length)}
          data-testid={`add-${name}`}
        >
          Add a {one}
        </Button>
      </div>
    </Input.Wrapper>
  );
}
