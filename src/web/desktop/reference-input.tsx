import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { FieldInputProps } from '../ui/field.tsx';
import { useRecord, useSearchQuery } from './data.ts';
import { objectOfId, useObjects } from './objects-context.tsx';

/** Chooses the record that a field points at, by typing its name or number. `name` is the name of the one chosen now. */
export function ReferenceInput({ meta, value, onChange, error, name }: FieldInputProps & { name?: string }) {
  const objects = useObjects();
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text, 150);
  const [picked, setPicked] = useState<{ id: string; name: string }>();
  const found = useSearchQuery(asked, 20);
  const id = typeof value === 'string' && value !== '' ? value : undefined;
  const known = picked?.id === id ? picked?.name : name;
  const unnamed = useRecord(
    id ? (objectOfId(objects, id)?.name ?? '') : '',
    id && known === undefined ? id : undefined,
  );
  const label = known ?? unnamed.data?.name ?? id ?? '';
  const candidates = (found.data?.records ?? []).filter(
    (record) => meta.refersTo?.includes(record.object) && record.id !== id,
  );
  const data = [
    ...(id ? [{ value: id, label }] : []),
    ...candidates.map((record) => ({
      value: record.id,
      label: record.detail ? `${record.name} · ${record.detail}` : record.name,
    })),
  ];
  const choose = (chosen: string | null) => {
    const record = candidates.find((one) => one.id === chosen);
    if (record) setPicked({ id: record.id, name: record.name });
    onChange(chosen);
  };
  return (
    <Select
      label={meta.label}
      required={meta.required}
      error={error}
      size="xs"
      data={data}
      value={id ?? null}
      onChange={choose}
      searchable
      clearable={!meta.required}
      onSearchChange={setText}
      filter={({ options }) => options}
      placeholder={`Search ${meta.refersTo?.join(' or ').toLowerCase() ?? 'records'}`}
      nothingFoundMessage={text.trim().length > 1 ? 'Nothing found' : 'Type a name or a number'}
      data-testid={`field-${meta.name}`}
    />
  );
}
