import { MultiSelect, TagsInput } from '@mantine/core';
import type { Form } from '../ui/use-form.ts';
import { type Choice, SMALL } from './fields.tsx';
import classes from './form-page.module.css';

type TextLists<T> = { [K in keyof T]: T[K] extends string[] ? K : never }[keyof T] & string;

interface MultiSelectFieldProps<T extends object> {
  form: Form<T>;
  name: TextLists<T>;
  label: string;
  help?: string;
  placeholder?: string;
  required?: boolean;
  /** What can be chosen; without it, what is typed. */
  choices?: Choice[];
}

/** Several texts: out of choices, or typed, each ended by Enter or a comma. */
export function MultiSelectField<T extends object>(props: MultiSelectFieldProps<T>) {
  const { form, name, label, help, placeholder, choices, required } = props;
  const value = form.values[name] as unknown as string[];
  const common = {
    label,
    description: help,
    withAsterisk: required,
    ...SMALL,
    className: classes.wide,
    error: form.error(name),
    value,
    placeholder: value.length === 0 ? placeholder : undefined,
    onChange: (next: string[]) => form.set(name, next as unknown as T[typeof name]),
    clearable: true,
    clearButtonProps: { 'aria-label': `Clear ${label.toLowerCase()}` },
    'data-field': name,
    'data-testid': `field-${name}`,
  } as const;
  return choices ? (
    <MultiSelect
      {...common}
      data={choices}
      searchable
      hidePickedOptions
      limit={60}
      nothingFoundMessage="No such choice"
    />
  ) : (
    <TagsInput {...common} />
  );
}
