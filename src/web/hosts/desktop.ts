import { FromHost, type ToHost } from '../../protocol/host.ts';
import { unreachable } from '../../lib/must.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { Host, HostListener, PopRequest } from './host.ts';

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
 * Our desktop around the softphone's iframe, by postMessage (protocol/host.ts). Only messages of our own origin, from
 * the parent window and of the right shape count.
 */
export class DesktopHost implements Host {
  readonly embedded = true;
  readonly #windows: FrameWindows;
  readonly #origin: string;
  #listener: HostListener | undefined;

  constructor(windows: FrameWindows, origin: string) {
    this.#windows = windows;
    this.#origin = origin;
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

  close(): void {
    this.#windows.self.removeEventListener('message', this.#receive);
    this.#listener = undefined;
  }

  readonly #receive = ({ origin, source, data }: MessageEvent): void => {
    if (origin !== this.#origin || source !== (this.#windows.parent as unknown)) return;
    const message = FromHost.safeParse(data);
    if (message.success && this.#listener) deliver(message.data, this.#listener);
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
    default:
      return unreachable(message);
  }
}
