import type { Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { WindowMessage } from '../../protocol/windows.ts';

const OPENED = {
  path: '/softphone?host=window',
  name: 'crosspoint-phone',
  features: 'popup,width=380,height=680',
};
/** The window says that it is there so often, in milliseconds; whether it is closed is looked at as often. */
export const ALIVE_MS = 500;

/** A window of ours, as another one sees it. */
export interface OtherWindow {
  readonly closed: boolean;
  postMessage(message: unknown, origin: string): void;
  focus(): void;
}

export interface PopOutView {
  /** The phone has a window of its own. */
  out: boolean;
  /** It comes back as soon as no call is going on. */
  returning: boolean;
}

export interface PopOutOptions {
  origin: string;
  open(path: string, name: string, features: string): OtherWindow | null;
  /** The sign-in of this frame, which the window has no other way to get. */
  token(): string | undefined;
  clock: Clock;
  onListenerError(error: unknown): void;
}

/**
 * The frame's end of the softphone's own window. The audio goes there when no call is live: until then both show the same, and
 * the call stays where it is.
 *
 *     docked ── open(), or a window that outlived a reload of this frame alone says so ──► out ── bringBack() ──► out, returning
 *        ▲                                                                                  └── it is closed ──┐      │
 *        └──────────────────────────────────────────────────────────────────────────────────────────────────────┴──────┘
 *
 * When the page around is reloaded as a whole, its frame is another one, and the window has no opener any more. Nothing joins the two
 * again by itself: browsers keep a frame of another site apart from our own pages, in BroadcastChannel too. The window then shows
 * records itself and keeps the audio until it is closed, for the server lets a tab keep it; the frame shows the same calls.
 */
export class PopOut {
  readonly #o: PopOutOptions;
  readonly #emitter: Emitter<{ change: [] }>;
  #window: OtherWindow | undefined;
  #view: PopOutView = { out: false, returning: false };
  #cancel = () => {};

  constructor(options: PopOutOptions) {
    this.#o = options;
    this.#emitter = new Emitter((error) => options.onListenerError(error));
  }

  getView = (): PopOutView => this.#view;

  subscribe = (listener: () => void): (() => void) => this.#emitter.on('change', listener);

  /** From a click only. Returns false when the browser blocks it. */
  open(): boolean {
    const opened = this.#o.open(OPENED.path, OPENED.name, OPENED.features);
    if (opened) this.#isOut(opened);
    return opened !== null;
  }

  focus(): void {
    this.#window?.focus();
  }

  bringBack(): void {
    this.#window?.postMessage({ crosspoint: 1, type: 'close' }, this.#o.origin);
    if (this.#view.out) this.#show({ out: true, returning: true });
  }

  /** Takes a message from `window`'s message event. */
  receive({ origin, source, data }: Pick<MessageEvent, 'origin' | 'source' | 'data'>): void {
    if (origin !== this.#o.origin || !source) return;
    const message = WindowMessage.safeParse(data);
    if (!message.success || message.data.type !== 'window') return;
    const opened = source as unknown as OtherWindow;
    const token = this.#o.token();
    if (token !== undefined) opened.postMessage({ crosspoint: 1, type: 'token', token }, this.#o.origin);
    if (opened !== this.#window) this.#isOut(opened);
  }

  close(): void {
    this.#cancel();
  }

  #isOut(opened: OtherWindow): void {
    this.#window = opened;
    this.#show({ out: true, returning: false });
    this.#watch();
  }

  #watch(): void {
    this.#cancel();
    this.#cancel = this.#o.clock.after(ALIVE_MS, () => {
      if (this.#window && !this.#window.closed) return this.#watch();
      this.#window = undefined;
      this.#show({ out: false, returning: false });
    });
  }

  #show(view: PopOutView): void {
    this.#view = view;
    this.#emitter.emit('change');
  }
}

export interface OwnWindowOptions {
  origin: string;
  /** The frame that opened this window; null once its page is gone. */
  opener(): OtherWindow | null;
  tabId: string;
  /** The frame's sign-in. */
  onToken(token: string): void;
  /** The frame wants the phone back. */
  onClose(): void;
  /** The frame is there, or is gone: then this window shows records itself. */
  onOpener(there: boolean): void;
  clock: Clock;
}

/** The softphone's own window's end: says that it is there for as long as the frame that opened it is; without it, it stands alone. */
export class OwnWindow {
  readonly #o: OwnWindowOptions;

  constructor(options: OwnWindowOptions) {
    this.#o = options;
  }

  start(): void {
    const { opener, origin, tabId, clock, onOpener } = this.#o;
    const frame = opener();
    if (!frame || frame.closed) return onOpener(false);
    frame.postMessage({ crosspoint: 1, type: 'window', tabId }, origin);
    onOpener(true);
    clock.after(ALIVE_MS, () => this.start());
  }

  /** Takes a message from `window`'s message event. */
  receive({ origin, source, data }: Pick<MessageEvent, 'origin' | 'source' | 'data'>): void {
    if (origin !== this.#o.origin || source !== (this.#o.opener() as unknown)) return;
    const message = WindowMessage.safeParse(data);
    if (!message.success) return;
    if (message.data.type === 'token') this.#o.onToken(message.data.token);
    if (message.data.type === 'close') this.#o.onClose();
  }
}
