/** What belongs to a user beside his own fields: password, queues, phones. */
import {
  Alert,
  Anchor,
  Button,
  Code,
  Group,
  Modal,
  NativeSelect,
  PasswordInput,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { SipDevice } from '../../protocol/api.ts';
import { PHONE_CONTROLS } from '../ui/phone-control.ts';
import { NewPassword, type ShownQueue, type ShownUser, UserChange } from '../../protocol/setup.ts';
import { api } from '../ui/api.ts';
import { Facts } from '../ui/data-list.tsx';
import { issuesOf } from '../ui/form-errors.ts';
import { useMe } from '../ui/me-context.ts';
import { errorText } from '../ui/states.tsx';
import { useForm } from '../ui/use-form.ts';
import { RemoveButton } from './form-page.tsx';
import { Section } from './page.tsx';
import { RecordTable } from './record-table.tsx';
import { useAnswer, useChange, useRecords, useSaveRecord } from './resource.ts';
import { SelfSaving } from './self-saving.tsx';
import { SortableList } from './sortable-list.tsx';

/** Sets a new password, which signs the user out everywhere. */
export function ResetPassword({ user }: { user: ShownUser }) {
  const [opened, setOpened] = useState(false);
  const [password, setPassword] = useState('');
  const reset = useChange<unknown, string>((next) =>
    api(`/api/users/${encodeURIComponent(user.id)}`, { method: 'PUT', body: { password: next } }),
  );
  const wrong = issuesOf(NewPassword, { password })[''];
  const open = () => {
    setPassword(randomPassword());
    reset.reset();
    setOpened(true);
  };
  const set = () =>
    reset.mutate(password, {
      onSuccess: () => {
        setOpened(false);
        notifications.show({ color: 'ok', message: `${user.name} has a new password.` });
      },
    });
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconKey size={15} />}
        onClick={open}
        data-testid="reset-password"
      >
        Reset password
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={`New password for ${user.name}`}>
        <Stack gap="sm">
          <Text size="sm">
            {user.name} is signed out everywhere and signs in with this one. Tell it now: it cannot be shown
            again.
          </Text>
          <PasswordInput
            label="New password"
            size="xs"
            data-autofocus
            autoComplete="new-password"
            visible
            visibilityToggleButtonProps={{ 'aria-label': 'Hide the password', style: { display: 'none' } }}
            value={password}
            error={password === '' ? undefined : wrong}
            onChange={(event) => setPassword(event.currentTarget.value)}
            data-testid="new-password"
          />
          {reset.isError && (
            <Alert color="stop" variant="light" p="xs" role="alert">
              {errorText(reset.error)}
            </Alert>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => setOpened(false)}>
              Cancel
            </Button>
            <Button loading={reset.isPending} onClick={set} data-testid="set-password">
              Set the password
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

/** Letters and digits that nobody mixes up when they are read aloud. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

function randomPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(14));
  return [...bytes].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** The queues that this user is a member of, in the order in which he serves them; saved by itself. */
export function UserQueues({ user }: { user: ShownUser }) {
  const queues = useRecords<ShownQueue>('queues').data ?? [];
  const save = useSaveRecord<ShownUser>('users', user.id);
  const form = useForm({
    base: { queueOrder: user.queueOrder },
    schema: UserChange,
    save: (values) => save.mutateAsync(values),
  });
  const { queueOrder } = form.values;
  const place = ({ id }: ShownQueue) =>
    queueOrder.includes(id) ? queueOrder.indexOf(id) : queueOrder.length;
  const his = queues.filter((queue) => queue.memberIds.includes(user.id)).sort((a, b) => place(a) - place(b));
  return (
    <Section
      title="Queues"
      intro="Members are set at the queue. Calls of a queue that stands higher go first, whatever their priority."
    >
      <SelfSaving form={form} what="the order of queues">
        <SortableList
          label="Queues in order"
          items={his}
          keyOf={(queue) => queue.id}
          nameOf={(queue) => queue.label}
          show={(queue) => (
            <Anchor component={Link} href={`/queues/${queue.id}`} size="sm">
              {queue.label}
            </Anchor>
          )}
          onChange={(items) =>
            form.set(
              'queueOrder',
              items.map(({ id }) => id),
            )
          }
          testId="queue-order"
        />
        {his.length === 0 ? (
          <Text size="sm" c="dimmed">
            In no queue.
          </Text>
        ) : (
          <Group gap="xs" mt={6}>
            <Text size="xs" c="dimmed" role="status">
              {queueOrder.length === 0 ? 'All alike: the order was not chosen.' : 'In this order.'}
            </Text>
            {queueOrder.length > 0 && (
              <Button variant="subtle" size="compact-xs" onClick={() => form.set('queueOrder', [])}>
                All alike
              </Button>
            )}
          </Group>
        )}
      </SelfSaving>
    </Section>
  );
}

interface Created {
  device: SipDevice;
  password: string;
}

/** SIP phones; the browser phone needs no setting up. */
export function UserDevices({ user }: { user: ShownUser }) {
  const path = `/api/users/${encodeURIComponent(user.id)}/devices`;
  const devices = useAnswer<{ devices: SipDevice[] }>(path);
  const remove = useChange<unknown, string>((id) =>
    api(`${path}/${encodeURIComponent(id)}`, { method: 'DELETE' }),
  );
  const change = useChange<unknown, { id: string; control: string }>(({ id, control }) =>
    api(`${path}/${encodeURIComponent(id)}`, { method: 'PATCH', body: { control } }),
  );
  const mayChange = useMe().roles.includes('administrator');
  return (
    <Section
      title="Phones"
      intro="Every agent has a phone in the browser. A SIP phone beside it registers with the account that is shown once when it is added."
      actions={mayChange && <AddDevice path={path} />}
      flush
    >
      {devices.data?.devices.length === 0 ? (
        <Text size="sm" c="dimmed" px={18} pb={16}>
          No SIP phone: calls ring in the browser.
        </Text>
      ) : (
        <RecordTable
          caption="Phones"
          records={devices.data?.devices}
          columns={[
            { label: 'Name', show: (device) => device.label },
            { label: 'SIP user', show: (device) => <Code>{device.username}</Code> },
            {
              label: 'Answered',
              show: ({ id, label, control }) => (
                <NativeSelect
                  size="xs"
                  aria-label={`How ${label} is answered`}
                  data={PHONE_CONTROLS}
                  value={control}
                  disabled={!mayChange || change.isPending}
                  onChange={(event) => change.mutate({ id, control: event.currentTarget.value })}
                />
              ),
            },
            { label: 'Registers at', show: (device) => `${device.domain}:${device.port}` },
            {
              label: '',
              align: 'right',
              show: (device) =>
                mayChange && (
                  <RemoveButton
                    compact
                    removal={{
                      what: `the phone “${device.label}”`,
                      consequences: [
                        'It can no longer register, ring or call; its account and password are gone for good.',
                        'Calls that it is in go on until they end. The browser phone rings in its place.',
                      ],
                      run: () => remove.mutateAsync(device.id),
                    }}
                  />
                ),
            },
          ]}
        />
      )}
    </Section>
  );
}

function AddDevice({ path }: { path: string }) {
  const [opened, setOpened] = useState(false);
  const [label, setLabel] = useState('Desk phone');
  const add = useChange<Created, string>((name) => api<Created>(path, { body: { label: name } }));
  const open = () => {
    add.reset();
    setOpened(true);
  };
  return (
    <>
      <Button variant="default" leftSection={<IconPlus size={15} />} onClick={open} data-testid="add-device">
        Add a SIP phone
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={add.data ? 'Enter this in the phone' : 'Add a SIP phone'}
      >
        {add.data ? (
          <Stack gap="sm">
            <Facts
              items={[
                { label: 'Server', value: add.data.device.domain },
                { label: 'Port', value: add.data.device.port },
                { label: 'User and authentication name', value: <Code>{add.data.device.username}</Code> },
                { label: 'Password', value: <Code data-testid="device-password">{add.data.password}</Code> },
              ]}
            />
            <Text size="xs" c="dimmed">
              The password cannot be shown again.
            </Text>
            <Group justify="flex-end">
              <Button onClick={() => setOpened(false)}>Done</Button>
            </Group>
          </Stack>
        ) : (
          <form
            onSubmit={(event) => {
              // In React's tree it stands inside the user's form.
              event.preventDefault();
              event.stopPropagation();
              add.mutate(label);
            }}
          >
            <Stack gap="sm">
              <TextInput
                label="Name"
                size="xs"
                data-autofocus
                value={label}
                onChange={(event) => setLabel(event.currentTarget.value)}
                error={add.isError ? errorText(add.error) : undefined}
              />
              <Group justify="flex-end">
                <Button type="submit" loading={add.isPending} disabled={label.trim() === ''}>
                  Add
                </Button>
              </Group>
            </Stack>
          </form>
        )}
      </Modal>
    </>
  );
}
