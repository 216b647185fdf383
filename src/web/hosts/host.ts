import type { CallLogEntry } from '../../protocol/crm.ts';
import type { JoinedHost } from '../../protocol/crm-hosts.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { ToHost } from '../../protocol/host.ts';
import type { Line } from '../../protocol/softphone.ts';

/** What to show for a call: a record, the list of those it can be, or a new contact with the number filled in. */
export type PopRequest = Omit<Extract<ToHost, { type: 'pop' }>, 'crosspoint' | 'type'>;

/** How the page around us answers. `failed`: it does not, and `text` says what to do. */
export interface HostStatus {
  state: 'joining' | 'joined' | 'failed';
  /** Its name, such as Salesforce, or a sentence. */
  text: string;
}

/** What the page around the softphone says. */
export interface HostListener {
  /** Click-to-dial: a number on a record was clicked. */
  dial(number: string, record: RecordRef | undefined): void;
  /** What the agent has in front of him. */
  focus(focused: boolean, record: RecordRef | null): void;
  /** The pop is on the screen. */
  popped(popId: string): void;
  /** `status` says something else now. */
  changed(): void;
  /** The page says who its user is: a signed context (docs/hosts.md). */
  context(context: string): void;
}

/** The page that the softphone lives in: our desktop, a window of its own, another CRM's. */
export interface Host {
  /** True when the host shows what is around it, so that the softphone needs no title of its own. */
  readonly embedded: boolean;
  readonly status: HostStatus;
  start(listener: HostListener): void;
  pop(request: PopRequest): void;
  /** The agent asked to see this record. */
  open(record: RecordRef): void;
  /** These records were written: refresh what shows them. */
  changed(recordIds: string[]): void;
  dialState(enabled: boolean, text: string): void;
  /** A call rings (show the softphone if it is hidden), or none does any more. */
  ringing(on: boolean): void;
  signedOut(): void;
  /** Idempotent. */
  close(): void;
  /** What our server knows of this CRM; undefined: nobody has registered it. */
  registered?(host: JoinedHost | undefined): void;
  signedIn?(): void;
  /** For a CRM that follows the calls itself. */
  calls?(lines: readonly Line[]): void;
  /** Writes a call's log into this CRM, once per key. Rejects with the CRM's own words. */
  saveLog?(key: string, entry: CallLogEntry): Promise<RecordRef>;
  /** Asks this CRM who its user is: a signed context, or undefined when it does not say. */
  askContext?(): Promise<string | undefined>;
}
