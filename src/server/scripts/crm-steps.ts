/** The steps of a script that touch the CRM, done as the agent, who must not see or do more here than there. */
import type { Clock } from '../../lib/clock.ts';
import { withDeadline } from '../../lib/deadline.ts';
import type { CrmRecord, FieldMeta, FieldValue } from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { Actor, Crm } from '../crm/ports.ts';
import type { CrmStep, CrmWork, KnownRecord, RunState } from './run.ts';

/** An agent waits on the line: milliseconds for one step. */
const STEP_DEADLINE_MS = 5_000;
/** Records that a look-up reads to find the one whose field has the value. */
const MAX_CANDIDATES = 10;

export type ScriptCrm = Pick<Crm, 'objects' | 'match' | 'search' | 'read' | 'create' | 'update'>;

export interface CrmStepsOptions {
  crm: ScriptCrm;
  clock: Clock;
  onError: (what: string, error: unknown, ids: Record<string, string>) => void;
}

export function crmSteps({ crm, clock, onError }: CrmStepsOptions): (actor: Actor) => CrmWork {
  return (actor) => async (step, fill, state) => {
    try {
      return {
        record: await withDeadline(
          clock,
          STEP_DEADLINE_MS,
          'The CRM',
          carryOut(crm, actor, step, fill, state),
        ),
      };
    } catch (error) {
      if (!(error instanceof CodedError)) onError('a step of a script', error, { userId: actor.userId });
      return { refused: error instanceof CodedError ? error.message : 'the CRM could not do it.' };
    }
  };
}

/** A record as a script begins with it; undefined when it is gone or not his to see. */
export async function readKnown(crm: ScriptCrm, actor: Actor, id: string): Promise<KnownRecord | undefined> {
  const record = await crm.read(actor, id).catch((error: unknown) => {
    if (error instanceof CodedError) return undefined;
    throw error;
  });
  return record && toKnown(record);
}

function carryOut(
  crm: ScriptCrm,
  actor: Actor,
  step: CrmStep,
  fill: (template: string) => string,
  state: RunState,
): Promise<KnownRecord | undefined> {
  switch (step.kind) {
    case 'lookup':
      return lookUp(crm, actor, step, fill(step.value).trim());
    case 'create':
      return create(crm, actor, step, fill);
    case 'update':
      return update(crm, actor, step, fill, state.records[step.record]?.ref);
  }
}

/** By search, which every CRM has, and then by the field itself: a number in any way of typing, a text in any case. */
async function lookUp(
  crm: ScriptCrm,
  actor: Actor,
  { object, field }: Extract<CrmStep, { kind: 'lookup' }>,
  value: string,
): Promise<KnownRecord | undefined> {
  if (value === '') return undefined;
  const options = { limit: MAX_CANDIDATES };
  const isPhone = (await fieldOf(crm, actor, object, field))?.type === 'phone';
  const { records } = isPhone
    ? await crm.match(actor, value, options)
    : await crm.search(actor, value, { ...options, objects: [object] });
  for (const ref of records.filter((one) => one.object === object)) {
    const record = await crm.read(actor, ref.id);
    const held = String(record.fields[field] ?? '');
    if (isPhone ? held !== '' : held.toLowerCase() === value.toLowerCase()) return toKnown(record);
  }
  return undefined;
}

async function create(
  crm: ScriptCrm,
  actor: Actor,
  step: Extract<CrmStep, { kind: 'create' }>,
  fill: (template: string) => string,
): Promise<KnownRecord> {
  const fields = await fieldValues(crm, actor, step.object, step.fields, fill);
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
  return toKnown(await crm.create(actor, step.object, given));
}

async function update(
  crm: ScriptCrm,
  actor: Actor,
  step: Extract<CrmStep, { kind: 'update' }>,
  fill: (template: string) => string,
  ref: RecordRef | undefined,
): Promise<KnownRecord> {
  if (!ref) throw new CodedError('not-found', { what: 'record' });
  return toKnown(
    await crm.update(actor, ref.id, await fieldValues(crm, actor, ref.object, step.fields, fill)),
  );
}

async function fieldValues(
  crm: ScriptCrm,
  actor: Actor,
  object: string,
  templates: Readonly<Record<string, string>>,
  fill: (template: string) => string,
): Promise<Record<string, FieldValue>> {
  const meta = (await crm.objects(actor)).find(({ name }) => name === object);
  return Object.fromEntries(
    Object.entries(templates).map(([name, template]) => [
      name,
      toValue(fill(template), meta?.fields.find((field) => field.name === name)?.type),
    ]),
  );
}

/** A text as its field takes it; an empty one clears the field. */
function toValue(text: string, type: FieldMeta['type'] | undefined): FieldValue {
  if (type === 'boolean') return /^(yes|true|1)$/i.test(text);
  if (text === '') return null;
  return type === 'number' && Number.isFinite(Number(text)) ? Number(text) : text;
}

async function fieldOf(
  crm: ScriptCrm,
  actor: Actor,
  object: string,
  field: string,
): Promise<FieldMeta | undefined> {
  return (await crm.objects(actor))
    .find(({ name }) => name === object)
    ?.fields.find(({ name }) => name === field);
}

/** References by the names of what they point at. */
function toKnown({ id, object, name, fields, names }: CrmRecord): KnownRecord {
  const texts = Object.entries(fields).map(([key, value]): [string, string] => {
    if (value === null) return [key, ''];
    if (typeof value === 'boolean') return [key, value ? 'Yes' : 'No'];
    return [key, (typeof value === 'string' && names[value]) || String(value)];
  });
  return { ref: { id, object, name }, fields: { ...Object.fromEntries(texts), Id: id, Name: name } };
}
