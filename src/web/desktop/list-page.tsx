import { Alert, Button, CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback, useIntersection } from '@mantine/hooks';
import { IconFilter, IconPlus } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { must } from '../../lib/must.ts';
import type { ObjectMeta, RecordPage } from '../../protocol/crm.ts';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import { useViewer } from '../ui/viewer.tsx';
import { useHotkey } from '../ui/use-hotkey.ts';
import { ColumnsMenu } from './columns-menu.tsx';
import { filterFields } from './condition-words.ts';
import { ConditionsEditor } from './conditions-editor.tsx';
import { useList } from './data.ts';
import {
  isChanged,
  type KnownList,
  knownList,
  type ListShape,
  readAddress,
  RECENT,
  standardLists,
  writeAddress,
} from './list-state.ts';
import { ListSwitch } from './list-switch.tsx';
import { useListViews, useViewedPage } from './lists.ts';
import { Gone, SaveList } from './save-list.tsx';
import classes from './list-page.module.css';
import { NotFound } from './not-found.tsx';
import { useObject } from './objects-context.tsx';
import { PageHeader } from './page.tsx';
import page from './page.module.css';
import { columnsOf, RecordTable } from './record-table.tsx';
import { useTabTitle } from './tab-context.tsx';

/** From here on the server counts no further. */
const COUNTED = 10_000;

/** A list of an object: which one, what its records meet, columns, sort, and more as one scrolls. All of it stands in the address. */
export function ListPage({ object }: { object: string }) {
  const meta = useObject(object);
  return meta ? <List meta={meta} /> : <NotFound what="page" />;
}

