import type { ObjectMeta } from '../../protocol/crm.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import { useObjects } from './objects-context.tsx';

/** Records by their object; the object of the best result comes first. */
export function useGrouped(records: readonly RecordRef[]): { meta: ObjectMeta; found: RecordRef[] }[] {
  const objects = useObjects();
  const names = [...new Set(records.map(({ object }) => object))];
  return names.flatMap((name) => {
    const meta = objects.find((one) => one.name === name);
    return meta ? [{ meta, found: records.filter(({ object }) => object === name) }] : [];
  });
}
