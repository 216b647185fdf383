/** saveLog: an adapter creates or changes a record, as the user who works with it. */
import type { z } from 'zod';
import { Serial } from '../../lib/serial.ts';
import type { CrmRecord } from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { CtiError, SaveLogAnswer, SaveLogRequest } from '../../protocol/opencti.ts';
import type { Actor, Crm } from '../crm/ports.ts';
import type { Database } from '../store/database.ts';
import { type MappedFields, mapFields, shortId } from './opencti-fields.ts';

export interface AdapterLogsOptions {
  db: Database;
  crm: Crm;
  /** An unknown field is an error instead of being left out. */
  strict: boolean;
}

/** What a task of a call has where nothing is given: it is over when it is logged. */
const CALL_DEFAULTS = { TaskSubtype: 'Call', Status: 'Completed' };

const CALL_FIELDS = ['CallObject', 'CallType', 'CallDurationInSeconds', 'CallDisposition'];

export class AdapterLogs {
  readonly #o: AdapterLogsOptions;
  readonly #calls = new Serial();

  constructor(options: AdapterLogsOptions) {
    this.#o = options;
  }

  /** Saves; a refusal is an answer too. A task with a call id that this user has saved before is that task. */
  async save(actor: Actor, request: z.output<typeof SaveLogRequest>): Promise<SaveLogAnswer> {
    const { object, id, fields } = request;
    if (id !== undefined && id !== '') return await this.#update(actor, id, fields);
    if (object === undefined || object === '')
      return refused(
        'INVALID_PARAM',
        'saveLog needs entityApiName for a new record, or Id for one that is there.',
      );
    const callObject = callObjectOf(fields);
    if (object.toLowerCase() !== 'task' || callObject === undefined)
      return await this.#create(actor, object, fields);
    return await this.#calls.run(`${actor.userId} ${callObject}`, () =>
      this.#saveCall(actor, object, callObject, fields),
    );
  }

  async #saveCall(
    actor: Actor,
    object: string,
    callObject: string,
    fields: Record<string, unknown>,
  ): Promise<SaveLogAnswer> {
    const [known] = await this.#o.db.query<{ task_id: string }>(
      'SELECT task_id FROM adapter_log WHERE user_id = $1 AND call_object = $2',
      [actor.userId, callObject],
    );
    const there = known && (await this.#read(actor, known.task_id));
    if (there && isOfSameCall(there, fields)) return await this.#change(actor, there, fields);
    const answer = await this.#create(actor, object, fields);
    if (answer.ok)
      await this.#o.db.query(
        `INSERT INTO adapter_log (user_id, call_object, task_id) VALUES ($1, $2, $3)
          ON CONFLICT (user_id, call_object) DO UPDATE SET task_id = $3`,
        [actor.userId, callObject, answer.recordId],
      );
    return answer;
  }

  async #create(actor: Actor, object: string, given: Record<string, unknown>): Promise<SaveLogAnswer> {
    const meta = (await this.#o.crm.objects()).find((one) => one.name.toLowerCase() === object.toLowerCase());
    if (!meta) return refused('INVALID_PARAM', `There is no object ${object}.`);
    const mapped = mapFields(meta, given);
    const problem = this.#problem(mapped, meta.label);
    if (problem) return problem;
    const ofCall = meta.name === 'Task' && CALL_FIELDS.some((name) => name in mapped.fields);
    const fields = ofCall ? { ...CALL_DEFAULTS, ...mapped.fields } : mapped.fields;
    return await answerOf(mapped, () => this.#o.crm.create(actor, meta.name, fields, { callFields: true }));
  }

  async #update(actor: Actor, id: string, fields: Record<string, unknown>): Promise<SaveLogAnswer> {
    const short = shortId(id);
    const record = short && (await this.#read(actor, short));
    return record
      ? await this.#change(actor, record, fields)
      : refused('INVALID_PARAM', `There is no record ${id}.`);
  }

  async #change(actor: Actor, record: CrmRecord, given: Record<string, unknown>): Promise<SaveLogAnswer> {
    const meta = (await this.#o.crm.objects()).find((one) => one.name === record.object);
    if (!meta) return refused('GENERIC_ERROR', `There is no object ${record.object} any more.`);
    const mapped = mapFields(meta, given);
    const problem = this.#problem(mapped, meta.label);
    if (problem) return problem;
    return await answerOf(mapped, () =>
      this.#o.crm.update(actor, record.id, mapped.fields, undefined, { callFields: true }),
    );
  }

  /** What keeps it from being saved at all: wrong values; unknown fields when strict, or when there are no others. */
  #problem({ fields, left, wrong }: MappedFields, label: string): SaveLogAnswer | undefined {
    const unknown = left.map((field) => ({
      field,
      message: `${label} has no field ${field} that can be written`,
    }));
    const refuseUnknown = left.length > 0 && (this.#o.strict || Object.keys(fields).length === 0);
    const details = [...wrong, ...(refuseUnknown ? unknown : [])];
    if (details.length === 0) return undefined;
    return { ok: false, error: { code: 'GENERIC_ERROR', description: details[0]?.message ?? '', details } };
  }

  async #read(actor: Actor, id: string): Promise<CrmRecord | undefined> {
    try {
      return await this.#o.crm.read(actor, id);
    } catch (error) {
      if (error instanceof CodedError && error.code === 'not-found') return undefined;
      throw error;
    }
  }
}

async function answerOf(mapped: MappedFields, write: () => Promise<CrmRecord>): Promise<SaveLogAnswer> {
  try {
    return { ok: true, recordId: (await write()).id, left: mapped.left };
  } catch (error) {
    return { ok: false, error: toCtiError(error) };
  }
}

/** The catalogue's error in Open CTI's words; what the CRM said of a field goes into `details`. */
export function toCtiError(error: unknown): CtiError {
  if (!(error instanceof CodedError)) throw error;
  const { field, detail } = error.data;
  const message = String(detail ?? error.message);
  return {
    code: error.code === 'internal' || error.code === 'timeout' ? 'SERVER_ERROR' : 'GENERIC_ERROR',
    description: error.message,
    ...(field === undefined ? {} : { details: [{ field: String(field), message }] }),
  };
}

function refused(code: CtiError['code'], description: string): SaveLogAnswer {
  return { ok: false, error: { code, description } };
}

/** What one call has, but two calls seldom have in common. */
const TELLING = ['Subject', 'WhoId', 'WhatId', 'CallType'];

/** Some adapters give every call the same id, such as Salesforce's own demo: then another subject or another person is another call. */
function isOfSameCall({ fields }: CrmRecord, given: Record<string, unknown>): boolean {
  const said = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  return TELLING.every((name) => {
    const [before, now] = [fields[name], said.get(name.toLowerCase())].map(comparable);
    return before === '' || now === '' || before === now;
  });
}

function comparable(value: unknown): string {
  if (typeof value !== 'string') return '';
  return (shortId(value.trim()) ?? value.trim()).toLowerCase();
}

function callObjectOf(fields: Record<string, unknown>): string | undefined {
  const value = Object.entries(fields).find(([name]) => name.toLowerCase() === 'callobject')?.[1];
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  return text === '' ? undefined : text.slice(0, 255);
}
