import { Anchor } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { isOutside } from '../hosts/pop-path.ts';

/**
 * Opens a window for a pop. Where the browser does not let us: for a page that is not ours a notice leads there, and false for one
 * of ours, which can be shown in a tab.
 */
export function popWindow(path: string, title: string): boolean {
  const outside = isOutside(path);
  const opened = window.open(path, '_blank');
  if (opened && outside) opened.opener = null;
  if (opened || !outside) return opened !== null;
  notifications.show({
    autoClose: false,
    title: 'The browser blocked a window',
    message: (
      <Anchor href={path} target="_blank" rel="noopener" data-testid="blocked-pop">
        Open the page for {title}
      </Anchor>
    ),
  });
  return true;
}
