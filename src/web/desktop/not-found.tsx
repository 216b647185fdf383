import { Anchor } from '@mantine/core';
import { IconMapPinOff } from '@tabler/icons-react';
import { Link } from 'wouter';
import { EmptyState } from '../ui/states.tsx';
import { useTabTitle } from './tab-context.tsx';

/** The address leads nowhere. */
export function NotFound({ what }: { what: string }) {
  useTabTitle('Not found');
  return (
    <EmptyState
      title={`There is no such ${what}`}
      icon={<IconMapPinOff size={28} stroke={1.5} aria-hidden />}
      action={
        <Anchor component={Link} href="/" size="sm">
          Go home
        </Anchor>
      }
    >
      It may have been deleted, or the address is mistyped.
    </EmptyState>
  );
}
