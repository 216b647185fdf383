import { Alert, Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { useMe } from '../ui/me-context.ts';
import { errorText } from '../ui/states.tsx';
import type { Form } from '../ui/use-form.ts';

interface SelfSavingProps<T extends object> {
  form: Form<T>;
  /** What is saved, for the button's name. */
  what: string;
  children: ReactNode;
}

/** A part of a page that is saved by itself: its button comes with the first change. */
export function SelfSaving<T extends object>({ form, what, children }: SelfSavingProps<T>) {
  const mayChange = useMe().roles.includes('administrator');
  const save = async () => {
    if (await form.submit()) notifications.show({ color: 'ok', message: 'Saved.', autoClose: 2_500 });
  };
  return (
    <fieldset disabled={!mayChange} style={{ margin: 0, padding: 0, border: 0, minWidth: 0 }}>
      {children}
      {Boolean(form.refusal) && (
        <Alert color="stop" variant="light" p="xs" mt="sm" role="alert">
          {errorText(form.refusal)}
        </Alert>
      )}
      {form.dirty && (
        <Group gap="xs" mt="md">
          <Button loading={form.saving} onClick={() => void save()} aria-label={`Save ${what}`}>
            Save
          </Button>
          <Button variant="default" onClick={form.reset}>
            Cancel
          </Button>
        </Group>
      )}
    </fieldset>
  );
}
