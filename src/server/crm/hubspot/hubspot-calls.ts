/**
 * Call logs as call engagements ("Calls API"): one per key, by a property of ours whose values HubSpot keeps unique, so that an upsert that is
 * sent twice, or whose answer was lost, is one call. Its search would learn of the first one too late.
 */
import type { Clock } from '../../../lib/clock.ts';
import { Serial } from '../../../lib/serial.ts';
import type { CallLogEntry, RecordingLink } from '../../../protocol/crm.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { RecordRef } from '../../../protocol/facts.ts';
import { Brief } from '../brief.ts';
import type { CrmCall } from '../connector.ts';
import type { HubSpotClient } from './hubspot-client.ts';
import { isCode } from './hubspot-errors.ts';
import { addressOf, type HubSpotObjects, type Row } from './hubspot-objects.ts';

export interface HubSpotCallsOptions {
  client: HubSpotClient;
  objects: HubSpotObjects;
  clock: Clock;
  /** The e-mail address by which HubSpot knows the user. */
  emailOf(userId: string): string | undefined;
}

const KEY = 'crosspoint_call_key';
const CALL_TYPE_ID = '0-48';
const AGE_MS = 300_000;
const MAX_TITLE = 255;
const MAX_BODY = 65_000;
const RECORDING = 'Recording: ';
const BREAK = '<br>';

export class HubSpotCalls {
  readonly #o: HubSpotCallsOptions;
  readonly #owners: Brief<string | undefined>;
  readonly #outcomes: Brief<Map<string, string>>;
  /** Writers of one log wait for each other. */
  readonly #writes = new Serial();

  constructor(options: HubSpotCallsOptions) {
    this.#o = options;
    const { clock } = options;
    this.#owners = new Brief({ clock, ageMs: AGE_MS, max: 500 });
    this.#outcomes = new Brief({ clock, ageMs: AGE_MS, max: 1 });
  }

