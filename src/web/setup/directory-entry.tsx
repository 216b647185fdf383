import { ActionIcon, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { type DirectoryEntry, DirectoryEntryInput } from '../../protocol/directories.ts';
import { api } from '../ui/api.ts';
import { type Form, useForm } from '../ui/use-form.ts';
import { FieldGrid, TextField } from './fields.tsx';
import { useChange } from './resource.ts';
import { SelfSaving } from './self-saving.tsx';

interface EntryButtonProps {
  directoryId: string;
  /** Undefined: a new one. */
  entry?: DirectoryEntry;
}

/** Opens one entry of a directory for editing, or a new one. */
export function EntryButton({ directoryId, entry }: EntryButtonProps) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button
        variant={entry ? 'subtle' : 'default'}
        size={entry ? 'compact-xs' : 'xs'}
        leftSection={entry ? undefined : <IconPlus size={14} />}
        aria-label={entry ? `Change ${entry.name}` : undefined}
        onClick={() => setOpened(true)}
        data-testid={entry ? undefined : 'new-entry'}
      >
        {entry ? 'Change' : 'New entry'}
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={entry?.name ?? 'New entry'} size="lg">
        <EntryForm directoryId={directoryId} entry={entry} onDone={() => setOpened(false)} />
      </Modal>
    </>
  );
}

function EntryForm({ directoryId, entry, onDone }: EntryButtonProps & { onDone: () => void }) {
  const path = `/api/directories/${encodeURIComponent(directoryId)}/entries`;
  const save = useChange<DirectoryEntry, object>((body) =>
    entry
      ? api<DirectoryEntry>(`${path}/${encodeURIComponent(entry.id)}`, { method: 'PUT', body })
      : api<DirectoryEntry>(path, { body }),
  );
  const form = useForm({
    base: {
      name: entry?.name ?? '',
      description: entry?.description ?? '',
      numbers: entry?.numbers ?? [{ label: '', phone: '' }],
    },
    schema: DirectoryEntryInput,
    save: async (values) => {
      await save.mutateAsync(values);
      onDone();
    },
  });
  return (
    <SelfSaving form={form} what="the entry">
      <FieldGrid>
        <TextField form={form} name="name" label="Name" required autoFocus />
        <TextField form={form} name="description" label="Description" />
      </FieldGrid>
      <Numbers form={form} />
    </SelfSaving>
  );
}

function Numbers({ form }: { form: Form<DirectoryEntryInput> }) {
  const { numbers } = form.values;
  const set = (index: number, change: Partial<DirectoryEntryInput['numbers'][number]>) =>
    form.set(
      'numbers',
      numbers.map((one, at) => (at === index ? { ...one, ...change } : one)),
    );
  return (
    <Stack gap={6} mt="md" role="group" aria-label="Numbers">
      {numbers.map((number, index) => (
        // Numbers have no identity but their place.
        <Group key={index} gap={6} align="flex-start">
          <TextInput
            size="xs"
            w={140}
            aria-label={`Label of number ${index + 1}`}
            placeholder="mobile"
            value={number.label}
            error={form.error(`numbers.${index}.label`)}
            onChange={(event) => set(index, { label: event.currentTarget.value })}
          />
          <TextInput
            size="xs"
            type="tel"
            w={220}
            aria-label={`Number ${index + 1}`}
            placeholder="020 7946 0001"
            value={number.phone}
            error={form.error(`numbers.${index}.phone`)}
            onChange={(event) => set(index, { phone: event.currentTarget.value })}
          />
          {numbers.length > 1 && (
            <ActionIcon
              aria-label={`Remove number ${index + 1}`}
              onClick={() => form.set('numbers', numbers.toSpliced(index, 1))}
            >
              <IconX size={15} />
            </ActionIcon>
          )}
        </Group>
      ))}
      {form.error('numbers') && numbers.every((_, index) => !form.error(`numbers.${index}`)) && (
        <Text size="xs" c="stop" role="alert">
          {form.error('numbers')}
        </Text>
      )}
      <Button
        variant="subtle"
        size="compact-xs"
        style={{ alignSelf: 'flex-start' }}
        leftSection={<IconPlus size={14} />}
        onClick={() => form.set('numbers', [...numbers, { label: '', phone: '' }])}
      >
        Add a number
      </Button>
    </Stack>
  );
}
