import { Button, Menu, Modal, Text, UnstyledButton } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCheck, IconChevronDown, IconTrash, IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import type { ListView } from '../../protocol/list-views.ts';
import { errorText } from '../ui/states.tsx';
import { useMe } from '../ui/me-context.ts';
import { useHotkey } from '../ui/use-hotkey.ts';
import type { KnownList } from './list-state.ts';
import classes from './list-switch.module.css';
import { useRemoveList } from './lists.ts';

interface ListSwitchProps {
  lists: KnownList[];
  shown: KnownList;
  onChoose: (list: KnownList) => void;
  onRemoved: () => void;
}

/** The name of the list, which opens the others: the object's own, the user's, those that everybody shares. */
export function ListSwitch({ lists, shown, onChoose, onRemoved }: ListSwitchProps) {
  const [opened, setOpened] = useState(false);
  const [removing, setRemoving] = useState<ListView>();
  useHotkey('v', () => setOpened(true));
  const groups: [title: string, lists: KnownList[]][] = [
    ['', lists.filter((list) => !list.saved)],
    ['Mine', lists.filter((list) => list.saved?.shared === false)],
    ['Shared', lists.filter((list) => list.saved?.shared)],
  ];
  return (
    <>
      <Menu opened={opened} onChange={setOpened} position="bottom-start" withinPortal width={300}>
        <Menu.Target>
          <UnstyledButton
            className={classes.name}
            aria-label={`${shown.name}: choose a list`}
            data-testid="list-switch"
          >
            <span className={classes.text}>{shown.name}</span>
            <IconChevronDown size={18} className={classes.arrow} aria-hidden />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown className={classes.menu}>
          {groups
            .filter(([, some]) => some.length > 0)
            .map(([title, some]) => (
              <div key={title}>
                {title && <Menu.Label>{title}</Menu.Label>}
                {some.map((list) => (
                  <Menu.Item
                    key={list.id}
                    className={classes.item}
                    leftSection={list.saved?.shared && <IconUsers size={14} aria-hidden />}
                    rightSection={list.id === shown.id && <IconCheck size={14} aria-label="shown" />}
                    onClick={() => onChoose(list)}
                    data-testid="list-choice"
                  >
                    {list.name}
                  </Menu.Item>
                ))}
              </div>
            ))}
          {shown.saved && <RemoveItem view={shown.saved} onChoose={setRemoving} />}
        </Menu.Dropdown>
      </Menu>
      <ConfirmRemove view={removing} onClose={() => setRemoving(undefined)} onRemoved={onRemoved} />
    </>
  );
}

/** Shared lists are a supervisor's or an administrator's to change. */
export function useMayWrite(): (shared: boolean) => boolean {
  const { roles } = useMe();
  return (shared) => !shared || roles.includes('supervisor') || roles.includes('administrator');
}

function RemoveItem({ view, onChoose }: { view: ListView; onChoose: (view: ListView) => void }) {
  if (!useMayWrite()(view.shared)) return null;
  return (
    <>
      <Menu.Divider />
      <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={() => onChoose(view)}>
        Delete “{view.name}”
      </Menu.Item>
    </>
  );
}

interface ConfirmRemoveProps {
  view: ListView | undefined;
  onClose: () => void;
  onRemoved: () => void;
}

function ConfirmRemove({ view, onClose, onRemoved }: ConfirmRemoveProps) {
  const remove = useRemoveList();
  const submit = () =>
    remove.mutate(view?.id ?? '', {
      onSuccess: () => {
        notifications.show({ color: 'ok', message: `The list “${view?.name}” has been deleted.` });
        onClose();
        onRemoved();
      },
    });
  return (
    <Modal opened={view !== undefined} onClose={onClose} title="Delete this list?" size="sm">
      <Text size="sm">
        {view?.shared ? 'Everybody loses the list' : 'You lose the list'} “{view?.name}”. The records stay.
      </Text>
      {remove.isError && (
        <Text size="sm" c="red" mt="xs" role="alert">
          {errorText(remove.error)}
        </Text>
      )}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          Keep it
        </Button>
        <Button color="stop" loading={remove.isPending} onClick={submit} data-autofocus>
          Delete
        </Button>
      </div>
    </Modal>
  );
}