  write(call: CrmCall, key: string, entry: CallLogEntry): Promise<RecordRef> {
    return this.#writes.run(key, async () => {
      const known = await this.#find(call, key);
      const properties = await this.#properties(call, entry, recordingsIn(known));
      const id = await this.#upsert(call, key, properties);
      for (const about of [entry.who, entry.what]) if (about) await this.#associate(call, id, about);
      const url = await this.#o.objects.pageUrl(call, CALL_TYPE_ID, id);
      return { id: `calls:${id}`, object: 'calls', name: properties['hs_call_title'] ?? '', url };
    });
  }

  /** The first recording is the call's own; others stand in its text. @throws `not-found` when the log is not written yet. */
  attach(call: CrmCall, key: string, { url }: RecordingLink): Promise<void> {
    return this.#writes.run(key, async () => {
      const known = await this.#find(call, key);
      if (!known) throw new CodedError('not-found', { what: 'call log in HubSpot' });
      const { hs_call_recording_url: first, hs_call_body: body } = known.properties;
      const line = `${RECORDING}${escaped(url)}`;
      if (first === url || (body ?? '').split(BREAK).includes(line)) return;
      const properties = first
        ? { hs_call_body: [body, line].filter(Boolean).join(BREAK) }
        : { hs_call_recording_url: url };
      await this.#o.client.request(call, {
        method: 'PATCH',
        path: `/crm/v3/objects/calls/${known.id}`,
        body: { properties },
      });
    });
  }

  /** By the unique property, which is read at once. */
  async #find(call: CrmCall, key: string): Promise<Row | undefined> {
    const query = `idProperty=${KEY}&properties=hs_call_body,hs_call_recording_url`;
    try {
      const path = `/crm/v3/objects/calls/${encodeURIComponent(key)}?${query}`;
      return await this.#o.client.request<Row>(call, { method: 'GET', path });
    } catch (error) {
      if (isCode(error, 'not-found') || isNoProperty(error)) return undefined;
      throw error;
    }
  }

  async #upsert(call: CrmCall, key: string, properties: Record<string, string>): Promise<string> {
    const send = () =>
      this.#o.client.request<{ results: Row[]; errors?: { message?: string }[] }>(call, {
        method: 'POST',
        path: '/crm/v3/objects/calls/batch/upsert',
        body: { inputs: [{ idProperty: KEY, id: key, properties: { ...properties, [KEY]: key } }] },
      });
    const answer = await send().catch(async (error: unknown) => {
      if (!isNoProperty(error)) throw error;
      await this.#makeProperty(call);
      return await send();
    });
    const [row] = answer.results;
    if (row) return row.id;
    const detail = answer.errors?.[0]?.message ?? 'it gives no reason.';
    throw new CodedError('crm-refused', { crm: 'HubSpot', detail });
  }

  /** Once per account, with the first log. Who made it meanwhile made the same. */
  async #makeProperty(call: CrmCall): Promise<void> {
    const make = async (path: string, body: object) => {
      await this.#o.client.request(call, { method: 'POST', path, body }).catch((error: unknown) => {
        if (!isCode(error, 'crm-refused', /exist|CONFLICT/i)) throw error;
      });
    };
    await make('/crm/v3/properties/calls/groups', { name: 'crosspoint', label: 'Crosspoint' });
    await make('/crm/v3/properties/calls', {
      name: KEY,
      label: 'Crosspoint key',
      description: 'One per conversation and user: by it a call is logged once.',
      groupName: 'crosspoint',
      type: 'string',
      fieldType: 'text',
      hasUniqueValue: true,
      hidden: true,
    });
  }

  /** Associated already is as good; a record that is gone is left out. */
  async #associate(call: CrmCall, id: string, about: RecordRef): Promise<void> {
    try {
      const to = addressOf(about.id);
      const path = `/crm/v4/objects/calls/${id}/associations/default/${to.object}/${to.id}`;
      await this.#o.client.request(call, { method: 'PUT', path });
    } catch (error) {
      if (!isCode(error, 'not-found') && !isCode(error, 'crm-refused', /not valid|exist|INVALID_OBJECT_ID/i))
        throw error;
    }
  }

  async #properties(
    call: CrmCall,
    entry: CallLogEntry,
    recordings: readonly string[],
  ): Promise<Record<string, string>> {
    const { userId, direction, from, to, startedAt, durationSeconds, subject, comments, disposition } = entry;
    const outcome = disposition === null ? undefined : await this.#outcome(call, disposition);
    const said = disposition !== null && outcome === undefined ? `Outcome: ${disposition}` : '';
    const owner = await this.#owner(call, userId);
    const text = escaped([comments, said].filter(Boolean).join('\n'));
    return {
      hs_timestamp: new Date(startedAt).toISOString(),
      hs_call_title: (subject.trim() || 'Call').slice(0, MAX_TITLE),
      hs_call_body: [cut(text), ...recordings].filter(Boolean).join(BREAK),
      hs_call_duration: String(Math.max(0, Math.round(durationSeconds * 1_000))),
      hs_call_from_number: from,
      hs_call_to_number: to,
      hs_call_status: 'COMPLETED',
      hs_call_disposition: outcome ?? '',
      ...(direction === 'internal' ? {} : { hs_call_direction: direction.toUpperCase() }),
      ...(owner === undefined ? {} : { hubspot_owner_id: owner }),
    };
  }

  /** HubSpot names outcomes by ids of the account ("GET /calling/v1/dispositions"). */
  async #outcome(call: CrmCall, label: string): Promise<string | undefined> {
    const all = await this.#outcomes.get('', async () => {
      const found = await this.#o.client.request<{ id: string; label: string; deleted?: boolean }[]>(call, {
        method: 'GET',
        path: '/calling/v1/dispositions',
      });
      return new Map(found.filter(({ deleted }) => !deleted).map((one) => [one.label.toLowerCase(), one.id]));
    });
    return all.get(label.trim().toLowerCase());
  }

  async #owner(call: CrmCall, userId: string): Promise<string | undefined> {
    const email = this.#o.emailOf(userId);
    if (email === undefined) return undefined;
    return await this.#owners.get(email, async () => {
      const path = `/crm/v3/owners?limit=1&email=${encodeURIComponent(email)}`;
      const { results } = await this.#o.client.request<{ results: { id: string }[] }>(call, {
        method: 'GET',
        path,
      });
      return results[0]?.id;
    });
  }
}

function isNoProperty(error: unknown): boolean {
  return isCode(error, 'crm-refused', new RegExp(KEY));
}

function recordingsIn(known: Row | undefined): string[] {
  return (known?.properties['hs_call_body'] ?? '').split(BREAK).filter((line) => line.startsWith(RECORDING));
}

/** The body is rich text. */
function escaped(text: string): string {
  const html = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return html.replaceAll('\u0000', '').replace(/\r?\n/g, BREAK);
}

/** Not within an entity or a tag. */
function cut(html: string): string {
  return html.length <= MAX_BODY ? html : html.slice(0, MAX_BODY).replace(/[&<][^;>]*$/, '');
}
