import type { PhoneCredentials } from '../../protocol/socket.ts';

/** How the media of a session is: `interrupted` may heal by itself, `failed` needs an ICE restart. */
export type MediaState = 'connected' | 'interrupted' | 'failed';

/**
 * One SIP session with its audio, as the phone sees it. The SIP library is behind this, so that the phone's logic
 * runs in tests without a browser.
 *
 *     ringing ── answer() ──► answering ── ACK ──► established ── BYE, drop() ──► ended
 */
export interface SipSession {
  /** `X-Crosspoint-Leg` of the INVITE: which leg on the server this is. */
  readonly legId: string | undefined;
  /** `X-Crosspoint-Answer: auto`: the server wants it answered at once (after a reload, agent-first dialling). */
  readonly autoAnswer: boolean;
  readonly established: boolean;
  readonly media: MediaState;
  answer(microphone: MediaStream): void;
  /** Refuses an INVITE that rings: SIP 480. */
  refuse(): void;
  /** Ends it with CANCEL or BYE: only for calls that this page made. */
  hangUp(): void;
  /** A re-INVITE; false when the session cannot now (another one is going on): try again. */
  renegotiate(iceRestart: boolean): boolean;
  setMuted(muted: boolean): void;
  replaceMicrophone(microphone: MediaStream): Promise<void>;
  /** RFC 4733 digits in the audio. */
  sendDigits(digits: string): void;
}

export interface SessionHandlers {
  /** The other side rings. Only for calls that this page made. */
  onRinging?(): void;
  onEstablished?(): void;
  onAudio(stream: MediaStream): void;
  onMedia(state: MediaState): void;
  /** @param code SIP status that refused it, undefined when it was ended. */
  onEnded(code: number | undefined): void;
}

export interface AgentHandlers {
  onRegistered(): void;
  /** Not registered any more, or refused: the agent tries again by itself. */
  onUnregistered(): void;
  onConnected?(): void;
  onDisconnected(): void;
  /** An INVITE came in; returns what listens to it. */
  onSession(session: SipSession): SessionHandlers;
}

/** One SIP user agent over one WebSocket: it keeps itself connected and registered until it is stopped. */
export interface SipAgent {
  start(): void;
  /** The same user, a new password: registers with it, sessions go on. */
  setPassword(password: string): void;
  /** The network changed: the WebSocket may be dead without knowing; open a new one. */
  reconnect(): void;
  call(user: string, microphone: MediaStream, handlers: SessionHandlers): SipSession;
  /**
   * Ends it for good. With live sessions nothing is said on the wire, for the server decides what becomes of their
   * legs: it may have given them to another tab already.
   */
  stop(): void;
}

export interface AgentOptions {
  credentials: PhoneCredentials;
  /** A visitor's page only calls. */
  register: boolean;
  /** Shown to the other side, for a visitor. */
  displayName?: string;
}

export type SipAgentFactory = (options: AgentOptions, handlers: AgentHandlers) => SipAgent;
