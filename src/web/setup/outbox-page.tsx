import { Button, Code } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { api } from '../ui/api.ts';
import { DateTime } from '../ui/time.tsx';
import { ListPage } from './record-table.tsx';
import { useChange, useRecords } from './resource.ts';

interface Stuck {
  id: number;
  kind: string;
  key: string;
  attempts: number;
  nextAt: number;
  error: string;
}

/** Writes to other systems that do not get through. */
export function OutboxPage() {
  const stuck = useRecords<Stuck>('outbox', { field: 'stuck', everyMs: 5_000 });
  const retry = useChange<unknown, number[]>((ids) =>
    Promise.all(ids.map((id) => api(`/api/outbox/${id}/retry`, { method: 'POST' }))),
  );
  return (
    <ListPage
      title="Outbox"
      one="write"
      intro="What is to be written to another system, such as a call log to the CRM, waits here until it succeeds. These failed at least once; each is tried again by itself, ever more slowly."
      query={stuck}
      empty="Nothing is stuck. A write that fails, because the other system is away or refuses it, shows here with its error, and nothing of it is lost."
      actions={
        (stuck.data?.length ?? 0) > 1 && (
          <Button
            variant="default"
            leftSection={<IconRefresh size={15} />}
            loading={retry.isPending}
            onClick={() => retry.mutate(stuck.data?.map((one) => one.id) ?? [])}
          >
            Retry all
          </Button>
        )
      }
      columns={[
        { label: 'What', show: (one) => one.kind },
        { label: 'Key', show: (one) => <Code>{one.key}</Code> },
        { label: 'Tries', align: 'right', show: (one) => one.attempts },
        { label: 'Next try', show: (one) => <DateTime at={one.nextAt} /> },
        { label: 'Error', show: (one) => one.error },
        {
          label: '',
          align: 'right',
          show: (one) => (
            <Button
              variant="default"
              size="compact-xs"
              aria-label={`Retry ${one.key}`}
              onClick={() => retry.mutate([one.id])}
            >
              Retry
            </Button>
          ),
        },
      ]}
    />
  );
}
