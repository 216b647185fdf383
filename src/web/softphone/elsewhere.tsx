import { Button, Text } from '@mantine/core';
import { IconAppWindow } from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import classes from './app.module.css';
import type { PopOut } from './pop-out.ts';
import { useSoftphone } from './session-context.tsx';

/** In the place of the softphone while it has a window of its own. */
export function Elsewhere({ popOut }: { popOut: PopOut }) {
  const { returning } = useSyncExternalStore(popOut.subscribe, popOut.getView);
  const { lines } = useSoftphone();
  return (
    <main className={classes.waiting} data-testid="popped-out">
      <IconAppWindow size={30} stroke={1.5} aria-hidden />
      <Text ta="center">Your phone is in its own window.</Text>
      {returning && lines.length > 0 ? (
        <Text c="dimmed" size="sm" ta="center" role="status">
          It comes back when your call is over.
        </Text>
      ) : (
        <Button onClick={() => popOut.bringBack()} data-testid="bring-back">
          Bring it back
        </Button>
      )}
      <Button variant="subtle" onClick={() => popOut.focus()}>
        Show the window
      </Button>
    </main>
  );
}
