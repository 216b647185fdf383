/**
 * What the softphone layout of each user makes of a call: which records and fields it shows, what pops and when. A conversation
 * keeps the layouts that held when it began (DESIGN section 7, rule 9); the next one has those of now.
 */
import type { Clock } from '../../lib/clock.ts';
import { DeadlineError, withDeadline } from '../../lib/deadline.ts';
import { type CrmRecord, type ObjectMeta, pageFields } from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { Direction, RecordRef } from '../../protocol/facts.ts';
import { SCRIPT_KEY } from '../../protocol/flows.ts';
import type { CallTypeLayout, PopRules, PopTarget } from '../../protocol/layouts.ts';
import type { Line, MatchedRecord, Pop } from '../../protocol/softphone.ts';
import type { LayoutSet } from '../callcenter/layouts.ts';
import type { Actor, Crm } from '../crm/ports.ts';
import type { Call, Conversation, Match } from '../telephony/model.ts';
import { newRecord, type PopShown, popShown, type PopSubject, type UrlValues } from './pop-target.ts';
import type { ServingCrms, SoftphonePlatforms, SoftphoneSettings } from './ports.ts';
import { peerOf, queueOf } from './user-calls.ts';

/** Where the layouts come from: `Layouts` of the call center fits as it is. */
export interface LayoutSource {
  now(): LayoutSet;
  at(instant: number): Promise<LayoutSet>;
}

export interface CallLayoutsOptions {
  layouts: LayoutSource;
  crm: Pick<Crm, 'objects' | 'read' | 'rights'>;
  crms: Pick<ServingCrms, 'viewOf'>;
  settings: SoftphoneSettings;
  platforms: Pick<SoftphonePlatforms, 'queueLabel'>;
  clock: Clock;
  /** Fields of a record that the user's line shows were read. */
  onChanged(userId: string): void;
  onError: (what: string, error: unknown, ids: { conversationId?: string; userId?: string }) => void;
}

/** Records shown at most. */
const MAX_RECORDS = 10;
/** How long the CRM may take for the fields of one record, in milliseconds. */
const READ_DEADLINE_MS = 2_000;
/** After that, the names of objects and fields are asked for anew, in milliseconds. */
const META_AGE_MS = 30_000;

type Shown = NonNullable<MatchedRecord['fields']>;

export class CallLayouts {
  readonly #o: CallLayoutsOptions;
  readonly #began = new WeakMap<Conversation, LayoutSet>();
  /** Fields that were read, by conversation, then by user and record. */
  readonly #read = new WeakMap<Conversation, Map<string, Shown>>();
  #meta = new Map<string, ObjectMeta>();
  #metaAt = Number.NEGATIVE_INFINITY;

  constructor(options: CallLayoutsOptions) {
    this.#o = options;
  }

  /** Conversations that began before the process did get the layouts of then. */
  async restore(conversations: readonly Conversation[]): Promise<void> {
    for (const conversation of conversations)
      this.#began.set(conversation, await this.#o.layouts.at(conversation.startedAt));
  }

