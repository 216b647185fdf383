import type { CallLogEntry } from '../../protocol/crm.ts';
import type { JoinedHost } from '../../protocol/crm-hosts.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { Host, HostListener, HostStatus, PopRequest } from './host.ts';
import { KnownRecords } from './known-records.ts';
import type { WrittenLogs } from './written-logs.ts';

/** `Microsoft.CIFramework` of the Channel Integration Framework 2.0, as far as it is used. Answers are JSON in a string. */
export interface CiFramework {
  setMode(mode: 0 | 1 | 2): Promise<unknown>;
  setClickToAct(on: boolean): Promise<unknown>;
  searchAndOpenRecords(entity: string, query: string, searchOnly: boolean): Promise<unknown>;
  openForm(options: string, parameters?: string): Promise<unknown>;
  createRecord(entity: string, data: string): Promise<unknown>;
  updateRecord(entity: string, id: string, data: string): Promise<unknown>;
  addHandler(event: string, handler: (data: string) => Promise<unknown>): unknown;
  canCreateSession?(): Promise<unknown>;
  createSession?(input: object): Promise<unknown>;
}

export interface DynamicsPage {
  /** Loads Microsoft's script and resolves when it is ready (`CIFInitDone`). */
  load(): Promise<CiFramework>;
  /** Name of a session template; each call then has a session of its own in the service workspace. */
  sessionTemplate: string | undefined;
  open(url: string): unknown;
  attended(): boolean;
  onAttention(listener: () => void): () => void;
  /** An id that is the same for the same text, in the form of a GUID. */
  guidOf(text: string): Promise<string>;
}

const DOCKED = 1;
/** Entities that are searched by a number, in this order, with the field of their name. */
const SEARCHED = [
  { entity: 'contact', name: 'fullname' },
  { entity: 'account', name: 'name' },
] as const;
/** State and status of a phone call that is over: completed; made, or received (table phonecall). */
const COMPLETED = 1;
const STATUS = { outbound: 2, inbound: 4, internal: 4 } as const;
/** Dataverse's code of a record that is there already. */
const DUPLICATE = '0x80040237';

/**
 * Dynamics 365 around the softphone, by the Channel Integration Framework.
 *
 *     joining ── script loaded, CIFInitDone ──► joined ── … ;   joining ── not ──► failed
 */
export class DynamicsHost implements Host {
  readonly embedded = true;
  readonly #page: DynamicsPage;
  readonly #logs: WrittenLogs;
  readonly #known = new KnownRecords();
  #framework: Promise<CiFramework> = new Promise(() => undefined);
  #status: HostStatus = { state: 'joining', text: 'Dynamics 365' };
  #listener: HostListener | undefined;
  #connected = false;
  #record: RecordRef | null = null;
  #dialling: boolean | undefined;
  #stop = () => {};

  constructor(page: DynamicsPage, logs: WrittenLogs) {
    this.#page = page;
    this.#logs = logs;
  }

  get status(): HostStatus {
    return this.#status;
  }

