import { Center, Loader } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { Me } from '../../protocol/api.ts';
import { CodedError } from '../../protocol/errors.ts';
import { api, onSignedOut } from './api.ts';
import { ErrorState } from './states.tsx';
import { ViewerProvider } from './viewer.tsx';
import { MeContext } from './me-context.ts';
import { SignInPage } from './sign-in-page.tsx';

/**
 * Who is at the screen. When the session ends in the middle of work, signing in covers the app, which stays as it is
 * underneath: unsaved forms survive. Another user gets a fresh page.
 *
 *     asking ──► signed out ── sign in ──► signed in ── session over ──► covered ── same user ──► signed in
 */
export function Session({ children }: { children: (onSignedOut: () => void) => ReactNode }) {
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
            <ViewerProvider value={me.data}>{children(() => setOver(true))}</ViewerProvider>
          </MeContext>
        </div>
      )}
    </>
  );
}

function isSignedOut(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'not-signed-in';
}