  /** Something happened in it: at first it gets its layouts. */
  note(conversation: Conversation): void {
    if (this.#began.has(conversation)) return;
    this.#began.set(conversation, this.#o.layouts.now());
    this.#refreshMeta();
  }

  /** What the user's layout says about calls of this type. */
  of(conversation: Conversation, userId: string, type: Direction): CallTypeLayout {
    const profileId = this.#o.settings.user(userId)?.profileId ?? null;
    return this.#set(conversation).of({ id: userId, profileId })[type];
  }

  /** What was found by the number, as far as his layout searches it, its first object first. */
  matchOf(conversation: Conversation, userId: string): Match | undefined {
    const match = this.#matchFor(conversation, userId);
    const call = match && conversation.calls.get(match.callId);
    if (!match || !call) return undefined;
    const { objects } = this.of(conversation, userId, call.direction);
    const seen = match.records.filter(({ object }) => this.#mayRead(userId, object));
    // Who has said who he is, is shown as that, whatever the layout makes of telephone numbers.
    if (objects === null || match.by) return cut(match, seen);
    const order = new Map(objects.map(({ object }, index) => [object, index]));
    const found = seen.filter(({ object }) => order.has(object));
    return cut(
      match,
      found.sort((a, b) => (order.get(a.object) ?? 0) - (order.get(b.object) ?? 0)),
    );
  }

  /** What was found as this user may see it. */
  #matchFor(conversation: Conversation, userId: string): Match | undefined {
    const { crms } = this.#o;
    if (crms.viewOf(userId) === crms.viewOf()) return conversation.match;
    return conversation.matches.get(userId);
  }

  /** The matches with the fields to show, as far as they have been read. */
  shownMatches(conversation: Conversation, userId: string): (Line['match'] & { callId: string }) | undefined {
    const match = this.matchOf(conversation, userId);
    if (!match) return undefined;
    const read = this.#read.get(conversation);
    const records = match.records.map((record) => {
      const fields = read?.get(keyOf(userId, record));
      return fields && fields.length > 0 ? { ...record, fields } : record;
    });
    return { callId: match.callId, status: match.status, records, more: match.more };
  }

  /** Reads what the user's layout shows of the records that match, as he may see it, each once. */
  readFields(conversation: Conversation, userId: string): void {
    const match = this.matchOf(conversation, userId);
    const call = match && conversation.calls.get(match.callId);
    const objects = call && this.of(conversation, userId, call.direction).objects;
    if (!match || !objects) return;
    const read = this.#read.get(conversation) ?? new Map<string, Shown>();
    this.#read.set(conversation, read);
    for (const record of match.records) {
      const fields = objects.find(({ object }) => object === record.object)?.fields ?? [];
      const key = keyOf(userId, record);
      if (fields.length === 0 || read.has(key)) continue;
      read.set(key, []);
      this.#fieldsOf(record, fields, userId).then(
        (shown) => {
          read.set(key, shown);
          this.#o.onChanged(userId);
        },
        (error: unknown) => {
          if (!(error instanceof CodedError) && !(error instanceof DeadlineError))
            this.#o.onError('read the fields of a match', error, { conversationId: conversation.id, userId });
        },
      );
    }
  }

  /** When and where it pops for this user. Who is given an outbound call gets it like one that comes in. */
  popRules(conversation: Conversation, call: Call, userId: string): PopRules {
    const given = call.direction === 'outbound' && call.userId !== userId;
    const { pop } = this.of(conversation, userId, given ? 'inbound' : call.direction);
    return given ? { ...pop, none: { kind: 'nothing' } } : pop;
  }

