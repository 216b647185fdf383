import type { RecordRef } from '../../protocol/facts.ts';
import type { ToHost } from '../../protocol/host.ts';

/** What to show for a call: a record, the list of those it can be, or a new contact with the number filled in. */
export type PopRequest = Omit<Extract<ToHost, { type: 'pop' }>, 'crosspoint' | 'type'>;

/** What the page around the softphone says. */
export interface HostListener {
  /** Click-to-dial: a number on a record was clicked. */
  dial(number: string, record: RecordRef | undefined): void;
  /** What the agent has in front of him. */
  focus(focused: boolean, record: RecordRef | null): void;
  /** The pop is on the screen. */
  popped(popId: string): void;
}

/** The page that the softphone lives in: our desktop, a window of its own, later other CRMs. */
export interface Host {
  /** True when the host shows what is around it, so that the softphone needs no title of its own. */
  readonly embedded: boolean;
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
}
