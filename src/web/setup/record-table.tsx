import { Anchor, Button, CloseButton, Skeleton, Table, TextInput } from '@mantine/core';
import { IconFilter, IconPlus } from '@tabler/icons-react';
import { type MouseEvent, type ReactNode, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useMe } from '../ui/me-context.ts';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import { useHotkey } from '../ui/use-hotkey.ts';
import { Page } from './page.tsx';
import classes from './record-table.module.css';
import type { Reading } from './resource.ts';

export interface Column<T> {
  label: string;
  show: (record: T) => ReactNode;
  align?: 'right';
}

interface RecordTableProps<T> {
  caption: string;
  records: T[] | undefined;
  /** The first column is the record's name, and a link when there is a path. */
  columns: Column<T>[];
  path?: (record: T) => string;
}

/** Records as rows. Skeletons while they are on their way. */
export function RecordTable<T extends { id: string | number }>({
  caption,
  records,
  columns,
  path,
}: RecordTableProps<T>) {
  return (
    <div className={classes.scroll}>
      <Table className={classes.table} highlightOnHover={path !== undefined} aria-label={caption}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ label, align }) => (
              <Table.Th key={label} ta={align}>
                {label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {records
            ? records.map((record) => (
                <Row key={record.id} record={record} columns={columns} path={path?.(record)} />
              ))
            : [55, 70, 45].map((width) => (
                <Table.Tr key={width} aria-hidden>
                  {columns.map(({ label }) => (
                    <Table.Td key={label}>
                      <Skeleton h={12} my={4} w={`${width}%`} />
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Row<T extends { id: string | number }>({
  record,
  columns,
  path,
}: {
  record: T;
  columns: Column<T>[];
  path: string | undefined;
}) {
  const [, navigate] = useLocation();
  // The link in the row serves the keyboard; a click anywhere else is a convenience of the mouse.
  const click = (event: MouseEvent) => {
    const elsewhere = (event.target as HTMLElement).closest('a,button,label,input,audio');
    if (path !== undefined && !elsewhere && !getSelection()?.toString()) navigate(path);
  };
  return (
    <Table.Tr
      className={path === undefined ? undefined : classes.row}
      onClick={click}
      data-testid="row"
      data-id={record.id}
    >
      {columns.map(({ label, show, align }, index) => (
        <Table.Td key={label} ta={align}>
          {index === 0 && path !== undefined ? (
            <Anchor inherit fw={550} component={Link} href={path}>
              {show(record)}
            </Anchor>
          ) : (
            show(record)
          )}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}

interface ListPageProps<T> {
  title: string;
  intro: ReactNode;
  /** One of them, such as `queue`. */
  one: string;
  query: Reading<T[]>;
  columns: Column<T>[];
  path?: (record: T) => string;
  /** Words by which a record is found; none for a list without a filter. */
  words?: (record: T) => string;
  /** Path of the page that makes a new one; only administrators see it. */
  newPath?: string;
  /** What an empty list says: what the thing is for. */
  empty: ReactNode;
  actions?: ReactNode;
  /** Below the list. */
  below?: ReactNode;
}

/** A list with its filter and the way to a new one: `n` by keyboard. */
export function ListPage<T extends { id: string | number }>(props: ListPageProps<T>) {
  const { title, intro, one, query, columns, path, words, newPath, empty, actions, below } = props;
  const [filter, setFilter] = useState('');
  const [, navigate] = useLocation();
  const mayChange = useMe().roles.includes('administrator');
  const create = mayChange ? newPath : undefined;
  useHotkey('n', () => navigate(create ?? ''), create !== undefined);
  const wanted = filter.trim().toLowerCase();
  const records =
    words && wanted !== ''
      ? query.data?.filter((record) => words(record).toLowerCase().includes(wanted))
      : query.data;
  const newButton = create !== undefined && (
    <Button
      component={Link}
      href={create}
      leftSection={<IconPlus size={15} />}
      title="Key: n"
      data-testid="new"
    >
      New {one}
    </Button>
  );
  return (
    <Page
      title={title}
      intro={intro}
      actions={
        <>
          {words && (query.data?.length ?? 0) > 0 && (
            <Filter what={title} value={filter} onChange={setFilter} />
          )}
          {actions}
          {newButton}
        </>
      }
    >
      <section className={classes.card} aria-busy={query.isFetching}>
        {query.isError && !query.data ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.data?.length === 0 ? (
          <EmptyState title={`No ${title.toLowerCase()} yet`} action={newButton}>
            {empty}
          </EmptyState>
        ) : records?.length === 0 ? (
          <EmptyState
            title={`Nothing here matches “${filter.trim()}”`}
            action={
              <Button variant="default" onClick={() => setFilter('')}>
                Clear the filter
              </Button>
            }
          />
        ) : (
          <RecordTable caption={title} records={records} columns={columns} path={path} />
        )}
      </section>
      {below}
    </Page>
  );
}

function Filter({
  what,
  value,
  onChange,
}: {
  what: string;
  value: string;
  onChange: (text: string) => void;
}) {
  const label = `Filter ${what.toLowerCase()}`;
  return (
    <TextInput
      size="xs"
      w={210}
      aria-label={label}
      placeholder={label}
      leftSection={<IconFilter size={14} />}
      rightSection={
        value && <CloseButton size="xs" aria-label="Clear the filter" onClick={() => onChange('')} />
      }
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Escape' && onChange('')}
      data-testid="filter"
    />
  );
}
