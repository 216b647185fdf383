import { createContext, useContext, useEffect } from 'react';
import type { RecordRef } from '../../protocol/facts.ts';
import { useTab } from './tab-context.tsx';

export const OpenRecordContext = createContext<(record: RecordRef | null) => void>(() => {});

/** Tells the softphone which record the person has in front of him, while this tab is the active one. */
export function useOpenRecord(record: RecordRef | undefined): void {
  const tell = useContext(OpenRecordContext);
  const { active } = useTab();
  const { id, object, name } = record ?? {};
  useEffect(() => {
    if (!active || !id || !object || name === undefined) return;
    tell({ id, object, name });
    return () => tell(null);
  }, [tell, active, id, object, name]);
}
