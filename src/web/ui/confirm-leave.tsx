import { Button, Group, Modal, Text } from '@mantine/core';
import { useEffect } from 'react';

interface ConfirmLeaveProps {
  opened: boolean;
  /** What has unsaved changes, such as `this contact`. */
  what: string;
  onStay: () => void;
  onDiscard: () => void;
}

/** Asks before unsaved changes are thrown away; staying is the default. */
export function ConfirmLeave({ opened, what, onStay, onDiscard }: ConfirmLeaveProps) {
  return (
    <Modal opened={opened} onClose={onStay} title="Leave without saving?" size="sm">
      <Text size="sm">Your changes to {what} have not been saved.</Text>
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" color="stop" onClick={onDiscard} data-testid="discard">
          Discard changes
        </Button>
        <Button data-autofocus onClick={onStay} data-testid="stay">
          Keep editing
        </Button>
      </Group>
    </Modal>
  );
}

/** While `dirty`, the browser asks before the tab is closed or reloaded. */
export function useBeforeUnload(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [dirty]);
}
