import { Stack, Title } from '@mantine/core';
import { Logo } from '../ui/logo.tsx';
import { SignInForm } from '../ui/sign-in-form.tsx';
import classes from './sign-in.module.css';

/** Asks for user name and password, when the softphone is opened without a session. */
export function SignIn({ onSignedIn }: { onSignedIn(): void }) {
  return (
    <main className={classes.page}>
      <Stack gap="sm">
        <Logo size={30} withName />
        <Title order={1} size="h2">
          Sign in to your phone
        </Title>
        <SignInForm onSignedIn={onSignedIn} />
      </Stack>
    </main>
  );
}
