import { Badge, Button, Center, Select, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconChevronDown, IconChevronRight, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { AuditPage as Answer, ConfigChange, ShownUser } from '../../protocol/setup.ts';
import { api } from '../ui/api.ts';
import { EmptyState } from '../ui/states.tsx';
import { DateTime } from '../ui/time.tsx';
import { differences, fieldName } from './audit-diff.ts';
import classes from './audit-page.module.css';
import { Loaded, Page } from './page.tsx';
import { mapReading, useRecords } from './resource.ts';

const VERBS = { create: 'created', change: 'changed', delete: 'deleted' } as const;
const TONES = { create: 'ok', change: 'petrol', delete: 'stop' } as const;

const DAY = 86_400_000;
const PERIODS = [
  { value: '1', label: 'Last day' },
  { value: '7', label: 'Last 7 days' },
  { value: '30', label: 'Last 30 days' },
];

/** Who changed what, and when; the filter stands in the address. */
export function AuditPage() {
  const [filter, setFilter] = useFilter();
  const changes = useChanges(filter);
  const objects = changes.data?.pages[0]?.objects ?? [];
  const users = useRecords<ShownUser>('users').data ?? [];
  return (
    <Page
      title="Audit trail"
      intro="Every change of the configuration: who made it, when, and what it was before. Passwords and keys are masked. Nothing here can be changed."
    >
      <div className={classes.filters}>
        <Words value={filter.q ?? ''} onChange={(q) => setFilter({ q })} />
        <Select
          size="xs"
          aria-label="What was changed"
          placeholder="Everything"
          clearable
          searchable
          data={[...new Set([...objects, ...(filter.object ? [filter.object] : [])])].map((value) => ({
            value,
            label: nounOf(value),
          }))}
          value={filter.object ?? null}
          onChange={(object) => setFilter({ object: object ?? undefined })}
          data-testid="audit-object"
        />
        <Select
          size="xs"
          aria-label="Who changed it"
          placeholder="Everybody"
          clearable
          searchable
          data={users.map((user) => ({ value: user.id, label: user.name }))}
          value={filter.userId ?? null}
          onChange={(userId) => setFilter({ userId: userId ?? undefined })}
        />
        <Select
          size="xs"
          aria-label="When"
          placeholder="At any time"
          clearable
          data={PERIODS}
          value={filter.days ?? null}
          onChange={(days) => setFilter({ days: days ?? undefined })}
        />
      </div>
      <section className={classes.card} aria-busy={changes.isFetching}>
        <Loaded query={mapReading(changes, (read) => read.pages.flatMap((page) => page.changes))}>
          {(found) =>
            found.length === 0 ? (
              <EmptyState title="No such change">
                Each change of a user, a queue, a number or anything else in Setup leaves a line here.
              </EmptyState>
            ) : (
              <Trail changes={found} />
            )
          }
        </Loaded>
        {changes.hasNextPage && (
          <Center p="xs">
            <Button
              variant="subtle"
              loading={changes.isFetchingNextPage}
              onClick={() => void changes.fetchNextPage()}
            >
              Show more
            </Button>
          </Center>
        )}
      </section>
    </Page>
  );
}

interface Filter {
  q?: string;
  object?: string;
  objectId?: string;
  userId?: string;
  days?: string;
}

function useFilter(): [Filter, (change: Filter) => void] {
  const [path, navigate] = useLocation();
  const search = new URLSearchParams(useSearch());
  const filter: Filter = Object.fromEntries(
    ['q', 'object', 'objectId', 'userId', 'days'].flatMap((name) => {
      const value = search.get(name);
      return value ? [[name, value]] : [];
    }),
  );
  const setFilter = (change: Filter) => {
    const next = Object.entries({ ...filter, ...change }).filter(([, value]) => value);
    const params = new URLSearchParams(next as [string, string][]).toString();
    navigate(params === '' ? path : `${path}?${params}`, { replace: true });
  };
  return [filter, setFilter];
}

function useChanges({ days, ...filter }: Filter) {
  const params = new URLSearchParams(
    Object.entries(filter).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
  return useInfiniteQuery({
    queryKey: ['setup', 'audit', filter, days],
    queryFn: ({ signal, pageParam }) => {
      const asked = new URLSearchParams(params);
      if (days) asked.set('from', String(Date.now() - Number(days) * DAY));
      if (pageParam > 0) asked.set('beforeId', String(pageParam));
      return api<Answer>(`/api/audit?${asked}`, { signal });
    },
    initialPageParam: 0,
    getNextPageParam: (page) => (page.more ? page.changes.at(-1)?.id : undefined),
  });
}

function Words({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const [text, setText] = useState(value);
  const change = useDebouncedCallback(onChange, 250);
  return (
    <TextInput
      size="xs"
      aria-label="Words in the change"
      placeholder="Words in the change"
      leftSection={<IconSearch size={14} />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        change(event.currentTarget.value.trim());
      }}
      data-testid="audit-words"
    />
  );
}

function Trail({ changes }: { changes: ConfigChange[] }) {
  return (
    <ul className={classes.trail}>
      {changes.map((change) => (
        <Change key={change.id} change={change} />
      ))}
    </ul>
  );
}

function Change({ change }: { change: ConfigChange }) {
  const [opened, setOpened] = useState(false);
  const { at, userName, userId, object, label, objectId, action, outcome, before, after } = change;
  const changed = differences(before, after);
  const Chevron = opened ? IconChevronDown : IconChevronRight;
  return (
    <li className={classes.change} data-testid="change" data-action={action} data-object={object}>
      <button
        type="button"
        className={classes.head}
        aria-expanded={opened}
        onClick={() => setOpened(!opened)}
      >
        <Chevron size={15} className={classes.chevron} aria-hidden />
        <span className={classes.when}>
          <DateTime at={at} />
        </span>
        <Badge variant="light" color={TONES[action]} className={classes.badge}>
          {VERBS[action]}
        </Badge>
        <span className={classes.what}>
          {nounOf(object)} <strong>{label || objectId}</strong>
          {!opened && <span className={classes.summary}>{summaryOf(action, changed)}</span>}
        </span>
        {outcome === 'begun' && (
          <Badge variant="light" color="warn">
            outcome not known
          </Badge>
        )}
        <span className={classes.who}>{userName || userId}</span>
      </button>
      {opened && (
        <div className={classes.details}>
          {outcome === 'begun' && (
            <Text size="xs" c="dimmed" mb={6}>
              The server ended before it could note whether this change was made.
            </Text>
          )}
          <Diff changed={changed} />
        </div>
      )}
    </li>
  );
}

function Diff({ changed }: { changed: ReturnType<typeof differences> }) {
  if (changed.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Saved without a difference.
      </Text>
    );
  return (
    <Table className={classes.diff} aria-label="Before and after">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Field</Table.Th>
          <Table.Th>Before</Table.Th>
          <Table.Th>After</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {changed.map(({ field, before, after }) => (
          <Table.Tr key={field}>
            <Table.Td>{fieldName(field)}</Table.Td>
            <Table.Td className={classes.before}>{before || '–'}</Table.Td>
            <Table.Td className={classes.after}>{after || '–'}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function summaryOf(action: ConfigChange['action'], changed: ReturnType<typeof differences>): string {
  if (action !== 'change' || changed.length === 0) return '';
  const names = changed.slice(0, 3).map(({ field }) => fieldName(field).toLowerCase());
  return ` · ${names.join(', ')}${changed.length > 3 ? ' …' : ''}`;
}

/** `recording-rules` as `recording rules`: the route's noun in words. */
function nounOf(object: string): string {
  const words = object.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
