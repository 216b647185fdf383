import { Stack, Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import { HandedToken } from '../../protocol/crm-hosts.ts';
import type { WindowMessage } from '../../protocol/windows.ts';
import { api } from '../ui/api.ts';
import { renderApp } from '../ui/app-provider.tsx';
import { Logo } from '../ui/logo.tsx';
import { SignInForm } from '../ui/sign-in-form.tsx';
import { errorText } from '../ui/states.tsx';
import classes from './sign-in.module.css';

/**
 * The window in which an agent signs in when his softphone is in a frame of another site, where no cookie of ours comes through.
 * Here it does: whoever is signed in already needs no password again. The token goes to our own origin only.
 *
 *     opened ── signed in already ──────────────────────► token told to the opener ──► closed
 *        └── not ── user name and password ──► signed in ──┘
 */
function SignInWindow() {
  const [signedIn, setSignedIn] = useState(false);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    handOver().then(
      (problem) => setProblem(problem),
      // Nobody is signed in yet: the form asks.
      () => undefined,
    );
  }, []);
  const done = () => {
    setSignedIn(true);
    handOver().then(setProblem, (error: unknown) => setProblem(errorText(error)));
  };
  return (
    <main className={classes.page}>
      <Stack gap="sm">
        <Logo size={30} withName />
        <Title order={1} size="h2">
          Sign in to your phone
        </Title>
        {problem ? <Text role="alert">{problem}</Text> : !signedIn && <SignInForm onSignedIn={done} />}
      </Stack>
    </main>
  );
}

/** Tells the page that opened this window who is signed in, and closes. Resolves with why that cannot be. */
async function handOver(): Promise<string | undefined> {
  const { token } = await api<HandedToken>('/api/sign-in/hand-over', { method: 'POST', schema: HandedToken });
  const opener = window.opener as Window | null;
  if (!opener) return 'You are signed in. Close this window, and choose Sign in again at the softphone.';
  const message: WindowMessage = { crosspoint: 1, type: 'token', token };
  opener.postMessage(message, location.origin);
  window.close();
  return undefined;
}

renderApp(<SignInWindow />);
