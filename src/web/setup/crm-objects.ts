import type { ObjectMeta } from '../../protocol/crm.ts';
import { mapReading, type Reading, useRecords } from './resource.ts';

/** Noun of the REST twin. */
export const CRM_OBJECTS = 'crm-objects';

/** Objects go by their names. */
export type NamedObject = ObjectMeta & { id: string };

export function useCrmObjects(): Reading<NamedObject[]> {
  const query = useRecords<ObjectMeta>(CRM_OBJECTS, { field: 'objects' });
  return mapReading(query, (objects) => objects.map((meta) => ({ ...meta, id: meta.name })));
}

/** How many records a refused deletion names. */
export function lostRecords(error: unknown): number | undefined {
  const data = (error as { data?: { records?: unknown } }).data;
  return typeof data?.records === 'number' ? data.records : undefined;
}
