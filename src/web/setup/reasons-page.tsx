import { ActionIcon, Badge, Button, Group, Select, Switch, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { ShownReason } from '../../protocol/setup.ts';
import { api } from '../ui/api.ts';
import { useMe } from '../ui/me-context.ts';
import { showError } from '../ui/show-error.ts';
import { errorText } from '../ui/states.tsx';
import { ListPage } from './record-table.tsx';
import classes from './reasons-page.module.css';
import { mapReading, useChange, useRecords } from './resource.ts';

/** Why agents are not ready or log out; edited in place. */
export function ReasonsPage() {
  const reasons = useRecords<ShownReason>('reasons');
  const mayChange = useMe().roles.includes('administrator');
  const all = reasons.data ?? [];
  /** Those of the same kind, among which it has its place. */
  const like = ({ kind }: ShownReason) => all.filter((one) => one.kind === kind);
  const neighbour = (reason: ShownReason, by: number) => {
    const list = like(reason);
    const next = list[list.indexOf(reason) + by];
    return next && all.indexOf(next);
  };
  return (
    <ListPage
      title="Reason codes"
      one="reason"
      intro="Why an agent is not ready, or logs out. Agents choose among them, in this order; each queue says which, and whether one is needed. The program sets its own by itself. None is deleted: one that is not active any more keeps its name in what happened."
      query={mapReading(reasons, (list) => [...list].sort((a, b) => b.kind.localeCompare(a.kind)))}
      empty="Agents choose a reason when they are not ready, such as a break or a meeting."
      actions={mayChange && <NewReason />}
      columns={[
        {
          label: 'Reason',
          show: (reason) => (mayChange ? <Rename reason={reason} /> : reason.label),
        },
        { label: 'For', show: ({ kind }) => KIND_WORDS[kind] },
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
        { label: 'Active', show: (reason) => <Active reason={reason} mayChange={mayChange} /> },
        {
          label: '',
          align: 'right',
          show: (reason) =>
            mayChange && (
              <Group gap={4} justify="flex-end" wrap="nowrap">
                <Move reason={reason} to={neighbour(reason, -1)} />
                <Move reason={reason} to={neighbour(reason, 1)} down />
              </Group>
            ),
        },
      ]}
    />
  );
}

const KIND_WORDS = { 'not-ready': 'Not ready', 'logged-out': 'Logged out' };

type ReasonPatch = { label?: string; position?: number; active?: boolean };

function useChangeReason(id: string) {
  return useChange<unknown, ReasonPatch>((body) =>
    api(`/api/reasons/${encodeURIComponent(id)}`, { method: 'PUT', body }),
  );
}

/** Whether agents may choose it; who is not ready with it stays so. */
function Active({ reason, mayChange }: { reason: ShownReason; mayChange: boolean }) {
  const change = useChangeReason(reason.id);
  if (!mayChange || reason.system) return reason.active ? 'Yes' : 'No';
  return (
    <Switch
      size="xs"
      aria-label={`${reason.label} can be chosen`}
      checked={reason.active}
      disabled={change.isPending}
      onChange={(event) => change.mutate({ active: event.currentTarget.checked }, { onError: showError })}
      data-testid={`active-${reason.id}`}
    />
  );
}

/** @param props.to its new place in the whole list; none at an end. */
function Move({ reason, to, down = false }: { reason: ShownReason; to: number | undefined; down?: boolean }) {
  const change = useChangeReason(reason.id);
  const Arrow = down ? IconArrowDown : IconArrowUp;
  return (
    <ActionIcon
      aria-label={`Move ${reason.label} ${down ? 'down' : 'up'}`}
      disabled={to === undefined}
      onClick={() => to === undefined || change.mutate({ position: to }, { onError: showError })}
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
  const [kind, setKind] = useState<ShownReason['kind']>('not-ready');
  const add = useChange<ShownReason, string>((text) => api('/api/reasons', { body: { label: text, kind } }));
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
        <Select
          size="xs"
          w={130}
          aria-label="What it is for"
          data={Object.entries(KIND_WORDS).map(([value, text]) => ({ value, label: text }))}
          value={kind}
          allowDeselect={false}
          onChange={(value) => setKind(value as ShownReason['kind'])}
        />
        <Button type="submit" leftSection={<IconPlus size={15} />} loading={add.isPending}>
          Add
        </Button>
      </Group>
    </form>
  );
}
