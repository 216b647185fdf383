/**
 * Call logs by REST, one per key: by PUT to an address with the key, or looked up before it is made.
 *
 *     findLog ─┬─ there ──► updateLog ──► the same log
 *              └─ not ────► writeLog, with Idempotency-Key ─┬─ made
 *                                                           └─ conflict: another made it ──► findLog ──► updateLog
 */
import { Serial } from '../../../lib/serial.ts';
import type { CallLogEntry, RecordingLink } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { RecordRef } from '../../../protocol/facts.ts';
import type { CrmCall } from '../connector.ts';
import { textAt, valuesAt } from './json-path.ts';
import { pageUrl, type RestClient } from './rest-client.ts';
import type { RestRecords } from './rest-records.ts';
import type { RestSettings } from './rest-settings.ts';
import type { Json, Values } from './template.ts';

type WriteLog = NonNullable<RestSettings['writeLog']>;
interface KnownLog {
  id: string;
  recordings: readonly Json[];
}

export class RestCallLog {
  readonly #client: RestClient;
  readonly #records: RestRecords;
  readonly #settings: RestSettings;
  /** Writers of one log wait for each other. */
  readonly #writes = new Serial();

  constructor(client: RestClient, records: RestRecords, settings: RestSettings) {
    this.#client = client;
    this.#records = records;
    this.#settings = settings;
  }

  write(call: CrmCall, writeLog: WriteLog, key: string, entry: CallLogEntry): Promise<RecordRef> {
    return this.#writes.run(key, async () => {
      const values = this.#values(key, entry);
      const id = await this.#unlinkedIfGone(call, entry, values, (all) =>
        this.#save(call, writeLog, key, all),
      );
      const url = pageUrl(writeLog.page, { id, key });
      return { id: `log:${id}`, object: 'log', name: entry.subject || 'Call', ...(url ? { url } : {}) };
    });
  }

  /** @throws `not-found` when the log is not written yet. */
  attach(
    call: CrmCall,
    attachRecording: NonNullable<RestSettings['attachRecording']>,
    key: string,
    link: RecordingLink,
  ): Promise<void> {
    return this.#writes.run(key, async () => {
      const { conversationId, recordingId, url, startedAt, durationSeconds } = link;
      const known = await this.#find(call, key);
      if (this.#settings.findLog && !known)
        throw new CodedError('not-found', { what: 'call log in the CRM' });
      if (known?.recordings.includes(url)) return;
      const values = {
        id: known?.id,
        key,
        conversationId,
        recordingId,
        url,
        startedAt: new Date(startedAt).toISOString(),
        durationSeconds,
      };
      await this.#client.send(call, withKey(attachRecording, `${key}:${recordingId}`), values);
    });
  }

  async #save(call: CrmCall, writeLog: WriteLog, key: string, values: Values): Promise<string> {
    const known = await this.#find(call, key);
    if (known) return await this.#change(call, known, values);
    try {
      const answer = await this.#client.send(call, withKey(writeLog, key), values);
      return textAt(writeLog.id, answer) ?? key;
    } catch (error) {
      const made = isCode(error, ['conflict']) ? await this.#find(call, key) : undefined;
      if (!made) throw error;
      return await this.#change(call, made, values);
    }
  }

  async #find(call: CrmCall, key: string): Promise<KnownLog | undefined> {
    const { findLog } = this.#settings;
    if (!findLog) return undefined;
    try {
      const answer = await this.#client.send(call, findLog, { key });
      const id = textAt(findLog.id, answer);
      if (id === undefined) return undefined;
      return { id, recordings: findLog.recordings ? valuesAt(findLog.recordings, answer) : [] };
    } catch (error) {
      if (isCode(error, ['not-found'])) return undefined;
      throw error;
    }
  }

  async #change(call: CrmCall, { id }: KnownLog, values: Values): Promise<string> {
    const { updateLog } = this.#settings;
    if (updateLog) await this.#client.send(call, updateLog, { ...values, id });
    return id;
  }

  /** Once more without whom it was about, when he is gone: the log is worth more than its link. */
  async #unlinkedIfGone(
    call: CrmCall,
    { who, what }: CallLogEntry,
    values: Values,
    save: (values: Values) => Promise<string>,
  ): Promise<string> {
    try {
      return await save(values);
    } catch (error) {
      const linked = values['who.id'] !== null || values['what.id'] !== null;
      if (!linked || !isCode(error, ['crm-refused', 'not-found', 'conflict'])) throw error;
      const gone = {
        ...(who && !(await this.#isThere(call, who)) ? linkOf('who', undefined) : {}),
        ...(what && !(await this.#isThere(call, what)) ? linkOf('what', undefined) : {}),
      };
      if (Object.keys(gone).length === 0) throw error;
      return await save({ ...values, ...gone });
    }
  }

  /** Where it cannot be read, nobody knows. */
  async #isThere(call: CrmCall, { id }: RecordRef): Promise<boolean> {
    if (!this.#settings.read) return false;
    return await this.#records.read(call, id).then(
      () => true,
      (error: unknown) => {
        if (isCode(error, ['not-found', 'crm-refused'])) return false;
        throw error;
      },
    );
  }

  #values(key: string, entry: CallLogEntry): Values {
    const { who, what, startedAt, durationSeconds, ...rest } = entry;
    return {
      ...rest,
      key,
      durationSeconds,
      startedAt: new Date(startedAt).toISOString(),
      startedAtMs: startedAt,
      endedAt: new Date(startedAt + durationSeconds * 1_000).toISOString(),
      ...linkOf('who', this.#addressOf(who)),
      ...linkOf('what', this.#addressOf(what)),
    };
  }

  /** Undefined for none, and for a record of another CRM. */
  #addressOf(ref: RecordRef | null) {
    try {
      return ref ? this.#records.addressOf(ref.id).values : undefined;
    } catch (error) {
      if (isCode(error, ['not-found'])) return undefined;
      throw error;
    }
  }
}

function linkOf(
  name: string,
  address: { id: string; object: string; collection: string } | undefined,
): Values {
  return {
    [`${name}.id`]: address?.id ?? null,
    [`${name}.object`]: address?.object ?? null,
    [`${name}.collection`]: address?.collection ?? null,
  };
}

/** A write that is sent twice is one to whoever looks at the key (draft-ietf-httpapi-idempotency-key-header). */
function withKey<T extends { headers: Record<string, string> }>(request: T, key: string): T {
  const own = Object.keys(request.headers).some((name) => name.toLowerCase() === 'idempotency-key');
  return own ? request : { ...request, headers: { ...request.headers, 'idempotency-key': key } };
}

function isCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof CodedError && codes.includes(error.code);
}
