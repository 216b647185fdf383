import { Button, Skeleton, Stack, Text } from '@mantine/core';
import { IconSearch, IconUserPlus } from '@tabler/icons-react';
import { Link, useSearch } from 'wouter';
import type { RecordRef } from '../../protocol/facts.ts';
import { toE164 } from '../../protocol/address.ts';
import { formatPhone } from '../ui/format.ts';
import { PhoneNumber } from '../ui/phone-number.tsx';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import { useViewer } from '../ui/viewer.tsx';
import { useSearchQuery } from './data.ts';
import { useGrouped } from './grouped.ts';
import { Card, PageHeader } from './page.tsx';
import page from './page.module.css';
import { RecordLine } from './record-line.tsx';
import classes from './search-page.module.css';
import { pathOf } from './softphone-host.ts';
import { useTabTitle } from './tab-context.tsx';

/** Everything that matches a text or a number, by kind: also what a screen pop shows when several have the number. */
export function SearchPage() {
  const q = new URLSearchParams(useSearch()).get('q')?.trim() ?? '';
  const { country } = useViewer();
  const found = useSearchQuery(q, 50);
  const number = toE164(q, country);
  useTabTitle(number ? formatPhone(number, country) : `Search: ${q}`);
  return (
    <div className={page.page} data-testid="search-page">
      <PageHeader
        kind={found.data ? countText(found.data.records.length, found.data.more) : 'Search'}
        title={number ? formatPhone(number, country) : q || 'Search'}
        actions={number && <NumberActions number={number} />}
      />
      {q.length < 2 ? (
        <EmptyState title="Search by name or number" icon={<IconSearch size={28} stroke={1.5} aria-hidden />}>
          Type at least two characters into the field at the top. A number is found in any way of writing it.
        </EmptyState>
      ) : found.isError ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : found.data ? (
        <Results q={q} records={found.data.records} number={number} />
      ) : (
        <Stack gap="xs" aria-hidden>
          {[70, 55, 80].map((width) => (
            <Skeleton key={width} h={34} w={`${width}%`} />
          ))}
        </Stack>
      )}
      {found.data?.more && (
        <Text size="sm" c="dimmed">
          There are more: add a word to narrow it down.
        </Text>
      )}
    </div>
  );
}

function countText(count: number, more: boolean): string {
  return `${count}${more ? ' or more' : ''} ${count === 1 ? 'record' : 'records'} found`;
}

function NumberActions({ number }: { number: string }) {
  return (
    <>
      <PhoneNumber value={number} />
      <Button
        variant="default"
        component={Link}
        href={`/Contact/new?Phone=${encodeURIComponent(number)}`}
        leftSection={<IconUserPlus size={15} />}
      >
        New contact
      </Button>
    </>
  );
}

function Results({ q, records, number }: { q: string; records: RecordRef[]; number: string | undefined }) {
  const groups = useGrouped(records);
  if (records.length === 0) {
    return (
      <EmptyState title={`Nothing found for “${q}”`} icon={<IconSearch size={28} stroke={1.5} aria-hidden />}>
        {number
          ? 'Nobody has this number. Make a new contact with it, and the next call will be known.'
          : 'Try fewer letters, or a part of the number.'}
      </EmptyState>
    );
  }
  return groups.map(({ meta, found }) => (
    <Card
      key={meta.name}
      title={meta.labelPlural}
      count={found.length}
      flush
      actions={
        <Button variant="subtle" component={Link} href={`/${meta.name}?q=${encodeURIComponent(q)}`}>
          Show all<span className="cp-visually-hidden"> {meta.labelPlural.toLowerCase()}</span>
        </Button>
      }
    >
      <ul className={classes.list}>
        {found.map((record) => (
          <li key={record.id}>
            <Link href={pathOf(record)} className={classes.row} data-testid="list-row" data-id={record.id}>
              <RecordLine record={record} />
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  ));
}
