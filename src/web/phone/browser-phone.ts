import type { Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { CodedError, type ErrorCode } from '../../protocol/errors.ts';
import type { PhoneCredentials } from '../../protocol/socket.ts';
import { Mender } from './mender.ts';
import type { Microphone } from './microphone.ts';
import type { SessionHandlers, SipAgent, SipAgentFactory, SipSession } from './sip-agent.ts';
import type { Speaker } from './speaker.ts';

/**
 * - `off`: the audio of this user's calls is not in this tab.
 * - `starting`: asking for the microphone and registering.
 * - `ready`: calls can come.
 * - `broken`: they cannot, `problem` says why.
 */
export type PhoneStatus = 'off' | 'starting' | 'ready' | 'broken';

export interface PhoneView {
  status: PhoneStatus;
  problem: ErrorCode | undefined;
  /** Legs whose audio is here and up. */
  talking: readonly string[];
}

export interface BrowserPhoneOptions {
  createAgent: SipAgentFactory;
  microphone: Microphone;
  speaker: Speaker;
  clock: Clock;
  onListenerError(error: unknown): void;
}

export type PhoneEvents = {
  change: [];
  /** Running sessions were given up because the credentials are for another SIP user: the server must hear it. */
  dropped: [];
};

/** `phone.answer` may come before the INVITE it means; the wish is kept this long. */
const ANSWER_WISH_MS = 10_000;
/** A lost registration within this time is not worth a word: the agent would only be frightened. */
const GRACE_MS = 3_000;

interface Held {
  session: SipSession;
  mender: Mender;
  stopAudio(): void;
}

/**
 * The phone in this browser tab. It only carries audio: who rings, answers, mutes or hangs up is decided on the
 * server, so it answers when told to and never ends a call by itself, least of all when the page is reloaded (the
 * server then replaces this leg in the standing bridge).
 *
 *     off ── start(credentials) ──► starting ── registered, microphone warm ──► ready
 *     ready ── WebSocket lost ──► starting, sessions stay ── registered ──► ready, and a re-INVITE in every session
 *     ready, starting ── no microphone, not registered for 3 s ──► broken ── it is back ──► ready
 *     any ── start(null) ──► off
 */
export class BrowserPhone {
  readonly #options: BrowserPhoneOptions;
  readonly #life: Lifecycle;
  readonly #emitter: Emitter<PhoneEvents>;
  readonly #legs = new Map<string, Held>();
  readonly #wishes = new Map<string, () => void>();
  readonly #muted = new Set<string>();
  #agent: SipAgent | undefined;
  #credentials: PhoneCredentials | undefined;
  #wantWarm = true;
  #registered = false;
  #wasRegistered = false;
  #microphoneProblem: ErrorCode | undefined;
  #registrationProblem: ErrorCode | undefined;
  #cancelGrace = () => {};
  #view: PhoneView = { status: 'off', problem: undefined, talking: [] };

  constructor(options: BrowserPhoneOptions) {
    this.#options = options;
    this.#life = new Lifecycle(options.clock);
    this.#emitter = new Emitter((error) => options.onListenerError(error));
  }

  get view(): PhoneView {
    return this.#view;
  }

  /** What the audio finds its way by; undefined while the audio is not here. */
  get iceServers(): PhoneCredentials['iceServers'] | undefined {
    return this.#credentials?.iceServers;
  }

  /** Legs whose session lives in this page, ringing ones too. */
  get legs(): string[] {
    return [...this.#legs.keys()];
  }

  on(event: keyof PhoneEvents, listener: () => unknown): () => void {
    return this.#emitter.on(event, listener);
  }

  /** This tab has the audio (credentials) or has it no more (null). The same credentials again change nothing. */
  start(credentials: PhoneCredentials | null): void {
    const before = this.#credentials;
    if (this.#life.closed) return;
    this.#credentials = credentials ?? undefined;
    if (!credentials) return before ? this.#off() : undefined;
    if (before && sameUser(credentials, before)) return this.#renew(credentials, before);
    const dropped = this.#legs.size > 0;
    this.#stopAgent();
    this.#begin(credentials);
    if (dropped) this.#emitter.emit('dropped');
  }

  #renew(credentials: PhoneCredentials, before: PhoneCredentials): void {
    if (credentials.password !== before.password) this.#agent?.setPassword(credentials.password);
  }

  #begin(credentials: PhoneCredentials): void {
    this.#agent = this.#options.createAgent({ credentials, register: true }, this.#agentHandlers());
    this.#agent.start();
    this.#awaitRegistration();
    void this.openMicrophone();
  }

  /** Answers the session of this leg, now or when its INVITE comes. */
  answer(legId: string): void {
    const held = this.#legs.get(legId);
    if (held) return void this.#answer(held.session);
    this.#wishes.get(legId)?.();
    const forget = this.#life.after(ANSWER_WISH_MS, () => this.#wishes.delete(legId));
    this.#wishes.set(legId, forget);
  }

  /** What leaves the microphone of this leg: silence at once, before the server has muted it as well. */
  setMuted(legId: string, muted: boolean): void {
    if (muted) this.#muted.add(legId);
    else this.#muted.delete(legId);
    this.#legs.get(legId)?.session.setMuted(muted);
  }

  /**
   * Whether the microphone is held open between calls: not while the agent is logged out, for his privacy. Then it is
   * opened for a call only.
   */
  keepWarm(on: boolean): void {
    if (on === this.#wantWarm) return;
    this.#wantWarm = on;
    if (on) void this.openMicrophone();
    else this.#coolDown();
    this.#show();
  }

  /** Asks for the microphone (again). The outcome is in the view. */
  async openMicrophone(): Promise<void> {
    if (!this.#credentials || !this.#wantWarm) return;
    try {
      await this.#options.microphone.open();
      this.#microphoneProblem = undefined;
    } catch (error) {
      this.#microphoneProblem = codeOf(error);
    }
    this.#show();
  }

  /** The microphone that was warm is gone: try the system's next one. */
  microphoneLost(): void {
    if (this.#credentials) void this.openMicrophone().then(() => this.#reconnectMicrophone());
  }

  /** Another microphone from now on, also in running calls; undefined is the system's. */
  async chooseMicrophone(deviceId: string | undefined): Promise<void> {
    try {
      await this.#options.microphone.choose(deviceId);
      this.#microphoneProblem = undefined;
    } catch (error) {
      this.#microphoneProblem = codeOf(error);
    }
    await this.#reconnectMicrophone();
    this.#show();
  }

  /** The computer has another network now: signalling and audio look for their way anew. */
  networkChanged(): void {
    for (const { mender } of this.#legs.values()) mender.restartIce();
    this.#agent?.reconnect();
  }

  /** Nothing is said to the other side. Idempotent. */
  async close(): Promise<void> {
    if (this.#life.closed) return;
    this.#credentials = undefined;
    this.#off();
    await this.#life.close();
  }

  #coolDown(): void {
    this.#options.microphone.close();
    this.#microphoneProblem = undefined;
  }

  #agentHandlers() {
    return {
      onRegistered: () => this.#isRegistered(),
      onUnregistered: () => this.#isUnregistered(),
      onDisconnected: () => this.#isDisconnected(),
      onSession: (session: SipSession) => this.#incoming(session),
    };
  }

  #isRegistered(): void {
    this.#cancelGrace();
    this.#registered = true;
    this.#registrationProblem = undefined;
    // A BYE or a hold from the switch does not find a browser that reconnected until it has re-INVITEd.
    if (this.#wasRegistered) for (const { mender } of this.#legs.values()) mender.renegotiate();
    this.#wasRegistered = true;
    this.#show();
  }

  #isUnregistered(): void {
    if (this.#registered) this.#awaitRegistration();
    this.#registered = false;
    this.#show();
  }

  #isDisconnected(): void {
    // The server makes ringing offers anew; the old INVITE cannot be answered any more.
    for (const { session } of this.#legs.values()) if (!session.established) session.refuse();
    this.#isUnregistered();
  }

  #awaitRegistration(): void {
    this.#cancelGrace();
    this.#cancelGrace = this.#life.after(GRACE_MS, () => {
      this.#registrationProblem = 'phone-not-registered';
      this.#show();
    });
  }

  #incoming(session: SipSession): SessionHandlers {
    const legId = session.legId ?? `stranger ${this.#legs.size}`;
    const held: Held = { session, mender: new Mender(session, this.#life), stopAudio: () => {} };
    this.#legs.set(legId, held);
    session.setMuted(this.#muted.has(legId));
    const wish = this.#wishes.get(legId);
    wish?.();
    this.#wishes.delete(legId);
    if (wish || session.autoAnswer) void this.#answer(session);
    return this.#sessionHandlers(legId, held);
  }

  #sessionHandlers(legId: string, held: Held): SessionHandlers {
    return {
      onEstablished: () => this.#show(),
      onAudio: (stream) => {
        held.stopAudio();
        held.stopAudio = this.#options.speaker.play(stream);
      },
      onMedia: (state) => held.mender.mediaIs(state),
      onEnded: () => {
        held.stopAudio();
        held.mender.close();
        if (this.#legs.get(legId) === held) this.#legs.delete(legId);
        this.#muted.delete(legId);
        if (!this.#wantWarm && this.#legs.size === 0) this.#coolDown();
        this.#show();
      },
    };
  }

  async #answer(session: SipSession): Promise<void> {
    try {
      session.answer(await this.#options.microphone.take());
    } catch (error) {
      this.#microphoneProblem = codeOf(error);
      session.refuse();
      this.#show();
    }
  }

  async #reconnectMicrophone(): Promise<void> {
    for (const { session } of this.#legs.values()) {
      if (!session.established || this.#microphoneProblem) continue;
      await session.replaceMicrophone(await this.#options.microphone.take());
    }
  }

  #stopAgent(): void {
    this.#cancelGrace();
    this.#agent?.stop();
    this.#agent = undefined;
    for (const { mender, stopAudio } of this.#legs.values()) {
      mender.close();
      stopAudio();
    }
    this.#legs.clear();
    this.#registered = false;
    this.#wasRegistered = false;
    this.#registrationProblem = undefined;
  }

  #off(): void {
    this.#stopAgent();
    this.#options.microphone.close();
    this.#microphoneProblem = undefined;
    for (const forget of this.#wishes.values()) forget();
    this.#wishes.clear();
    this.#muted.clear();
    this.#show();
  }

  #show(): void {
    const problem = this.#credentials ? (this.#microphoneProblem ?? this.#registrationProblem) : undefined;
    const up = this.#registered && (this.#options.microphone.warm || !this.#wantWarm);
    const status = !this.#credentials ? 'off' : problem ? 'broken' : up ? 'ready' : 'starting';
    const talking = [...this.#legs].filter(([, { session }]) => session.established).map(([legId]) => legId);
    this.#view = { status, problem, talking };
    this.#emitter.emit('change');
  }
}

function sameUser(a: PhoneCredentials, b: PhoneCredentials): boolean {
  return a.username === b.username && a.path === b.path && a.domain === b.domain;
}

function codeOf(error: unknown): ErrorCode {
  return error instanceof CodedError ? error.code : 'phone-no-microphone';
}
