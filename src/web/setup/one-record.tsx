import type { ReactNode } from 'react';
import { EmptyState } from '../ui/states.tsx';
import { Loaded } from './page.tsx';
import type { Reading } from './resource.ts';

interface OneRecordProps<T> {
  query: Reading<T[]>;
  /** Undefined: a new one. */
  id: string | undefined;
  /** What it is, such as `trunk`. */
  what: string;
  children: (record: T | undefined) => ReactNode;
}

/** The record with this id out of its list, once it has been read. */
export function OneRecord<T extends { id: string }>({ query, id, what, children }: OneRecordProps<T>) {
  return (
    <Loaded query={query}>
      {(all) => {
        const record = all.find((one) => one.id === id);
        if (id === undefined || record) return children(record);
        return (
          <EmptyState title={`There is no such ${what}`}>It may have been deleted meanwhile.</EmptyState>
        );
      }}
    </Loaded>
  );
}
