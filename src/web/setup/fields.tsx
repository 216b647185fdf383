/** Inputs bound to a form: label, help, and the error of this field, whoever found it. */
import {
  Autocomplete,
  Checkbox,
  NumberInput,
  PasswordInput,
  Select,
  Stack,
  Switch,
  Textarea,
  TextInput,
} from '@mantine/core';
import type { ReactNode } from 'react';
import type { Form } from '../ui/use-form.ts';
import classes from './form-page.module.css';

/** Names of the fields of `T` that hold a `V`. */
type Names<T, V> = { [K in keyof T]: T[K] extends V ? K : never }[keyof T] & string;

interface FieldProps<T extends object, V> {
  form: Form<T>;
  name: Names<T, V>;
  label: string;
  help?: ReactNode;
  required?: boolean;
  autoFocus?: boolean;
  placeholder?: string;
}

/** An input as the forms of Setup have it: small, with its help below. */
export const SMALL = {
  size: 'xs',
  inputWrapperOrder: ['label', 'input', 'description', 'error'] as (
    | 'label'
    | 'input'
    | 'description'
    | 'error'
  )[],
};

function common<T extends object, V>({ form, name, label, help, required, autoFocus }: FieldProps<T, V>) {
  return {
    label,
    description: help,
    withAsterisk: required,
    error: form.error(name),
    ...SMALL,
    autoFocus,
    'data-field': name,
    'data-testid': `field-${name}`,
  } as const;
}

/** What the form holds under this name. */
function valueOf<T extends object, V>(form: Form<T>, name: Names<T, V>): V {
  return form.values[name] as unknown as V;
}

function setter<T extends object, V>(form: Form<T>, name: Names<T, V>): (value: V) => void {
  return (value) => form.set(name, value as unknown as T[typeof name]);
}

/** Fields side by side, as many as fit. */
export function FieldGrid({ children }: { children: ReactNode }) {
  return <div className={classes.grid}>{children}</div>;
}

/** One line of text; `nullable` keeps an empty one as null. */
export function TextField<T extends object>(
  props: FieldProps<T, string | null> & { nullable?: boolean; suggestions?: string[]; type?: 'tel' | 'url' },
) {
  const { form, name, nullable = false, suggestions, placeholder, type } = props;
  const value = valueOf<T, string | null>(form, name) ?? '';
  const set = setter<T, string | null>(form, name);
  const change = (text: string) => set(nullable && text.trim() === '' ? null : text);
  const both = { ...common(props), placeholder, value };
  if (suggestions) return <Autocomplete {...both} data={suggestions} onChange={change} />;
  return <TextInput {...both} type={type} onChange={(event) => change(event.currentTarget.value)} />;
}

export function TextareaField<T extends object>(props: FieldProps<T, string>) {
  const { form, name, placeholder } = props;
  return (
    <Textarea
      {...common(props)}
      className={classes.wide}
      autosize
      minRows={2}
      maxRows={10}
      placeholder={placeholder}
      value={valueOf<T, string>(form, name)}
      onChange={(event) => setter<T, string>(form, name)(event.currentTarget.value)}
    />
  );
}

export function PasswordField<T extends object>(props: FieldProps<T, string>) {
  const { form, name, placeholder } = props;
  return (
    <PasswordInput
      {...common(props)}
      placeholder={placeholder}
      autoComplete="new-password"
      visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
      value={valueOf<T, string>(form, name)}
      onChange={(event) => setter<T, string>(form, name)(event.currentTarget.value)}
    />
  );
}

/** A number in `unit`; the form holds `scale` times as much, such as 1,000 for seconds over milliseconds. */
export function NumberField<T extends object>(
  props: FieldProps<T, number | null> & {
    unit?: string;
    scale?: number;
    min?: number;
    max?: number;
    nullable?: boolean;
  },
) {
  const { form, name, unit, scale = 1, min, max, placeholder, nullable = false } = props;
  const value = valueOf<T, number | null>(form, name);
  const set = setter<T, number | null>(form, name);
  return (
    <NumberInput
      {...common(props)}
      placeholder={placeholder}
      suffix={unit ? ` ${unit}` : undefined}
      min={min}
      max={max}
      clampBehavior="none"
      value={value === null || Number.isNaN(value) ? '' : value / scale}
      onChange={(next) => set(next === '' ? (nullable ? null : Number.NaN) : Number(next) * scale)}
    />
  );
}

export interface Choice {
  value: string;
  label: string;
}

export function SelectField<T extends object>(
  props: FieldProps<T, string | null> & { choices: Choice[]; nullable?: boolean; searchable?: boolean },
) {
  const { form, name, choices, nullable = false, placeholder } = props;
  return (
    <Select
      {...common(props)}
      data={choices}
      placeholder={placeholder}
      searchable={props.searchable ?? choices.length > 8}
      clearable={nullable}
      allowDeselect={nullable}
      limit={60}
      nothingFoundMessage="No such choice"
      value={valueOf<T, string | null>(form, name) || null}
      onChange={(value) => setter<T, string | null>(form, name)(value ?? (nullable ? null : ''))}
    />
  );
}

export function SwitchField<T extends object>(props: FieldProps<T, boolean>) {
  const { form, name } = props;
  const { inputWrapperOrder: _order, withAsterisk: _asterisk, size: _size, ...rest } = common(props);
  return (
    <Switch
      {...rest}
      size="xs"
      mt={{ base: 0, sm: 22 }}
      checked={valueOf<T, boolean>(form, name)}
      onChange={(event) => setter<T, boolean>(form, name)(event.currentTarget.checked)}
    />
  );
}

/** Several of a few choices. */
export function ChecksField<T extends object>(
  props: FieldProps<T, string[]> & { choices: (Choice & { help?: string })[] },
) {
  const { form, name, choices } = props;
  const { autoFocus: _autoFocus, ...rest } = common(props);
  return (
    <Checkbox.Group
      {...rest}
      className={classes.wide}
      value={valueOf<T, string[]>(form, name)}
      onChange={setter<T, string[]>(form, name)}
    >
      <Stack gap={6} mt={4}>
        {choices.map(({ value, label, help }) => (
          <Checkbox
            key={value}
            value={value}
            label={label}
            description={help}
            size="xs"
            data-testid={`check-${value}`}
          />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
