import { FromHost, type ToHost } from '../../protocol/host.ts';
import { unreachable } from '../../lib/must.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { Host, HostListener, HostStatus, PopRequest } from './host.ts';

/** The two windows, as far as they are used: ours listens, the one around us is spoken to. */
export interface FrameWindows {
  self: {
    addEventListener(event: 'message', listener: (event: MessageEvent) => void): void;
    removeEventListener(event: 'message', listener: (event: MessageEvent) => void): void;
  };
  parent: { postMessage(message: unknown, origin: string): void };
}

type Unmarked<M> = M extends ToHost ? Omit<M, 'crosspoint'> : never;

/**
 * The page around the softphone's iframe that speaks our own messages (protocol/host.ts): our desktop, or a home-grown CRM that an
 * administrator has registered. Only messages of its origin, from the parent window and of the right shape count.
 *
 *     joining ── any message of its ──► joined
 */
export class DesktopHost implements Host {
  readonly embedded = true;
  readonly #windows: FrameWindows;
  readonly #origin: string;
  readonly #name: string;
  #listener: HostListener | undefined;
  #joined = false;

  /** @param origin of the page around us. @param name of it, for people. */
  constructor(windows: FrameWindows, origin: string, name = 'Crosspoint') {
    this.#name = name;
    this.#windows = windows;
    this.#origin = origin;
  }

  get status(): HostStatus {
    return { state: this.#joined ? 'joined' : 'joining', text: this.#name };
  }

  start(listener: HostListener): void {
    this.#listener = listener;
    this.#windows.self.addEventListener('message', this.#receive);
    this.#send({ type: 'ready' });
  }

  pop(request: PopRequest): void {
    this.#send({ type: 'pop', ...request });
  }

  open(record: RecordRef): void {
    this.#send({ type: 'open', record });
  }

  changed(recordIds: string[]): void {
    this.#send({ type: 'changed', recordIds });
  }

  dialState(enabled: boolean, text: string): void {
    this.#send({ type: 'dial-state', enabled, text });
  }

  ringing(on: boolean): void {
    this.#send({ type: 'ringing', on });
  }

  signedOut(): void {
    this.#send({ type: 'signed-out' });
  }

  /** It answers by a message of its own, whenever it likes: `context` of the listener. */
  askContext(): Promise<undefined> {
    this.#send({ type: 'sign-in-wanted' });
    return Promise.resolve(undefined);
  }

  close(): void {
    this.#windows.self.removeEventListener('message', this.#receive);
    this.#listener = undefined;
  }

  readonly #receive = ({ origin, source, data }: MessageEvent): void => {
    if (origin !== this.#origin || source !== (this.#windows.parent as unknown)) return;
    const message = FromHost.safeParse(data);
    if (!message.success || !this.#listener) return;
    const first = !this.#joined;
    this.#joined = true;
    if (first) this.#listener.changed();
    deliver(message.data, this.#listener);
  };

  #send(message: Unmarked<ToHost>): void {
    this.#windows.parent.postMessage({ crosspoint: 1, ...message }, this.#origin);
  }
}

function deliver(message: FromHost, listener: HostListener): void {
  switch (message.type) {
    case 'host':
      return;
    case 'dial':
      return listener.dial(message.number, message.record);
    case 'focus':
      return listener.focus(message.focused, message.record);
    case 'popped':
      return listener.popped(message.popId);
    case 'sign-in':
      return listener.context(message.context);
    default:
      return unreachable(message);
  }
}
