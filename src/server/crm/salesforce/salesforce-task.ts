/**
 * The call log as Salesforce's CTI toolkits wrote it: a closed Task. `CallObject` holds our key, by which it is found again, so that an answer
 * that was lost makes no second one.
 */
import type { Clock } from '../../../lib/clock.ts';
import { Serial } from '../../../lib/serial.ts';
import type { CallLogEntry, FieldValue, RecordingLink } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { RecordRef } from '../../../protocol/facts.ts';
import { Brief } from '../brief.ts';
import type { AccountOwner, CrmCall } from '../connector.ts';
import type { SalesforceDescriber } from './salesforce-describe.ts';
import { recordUrl, type SalesforceRecords } from './salesforce-records.ts';
import type { SalesforceSession } from './salesforce-session.ts';
import { soqlText } from './salesforce-text.ts';

const CALL_TYPES = { inbound: 'Inbound', outbound: 'Outbound', internal: 'Internal' } as const;
const MAX_SUBJECT = 255;
const MAX_DISPOSITION = 255;
const MAX_CALL_OBJECT = 255;
const MAX_DESCRIPTION = 32_000;
const STATUS_AGE_MS = 3_600_000;
const RECORDING = 'Recording: ';

interface Task {
  Id: string;
  Description: string | null;
}

type Values = Record<string, FieldValue>;

export class SalesforceTasks {
  readonly #session: SalesforceSession;
  readonly #describer: SalesforceDescriber;
  readonly #records: SalesforceRecords;
  readonly #recordingField: string | undefined;
  readonly #status: Brief<string>;
  /** Writers of one log wait for each other. */
  readonly #writes = new Serial();

  constructor(options: {
    session: SalesforceSession;
    describer: SalesforceDescriber;
    records: SalesforceRecords;
    clock: Clock;
    /** Field of the Task that takes the address of the recording; without one it stands in the comments. */
    recordingField: string | undefined;
  }) {
    this.#session = options.session;
    this.#describer = options.describer;
    this.#records = options.records;
    this.#recordingField = options.recordingField;
    this.#status = new Brief({ clock: options.clock, ageMs: STATUS_AGE_MS, max: 1 });
  }

  write(call: CrmCall, idemKey: string, entry: CallLogEntry): Promise<RecordRef> {
    return this.#writes.run(idemKey, () => this.#write(call, idemKey, entry));
  }

