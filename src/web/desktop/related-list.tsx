import { Button, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link } from 'wouter';
import type { CrmRecord, ObjectMeta } from '../../protocol/crm.ts';
import { ErrorState } from '../ui/states.tsx';
import { useRelated } from './data.ts';
import { useObject } from './objects-context.tsx';
import { Card } from './page.tsx';
import { RecordTable } from './record-table.tsx';
import classes from './related-list.module.css';

/** Records that point at this one. */
export function RelatedList({
  record,
  related,
}: {
  record: CrmRecord;
  related: ObjectMeta['related'][number];
}) {
  const meta = useObject(related.object);
  const list = useRelated(record.object, record.id, related);
  if (!meta) return null;
  const { records, total, next } = list.data ?? {};
  return (
    <Card
      title={related.label}
      count={total}
      flush
      actions={
        <Button
          variant="subtle"
          component={Link}
          href={`/${meta.name}/new?${related.field}=${encodeURIComponent(record.id)}`}
          leftSection={<IconPlus size={14} />}
          aria-label={`New ${meta.label.toLowerCase()}`}
        >
          New
        </Button>
      }
    >
      {list.isError ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : records?.length === 0 ? (
        <Text size="sm" c="dimmed" px="md" py="sm">
          No {related.label.toLowerCase()} yet.
        </Text>
      ) : (
        <div className={classes.scroll}>
          <RecordTable meta={meta} records={records} caption={related.label} without={[related.field]} />
        </div>
      )}
      {next && records && total !== undefined && (
        <Text size="xs" c="dimmed" px="md" py="xs">
          The newest {records.length} of {total}.
        </Text>
      )}
    </Card>
  );
}