function List({ meta }: { meta: ObjectMeta }) {
  const known = useKnownLists(meta);
  const { base, q, shape, show } = useShownList(known.lists);
  const recent = base.id === RECENT;
  const conditions = shape.conditions.length > 0 ? JSON.stringify(shape.conditions) : '';
  const { sort, direction } = shape;
  const list = useList(meta.name, { q, conditions, sort, direction }, !recent && !known.waiting);
  const viewed = useViewedPage(meta.name, recent);
  const [editing, setEditing] = useState(false);
  useTabTitle(base.id === 'all' ? meta.labelPlural : base.name);
  const [end, entry] = useEndOfList();
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    if (entry?.isIntersecting && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [entry, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const reading = recent ? viewed : list;
  const records = recent ? viewed.data?.records : list.data?.pages.flatMap((one) => one.records);
  const first = recent ? viewed.data : list.data?.pages[0];
  const change = (part: Partial<ListShape>) => show(base, q, { ...shape, ...part });
  const choose = (next: KnownList) => show(next, '', next);
  const all = known.lists[0] ?? base;
  const shownColumns = columnsOf(meta, shape.columns).map((field) => field.name);
  return (
    <div className={classes.page}>
      <PageHeader
        object={meta.name}
        kind={<Count meta={meta} first={first} filtered={q !== '' || shape.conditions.length > 0} />}
        title={
          <ListSwitch lists={known.lists} shown={base} onChoose={choose} onRemoved={() => choose(all)} />
        }
        actions={
          <>
            {!recent && (
              <>
                {isChanged(base, shape) && (
                  <SaveList
                    meta={meta}
                    list={base}
                    shape={shape}
                    onSaved={(view) => show(knownList(view), q, knownList(view))}
                  />
                )}
                <FilterInput
                  label={`Filter ${meta.labelPlural.toLowerCase()}`}
                  value={q}
                  onChange={(text) => show(base, text, shape)}
                />
                <FilterButton
                  count={shape.conditions.length}
                  opened={editing}
                  onToggle={() => setEditing(!editing)}
                />
              </>
            )}
            <ColumnsMenu
              fields={filterFields(meta)}
              shown={shownColumns}
              onChange={(columns) => change({ columns })}
              onReset={() => change({ columns: [] })}
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
      {editing && !recent && (
        <ConditionsEditor
          meta={meta}
          conditions={shape.conditions}
          onChange={(next) => change({ conditions: next })}
        />
      )}
      {known.missing && (
        <Alert color="hold" variant="light" p="xs" role="alert">
          This list is gone, or it is somebody else’s. All {meta.labelPlural.toLowerCase()} are shown instead.
        </Alert>
      )}
      {base.saved && base.saved.gone.length > 0 && <Gone list={base.saved} />}
      <section className={`${page.card} ${classes.list}`} aria-busy={reading.isFetching}>
        {reading.isError ? (
          <ErrorState error={reading.error} onRetry={() => void reading.refetch()} />
        ) : records?.length === 0 ? (
          <Nothing
            meta={meta}
            list={base}
            q={q}
            filtered={shape.conditions.length > 0}
            onClear={() => (q === '' ? choose(all) : show(base, '', shape))}
          />
        ) : (
          <>
            <RecordTable
              meta={meta}
              records={records}
              caption={base.name}
              fields={shape.columns}
              sorting={recent ? undefined : shape}
              onSort={recent ? undefined : change}
              sticky
            />
            <div ref={end} className={classes.end}>
              {!recent && hasNextPage && (
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

interface KnownLists {
  lists: KnownList[];
  /** The saved ones are still on their way, and one of them may be the one to show. */
  waiting: boolean;
  /** The address names a list that is not there. */
  missing: boolean;
}

/** The object's own lists and the saved ones. */
function useKnownLists(meta: ObjectMeta): KnownLists {
  const views = useListViews(meta.name);
  const { list } = readAddress(useSearch());
  const lists = [...standardLists(meta), ...(views.data ?? []).map(knownList)];
  const found = lists.some(({ id }) => id === list);
  return { lists, waiting: !found && views.isPending, missing: !found && !views.isPending };
}

interface ShownList {
  base: KnownList;
  q: string;
  shape: ListShape;
  show: (list: KnownList, q: string, shape: ListShape) => void;
}

/** What the address says is shown, and how to change it. */
function useShownList(lists: KnownList[]): ShownList {
  const [path, navigate] = useLocation();
  const { list, q, changes } = readAddress(useSearch());
  const base = must(lists.find(({ id }) => id === list) ?? lists[0], 'list');
  const { conditions, columns, sort, direction } = base;
  const shape = { conditions, columns, sort, direction, ...changes };
  const show: ShownList['show'] = (next, text, wanted) => {
    const search = writeAddress(next, text, wanted);
    // A list that is chosen is a step that one can go back; typing in its filter is none.
    navigate(search === '' ? path : `${path}?${search}`, { replace: next.id === base.id });
  };
  return { base, q, shape, show };
}

function FilterButton({ count, opened, onToggle }: { count: number; opened: boolean; onToggle: () => void }) {
  useHotkey('c', onToggle);
  return (
    <Button
      variant={count > 0 ? 'light' : 'default'}
      leftSection={<IconFilter size={14} />}
      aria-expanded={opened}
      onClick={onToggle}
      data-testid="list-conditions"
    >
      {count === 0 ? 'Conditions' : `${count} ${count === 1 ? 'condition' : 'conditions'}`}
    </Button>
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

interface NothingProps {
  meta: ObjectMeta;
  list: KnownList;
  q: string;
  filtered: boolean;
  onClear: () => void;
}

function Nothing({ meta, list, q, filtered, onClear }: NothingProps) {
  const plural = meta.labelPlural.toLowerCase();
  if (list.id === RECENT) {
    return (
      <EmptyState title={`No ${plural} viewed yet`}>
        Those that you open, or that open because their person calls, stay at hand here, at whatever desk you
        sit.
      </EmptyState>
    );
  }
  if (q !== '' || filtered) {
    return (
      <EmptyState
        title={q === '' ? `No ${plural} meet the conditions of this list` : `No ${plural} match “${q}”`}
        action={
          <Button variant="default" onClick={onClear}>
            {q === '' ? `Show all ${plural}` : 'Clear the filter'}
          </Button>
        }
      >
        {q === ''
          ? 'Each condition must be met: take one away to see more.'
          : 'Words are looked for at their beginning, numbers by their digits.'}
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
  const input = useRef<HTMLInputElement>(null);
  useHotkey('f', () => input.current?.focus());
  const type = (next: string) => {
    setText(next);
    change(next.trim());
  };
  return (
    <TextInput
      ref={input}
      size="xs"
      w={190}
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