  /** @throws `not-found` when the log is not written yet. */
  attach(call: CrmCall, idemKey: string, { url }: RecordingLink): Promise<void> {
    return this.#writes.run(idemKey, async () => {
      const owner = await this.#session.owner(call, true);
      const field = this.#recordingField ?? 'Description';
      const task = await this.#find(owner, call, idemKey, field);
      if (!task) throw new CodedError('not-found', { what: 'call log in Salesforce' });
      const kept = String((task as unknown as Values)[field] ?? '');
      if (kept.includes(url)) return;
      const line = this.#recordingField ? url : `${RECORDING}${url}`;
      const value = kept === '' ? line : `${kept}\n${line}`;
      await this.#records.update(owner, call, { object: 'Task', id: task.Id }, { [field]: value });
    });
  }

  async #write(call: CrmCall, idemKey: string, entry: CallLogEntry): Promise<RecordRef> {
    const owner = await this.#session.owner(call, true);
    const known = await this.#find(owner, call, idemKey, 'Description');
    const values: Values = await this.#values(owner, call, entry);
    const comments = [values['Description'], ...recordingsIn(known?.Description)].filter(Boolean).join('\n');
    const all: Values = {
      ...values,
      CallObject: idemKey.slice(0, MAX_CALL_OBJECT),
      Description: cut(comments, MAX_DESCRIPTION),
    };
    const id = await this.#save(owner, call, known?.Id, await this.#writable(owner, call, all, !known));
    const base = await this.#session.instanceUrl(owner);
    return { id, object: 'Task', name: String(all['Subject'] ?? 'Call'), url: recordUrl(base, 'Task', id) };
  }

  async #find(owner: AccountOwner, call: CrmCall, idemKey: string, field: string): Promise<Task | undefined> {
    const key = soqlText(idemKey.slice(0, MAX_CALL_OBJECT));
    const [task] = await this.#records.query<Task>(
      owner,
      call,
      `SELECT Id, ${field} FROM Task WHERE CallObject = ${key} ORDER BY CreatedDate LIMIT 1`,
    );
    return task;
  }

  /** Once more without whom it was about when Salesforce knows him no more, or this account does not see him. */
  async #save(owner: AccountOwner, call: CrmCall, id: string | undefined, values: Values): Promise<string> {
    const write = async (what: Values): Promise<string> => {
      if (id === undefined) return await this.#records.create(owner, call, 'Task', what);
      await this.#records.update(owner, call, { object: 'Task', id }, what);
      return id;
    };
    try {
      return await write(values);
    } catch (error) {
      const linked = values['WhoId'] !== undefined || values['WhatId'] !== undefined;
      if (!linked || !isLinkProblem(error)) throw error;
      const links = await this.#stillThere(owner, call, values);
      return await write({ ...values, ...links });
    }
  }

  async #stillThere(owner: AccountOwner, call: CrmCall, { WhoId, WhatId }: Values): Promise<Values> {
    const check = async (id: FieldValue | undefined) => {
      if (typeof id !== 'string') return null;
      return await this.#records.read(owner, call, id).then(
        () => id,
        (error: unknown) => {
          if (error instanceof CodedError && ['not-found', 'crm-refused'].includes(error.code)) return null;
          throw error;
        },
      );
    };
    return { WhoId: await check(WhoId), WhatId: await check(WhatId) };
  }

  async #values(owner: AccountOwner, call: CrmCall, entry: CallLogEntry): Promise<Values> {
    return {
      Subject: cut(entry.subject, MAX_SUBJECT) ?? 'Call',
      ActivityDate: new Date(entry.startedAt).toISOString().slice(0, 10),
      Status: await this.#closedStatus(owner, call),
      TaskSubtype: 'Call',
      CallType: CALL_TYPES[entry.direction],
      CallDurationInSeconds: Math.max(0, Math.round(entry.durationSeconds)),
      CallDisposition: cut(entry.disposition ?? '', MAX_DISPOSITION),
      Description: cut(entry.comments, MAX_DESCRIPTION),
      ...(await this.#links(owner, call, entry)),
    };
  }

  /** A lead goes alone: Salesforce refuses a task that is about a lead and something else. A person account is its contact. */
  async #links(owner: AccountOwner, call: CrmCall, { who, what }: CallLogEntry): Promise<Values> {
    if (who?.id.startsWith('00Q')) return { WhoId: who.id, WhatId: null };
    if (!who && what?.id.startsWith('001')) {
      const person = await this.#personContact(owner, call, what.id);
      if (person) return { WhoId: person, WhatId: null };
    }
    return { WhoId: who?.id ?? null, WhatId: what?.id ?? null };
  }

  async #personContact(owner: AccountOwner, call: CrmCall, id: string): Promise<string | undefined> {
    const [described] = await this.#describer.visible(owner, call, ['Account']);
    if (!described?.fields.some(({ name }) => name === 'PersonContactId')) return undefined;
    const [row] = await this.#records.query<{ PersonContactId: string | null }>(
      owner,
      call,
      `SELECT PersonContactId FROM Account WHERE Id = ${soqlText(id)} LIMIT 1`,
    );
    return row?.PersonContactId ?? undefined;
  }

  #closedStatus(owner: AccountOwner, call: CrmCall): Promise<string> {
    return this.#status.get('', async () => {
      const [first] = await this.#records.query<{ ApiName: string }>(
        owner,
        call,
        'SELECT ApiName FROM TaskStatus WHERE IsClosed = true ORDER BY SortOrder LIMIT 1',
      );
      return first?.ApiName ?? 'Completed';
    });
  }

  /** What this account may not write is left out. An empty value of a new task says nothing. */
  async #writable(owner: AccountOwner, call: CrmCall, values: Values, isNew: boolean): Promise<Values> {
    const { fields } = await this.#describer.describe(owner, call, 'Task');
    const may = new Set(
      fields
        .filter(({ createable, updateable }) => (isNew ? createable : updateable))
        .map(({ name }) => name),
    );
    return Object.fromEntries(
      Object.entries(values).filter(([name, value]) => may.has(name) && !(isNew && value === null)),
    );
  }
}

const LINK_PROBLEM =
  /ENTITY_IS_DELETED|INVALID_CROSS_REFERENCE_KEY|FIELD_INTEGRITY_EXCEPTION|INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY|MALFORMED_ID/;

function isLinkProblem(error: unknown): boolean {
  if (!(error instanceof CodedError)) return false;
  return error.code === 'not-found' || LINK_PROBLEM.test(String(error.data['detail'] ?? ''));
}

function recordingsIn(description: string | null | undefined): string[] {
  return (description ?? '').split('\n').filter((line) => line.startsWith(RECORDING));
}

function cut(text: string, length: number): string | null {
  const clean = text.replaceAll('\u0000', '').trim().slice(0, length);
  return clean === '' ? null : clean;
}
