import { Anchor, Checkbox, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { IconCheck, IconMinus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { FieldMeta, FieldValue } from '../../protocol/crm.ts';
import { formatDay } from './format.ts';
import { PhoneNumber } from './phone-number.tsx';
import { DateTime } from './time.tsx';
import { useViewer } from './viewer.tsx';

/** A field's value for reading. `reference` renders a reference; without it, its id is shown. */
export function FieldView({
  meta,
  value,
  reference,
}: {
  meta: FieldMeta;
  value: FieldValue | undefined;
  reference?: (id: string) => ReactNode;
}) {
  const viewer = useViewer();
  if (value === null || value === undefined || value === '') return <NoValue />;
  const text = String(value);
  switch (meta.type) {
    case 'phone':
      return <PhoneNumber value={text} />;
    case 'email':
      return (
        <Anchor inherit href={`mailto:${text}`} onClick={(event) => event.stopPropagation()}>
          {text}
        </Anchor>
      );
    case 'url':
      return <WebLink text={text} />;
    case 'boolean':
      return value ? <IconCheck size={16} aria-label="Yes" /> : <IconMinus size={16} aria-label="No" />;
    case 'date':
      return formatDay(text, viewer);
    case 'datetime':
      return Number.isNaN(toInstant(value)) ? text : <DateTime at={toInstant(value)} />;
    case 'number':
      return typeof value === 'number' ? new Intl.NumberFormat(viewer.locale).format(value) : text;
    case 'reference':
      return reference ? reference(text) : text;
    case 'textarea':
      return <span style={{ whiteSpace: 'pre-wrap' }}>{text}</span>;
    default:
      return text;
  }
}

function NoValue() {
  return (
    <span style={{ color: 'var(--cp-muted)' }}>
      <span aria-hidden>–</span>
      <span className="cp-visually-hidden">empty</span>
    </span>
  );
}

/** Only http and https become a link: a record must not carry a script. */
function WebLink({ text }: { text: string }) {
  const href = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(href)) return text;
  return (
    <Anchor inherit href={href} target="_blank" rel="noreferrer" onClick={(event) => event.stopPropagation()}>
      {text}
    </Anchor>
  );
}

/** An instant given as UTC milliseconds or ISO 8601. */
function toInstant(value: FieldValue): number {
  return typeof value === 'number' ? value : Date.parse(String(value));
}

export interface FieldInputProps {
  meta: FieldMeta;
  value: FieldValue;
  onChange: (value: FieldValue) => void;
  error?: string;
  autoFocus?: boolean;
}

/** A field's control for editing, by its metadata. References have a control of their own where records can be searched. */
export function FieldInput({ meta, value, onChange, error, autoFocus }: FieldInputProps) {
  const common = {
    label: meta.label,
    required: meta.required,
    error,
    size: 'xs',
    name: meta.name,
    'data-testid': `field-${meta.name}`,
    'data-autofocus': autoFocus || undefined,
    autoFocus,
  } as const;
  const text = value === null ? '' : String(value);
  switch (meta.type) {
    case 'textarea':
      return (
        <Textarea
          {...common}
          autosize
          minRows={3}
          maxRows={12}
          maxLength={meta.maxLength}
          value={text}
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      );
    case 'picklist':
      return (
        <Select
          {...common}
          data={meta.options ?? []}
          value={text || null}
          onChange={onChange}
          clearable={!meta.required}
          searchable
          nothingFoundMessage="No such choice"
        />
      );
    case 'boolean': {
      const { required: _, ...rest } = common;
      return (
        <Checkbox
          {...rest}
          mt={22}
          checked={value === true}
          onChange={(e) => onChange(e.currentTarget.checked)}
        />
      );
    }
    case 'number':
      return (
        <NumberInput
          {...common}
          value={typeof value === 'number' ? value : text}
          onChange={(n) => onChange(n === '' ? null : n)}
        />
      );
    default:
      return (
        <TextInput
          {...common}
          type={INPUT_TYPES[meta.type] ?? 'text'}
          maxLength={meta.maxLength}
          value={meta.type === 'datetime' ? toLocalInput(value) : text}
          onChange={(e) =>
            onChange(meta.type === 'datetime' ? fromLocalInput(e.currentTarget.value) : e.currentTarget.value)
          }
        />
      );
  }
}

const INPUT_TYPES: Partial<Record<FieldMeta['type'], string>> = {
  phone: 'tel',
  email: 'email',
  url: 'url',
  date: 'date',
  datetime: 'datetime-local',
};

/** An instant as `<input type="datetime-local">` wants it, in the browser's zone. */
function toLocalInput(value: FieldValue): string {
  const at = value === null || value === '' ? Number.NaN : toInstant(value);
  if (Number.isNaN(at)) return '';
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function fromLocalInput(text: string): string {
  const at = Date.parse(text);
  return Number.isNaN(at) ? '' : new Date(at).toISOString();
}
