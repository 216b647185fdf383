import { notifications } from '@mantine/notifications';
import { errorText } from './states.tsx';

/** Says what did not succeed, and why, where there is no other place for it. */
export function showError(error: unknown): void {
  notifications.show({ color: 'stop', message: errorText(error) });
}
