import { notifications } from '@mantine/notifications';

/** Says what was refused, and why. */
export function showError(message: string): void {
  notifications.show({ color: 'stop', message });
}
