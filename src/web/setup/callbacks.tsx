/** Customers who are to be called back: seen, edited, called earlier and cancelled. */
import { Badge, Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { formatAddress } from '../../protocol/address.ts';
import type { ShownQueue } from '../../protocol/setup.ts';
import type { Callback, CallbackChange, CallbackState } from '../../protocol/waiting.ts';
import { api } from '../ui/api.ts';
import { showError } from '../ui/show-error.ts';
import { EmptyState, errorText } from '../ui/states.tsx';
import { DateTime, Timer } from '../ui/time.tsx';
import { useViewer } from '../ui/viewer.tsx';
import { RemoveButton } from './form-page.tsx';
import { Loaded, Page } from './page.tsx';
import { RecordTable } from './record-table.tsx';
import { mapReading, useAnswer, useChange, useRecords } from './resource.ts';

/** Read anew, not pushed: places change with everybody who comes or goes, and with time alone; the answer is made from memory. */
const EVERY_MS = 3_000;

const STATES = {
  leaving: ['gray', 'On the line'],
  waiting: ['copper', 'Waits'],
  offered: ['copper', 'Rings an agent'],
  calling: ['ok', 'Is being called'],
  later: ['warn', 'Later'],
  closed: ['gray', 'Queue closed'],
} as const satisfies Record<CallbackState, readonly [string, string]>;

/** Who is to be called back, as it is now. */
export function CallbacksPage() {
  const query = useAnswer<{ callbacks: Callback[] }>('/api/callbacks', { everyMs: EVERY_MS });
  return (
    <Page
      title="Callbacks"
      intro="Callers who have hung up and keep their place. An agent is offered each like a call; when he accepts, the customer is called."
    >
      <Loaded query={mapReading(query, ({ callbacks }) => callbacks)}>
        {(callbacks) =>
          callbacks.length === 0 ? (
            <EmptyState title="Nobody waits for a callback">
              Callers ask for one by a key, which is set on the page of their queue.
            </EmptyState>
          ) : (
            <Table callbacks={callbacks} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Table({ callbacks }: { callbacks: Callback[] }) {
  const { country } = useViewer();
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  return (
    <RecordTable
      caption="Callbacks"
      records={callbacks}
      columns={[
        {
          label: 'Customer',
          show: ({ number, callerName }) =>
            [formatAddress(number, country), callerName].filter(Boolean).join(' · '),
        },
        {
          label: 'Queue',
          show: ({ queueId }) => queues.find(({ id }) => id === queueId)?.label ?? queueId,
        },
        { label: 'Place', align: 'right', show: ({ position }) => position ?? '–' },
        { label: 'Waits', align: 'right', show: ({ enteredAt }) => <Timer since={enteredAt} /> },
        {
          label: 'Tries',
          align: 'right',
          show: ({ attempts, maxAttempts }) => `${attempts} of ${maxAttempts}`,
        },
        { label: 'State', show: (callback) => <State callback={callback} /> },
        { label: '', align: 'right', show: (callback) => <Actions callback={callback} queues={queues} /> },
      ]}
    />
  );
}

function State({ callback: { state, notBefore } }: { callback: Callback }) {
  const [color, text] = STATES[state];
  return (
    <Badge variant="light" color={color} data-testid="callback-state">
      {text}
      {state === 'later' && notBefore !== undefined && (
        <>
          {' '}
          <DateTime at={notBefore} />
        </>
      )}
    </Badge>
  );
}

function Actions({ callback, queues }: { callback: Callback; queues: ShownQueue[] }) {
  const path = `/api/callbacks/${encodeURIComponent(callback.id)}`;
  const now = useChange<unknown>(() => api(`${path}/call`, { method: 'POST' }));
  const cancel = useChange<unknown>(() => api(path, { method: 'DELETE' }));
  const [editing, setEditing] = useState(false);
  if (callback.state === 'calling') return null;
  return (
    <Group gap="xs" justify="flex-end" wrap="nowrap">
      <Button
        size="compact-xs"
        variant="default"
        loading={now.isPending}
        onClick={() => now.mutate(undefined, { onError: showError })}
      >
        Call next
      </Button>
      <Button size="compact-xs" variant="default" onClick={() => setEditing(true)}>
        Edit
      </Button>
      <RemoveButton
        compact
        removal={{
          what: 'this callback',
          verb: 'Cancel',
          consequences: ['The customer is not called. He is not told so.'],
          run: () => cancel.mutateAsync(),
        }}
      />
      <Modal opened={editing} onClose={() => setEditing(false)} title="Callback">
        {editing && (
          <EditForm callback={callback} path={path} queues={queues} onDone={() => setEditing(false)} />
        )}
      </Modal>
    </Group>
  );
}

function EditForm({
  callback,
  path,
  queues,
  onDone,
}: {
  callback: Callback;
  path: string;
  queues: ShownQueue[];
  onDone: () => void;
}) {
  const [number, setNumber] = useState(callback.number.value);
  const [queueId, setQueueId] = useState(callback.queueId);
  const [inMinutes, setInMinutes] = useState('');
  const save = useChange<unknown, CallbackChange>((body) => api(path, { method: 'PUT', body }));
  const minutes = Number(inMinutes);
  const submit = () =>
    save.mutate(
      {
        ...(number === callback.number.value ? {} : { number }),
        ...(queueId === callback.queueId ? {} : { queueId }),
        ...(minutes > 0 ? { notBefore: Date.now() + minutes * 60_000 } : {}),
      },
      { onSuccess: onDone },
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="sm">
        <TextInput
          label="Number"
          type="tel"
          required
          value={number}
          onChange={(event) => setNumber(event.currentTarget.value)}
          error={save.isError ? errorText(save.error) : undefined}
        />
        <Select
          label="Queue"
          allowDeselect={false}
          data={queues.map(({ id, label }) => ({ value: id, label }))}
          value={queueId}
          onChange={(value) => setQueueId(value ?? queueId)}
        />
        <TextInput
          label="Not before, in minutes from now"
          inputMode="numeric"
          placeholder="As it is"
          value={inMinutes}
          onChange={(event) => setInMinutes(event.currentTarget.value.replace(/\D/g, ''))}
        />
        <Group gap="xs">
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
