import { Center, Loader } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Me } from '../../protocol/api.ts';
import { CodedError } from '../../protocol/errors.ts';
import { api, onSignedOut } from '../ui/api.ts';
import { ErrorState } from '../ui/states.tsx';
import { ViewerProvider } from '../ui/viewer.tsx';
import { MeContext } from './me-context.ts';
import { Shell } from './shell.tsx';
import { SignInPage } from './sign-in-page.tsx';

/**
 * Who is at the screen. When the session ends in the middle of work, signing in covers the console, which stays as it is
 * underneath: unsaved forms survive. Another user gets a fresh page.
 *
 *     asking ──► signed out ── sign in ──► signed in ── session over ──► covered ── same user ──► signed in
 */
export function Session() {
  const [over, setOver] = useState(false);
  const queryClient = useQueryClient();
  const me = useQuery({
    queryKey: ['me'],
    queryFn: ({ signal }) => api<Me>('/api/me', { signal, schema: Me }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  useEffect(() => onSignedOut(() => setOver(true)), []);

  if (me.isPending) {
    return (
      <Center h="100%">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  if (!me.data && !isSignedOut(me.error) && !over)
    return <ErrorState error={me.error} onRetry={() => void me.refetch()} />;

  const signedIn = (user: Me) => {
    if (me.data && me.data.id !== user.id) return location.reload();
    queryClient.setQueryData(['me'], user);
    setOver(false);
    if (me.data) void queryClient.invalidateQueries();
  };
  const covered = over || !me.data;
  return (
    <>
      {covered && <SignInPage expired={me.data?.name} onSignedIn={signedIn} />}
      {me.data && (
        <div style={{ height: '100%', display: covered ? 'none' : undefined }}>
          <MeContext value={me.data}>
            <ViewerProvider value={me.data}>
              <Shell onSignedOut={() => setOver(true)} />
            </ViewerProvider>
          </MeContext>
        </div>
      )}
    </>
  );
}

function isSignedOut(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'not-signed-in';
}