  start(listener: HostListener): void {
    this.#listener = listener;
    this.#stop = this.#page.onAttention(() => this.#tellFocus());
    this.#framework = this.#page.load();
    this.#framework.then(
      (framework) => {
        framework.addHandler('onclicktoact', (data) => this.#clicked(data));
        framework.addHandler('onpagenavigate', (data) => this.#navigated(data));
        this.#show({ state: 'joined', text: 'Dynamics 365' });
      },
      (error: unknown) =>
        this.#show({
          state: 'failed',
          text: `Dynamics 365 does not answer: ${messageOf(error)}. An administrator looks at the channel provider and at the origins registered here.`,
        }),
    );
  }

  registered(host: JoinedHost | undefined): void {
    this.#connected = host?.connected ?? false;
  }

  pop(request: PopRequest): void {
    this.#do(async (framework) => {
      await this.#startSession(framework, request);
      await this.#pop(framework, request);
      this.#listener?.popped(request.popId);
    });
  }

  open(record: RecordRef): void {
    this.#do((framework) => framework.openForm(formOf(record)));
  }

  /** Dynamics refreshes its timeline itself. */
  changed(): void {}

  dialState(enabled: boolean): void {
    if (enabled === this.#dialling) return;
    this.#dialling = enabled;
    this.#do((framework) => framework.setClickToAct(enabled));
  }

  ringing(on: boolean): void {
    if (on) this.#do((framework) => framework.setMode(DOCKED));
  }

  signedOut(): void {
    this.#dialling = undefined;
    this.#do((framework) => framework.setClickToAct(false));
  }

  saveLog(key: string, entry: CallLogEntry): Promise<RecordRef> {
    return this.#logs.once(key, async () => {
      const framework = await this.#framework;
      const activityid = await this.#page.guidOf(key);
      const data = { activityid, ...phoneCallOf(entry, this.#known.linksOf(entry)) };
      // The id is the key's own: of two tries one is refused as a duplicate, and that is as good as written.
      await framework.createRecord('phonecall', JSON.stringify(data)).catch((error: unknown) => {
        if (!isDuplicate(error)) throw new Error(messageOf(error));
      });
      const closed = { statecode: COMPLETED, statuscode: STATUS[entry.direction] };
      await framework.updateRecord('phonecall', activityid, JSON.stringify(closed));
      return { id: activityid, object: 'phonecall', name: entry.subject };
    });
  }

  close(): void {
    this.#stop();
    this.#listener = undefined;
  }

  async #pop(framework: CiFramework, request: PopRequest): Promise<void> {
    const { decision, record, number, url, object, prefill } = request;
    if (decision === 'page' && url?.startsWith('https://')) return void this.#page.open(url);
    if (this.#connected && decision === 'record' && record)
      return void (await framework.openForm(formOf(record)));
    const found = await this.#search(framework, number);
    this.#known.found(number, found);
    const [only] = found;
    if (found.length === 1 && only) await framework.openForm(formOf(only));
    else if (found.length > 1)
      await framework.searchAndOpenRecords('contact', queryOf(SEARCHED[0], number), false);
    else {
      const values = prefill ?? { telephone1: number };
      await framework.openForm(
        JSON.stringify({ entityName: object?.toLowerCase() ?? 'contact' }),
        JSON.stringify(values),
      );
    }
  }

  async #search(framework: CiFramework, number: string): Promise<RecordRef[]> {
    const all = await Promise.all(
      SEARCHED.map(async (searched) => {
        const answer = await framework.searchAndOpenRecords(searched.entity, queryOf(searched, number), true);
        return recordsOf(answer, searched);
      }),
    );
    return all.flat();
  }

  async #startSession(framework: CiFramework, { number }: PopRequest): Promise<void> {
    const templateName = this.#page.sessionTemplate;
    if (templateName === undefined || !framework.canCreateSession || !framework.createSession) return;
    if ((await framework.canCreateSession()) !== true) return;
    await framework.createSession({ templateName, templateParameters: { callerNumber: number } });
  }

  #clicked(data: string): Promise<void> {
    const { value } = parse(data);
    if (typeof value === 'string' && value !== '') this.#listener?.dial(value, this.#record ?? undefined);
    return Promise.resolve();
  }

  /** `value`: address of the page, which names a record by `etn` and `id`. */
  #navigated(data: string): Promise<void> {
    const { value } = parse(data);
    const query = typeof value === 'string' && URL.canParse(value) ? new URL(value).searchParams : undefined;
    const [id, object] = [query?.get('id'), query?.get('etn')];
    this.#record = id && object ? { id: id.replace(/[{}]/g, ''), object, name: object } : null;
    if (this.#record) this.#known.saw(this.#record);
    this.#tellFocus();
    return Promise.resolve();
  }

  #tellFocus(): void {
    this.#listener?.focus(this.#page.attended(), this.#record);
  }

  #do(work: (framework: CiFramework) => Promise<unknown>): void {
    this.#framework.then(work).catch((error: unknown) => {
      if (this.#status.state === 'joined')
        this.#show({ state: 'joined', text: `Dynamics 365: ${messageOf(error)}` });
    });
  }

  #show(status: HostStatus): void {
    this.#status = status;
    this.#listener?.changed();
  }
}

/** Microsoft's own samples search by `$search`, the quick find of the entity, which knows its phone fields. */
function queryOf({ name }: { name: string }, number: string): string {
  return `?$select=${name}&$search=${encodeURIComponent(number)}`;
}

function recordsOf(answer: unknown, { entity, name }: { entity: string; name: string }): RecordRef[] {
  return Object.values(parse(answer)).flatMap((value) => {
    const record = (value ?? {}) as Record<string, unknown>;
    const id = record[`${entity}id`] ?? record['id'];
    return typeof id === 'string' ? [{ id, object: entity, name: String(record[name] ?? '') }] : [];
  });
}

function formOf({ id, object }: RecordRef): string {
  return JSON.stringify({ entityName: object.toLowerCase(), entityId: id });
}

/** Columns of the table phonecall. */
function phoneCallOf(entry: CallLogEntry, [link]: readonly RecordRef[]): Record<string, unknown> {
  const outbound = entry.direction === 'outbound';
  const about = link && (link.object === 'contact' || link.object === 'account');
  return {
    subject: entry.subject,
    description: [entry.disposition, entry.comments].filter((text) => text).join('\n'),
    directioncode: outbound,
    phonenumber: outbound ? entry.to : entry.from,
    actualstart: new Date(entry.startedAt).toISOString(),
    actualdurationminutes: Math.ceil(entry.durationSeconds / 60),
    ...(about ? { [`regardingobjectid_${link.object}@odata.bind`]: `/${link.object}s(${link.id})` } : {}),
  };
}

function parse(json: unknown): Record<string, unknown> {
  try {
    const value: unknown = typeof json === 'string' ? JSON.parse(json) : json;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function isDuplicate(error: unknown): boolean {
  return messageOf(error).toLowerCase().includes(DUPLICATE) || /duplicate key/i.test(messageOf(error));
}

function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : String(error);
}
