import { type FromHost, ToHost } from '../../protocol/host.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { PopPlace } from '../../protocol/layouts.ts';
import { popPath, recordPath as pathOf } from '../hosts/pop-path.ts';

/** How many pops are remembered, so that a repeated one is answered but not done again. */
const REMEMBERED_POPS = 50;

export interface HostHandlers {
  /** Shows what the pop asks for, where it asks for it, never over unsaved changes. `record`: whose page it is. */
  pop(path: string, title: string, record: RecordRef | undefined, open: PopPlace): void;
  /** Begins the script at this address beside the record, if one matches. */
  script(path: string, record: RecordRef | undefined, open: PopPlace): void;
  /** The person asked to see this. */
  open(path: string, record: RecordRef): void;
  changed(recordIds: string[]): void;
  dialState(enabled: boolean, text: string): void;
  ringing(on: boolean): void;
  signedOut(): void;
}

/** What the person has in front of him. */
export interface Focus {
  focused: boolean;
  record: RecordRef | null;
}

/** A message as a window gets it. */
export interface IncomingMessage {
  origin: string;
  source: unknown;
  data: unknown;
}

/**
 * The host's end of protocol/host.ts: talks with the softphone in an iframe of our own origin. Messages of another
 * origin, of another window or of a wrong shape are ignored.
 *
 *     waiting ── ready ──► joined (host and focus are sent; again after each reload of the iframe)
 */
export class SoftphoneHost {
  readonly #frame: () => Window | null;
  readonly #origin: string;
  readonly #handlers: HostHandlers;
  readonly #popped: string[] = [];
  #focus: Focus = { focused: false, record: null };
  #joined = false;

  /** @param frame the iframe's window, once it is there. @param origin the only origin that is listened to and sent to. */
  constructor(frame: () => Window | null, origin: string, handlers: HostHandlers) {
    this.#frame = frame;
    this.#origin = origin;
    this.#handlers = handlers;
  }

  /** Takes a message from `window`'s message event. */
  receive({ origin, source, data }: IncomingMessage): void {
    if (origin !== this.#origin || source === null || source !== this.#frame()) return;
    const parsed = ToHost.safeParse(data);
    if (parsed.success) this.#handle(parsed.data);
  }

  /** Click-to-dial. Returns false while there is no softphone to take it. */
  dial(number: string): boolean {
    if (!this.#joined) return false;
    const record = this.#focus.record ?? undefined;
    this.#send({ crosspoint: 1, type: 'dial', number, record });
    return true;
  }

  /** Tells what the person looks at now; what did not change is not sent. */
  setFocus(focus: Focus): void {
    const same = focus.focused === this.#focus.focused && focus.record?.id === this.#focus.record?.id;
    if (same && focus.record?.name === this.#focus.record?.name) return;
    this.#focus = focus;
    if (this.#joined) this.#sendFocus();
  }

  #handle(message: ToHost): void {
    switch (message.type) {
      case 'ready':
        this.#joined = true;
        this.#send({ crosspoint: 1, type: 'host', canPop: true });
        this.#sendFocus();
        break;
      case 'pop':
        this.#pop(message);
        break;
      case 'open':
        this.#handlers.open(pathOf(message.record), message.record);
        break;
      case 'changed':
        this.#handlers.changed(message.recordIds);
        break;
      case 'dial-state':
        this.#handlers.dialState(message.enabled, message.text);
        break;
      case 'ringing':
        this.#handlers.ringing(message.on);
        break;
      case 'sign-in-wanted':
        // Our own pages share the cookie: the softphone asks for a password itself.
        break;
      case 'signed-out':
        this.#handlers.signedOut();
        break;
    }
  }

  #pop(pop: Extract<ToHost, { type: 'pop' }>): void {
    if (!this.#popped.includes(pop.popId)) {
      this.#popped.push(pop.popId);
      this.#popped.splice(0, this.#popped.length - REMEMBERED_POPS);
      const path = popPath(pop);
      const record = pop.decision === 'record' ? pop.record : undefined;
      if (pop.decision === 'script') this.#handlers.script(path, pop.record, pop.open);
      else this.#handlers.pop(path, pop.record?.name ?? pop.number, record, pop.open);
    }
    this.#send({ crosspoint: 1, type: 'popped', popId: pop.popId });
  }

  #sendFocus(): void {
    this.#send({ crosspoint: 1, type: 'focus', ...this.#focus });
  }

  #send(message: FromHost): void {
    this.#frame()?.postMessage(message, this.#origin);
  }
}

export { pathOf };
