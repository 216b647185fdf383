import type { CallLogEntry } from '../../protocol/crm.ts';
import type { JoinedHost } from '../../protocol/crm-hosts.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { Host, HostListener, HostStatus, PopRequest } from './host.ts';
import { KnownRecords } from './known-records.ts';
import type { SalesforceApi, SalesforcePop } from './salesforce-api.ts';
import { taskOf } from './salesforce-task.ts';
import type { WrittenLogs } from './written-logs.ts';

/** The Apex class and method that sign who the user is (docs/salesforce.md). */
const APEX = { class: 'CrosspointSignIn', method: 'token' };
const NAME = 'Crosspoint';

export interface SalesforcePage {
  /** Origin of Salesforce's page around us. */
  origin: string;
  loadScript(src: string): Promise<void>;
  open(url: string): unknown;
  /** Somebody looks at this tab. */
  attended(): boolean;
  onAttention(listener: () => void): () => void;
}

/**
 * Salesforce around the softphone, by Open CTI. Its script comes from the page around us, which is the one that may frame us.
 *
 *     joining ── script loaded, joined ──► joined        what is asked for while joining is done afterwards
 *        └── no script, no call center ──► failed: said in the health panel
 */
export class SalesforceHost implements Host {
  readonly embedded = true;
  readonly #api: SalesforceApi;
  readonly #page: SalesforcePage;
  readonly #logs: WrittenLogs;
  readonly #known = new KnownRecords();
  #joined: Promise<void> = Promise.resolve();
  #status: HostStatus = { state: 'joining', text: 'Salesforce' };
  #listener: HostListener | undefined;
  #connected = false;
  #record: RecordRef | null = null;
  #dialling: boolean | undefined;
  #stop = () => {};

  constructor(api: SalesforceApi, page: SalesforcePage, logs: WrittenLogs) {
    this.#api = api;
    this.#page = page;
    this.#logs = logs;
  }

  get status(): HostStatus {
    return this.#status;
  }

  start(listener: HostListener): void {
    this.#listener = listener;
    this.#stop = this.#page.onAttention(() => this.#tellFocus());
    this.#joined = this.#join();
    this.#joined.then(
      () => this.#show({ state: 'joined', text: 'Salesforce' }),
      (error: unknown) => this.#show({ state: 'failed', text: helpFor(error) }),
    );
  }

  registered(host: JoinedHost | undefined): void {
    this.#connected = host?.connected ?? false;
  }

  pop(request: PopRequest): void {
    this.#whenJoined(async () => {
      await this.#pop(request);
      this.#listener?.popped(request.popId);
    });
  }

  open(record: RecordRef): void {
    this.#whenJoined(() => this.#api.pop({ to: 'record', recordId: record.id }));
  }

  changed(): void {
    this.#whenJoined(() => this.#api.refresh());
  }

  dialState(enabled: boolean): void {
    if (enabled === this.#dialling) return;
    this.#dialling = enabled;
    this.#whenJoined(() => this.#api.clickToDial(enabled));
  }

  ringing(on: boolean): void {
    this.#whenJoined(async () => {
      if (on) await this.#api.show();
      await this.#api.label(on ? 'Incoming call' : NAME, on ? 'incoming_call' : 'call');
    });
  }

  signedOut(): void {
    this.#dialling = undefined;
    this.#whenJoined(() => this.#api.clickToDial(false));
  }

  saveLog(key: string, entry: CallLogEntry): Promise<RecordRef> {
    return this.#logs.once(key, async () => {
      await this.#joined;
      const fields = taskOf(key, entry, this.#known.linksOf(entry));
      const id = await this.#api.saveTask(fields);
      this.#whenJoined(() => this.#api.refresh());
      return { id, object: 'Task', name: entry.subject };
    });
  }

  async askContext(): Promise<string | undefined> {
    await this.#joined;
    const context = await this.#api.runApex(APEX.class, APEX.method);
    return typeof context === 'string' && context !== '' ? context : undefined;
  }

  close(): void {
    this.#stop();
    this.#listener = undefined;
  }

  async #join(): Promise<void> {
    await this.#page.loadScript(this.#page.origin + this.#api.script);
    await this.#api.join(
      ({ number, record }) => {
        if (record) this.#known.saw(record);
        this.#listener?.dial(number, record);
      },
      (record) => this.#looksAt(record),
    );
    await this.#api.label(NAME, 'call');
  }

  #looksAt(record: RecordRef | null): void {
    if (record) this.#known.saw(record);
    this.#record = record;
    this.#tellFocus();
  }

  #tellFocus(): void {
    this.#listener?.focus(this.#page.attended(), this.#record);
  }

  async #pop(request: PopRequest): Promise<void> {
    if (request.decision === 'page' && request.url?.startsWith('https://')) {
      this.#page.open(request.url);
      return;
    }
    if (this.#connected) return void (await this.#api.pop(placeOf(request)));
    // Our server knows nothing of what Salesforce has: Salesforce searches, and pops as its own layout says.
    this.#known.found(request.number, await this.#api.popByNumber(request.number, 'inbound'));
  }

  /** What fails here, fails in Salesforce's page: the softphone goes on, and the health panel says so. */
  #whenJoined(work: () => Promise<unknown>): void {
    this.#joined.then(work).catch((error: unknown) => {
      if (this.#status.state === 'joined')
        this.#show({ state: 'joined', text: `Salesforce: ${messageOf(error)}` });
    });
  }

  #show(status: HostStatus): void {
    this.#status = status;
    this.#listener?.changed();
  }
}

function placeOf({ decision, record, number, object, prefill, url }: PopRequest): SalesforcePop {
  if (decision === 'record' && record) return { to: 'record', recordId: record.id };
  if (decision === 'new')
    return { to: 'new', object: object ?? 'Contact', values: prefill ?? { Phone: number } };
  if (decision === 'page' && url !== undefined) return { to: 'path', path: url };
  return { to: 'search', text: number };
}

function helpFor(error: unknown): string {
  return `Salesforce does not answer: ${messageOf(error)}. An administrator looks whether this page's origin is registered here and the user belongs to the call center in Salesforce.`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
