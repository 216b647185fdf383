import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Me } from '../../protocol/api.ts';
import { api } from './api.ts';
import { errorText } from './states.tsx';

/** User name, password and the button; `onSignedIn` is told who it is. */
export function SignInForm({ onSignedIn }: { onSignedIn: (me: Me) => void }) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => api<Me>('/api/sign-in', { body: { username: username.trim(), password }, schema: Me }),
    onSuccess: onSignedIn,
    onError: () => setPassword(''),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
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
          data-testid="sign-in-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
        />
        {signIn.isError && (
          <Alert color="stop" variant="light" p="xs" role="alert" data-testid="sign-in-error">
            {errorText(signIn.error)}
          </Alert>
        )}
        <Button type="submit" size="sm" mt={4} loading={signIn.isPending} data-testid="sign-in-submit">
          Sign in
        </Button>
      </Stack>
    </form>
  );
}
