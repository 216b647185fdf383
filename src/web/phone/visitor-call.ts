import type { Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { CodedError, type ErrorCode } from '../../protocol/errors.ts';
import type { PhoneCredentials } from '../../protocol/socket.ts';
import { Mender } from './mender.ts';
import type { Microphone } from './microphone.ts';
import type { SipAgent, SipAgentFactory, SipSession } from './sip-agent.ts';
import type { Speaker } from './speaker.ts';

export type VisitorState = 'connecting' | 'ringing' | 'talking' | 'ended';

export interface VisitorView {
  state: VisitorState;
  /** UTC milliseconds. */
  answeredAt: number | undefined;
  endedAt: number | undefined;
  muted: boolean;
  /** Why it ended, when it was not hung up. */
  problem: ErrorCode | undefined;
}

export interface VisitorCallOptions {
  credentials: PhoneCredentials;
  /** SIP user part to dial. */
  dial: string;
  displayName?: string;
  createAgent: SipAgentFactory;
  microphone: Microphone;
  speaker: Speaker;
  clock: Clock;
  onListenerError(error: unknown): void;
}

/** A call that cannot reach the switch within this many milliseconds is given up. */
const CONNECT_DEADLINE_MS = 15_000;

/**
 * One call from a visitor's page: no registration, the ticket's credentials, one outgoing session.
 *
 *     connecting ── 180 ──► ringing ── 200 ──► talking ── BYE, hangUp() ──► ended
 *         └── refused, no microphone, 15 s without an answer of the switch ──► ended, with `problem`
 */
export class VisitorCall {
  readonly hasAudio = true;
  readonly #options: VisitorCallOptions;
  readonly #life: Lifecycle;
  readonly #emitter: Emitter<{ change: [] }>;
  #agent: SipAgent | undefined;
  #session: SipSession | undefined;
  #mender: Mender | undefined;
  #dialled = false;
  #stopAudio = () => {};
  #view: VisitorView = {
    state: 'connecting',
    answeredAt: undefined,
    endedAt: undefined,
    muted: false,
    problem: undefined,
  };

  constructor(options: VisitorCallOptions) {
    this.#options = options;
    this.#life = new Lifecycle(options.clock);
    this.#emitter = new Emitter((error) => options.onListenerError(error));
  }

  get view(): VisitorView {
    return this.#view;
  }

  on(event: 'change', listener: () => unknown): () => void {
    return this.#emitter.on(event, listener);
  }

  /** Asks for the microphone, connects and dials. Everything that happens shows in the view. */
  async start(): Promise<void> {
    try {
      await this.#options.microphone.open();
    } catch (error) {
      return this.#end(error instanceof CodedError ? error.code : 'phone-no-microphone');
    }
    if (this.#view.state === 'ended') return;
    const { credentials, displayName, createAgent } = this.#options;
    this.#agent = createAgent(
      { credentials, register: false, displayName },
      {
        onRegistered: () => {},
        onUnregistered: () => {},
        onConnected: () => this.#connected(),
        onDisconnected: () => {},
        onSession: () => ({ onAudio: () => {}, onMedia: () => {}, onEnded: () => {} }),
      },
    );
    this.#life.after(CONNECT_DEADLINE_MS, () => this.#late());
    this.#agent.start();
  }

  setMuted(muted: boolean): void {
    this.#session?.setMuted(muted);
    this.#show({ muted });
  }

  sendDigits(digits: string): void {
    this.#session?.sendDigits(digits);
  }

  /** Idempotent. */
  hangUp(): void {
    this.#session?.hangUp();
    this.#end(undefined);
  }

  /** The first connection dials; a later one renews the running call's dialog. */
  #connected(): void {
    if (this.#dialled) this.#mender?.renegotiate();
    else this.#dial().catch(() => this.#end('phone-no-answer'));
    this.#dialled = true;
  }

  async #dial(): Promise<void> {
    const microphone = await this.#options.microphone.take();
    if (this.#view.state === 'ended' || !this.#agent) return;
    this.#session = this.#agent.call(this.#options.dial, microphone, {
      onRinging: () => this.#ringing(),
      onEstablished: () => this.#talking(),
      onAudio: (stream) => {
        this.#stopAudio();
        this.#stopAudio = this.#options.speaker.play(stream);
      },
      onMedia: (state) => this.#mender?.mediaIs(state),
      onEnded: (code) => this.#end(code === undefined ? undefined : 'phone-no-answer'),
    });
    this.#mender = new Mender(this.#session, this.#life);
  }

  #ringing(): void {
    if (this.#view.state === 'connecting') this.#show({ state: 'ringing' });
  }

  #talking(): void {
    if (this.#view.state !== 'ended') this.#show({ state: 'talking', answeredAt: this.#options.clock.now() });
  }

  #late(): void {
    if (this.#view.state !== 'connecting') return;
    this.#session?.hangUp();
    this.#end('phone-no-answer');
  }

  #end(problem: ErrorCode | undefined): void {
    if (this.#view.state === 'ended') return;
    this.#stopAudio();
    this.#mender?.close();
    this.#options.microphone.close();
    this.#show({ state: 'ended', endedAt: this.#options.clock.now(), problem });
    // The BYE goes out first: stopping waits for it when there is nothing else.
    const agent = this.#agent;
    this.#life.after(2_000, () => agent?.stop());
  }

  #show(change: Partial<VisitorView>): void {
    this.#view = { ...this.#view, ...change };
    this.#emitter.emit('change');
  }
}
