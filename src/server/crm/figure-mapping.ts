/** Metric figures as values of an outside CRM's records: which field is filled from which figure. */
import type { FigureRow } from '../../protocol/crm.ts';

/** Our figures by name: what a field of the custom object may be filled from. */
export const FIGURE_NAMES = [
  'from',
  'to',
  'queueId',
  'queue',
  'userId',
  'user',
  'offered',
  'answered',
  'abandoned',
  'talkSeconds',
  'holdSeconds',
  'wrapSeconds',
  'waitSeconds',
] as const;

export interface FigureMapping {
  object: string;
  /** Its external id field. */
  keyField: string;
  /** Field by figure. */
  fields: Readonly<Partial<Record<(typeof FIGURE_NAMES)[number], string>>>;
}

/** What a record of this row holds, its key apart. */
export function figureValues(
  row: FigureRow,
  fields: FigureMapping['fields'],
): Record<string, string | number | null> {
  const { from, to, queue, user, ...numbers } = row;
  const values = {
    ...numbers,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    queueId: queue?.id ?? null,
    queue: queue?.label ?? null,
    userId: user?.id ?? null,
    user: user?.name ?? null,
  };
  return Object.fromEntries(
    FIGURE_NAMES.flatMap((name) => (fields[name] ? [[fields[name], values[name]]] : [])),
  );
}