  /** What the layout pops for the call, or undefined. */
  pop(conversation: Conversation, call: Call, userId: string): (PopShown & Pick<Pop, 'open'>) | undefined {
    const match = this.matchOf(conversation, userId);
    if (match?.callId !== call.id || match.status !== 'done') return undefined;
    const rules = this.popRules(conversation, call, userId);
    const scriptId = conversation.data.get(SCRIPT_KEY);
    const target: PopTarget =
      scriptId?.from === 'ivr' && scriptId.value !== ''
        ? { kind: 'script', scriptId: scriptId.value }
        : targetOf(rules, match);
    const shown = popShown(target, this.#subject(conversation, call, userId, match));
    return shown && { ...shown, open: rules.open };
  }

  /** What a button that asks for the pop would show: there where nothing pops by itself, or something has. */
  popChoice(conversation: Conversation, call: Call | undefined, userId: string): Line['popChoice'] {
    const match = this.#matchFor(conversation, userId);
    if (!call || match?.callId !== call.id || match.status !== 'done') return undefined;
    const decided = this.pop(conversation, call, userId);
    return decided && { decision: decided.decision, ...(decided.object ? { object: decided.object } : {}) };
  }

  /** The same when he asks for it: this record, else what the layout says, else what there is. */
  popByHand(
    conversation: Conversation,
    call: Call,
    userId: string,
    record: RecordRef | undefined,
  ): PopShown & Pick<Pop, 'open'> {
    const { open } = this.popRules(conversation, call, userId);
    const number = peerOf(call, userId).value;
    if (record) return { decision: 'record', record, number, open };
    const decided = this.pop(conversation, call, userId);
    if (decided) return decided;
    const found = this.matchOf(conversation, userId)?.records ?? [];
    if (found.length === 1) return { decision: 'record', record: found[0], number, open };
    if (found.length > 1) return { decision: 'list', number, open };
    return { ...newRecord('Contact', number, { phoneField: (object) => this.#phoneField(object) }), open };
  }

  /** The call as texts and addresses may name it. */
  callValues(conversation: Conversation, call: Call, userId: string): UrlValues {
    const { settings, platforms } = this.#o;
    const single = singleOf(this.matchOf(conversation, userId));
    const queue = queueOf(
      conversation,
      call,
      userId,
      (id) => settings.queue(id)?.label ?? platforms.queueLabel?.(id) ?? id,
    );
    return {
      ANI: call.ani.value,
      DNIS: call.dnis.value,
      QUEUE: queue?.label ?? '',
      QUEUE_ID: queue?.id ?? '',
      CALL_TYPE: call.direction,
      CALL_ID: conversation.id,
      USER_ID: userId,
      USER_NAME: settings.user(userId)?.name ?? '',
      RECORD_ID: single?.id ?? '',
      RECORD_OBJECT: single?.object ?? '',
    };
  }

  #subject(conversation: Conversation, call: Call, userId: string, match: Match): PopSubject {
    return {
      peer: peerOf(call, userId),
      single: singleOf(match),
      values: this.callValues(conversation, call, userId),
      data: (key) => conversation.data.get(key)?.value,
      phoneField: (object) => this.#phoneField(object),
      allows: (url) => this.#set(conversation).allows(url),
    };
  }

  /** The number was looked up before it was known who would get the call. */
  #mayRead(userId: string, object: string): boolean {
    return this.#o.crm.rights?.(this.#actor(userId), object).read ?? true;
  }

  #actor(userId: string): Actor {
    return { userId, roles: this.#o.settings.user(userId)?.roles ?? [] };
  }

  #set(conversation: Conversation): LayoutSet {
    return this.#began.get(conversation) ?? this.#o.layouts.now();
  }

  // ── Names of fields ───────────────────────────────────────────────────────────────────────────────────────────────

  #phoneField(object: string): string {
    const meta = this.#meta.get(object);
    return (meta && pageFields(meta).find(({ type }) => type === 'phone')?.name) ?? 'Phone';
  }

  /** In the background: a call never waits for it. */
  #refreshMeta(): void {
    const now = this.#o.clock.now();
    if (now - this.#metaAt < META_AGE_MS) return;
    this.#metaAt = now;
    this.#o.crm.objects().then(
      (objects) => {
        this.#meta = new Map(objects.map((object) => [object.name, object]));
      },
      () => {
        this.#metaAt = Number.NEGATIVE_INFINITY;
      },
    );
  }

  async #fieldsOf({ id, object }: RecordRef, names: readonly string[], userId: string): Promise<Shown> {
    const reading = this.#o.crm.read(this.#actor(userId), id);
    const record = await withDeadline(this.#o.clock, READ_DEADLINE_MS, 'The CRM', reading);
    return names.flatMap((name) => {
      const label = this.#meta.get(object)?.fields.find((field) => field.name === name)?.label ?? name;
      const value = textOf(record, name);
      return value === '' ? [] : [{ label, value }];
    });
  }
}

/** The one record that matches, when there is only one. */
function singleOf(match: Match | undefined): RecordRef | undefined {
  return match?.records.length === 1 && !match.more ? match.records[0] : undefined;
}

function targetOf(rules: PopRules, { records, more }: Match): PopTarget {
  if (records.length === 0) return rules.none;
  return records.length === 1 && !more ? rules.one : rules.many;
}

/** `more`: the number has others than these. */
function cut(match: Match, records: RecordRef[]): Match {
  return {
    ...match,
    records: records.slice(0, MAX_RECORDS),
    more: (match.more && records.length > 0) || records.length > MAX_RECORDS,
  };
}

function textOf({ fields, names }: CrmRecord, name: string): string {
  const value = fields[name] ?? '';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return (typeof value === 'string' && names[value]) || String(value);
}

function keyOf(userId: string, { id }: RecordRef): string {
  return `${userId} ${id}`;
}
