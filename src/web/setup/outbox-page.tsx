import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import type { LogCorrection } from '../../protocol/crm.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import { api } from '../ui/api.ts';
import { errorText } from '../ui/states.tsx';
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
  crmId?: string;
  log?: Required<LogCorrection>;
}

const WHAT: Record<string, string> = {
  'crm.call-log': 'Call log',
  'crm.recording-link': 'Link to a recording',
  'crm.figures': 'Figures',
};

/** Writes to other systems that do not get through. */
export function OutboxPage() {
  const stuck = useRecords<Stuck>('outbox', { field: 'stuck', everyMs: 5_000 });
  const [corrected, setCorrected] = useState<Stuck>();
  const retry = useChange<unknown, number[]>((ids) =>
    Promise.all(ids.map((id) => api(`/api/outbox/${id}/retry`, { method: 'POST' }))),
  );
  return (
    <>
      <ListPage
        title="Outbox"
        one="write"
        intro="What is to be written to another system, such as a call log to the CRM, waits here until it succeeds. These failed at least once. What failed for a while is tried again by itself, ever more slowly; what the other system refuses is tried once a day, until somebody corrects it."
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
          {
            label: 'What',
            show: ({ kind, key, crmId }) => (
              <>
                {WHAT[kind] ?? kind}
                {crmId !== undefined && ` to ${crmId}`}
                <Text size="xs" c="dimmed">
                  {key}
                </Text>
              </>
            ),
          },
          { label: 'Tries', align: 'right', show: (one) => one.attempts },
          { label: 'Next try', show: (one) => <DateTime at={one.nextAt} /> },
          { label: 'Error', show: (one) => one.error },
          {
            label: '',
            align: 'right',
            show: (one) => (
              <Group gap={6} wrap="nowrap" justify="flex-end">
                {one.log && (
                  <Button
                    variant="default"
                    size="compact-xs"
                    aria-label={`Correct ${one.key}`}
                    onClick={() => setCorrected(one)}
                    data-testid="correct"
                  >
                    Correct…
                  </Button>
                )}
                <Button
                  variant="default"
                  size="compact-xs"
                  aria-label={`Retry ${one.key}`}
                  onClick={() => retry.mutate([one.id])}
                >
                  Retry
                </Button>
              </Group>
            ),
          },
        ]}
      />
      {corrected?.log && (
        <Correction
          key={corrected.id}
          id={corrected.id}
          error={corrected.error}
          log={corrected.log}
          onClose={() => setCorrected(undefined)}
        />
      )}
    </>
  );
}

interface CorrectionProps {
  id: number;
  error: string;
  log: Required<LogCorrection>;
  onClose: () => void;
}

/** What a CRM refuses of a call log, to be put right by hand. */
function Correction({ id, error, log, onClose }: CorrectionProps) {
  const [values, setValues] = useState(log);
  const save = useChange<unknown, LogCorrection>((body) =>
    api(`/api/outbox/${id}`, { method: 'PATCH', body }),
  );
  const set = (change: LogCorrection) => setValues((now) => ({ ...now, ...change }));
  return (
    <Modal opened onClose={onClose} title="Correct the call log" size="lg">
      <Stack gap="sm">
        <Text size="sm" c="var(--mantine-color-error)">
          {error}
        </Text>
        <TextInput
          size="xs"
          label="Subject"
          value={values.subject}
          onChange={(event) => set({ subject: event.currentTarget.value })}
        />
        <TextInput
          size="xs"
          label="Wrap-up code"
          value={values.disposition ?? ''}
          onChange={(event) => set({ disposition: event.currentTarget.value || null })}
        />
        <Textarea
          size="xs"
          label="Comments"
          autosize
          minRows={3}
          maxRows={12}
          value={values.comments}
          onChange={(event) => set({ comments: event.currentTarget.value })}
        />
        <About label="Person" record={values.who} onRemove={() => set({ who: null })} />
        <About label="About" record={values.what} onRemove={() => set({ what: null })} />
        {save.isError && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)">
            {errorText(save.error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button loading={save.isPending} onClick={() => save.mutate(values, { onSuccess: onClose })}>
            Save and try again
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function About({
  label,
  record,
  onRemove,
}: {
  label: string;
  record: RecordRef | null;
  onRemove: () => void;
}) {
  if (!record) return null;
  return (
    <Group gap="xs">
      <Text size="sm">
        {label}: {record.name} ({record.object})
      </Text>
      <Button variant="default" size="compact-xs" onClick={onRemove}>
        Leave out
      </Button>
    </Group>
  );
}
