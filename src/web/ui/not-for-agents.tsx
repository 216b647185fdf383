import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { EmptyState } from './states.tsx';

/** In place of an app that is not for agents: whom it is for, and the way back. */
export function NotForAgents({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main style={{ display: 'grid', placeItems: 'center', height: '100%' }}>
      <EmptyState
        title={title}
        action={
          <Anchor href="/" size="sm">
            To the console
          </Anchor>
        }
      >
        {children}
      </EmptyState>
    </main>
  );
}
