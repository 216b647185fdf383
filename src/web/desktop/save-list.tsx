import { Alert, Button, Checkbox, Group, Modal, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type FormEvent, useState } from 'react';
import type { ObjectMeta } from '../../protocol/crm.ts';
import type { ListView } from '../../protocol/list-views.ts';
import { errorText } from '../ui/states.tsx';
import type { KnownList, ListShape } from './list-state.ts';
import { useMayWrite } from './list-switch.tsx';
import classes from './list-switch.module.css';
import { useSaveList } from './lists.ts';

interface SaveListProps {
  meta: ObjectMeta;
  list: KnownList;
  shape: ListShape;
  onSaved: (view: ListView) => void;
}

/** Saves what was changed about a list: in it, where the user may, or under another name. */
export function SaveList({ meta, list, shape, onSaved }: SaveListProps) {
  const [naming, setNaming] = useState(false);
  const mayWrite = useMayWrite();
  const save = useSaveList();
  const own = list.saved && mayWrite(list.saved.shared) ? list.saved : undefined;
  const saved = (view: ListView) => {
    setNaming(false);
    notifications.show({ color: 'ok', message: `The list “${view.name}” has been saved.` });
    onSaved(view);
  };
  return (
    <>
      {own && (
        <Button
          variant="default"
          loading={save.isPending && !naming}
          onClick={() => save.mutate({ id: own.id, ...shape }, { onSuccess: saved })}
          data-testid="save-list"
        >
          Save
        </Button>
      )}
      <Button variant="default" onClick={() => setNaming(true)} data-testid="save-list-as">
        Save as…
      </Button>
      <Modal opened={naming} onClose={() => setNaming(false)} title="Save this list" size="sm">
        <NameForm
          mayShare={mayWrite(true)}
          saving={save.isPending}
          error={save.error}
          onSubmit={(name, shared) =>
            save.mutate({ object: meta.name, name, shared, ...shape }, { onSuccess: saved })
          }
        />
      </Modal>
    </>
  );
}

interface NameFormProps {
  mayShare: boolean;
  saving: boolean;
  error: unknown;
  onSubmit: (name: string, shared: boolean) => void;
}

function NameForm({ mayShare, saving, error, onSubmit }: NameFormProps) {
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== '') onSubmit(name.trim(), shared);
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        label="Name"
        required
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={error ? errorText(error) : undefined}
        data-autofocus
        data-testid="list-name"
      />
      {mayShare && (
        <Checkbox
          mt="sm"
          label="Everybody sees it"
          checked={shared}
          onChange={(event) => setShared(event.currentTarget.checked)}
          data-testid="list-shared"
        />
      )}
      <div className={classes.buttons}>
        <Button type="submit" loading={saving} disabled={name.trim() === ''} data-testid="list-save">
          Save
        </Button>
      </div>
    </form>
  );
}

/** The list named fields that were deleted: it is shown without them, and whoever may saves it so. */
export function Gone({ list }: { list: ListView }) {
  const mayWrite = useMayWrite();
  const save = useSaveList();
  const { id, conditions, columns, sort, direction, gone } = list;
  return (
    <Alert color="hold" variant="light" p="xs" role="alert">
      <Group justify="space-between">
        <Text size="sm">
          This list named fields that were deleted: {gone.join(', ')}. It is shown without them.
        </Text>
        {mayWrite(list.shared) && (
          <Button
            variant="default"
            size="compact-sm"
            loading={save.isPending}
            onClick={() => save.mutate({ id, conditions, columns, sort, direction })}
          >
            Save it so
          </Button>
        )}
      </Group>
    </Alert>
  );
}
