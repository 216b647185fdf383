import type { Clock } from '../../lib/clock.ts';
import { withDeadline } from '../../lib/deadline.ts';
import { Emitter } from '../../lib/emitter.ts';
import type { HandedToken } from '../../protocol/crm-hosts.ts';
import { WindowMessage } from '../../protocol/windows.ts';
import type { SessionToken } from '../client/session-token.ts';
import type { Host } from '../hosts/host.ts';

/** The page around us may take this many milliseconds to say who its user is. */
const ASK_MS = 8_000;
const WINDOW = {
  path: '/softphone/sign-in',
  name: 'crosspoint-sign-in',
  features: 'popup,width=420,height=560',
};

export interface FrameSignInView {
  /** The page around us is being asked who its user is. */
  asking: boolean;
  /** Why that did not sign anybody in, or why the window did not open. */
  problem: unknown;
}

export interface FrameSignInOptions {
  token: SessionToken;
  /** Origin of the page around us, which a signed context must be of. */
  around: string;
  /** Our own: the only one whose windows are listened to. */
  origin: string;
  host: Pick<Host, 'askContext'>;
  /** Has our server check a signed context. */
  exchange(context: string, origin: string): Promise<HandedToken>;
  openWindow(path: string, name: string, features: string): unknown;
  onSignedIn(): void;
  clock: Clock;
  onListenerError(error: unknown): void;
}

/**
 * Signing in within a frame of another site, where no cookie of ours comes through.
 *
 *     nobody ── the page around says who its user is ──► our server checks it ──► signed in, by a token
 *        └── it does not ──► a button opens our sign-in window ── token by postMessage ──► signed in
 */
export class FrameSignIn {
  readonly #o: FrameSignInOptions;
  readonly #emitter: Emitter<{ change: [] }>;
  #view: FrameSignInView = { asking: false, problem: undefined };

  constructor(options: FrameSignInOptions) {
    this.#o = options;
    this.#emitter = new Emitter((error) => options.onListenerError(error));
  }

  getView = (): FrameSignInView => this.#view;

  subscribe = (listener: () => void): (() => void) => this.#emitter.on('change', listener);

  /** Nobody is signed in: asks the page around us. */
  async begin(): Promise<void> {
    this.#o.token.clear();
    if (this.#view.asking) return;
    this.#show({ asking: true, problem: undefined });
    const asked = this.#o.host.askContext?.() ?? Promise.resolve(undefined);
    // A page that does not know our question is as good as one that does not answer.
    const context = await withDeadline(this.#o.clock, ASK_MS, 'The CRM', asked).catch(() => undefined);
    if (context !== undefined) await this.use(context);
    this.#show({ asking: false });
  }

  /** The page around us says, asked or not, who its user is. */
  async use(context: string): Promise<void> {
    try {
      const { token } = await this.#o.exchange(context, this.#o.around);
      this.#signedIn(token);
    } catch (error) {
      this.#show({ problem: error });
    }
  }

  /** From a click only: browsers open no window otherwise. Returns whether it opened. */
  openWindow(): boolean {
    const { path, name, features } = WINDOW;
    return this.#o.openWindow(path, name, features) !== null;
  }

  /** Takes a message from `window`'s message event. */
  receive({ origin, data }: Pick<MessageEvent, 'origin' | 'data'>): void {
    if (origin !== this.#o.origin) return;
    const message = WindowMessage.safeParse(data);
    if (message.success && message.data.type === 'token') this.#signedIn(message.data.token);
  }

  #signedIn(token: string): void {
    this.#o.token.set(token);
    this.#show({ asking: false, problem: undefined });
    this.#o.onSignedIn();
  }

  #show(change: Partial<FrameSignInView>): void {
    this.#view = { ...this.#view, ...change };
    this.#emitter.emit('change');
  }
}
