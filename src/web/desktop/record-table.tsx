import { Anchor, Skeleton, Table } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import type { MouseEvent } from 'react';
import { Link, useLocation } from 'wouter';
import { type CrmRecord, type FieldMeta, listFields, type ObjectMeta } from '../../protocol/crm.ts';
import { FieldView } from '../ui/field.tsx';
import { NumbersOf } from '../ui/phone-number.tsx';
import classes from './record-table.module.css';
import { ReferenceLink } from './reference-link.tsx';
import { pathOf } from './softphone-host.ts';

export interface Sorting {
  sort: string;
  direction: 'asc' | 'desc';
}

interface RecordTableProps {
  meta: ObjectMeta;
  records: CrmRecord[] | undefined;
  /** What the table is of, for screen readers. */
  caption: string;
  /** Columns that say nothing here, such as the account in an account's contacts. */
  without?: string[];
  sorting?: Sorting;
  onSort?: (sorting: Sorting) => void;
  sticky?: boolean;
}

/** Records as rows, with the columns that their metadata names. Skeletons while they are on their way. */
export function RecordTable({
  meta,
  records,
  caption,
  without = [],
  sorting,
  onSort,
  sticky = false,
}: RecordTableProps) {
  const columns = listFields(meta).filter((field) => !without.includes(field.name));
  return (
    <Table
      className={classes.table}
      highlightOnHover
      stickyHeader={sticky}
      data-sticky={sticky || undefined}
      aria-label={caption}
    >
      <Table.Thead>
        <Table.Tr>
          {columns.map((field) => (
            <Heading key={field.name} field={field} sorting={sorting} onSort={onSort} />
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {records
          ? records.map((record) => <Row key={record.id} meta={meta} columns={columns} record={record} />)
          : [0, 1, 2, 3, 4, 5].map((row) => (
              <Table.Tr key={row} aria-hidden>
                {columns.map((field, column) => (
                  <Table.Td key={field.name}>
                    <Skeleton h={12} my={4} w={`${45 + ((row * 3 + column * 5) % 5) * 10}%`} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
      </Table.Tbody>
    </Table>
  );
}

function Heading({
  field,
  sorting,
  onSort,
}: {
  field: FieldMeta;
  sorting?: Sorting;
  onSort?: (sorting: Sorting) => void;
}) {
  // Text and references are sorted by what is stored; an id's order means nothing to a person.
  if (!onSort || field.type === 'reference' || field.type === 'textarea')
    return <Table.Th>{field.label}</Table.Th>;
  const current = sorting?.sort === field.name ? sorting.direction : undefined;
  const Arrow = current === 'desc' ? IconArrowDown : IconArrowUp;
  const next = current === 'asc' ? 'desc' : 'asc';
  return (
    <Table.Th aria-sort={current === undefined ? undefined : current === 'asc' ? 'ascending' : 'descending'}>
      <button
        type="button"
        className={classes.sort}
        onClick={() => onSort({ sort: field.name, direction: next })}
      >
        {field.label}
        <Arrow size={13} className={classes.arrow} data-on={current !== undefined || undefined} aria-hidden />
      </button>
    </Table.Th>
  );
}

function Row({ meta, columns, record }: { meta: ObjectMeta; columns: FieldMeta[]; record: CrmRecord }) {
  const [, navigate] = useLocation();
  const path = pathOf(record);
  // The link in the row serves the keyboard; a click anywhere else is a convenience of the mouse.
  const click = (event: MouseEvent) => {
    if ((event.target as HTMLElement).closest('a,button') || getSelection()?.toString()) return;
    navigate(path);
  };
  return (
    <Table.Tr className={classes.row} onClick={click} data-testid="list-row" data-id={record.id}>
      {columns.map((field) => (
        <Table.Td key={field.name} className={classes.cell}>
          {field.name === meta.nameField ? (
            <Anchor inherit fw={550} component={Link} href={path}>
              {record.name || record.id}
            </Anchor>
          ) : (
            <NumbersOf value={record}>
              <FieldView
                meta={field}
                value={record.fields[field.name]}
                reference={(id) => <ReferenceLink id={id} name={record.names[id]} />}
              />
            </NumbersOf>
          )}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}
