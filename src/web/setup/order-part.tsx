import { Alert } from '@mantine/core';
import { useState } from 'react';
import { api } from '../ui/api.ts';
import { useMe } from '../ui/me-context.ts';
import { errorText } from '../ui/states.tsx';
import { Section } from './page.tsx';
import { useChange } from './resource.ts';
import { SortableList } from './sortable-list.tsx';

interface OrderPartProps {
  /** Noun of the REST twin, which takes `PUT /api/NOUN/order`. */
  noun: string;
  label: string;
  intro: string;
  items: readonly { id: string; label: string }[];
}

/** The order in which things are tried; each move is saved at once. Nothing is shown for fewer than two. */
export function OrderPart({ noun, label, intro, items }: OrderPartProps) {
  const mayChange = useMe().roles.includes('administrator');
  const [failure, setFailure] = useState<unknown>();
  const save = useChange<void, string[]>((ids) =>
    api<void>(`/api/${noun}/order`, { method: 'PUT', body: { ids } }),
  );
  // What was moved is shown where it was put, before the server has said so.
  const shown = save.isPending
    ? save.variables.flatMap((id) => items.find((one) => one.id === id) ?? [])
    : items;
  if (items.length < 2) return null;
  return (
    <Section title="Order" intro={intro}>
      <SortableList
        label={label}
        items={shown}
        keyOf={(one) => one.id}
        nameOf={(one) => one.label}
        disabled={!mayChange}
        onChange={(next) => {
          setFailure(undefined);
          save.mutateAsync(next.map((one) => one.id)).catch(setFailure);
        }}
      />
      {Boolean(failure) && (
        <Alert color="stop" variant="light" p="xs" mt="sm" role="alert">
          {errorText(failure)}
        </Alert>
      )}
    </Section>
  );
}
