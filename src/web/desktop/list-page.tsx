import { Button, CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback, useIntersection } from '@mantine/hooks';
import { IconFilter, IconPlus } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import type { ObjectMeta, RecordPage } from '../../protocol/crm.ts';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import { useViewer } from '../ui/viewer.tsx';
import { type ListQuery, useList } from './data.ts';
import classes from './list-page.module.css';
import { NotFound } from './not-found.tsx';
import { useObject } from './objects-context.tsx';
import { PageHeader } from './page.tsx';
import page from './page.module.css';
import { RecordTable } from './record-table.tsx';
import { useTabTitle } from './tab-context.tsx';

/** From here on the server counts no further. */
const COUNTED = 10_000;

/** The list of an object: filter, sort, and more as one scrolls. Filter and order stand in the address. */
export function ListPage({ object }: { object: string }) {
  const meta = useObject(object);
  return meta ? <List meta={meta} /> : <NotFound what="page" />;
}

function List({ meta }: { meta: ObjectMeta }) {
  const [query, setQuery] = useListQuery(meta);
  const list = useList(meta.name, query);
  useTabTitle(meta.labelPlural);
  const records = list.data?.pages.flatMap((one) => one.records);
  const [end, entry] = useEndOfList();
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    if (entry?.isIntersecting && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [entry, hasNextPage, isFetchingNextPage, fetchNextPage]);

  return (
    <div className={classes.page}>
      <PageHeader
        object={meta.name}
        kind={<Count meta={meta} first={list.data?.pages[0]} filtered={query.q !== ''} />}
        title={meta.labelPlural}
        actions={
          <>
            <FilterInput
              label={`Filter ${meta.labelPlural.toLowerCase()}`}
              value={query.q}
              onChange={(q) => setQuery({ ...query, q })}
            />
            <Button
              component={Link}
              href={`/${meta.name}/new`}
              leftSection={<IconPlus size={15} />}
              data-testid="new-record"
            >
              New
            </Button>
          </>
        }
      />
      <section className={`${page.card} ${classes.list}`} aria-busy={list.isFetching}>
        {list.isError ? (
          <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        ) : records?.length === 0 ? (
          <Nothing meta={meta} q={query.q} onClear={() => setQuery({ ...query, q: '' })} />
        ) : (
          <>
            <RecordTable
              meta={meta}
              records={records}
              caption={meta.labelPlural}
              sorting={query}
              onSort={(sorting) => setQuery({ ...query, ...sorting })}
              sticky
            />
            <div ref={end} className={classes.end}>
              {hasNextPage && (
                <Button variant="subtle" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                  Show more
                </Button>
              )}
            </div>
          </>
        )}
      </section>
    </div>
  );
}

/** A mark below the last row, that is seen a screen ahead. */
function useEndOfList() {
  const { ref, entry } = useIntersection<HTMLDivElement>({ rootMargin: '400px' });
  return [ref, entry] as const;
}

function Count({
  meta,
  first,
  filtered,
}: {
  meta: ObjectMeta;
  first: RecordPage | undefined;
  filtered: boolean;
}) {
  const { locale } = useViewer();
  if (!first) return <>&nbsp;</>;
  const total =
    first.total >= COUNTED ? `${COUNTED.toLocaleString(locale)} or more` : first.total.toLocaleString(locale);
  return (
    <span role="status">
      {total} {(first.total === 1 ? meta.label : meta.labelPlural).toLowerCase()}
      {filtered && ' found'}
    </span>
  );
}

function Nothing({ meta, q, onClear }: { meta: ObjectMeta; q: string; onClear: () => void }) {
  const plural = meta.labelPlural.toLowerCase();
  if (q !== '') {
    return (
      <EmptyState
        title={`No ${plural} match “${q}”`}
        action={
          <Button variant="default" onClick={onClear}>
            Clear the filter
          </Button>
        }
      >
        Words are looked for at their beginning, numbers by their digits.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title={`No ${plural} yet`}
      action={
        <Button component={Link} href={`/${meta.name}/new`}>
          New {meta.label.toLowerCase()}
        </Button>
      }
    >
      {meta.name === 'Task'
        ? 'Each call leaves a task here: who called, for how long, and what was said.'
        : `Create the first one. A caller whose number is in it will be known.`}
    </EmptyState>
  );
}

function FilterInput({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (q: string) => void;
}) {
  const [text, setText] = useState(value);
  const change = useDebouncedCallback(onChange, 200);
  const [shown, setShown] = useState(value);
  // The address changed by itself (back, or "clear the filter"): follow it.
  if (shown !== value) {
    setShown(value);
    setText(value);
  }
  const type = (next: string) => {
    setText(next);
    change(next.trim());
  };
  return (
    <TextInput
      size="xs"
      w={230}
      aria-label={label}
      placeholder={label}
      leftSection={<IconFilter size={14} />}
      rightSection={text && <CloseButton size="xs" aria-label="Clear the filter" onClick={() => type('')} />}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
      data-testid="list-filter"
    />
  );
}

/** Filter and order, kept in the address. Tasks begin with the newest, everything else by name. */
function useListQuery(meta: ObjectMeta): [ListQuery, (query: ListQuery) => void] {
  const [path, navigate] = useLocation();
  const search = new URLSearchParams(useSearch());
  const byAge = meta.name === 'Task' || meta.name === 'Case';
  const usual = { sort: byAge ? 'createdAt' : meta.nameField, direction: byAge ? 'desc' : 'asc' } as const;
  const direction = search.get('direction');
  const query: ListQuery = {
    q: search.get('q') ?? '',
    sort: search.get('sort') ?? usual.sort,
    direction: direction === 'asc' || direction === 'desc' ? direction : usual.direction,
  };
  const setQuery = (next: ListQuery) => {
    const params = new URLSearchParams();
    if (next.q !== '') params.set('q', next.q);
    if (next.sort !== usual.sort) params.set('sort', next.sort);
    if (next.direction !== usual.direction) params.set('direction', next.direction);
    navigate(params.size > 0 ? `${path}?${params}` : path, { replace: true });
  };
  return [query, setQuery];
}
