import { Alert, Button, Group, Modal, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconLock, IconTrash } from '@tabler/icons-react';
import { type FormEvent, type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { KeyHint } from '../ui/key-hint.tsx';
import { useMe } from '../ui/me-context.ts';
import { errorText } from '../ui/states.tsx';
import type { Form } from '../ui/use-form.ts';
import classes from './form-page.module.css';
import { useNavigation, useUnsaved } from './navigation-context.tsx';

export interface Removal {
  /** Such as `the queue “Sales”`. */
  what: string;
  /** What goes with it and what stays, one sentence each. */
  consequences: ReactNode[];
  /** Why it cannot be removed now, and what to do first. */
  blocked?: ReactNode;
  /** What the button says; default `Delete`. */
  verb?: string;
  run: () => Promise<unknown>;
}

interface FormPageProps<T extends object> {
  form: Form<T>;
  /** What is edited, such as `this queue`. */
  what: string;
  /** The list that one comes from; none for a page that has no list. */
  back?: string;
  /** Of a new thing: the path that its id comes behind. */
  createdAt?: string;
  removal?: Removal;
  /** A form that begins with what can be saved at once. */
  savable?: boolean;
  saveLabel?: string;
  actions?: ReactNode;
  /** Parts that are saved by themselves, below the form's own fields. */
  below?: ReactNode;
  children: ReactNode;
}

/**
 * A form with its bar: save, cancel, delete. Ctrl+Enter and Ctrl+S save. Without the role it can be read, not changed.
 */
export function FormPage<T extends object>(props: FormPageProps<T>) {
  const {
    form,
    what,
    back,
    createdAt,
    removal,
    savable = false,
    saveLabel = 'Save',
    actions,
    below,
    children,
  } = props;
  const navigation = useNavigation();
  const mayChange = useMe().roles.includes('administrator');
  const element = useRef<HTMLFormElement>(null);
  useUnsaved(form.dirty ? what : undefined);

  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    if (form.saving || !mayChange) return;
    const saved = await form.submit((name) => focusField(element.current, name));
    if (!saved) return;
    notifications.show({ color: 'ok', message: 'Saved.', autoClose: 2_500 });
    const id = (saved.saved as { id?: string } | undefined)?.id;
    if (createdAt !== undefined && id !== undefined)
      navigation.leave(`${createdAt}/${id}`, { replace: true });
  };
  const key = (event: KeyboardEvent) => {
    const command = event.ctrlKey || event.metaKey;
    if (!command || (event.key !== 'Enter' && event.key.toLowerCase() !== 's')) return;
    event.preventDefault();
    void submit();
  };
  return (
    <form
      ref={element}
      className={classes.form}
      onSubmit={(event) => void submit(event)}
      onKeyDown={key}
      noValidate
      data-testid="form"
    >
      {!mayChange && (
        <Alert variant="light" color="gray" icon={<IconLock size={16} />} p="xs">
          You can look at this. Changing it needs the role of an administrator.
        </Alert>
      )}
      <fieldset disabled={!mayChange} className={classes.fields}>
        {children}
      </fieldset>
      {below}
      {Boolean(form.refusal) && (
        <Alert color="stop" variant="light" p="xs" role="alert" data-testid="form-error">
          {errorText(form.refusal)}
        </Alert>
      )}
      {mayChange && (
        <Group gap="xs" className={classes.bar}>
          <Button type="submit" loading={form.saving} disabled={!form.dirty && !savable} data-testid="save">
            {saveLabel}
          </Button>
          {(back !== undefined || form.dirty) && (
            <Button
              variant="default"
              onClick={() => (back === undefined ? form.reset() : navigation.navigate(back))}
              data-testid="cancel"
            >
              {form.dirty ? 'Cancel' : 'Back to the list'}
            </Button>
          )}
          {actions}
          <span className={classes.hint}>
            <KeyHint keys="Ctrl S" /> saves
          </span>
          {removal && <RemoveButton removal={removal} onRemoved={() => navigation.leave(back ?? '/setup')} />}
        </Group>
      )}
    </form>
  );
}

/** Asks before it removes, and names what goes with it; says why when it cannot be. */
export function RemoveButton({
  removal,
  onRemoved,
  compact = false,
}: {
  removal: Removal;
  onRemoved?: () => void;
  compact?: boolean;
}) {
  const [opened, setOpened] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const { what, consequences, blocked, verb = 'Delete', run } = removal;
  const remove = async () => {
    setBusy(true);
    try {
      await run();
      setOpened(false);
      onRemoved?.();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  const open = () => {
    setFailure(undefined);
    setOpened(true);
  };
  return (
    <>
      <Button
        variant="subtle"
        color="stop"
        size={compact ? 'compact-xs' : undefined}
        leftSection={<IconTrash size={15} />}
        onClick={open}
        data-testid="remove"
        aria-label={compact ? `${verb} ${what}` : undefined}
      >
        {verb}
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={blocked ? `${verb} ${what}: not now` : `${verb} ${what}?`}
        size="md"
      >
        {blocked ? (
          <Text size="sm">{blocked}</Text>
        ) : (
          <ul className={classes.consequences}>
            {consequences.map((sentence, index) => (
              // The sentences are fixed while the dialogue is open.
              <li key={index}>{sentence}</li>
            ))}
          </ul>
        )}
        {Boolean(failure) && (
          <Alert color="stop" variant="light" p="xs" mt="sm" role="alert" data-testid="remove-error">
            {errorText(failure)}
          </Alert>
        )}
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" data-autofocus onClick={() => setOpened(false)} data-testid="keep">
            {blocked ? 'Close' : 'Keep it'}
          </Button>
          {!blocked && (
            <Button color="stop" loading={busy} onClick={() => void remove()} data-testid="confirm-remove">
              {verb}
            </Button>
          )}
        </Group>
      </Modal>
    </>
  );
}

/** Goes to the field with the first error, so that the keyboard is where the work is. */
function focusField(form: HTMLFormElement | null, name: string): void {
  const path = name.split('.');
  for (let length = path.length; length > 0; length--) {
    const field = form?.querySelector<HTMLElement>(`[data-field="${path.slice(0, length).join('.')}"]`);
    const target = field?.matches('input,textarea,select,button') ? field : field?.querySelector('input');
    if (target instanceof HTMLElement) return target.focus();
  }
}
