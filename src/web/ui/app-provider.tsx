import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './base.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { must } from '../../lib/must.ts';
import { CodedError } from '../../protocol/errors.ts';
import { cssVariables, theme } from './theme.ts';

/** Queries are fresh for 10 s; a failed one is tried twice again, but never when the server gave a clear answer. */
function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 10_000, retry: (count, error) => count < 2 && isTransient(error) },
    },
  });
}

function isTransient(error: unknown): boolean {
  return !(error instanceof CodedError) || error.code === 'server-unreachable' || error.code === 'timeout';
}

interface AppOptions {
  /** For an app that has one colour scheme alone; what is chosen for the others in this browser stays. */
  forceColorScheme?: 'light' | 'dark';
}

/** What every app stands in: theme, colour scheme (the system's unless switched), data client, notifications. */
function AppProvider({ forceColorScheme, children }: AppOptions & { children: ReactNode }) {
  const [client] = useState(createQueryClient);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      forceColorScheme={forceColorScheme}
    >
      <QueryClientProvider client={client}>
        <Notifications position="top-center" autoClose={5_000} limit={3} containerWidth={400} />
        {children}
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** Renders an app into the page's `#root`. */
export function renderApp(app: ReactNode, options: AppOptions = {}): void {
  createRoot(must(document.getElementById('root'), '#root')).render(
    <StrictMode>
      <AppProvider {...options}>{app}</AppProvider>
    </StrictMode>,
  );
}
