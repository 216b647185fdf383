import { Alert, type AlertProps, Button, EmptyState as MantineEmptyState, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconInbox, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { CodedError } from '../../protocol/errors.ts';

interface EmptyStateProps {
  title: string;
  /** What would be here and how it gets here. */
  children?: ReactNode;
  icon?: ReactNode;
  action?: ReactNode;
}

/** Nothing is here: says what would be and what to do. */
export function EmptyState({ title, children, icon, action }: EmptyStateProps) {
  return (
    <MantineEmptyState size="sm" p="xl" data-testid="empty-state">
      <MantineEmptyState.Indicator>
        {icon ?? <IconInbox size={28} stroke={1.5} aria-hidden />}
      </MantineEmptyState.Indicator>
      <Text fw={600}>{title}</Text>
      {children && (
        <Text size="sm" c="dimmed" ta="center" maw={420}>
          {children}
        </Text>
      )}
      {action}
    </MantineEmptyState>
  );
}

/** Something failed: the error's sentence, and a way to try again. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <Stack align="center" gap="xs" p="xl" role="alert" data-testid="error-state">
      <IconAlertTriangle size={28} stroke={1.5} color="var(--mantine-color-error)" aria-hidden />
      <Text size="sm" ta="center" maw={420}>
        {errorText(error)}
      </Text>
      {onRetry && (
        <Button variant="default" leftSection={<IconRefresh size={14} />} onClick={onRetry}>
          Try again
        </Button>
      )}
    </Stack>
  );
}

/** Why something was refused, beside what asked for it; nothing while `error` is null. */
export function Refusal({ error, ...alert }: { error: unknown } & AlertProps) {
  if (error === null || error === undefined) return null;
  return (
    <Alert color="stop" variant="light" p="xs" role="alert" {...alert}>
      {errorText(error)}
    </Alert>
  );
}

/** The sentence for a person: the catalogue's, or a plain one for an error that has no code. */
export function errorText(error: unknown): string {
  return error instanceof CodedError
    ? error.message
    : 'Something went wrong on this page. Reload it and try again.';
}
