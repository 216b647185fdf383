/** The steps of a script that touch the CRM, done as the agent, who must not see or do more here than there. */
import type { Clock } from '../../lib/clock.ts';
import { withDeadline } from '../../lib/deadline.ts';
import type { FieldMeta, FieldValue } from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import { type FindingCrm, findRecord, toFound } from '../crm/find-record.ts';
import type { Actor, Crm } from '../crm/ports.ts';
import type { CrmStep, CrmWork, KnownRecord, RunState } from './run.ts';

/** An agent waits on the line: milliseconds for one step. */
const STEP_DEADLINE_MS = 5_000;

export type ScriptCrm = FindingCrm & Pick<Crm, 'create' | 'update'>;

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
  return record && toFound(record);
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
      return findRecord(crm, actor, step, fill(step.value).trim());
    case 'create':
      return create(crm, actor, step, fill);
    case 'update':
      return update(crm, actor, step, fill, state.records[step.record]?.ref);
  }
}

async function create(
  crm: ScriptCrm,
  actor: Actor,
  step: Extract<CrmStep, { kind: 'create' }>,
  fill: (template: string) => string,
): Promise<KnownRecord> {
  const fields = await fieldValues(crm, actor, step.object, step.fields, fill);
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
  return toFound(await crm.create(actor, step.object, given));
}

async function update(
  crm: ScriptCrm,
  actor: Actor,
  step: Extract<CrmStep, { kind: 'update' }>,
  fill: (template: string) => string,
  ref: RecordRef | undefined,
): Promise<KnownRecord> {
  if (!ref) throw new CodedError('not-found', { what: 'record' });
  return toFound(
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
