import { Alert, Button, PasswordInput, Stack, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { api } from '../ui/api.ts';
import { Logo } from '../ui/logo.tsx';
import { errorText } from '../ui/states.tsx';
import classes from './sign-in.module.css';

/** Asks for user name and password, when the softphone is opened without a session. */
export function SignIn({ onSignedIn }: { onSignedIn(): void }) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await api('/api/sign-in', { body: { username: username.trim(), password } });
      onSignedIn();
    } catch (problem) {
      setError(problem);
      setPassword('');
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className={classes.page}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          <Logo size={30} withName />
          <Title order={1} size="h2">
            Sign in to your phone
          </Title>
          <TextInput
            label="User name"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            required
            withAsterisk={false}
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
            data-testid="sign-in-username"
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
            data-testid="sign-in-password"
          />
          {error !== undefined && (
            <Alert color="stop" variant="light" p="xs" role="alert" data-testid="sign-in-error">
              {errorText(error)}
            </Alert>
          )}
          <Button type="submit" size="sm" loading={busy} data-testid="sign-in-submit">
            Sign in
          </Button>
        </Stack>
      </form>
    </main>
  );
}
