/** The record whose field has a value, in a CRM of any kind. */
import type { CrmRecord, FieldMeta } from '../../protocol/crm.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { Actor, Crm } from './ports.ts';

/** A record with the texts of its fields as they were when it was read. */
export interface FoundRecord {
  ref: RecordRef;
  fields: Record<string, string>;
}

/** Records that are read at most, to find the one whose field has the value. */
const MAX_CANDIDATES = 10;

/** What a look-up asks of a CRM. */
export type FindingCrm = Pick<Crm, 'missing' | 'objects' | 'match' | 'search' | 'list' | 'read'>;

/**
 * A number in any way of typing, a text in any case. A CRM that has no lists is searched, which every one can be, and the field
 * itself decides.
 */
export async function findRecord(
  crm: FindingCrm,
  actor: Actor,
  { object, field }: { object: string; field: string },
  value: string,
): Promise<FoundRecord | undefined> {
  if (value === '') return undefined;
  if (crm.missing(actor).lists === undefined) {
    const conditions = [{ field, operator: 'equals' as const, values: [value] }];
    const { records } = await crm.list(actor, object, { conditions, limit: 1 });
    return records[0] && toFound(records[0]);
  }
  const options = { limit: MAX_CANDIDATES };
  const isPhone = (await fieldOf(crm, actor, object, field))?.type === 'phone';
  const { records } = isPhone
    ? await crm.match(actor, value, options)
    : await crm.search(actor, value, { ...options, objects: [object] });
  for (const ref of records.filter((one) => one.object === object)) {
    const record = await crm.read(actor, ref.id);
    const held = String(record.fields[field] ?? '');
    if (isPhone ? held !== '' : held.toLowerCase() === value.toLowerCase()) return toFound(record);
  }
  return undefined;
}

/** References by the names of what they point at. */
export function toFound({ id, object, name, fields, names }: CrmRecord): FoundRecord {
  const texts = Object.entries(fields).map(([key, value]): [string, string] => {
    if (value === null) return [key, ''];
    if (typeof value === 'boolean') return [key, value ? 'Yes' : 'No'];
    return [key, (typeof value === 'string' && names[value]) || String(value)];
  });
  return { ref: { id, object, name }, fields: { ...Object.fromEntries(texts), Id: id, Name: name } };
}

async function fieldOf(
  crm: Pick<Crm, 'objects'>,
  actor: Actor,
  object: string,
  field: string,
): Promise<FieldMeta | undefined> {
  return (await crm.objects(actor))
    .find(({ name }) => name === object)
    ?.fields.find(({ name }) => name === field);
}
