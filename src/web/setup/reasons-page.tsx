import { ActionIcon, Badge, Button, Group, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { ShownReason } from '../../protocol/setup.ts';
import { api } from '../ui/api.ts';
import { useMe } from '../ui/me-context.ts';
import { errorText } from '../ui/states.tsx';
import { RemoveButton } from './form-page.tsx';
import { ListPage } from './record-table.tsx';
import classes from './reasons-page.module.css';
import { useChange, useRecords, useRemoveRecord } from './resource.ts';

/** Why agents are not ready; edited in place. */
export function ReasonsPage() {
  const reasons = useRecords<ShownReason>('reasons');
  const mayChange = useMe().roles.includes('administrator');
  const last = (reasons.data?.length ?? 0) - 1;
  const remove = useRemoveRecord('reasons');
  return (
    <ListPage
      title="Reason codes"
      one="reason"
      intro="Why an agent is not ready. Agents choose among them, in this order; the program sets its own by itself."
      query={reasons}
      empty="Agents choose a reason when they are not ready, such as a break or a meeting."
      actions={mayChange && <NewReason />}
      columns={[
        {
          label: 'Reason',
          show: (reason) => (mayChange ? <Rename reason={reason} /> : reason.label),
        },
        {
          label: 'Set by',
          show: (reason) =>
            reason.system ? (
              <Badge variant="light" color="gray">
                The program
              </Badge>
            ) : (
              'Agents'
            ),
        },
        {
          label: '',
          align: 'right',
          show: (reason) =>
            mayChange && (
              <Group gap={4} justify="flex-end" wrap="nowrap">
                {!reason.system && (
                  <RemoveButton
                    compact
                    removal={{
                      what: `the reason “${reason.label}”`,
                      consequences: [
                        'Agents can no longer choose it.',
                        'Who is not ready with it now stays so until choosing anew; past states keep its id.',
                      ],
                      run: () => remove.mutateAsync(reason.id),
                    }}
                  />
                )}
                <Move reason={reason} to={(reasons.data ?? []).indexOf(reason) - 1} last={last} />
                <Move reason={reason} to={(reasons.data ?? []).indexOf(reason) + 1} last={last} down />
              </Group>
            ),
        },
      ]}
    />
  );
}

function useChangeReason(id: string) {
  return useChange<unknown, { label?: string; position?: number }>((body) =>
    api(`/api/reasons/${encodeURIComponent(id)}`, { method: 'PUT', body }),
  );
}

function Move({
  reason,
  to,
  last,
  down = false,
}: {
  reason: ShownReason;
  to: number;
  last: number;
  down?: boolean;
}) {
  const change = useChangeReason(reason.id);
  const Arrow = down ? IconArrowDown : IconArrowUp;
  return (
    <ActionIcon
      aria-label={`Move ${reason.label} ${down ? 'down' : 'up'}`}
      disabled={to < 0 || to > last}
      onClick={() => change.mutate({ position: to })}
    >
      <Arrow size={15} />
    </ActionIcon>
  );
}

/** The label in place; Enter or leaving it saves, Escape takes it back. */
function Rename({ reason }: { reason: ShownReason }) {
  const [label, setLabel] = useState(reason.label);
  const [based, setBased] = useState(reason.label);
  const change = useChangeReason(reason.id);
  if (based !== reason.label) {
    setBased(reason.label);
    setLabel(reason.label);
  }
  const save = () => {
    if (label.trim() !== reason.label) change.mutate({ label });
  };
  return (
    <TextInput
      size="xs"
      variant="unstyled"
      classNames={{ input: classes.rename }}
      aria-label={`Name of ${reason.label}`}
      value={label}
      error={change.isError ? errorText(change.error) : undefined}
      onChange={(event) => setLabel(event.currentTarget.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save();
        if (event.key !== 'Escape') return;
        setLabel(reason.label);
        change.reset();
      }}
    />
  );
}

function NewReason() {
  const [label, setLabel] = useState('');
  const add = useChange<ShownReason, string>((text) => api('/api/reasons', { body: { label: text } }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (label.trim() !== '') add.mutate(label, { onSuccess: () => setLabel('') });
  };
  return (
    <form onSubmit={submit}>
      <Group gap={6} align="flex-start">
        <TextInput
          size="xs"
          w={210}
          aria-label="New reason"
          placeholder="New reason"
          value={label}
          error={add.isError ? errorText(add.error) : undefined}
          onChange={(event) => {
            setLabel(event.currentTarget.value);
            add.reset();
          }}
          data-testid="new-reason"
        />
        <Button type="submit" leftSection={<IconPlus size={15} />} loading={add.isPending}>
          Add
        </Button>
      </Group>
    </form>
  );
}
