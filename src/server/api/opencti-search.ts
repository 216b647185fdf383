/** searchAndScreenPop: whose number or name it is, as the user's softphone layout says, and what pops. */
import type { FieldValue, ObjectMeta } from '../../protocol/crm.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { CallType, CallTypeLayout, PopTarget } from '../../protocol/layouts.ts';
import type { AdapterSearchAnswer } from '../../protocol/opencti.ts';
import type { User } from '../callcenter/model.ts';
import { objectsOf, type ScriptName, type ShownObject } from '../callcenter/describe-layout.ts';
import type { Actor, Crm } from '../crm/ports.ts';
import { userRecordId } from './opencti-users.ts';

export interface AdapterSearchOptions {
  crm: Crm;
  users: () => User[];
  scriptName: ScriptName;
}

interface SearchRequest {
  text: string;
  callType: CallType;
  layout: CallTypeLayout;
  user: User;
}

/** Records at most: what more there is, the page of the search shows. */
const LIMIT = 25;
const DEADLINE_MS = 5_000;
/** Alternatives of one search. */
const MAX_PARTS = 5;

/** What the layout shows for a text that an adapter gives: a number in any form, a SIP address, a name, an id. */
export async function searchForAdapter(
  { crm, users, scriptName }: AdapterSearchOptions,
  { text, callType, layout, user }: SearchRequest,
): Promise<AdapterSearchAnswer> {
  const actor: Actor = { userId: user.id, roles: user.roles };
  const shown = objectsOf(layout);
  const [refs, metas] = await Promise.all([
    text.trim() === '' ? [] : findRecords(crm, actor, text, shown, user.country),
    crm.objects(),
  ]);
  const found = await Promise.all(refs.map((ref) => describe(crm, actor, ref, shown, metas)));
  const people = callType === 'internal' ? findUsers(users(), text, shown) : [];
  const all = [...found, ...people].filter((record) => record !== undefined);
  const popped = callType === 'inbound' ? popOf(layout, refs, text, user, scriptName) : null;
  return { records: Object.fromEntries(all.map((record) => [String(record.Id), record])), pop: popped };
}

async function findRecords(
  crm: Crm,
  actor: Actor,
  text: string,
  shown: readonly ShownObject[],
  country: string,
): Promise<RecordRef[]> {
  const objects = shown.map(({ object }) => object);
  const known = new Set((await crm.objects()).map((meta) => meta.name));
  const searched = objects.filter((object) => known.has(object));
  if (searched.length === 0) return [];
  // As in Salesforce's search: `4711 OR +442079460958` is either of both.
  const parts = text.split(/\s+OR\s+/).filter((part) => part.trim() !== '');
  const found = await Promise.all(
    parts.slice(0, MAX_PARTS).map((part) => findPart(crm, actor, part, searched, country)),
  );
  return [...new Map(found.flat().map((ref) => [ref.id, ref])).values()].slice(0, LIMIT);
}

async function findPart(
  crm: Crm,
  actor: Actor,
  text: string,
  searched: readonly string[],
  country: string,
): Promise<RecordRef[]> {
  const options = { limit: LIMIT, deadlineMs: DEADLINE_MS, country };
  const number = numberIn(text);
  const { records } = number === undefined ? { records: [] } : await crm.match(actor, number, options);
  const matched = records.filter((ref) => searched.includes(ref.object));
  if (matched.length > 0) return matched;
  return (await crm.search(actor, number ?? text, { ...options, objects: [...searched] })).records;
}

/** The number in what an adapter calls one: `sip:+4420…@host;user=phone`, `tel:`, or a number typed in any way. */
function numberIn(text: string): string | undefined {
  const user = text
    .trim()
    .replace(/^(sips?|tel):/i, '')
    .replace(/[@;].*$/, '');
  return /^[+(\d][\d\s().\-/x#*+]*$/i.test(user) && user.replace(/\D/g, '').length >= 3 ? user : undefined;
}

async function describe(
  crm: Crm,
  actor: Actor,
  ref: RecordRef,
  shown: readonly ShownObject[],
  metas: readonly ObjectMeta[],
): Promise<Record<string, FieldValue> | undefined> {
  const fields = shown.find(({ object }) => object === ref.object)?.fields ?? [];
  // As Salesforce has it: nothing chosen in the layout, nothing returned.
  if (fields.length === 0) return undefined;
  const [record, meta] = [await crm.read(actor, ref.id), metas.find(({ name }) => name === ref.object)];
  const known = fields.filter((name) => meta?.fields.some((field) => field.name === name));
  return {
    ...Object.fromEntries(known.map((name) => [name, record.fields[name] ?? null])),
    Id: record.id,
    Name: record.name,
    RecordType: record.object,
    LastModifiedDate: new Date(record.updatedAt).toISOString(),
  };
}

/** Colleagues, for internal calls: by extension or by name. */
function findUsers(
  users: readonly User[],
  text: string,
  shown: readonly ShownObject[],
): Record<string, FieldValue>[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '' || !shown.some(({ object }) => object === 'User')) return [];
  const extension = numberIn(text);
  return users
    .filter((user) => !user.disabled)
    .filter((user) => (extension ? user.extension === extension : user.name.toLowerCase().includes(wanted)))
    .slice(0, LIMIT)
    .map((user) => ({
      Id: userRecordId(user.id),
      Name: user.name,
      RecordType: 'User',
      Extension: user.extension,
    }));
}

/** Arguments of screenPop, or null when nothing pops. */
function popOf(
  { pop }: CallTypeLayout,
  refs: readonly RecordRef[],
  text: string,
  user: User,
  scriptName: ScriptName,
): AdapterSearchAnswer['pop'] {
  const [first] = refs;
  const target = !first ? pop.none : refs.length === 1 ? pop.one : pop.many;
  return toScreenPop(target, refs.length === 1 ? first : undefined, text, user, scriptName);
}

function toScreenPop(
  target: PopTarget,
  record: RecordRef | undefined,
  text: string,
  user: User,
  scriptName: ScriptName,
): AdapterSearchAnswer['pop'] {
  const number = numberIn(text);
  switch (target.kind) {
    case 'record':
      return record ? { type: 'sobject', params: { recordId: record.id } } : null;
    case 'search':
      return { type: 'search', params: { searchString: number ?? text } };
    case 'new':
      return {
        type: 'new_record_modal',
        params: { entityName: target.object, ...(number ? { defaultFieldValues: { Phone: number } } : {}) },
      };
    case 'page':
      return {
        type: 'url',
        params: {
          url: fillPage(target.url, {
            ANI: number ?? text,
            CALL_TYPE: 'inbound',
            USER_ID: user.id,
            USER_NAME: user.name,
            RECORD_ID: record?.id ?? '',
            RECORD_OBJECT: record?.object ?? '',
          }),
        },
      };
    case 'script':
      return {
        type: 'flow',
        params: { flowDevName: scriptName(target.scriptId), ...(record ? { recordId: record.id } : {}) },
      };
    default:
      return null;
  }
}

/** What an adapter cannot know (queue, call data) is empty. */
function fillPage(template: string, values: Record<string, string>): string {
  return template.replace(/\{([^{}]*)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}
