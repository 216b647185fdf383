import type { RecordRef } from '../../protocol/facts.ts';
import type { Host, HostListener, HostStatus, PopRequest } from './host.ts';
import { isOutside, popPath, recordPath } from './pop-path.ts';

/** The part of `window` and `document` that a softphone in a window of its own needs. */
export interface StandAlonePage {
  /** Opens `path` in the window of this name; null when the browser blocks it. */
  open(path: string, name: string): unknown;
  hasFocus(): boolean;
  onFocusChange(listener: () => void): () => void;
}

/** All records open in one and the same tab of the desktop. */
const DESKTOP_WINDOW = 'crosspoint-desktop';
const NEW_WINDOW = '_blank';

/** A window of its own: records open in a tab of the desktop, as far as the browser allows pop-ups. */
export class StandAloneHost implements Host {
  readonly embedded = false;
  readonly status: HostStatus = { state: 'joined', text: 'A window of its own' };
  readonly #page: StandAlonePage;
  #listener: HostListener | undefined;
  #stop = () => {};

  constructor(page: StandAlonePage) {
    this.#page = page;
  }

  start(listener: HostListener): void {
    this.#listener = listener;
    const tell = () => listener.focus(this.#page.hasFocus(), null);
    this.#stop = this.#page.onFocusChange(tell);
    tell();
  }

  /** A blocked pop-up is not answered: the softphone goes on showing the record to click on. */
  pop(request: PopRequest): void {
    const path = popPath(request);
    const name = request.open === 'window' || isOutside(path) ? NEW_WINDOW : DESKTOP_WINDOW;
    if (this.#page.open(path, name)) this.#listener?.popped(request.popId);
  }

  open(record: RecordRef): void {
    this.#page.open(recordPath(record), DESKTOP_WINDOW);
  }

  /** Nobody around it shows records, numbers or a sign-in. */
  changed(): void {}
  dialState(): void {}
  ringing(): void {}
  signedOut(): void {}

  close(): void {
    this.#stop();
    this.#listener = undefined;
  }
}
