import { Anchor, Skeleton, Table } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import type { KeyboardEvent, MouseEvent } from 'react';
import { Link, useLocation } from 'wouter';
import {
  type CrmRecord,
  type FieldMeta,
  type FieldValue,
  listFields,
  type ObjectMeta,
} from '../../protocol/crm.ts';
import { FieldView } from '../ui/field.tsx';
import { NumbersOf } from '../ui/phone-number.tsx';
import { filterFields } from './condition-words.ts';
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
  /** Names of the columns, in order. Default: those that the object's lists have. */
  fields?: string[];
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
  fields = [],
  without = [],
  sorting,
  onSort,
  sticky = false,
}: RecordTableProps) {
  const columns = columnsOf(meta, fields).filter((field) => !without.includes(field.name));
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
      <Table.Tbody onKeyDown={stepThroughRows}>
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

/** The columns by their names; those that are gone are left out. */
export function columnsOf(meta: ObjectMeta, names: readonly string[]): FieldMeta[] {
  const known = filterFields(meta);
  const named = names.flatMap((name) => known.find((field) => field.name === name) ?? []);
  return named.length > 0 ? named : listFields(meta);
}

/** The arrow keys go from row to row, in the same column. */
function stepThroughRows(event: KeyboardEvent<HTMLElement>): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = (event.target as HTMLElement).closest('tr');
  if (by === undefined || !row) return;
  const cell = (event.target as HTMLElement).closest('td')?.cellIndex ?? 0;
  const next = by > 0 ? row.nextElementSibling : row.previousElementSibling;
  const at = (next as HTMLTableRowElement | null)?.cells[cell]?.querySelector<HTMLElement>('a, button');
  const target = at ?? next?.querySelector<HTMLElement>('a, button');
  if (!target) return;
  event.preventDefault();
  target.focus();
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
  const link = columns.some(({ name }) => name === meta.nameField) ? meta.nameField : columns[0]?.name;
  // The link in the row serves the keyboard; a click anywhere else is a convenience of the mouse.
  const click = (event: MouseEvent) => {
    if ((event.target as HTMLElement).closest('a,button') || getSelection()?.toString()) return;
    navigate(path);
  };
  return (
    <Table.Tr className={classes.row} onClick={click} data-testid="list-row" data-id={record.id}>
      {columns.map((field) => (
        <Table.Td key={field.name} className={classes.cell}>
          {field.name === link ? (
            <Anchor inherit fw={550} component={Link} href={path}>
              {field.name === meta.nameField
                ? record.name || record.id
                : String(valueOf(record, field) ?? record.name)}
            </Anchor>
          ) : (
            <NumbersOf value={record}>
              <FieldView
                meta={field}
                value={valueOf(record, field)}
                reference={(id) => <ReferenceLink id={id} name={record.names[id]} />}
              />
            </NumbersOf>
          )}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}

/** A field of a record, or when it was made or changed. */
function valueOf(record: CrmRecord, { name }: FieldMeta): FieldValue | undefined {
  if (name === 'createdAt' || name === 'updatedAt') return record[name];
  return record.fields[name];
}
