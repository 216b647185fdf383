import { Alert, Button, Loader, Stack, Text, Title } from '@mantine/core';
import { useState, useSyncExternalStore } from 'react';
import { Logo } from '../ui/logo.tsx';
import { errorText } from '../ui/states.tsx';
import type { FrameSignIn } from './frame-sign-in.ts';
import classes from './sign-in.module.css';

/** In a frame of another site: the CRM is asked who its user is, else our own window asks. */
export function FrameSignInPage({ signIn }: { signIn: FrameSignIn }) {
  const { asking, problem } = useSyncExternalStore(signIn.subscribe, signIn.getView);
  const [blocked, setBlocked] = useState(false);
  return (
    <main className={classes.page} data-testid="frame-sign-in">
      <Stack gap="sm">
        <Logo size={30} withName />
        <Title order={1} size="h2">
          Sign in to your phone
        </Title>
        {asking ? (
          <>
            <Loader size="sm" />
            <Text role="status">Asking your CRM who you are…</Text>
          </>
        ) : (
          <>
            {problem !== undefined && (
              <Alert color="stop" variant="light" p="xs" role="alert" data-testid="frame-sign-in-problem">
                {errorText(problem)}
              </Alert>
            )}
            <Button onClick={() => setBlocked(!signIn.openWindow())} data-testid="open-sign-in">
              Sign in
            </Button>
            <Text size="sm" c="dimmed" role={blocked ? 'alert' : undefined}>
              {blocked
                ? 'The browser has blocked the window. Allow pop-ups for this page: the sign is in the address bar.'
                : 'A small window opens for it.'}
            </Text>
          </>
        )}
      </Stack>
    </main>
  );
}
