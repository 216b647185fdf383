import { UA } from 'jssip';
import type { RTCSession } from 'jssip/lib/RTCSession';
import type { IncomingRTCSessionEvent, RTCSessionEvent } from 'jssip/lib/UA';
import { JssipSession, peerConfig } from './jssip-session.ts';
import type { AgentHandlers, AgentOptions, SessionHandlers, SipAgent, SipSession } from './sip-agent.ts';
import { SipSocket } from './sip-socket.ts';

/** Seconds. Short enough that a contact of a dead browser goes soon, long enough to cost nothing. */
const REGISTER_EXPIRES_S = 120;
/** Seconds. One is the shortest interval with which JsSIP reconnects. */
const RECONNECT_MIN_S = 1;
const RECONNECT_MAX_S = 5;
/** Seconds. The server ends ringing; this is only for the case that it cannot. */
const RINGING_MAX_S = 180;
/** Milliseconds after a refused registration. */
const REGISTER_AGAIN_MS = 3_000;

/** A SIP user agent by JsSIP, over the WebSocket at `url`. @param protocols asked for with each connection, `sip` the first. */
export function createJssipAgent(
  url: string,
  options: AgentOptions,
  handlers: AgentHandlers,
  protocols: () => string[] = () => ['sip'],
): SipAgent {
  return new JssipAgent(url, options, handlers, protocols);
}

class JssipAgent implements SipAgent {
  readonly #ua: UA;
  readonly #socket: SipSocket;
  readonly #options: AgentOptions;
  readonly #handlers: AgentHandlers;
  readonly #live = new Set<RTCSession>();
  #stopped = false;

  constructor(url: string, options: AgentOptions, handlers: AgentHandlers, protocols: () => string[]) {
    const { username, password, domain } = options.credentials;
    this.#options = options;
    this.#handlers = handlers;
    this.#socket = new SipSocket(url, (address) => new WebSocket(address, protocols()));
    this.#ua = new UA({
      sockets: [this.#socket],
      uri: `sip:${username}@${domain}`,
      authorization_user: username,
      password,
      display_name: options.displayName,
      register: options.register,
      register_expires: REGISTER_EXPIRES_S,
      connection_recovery_min_interval: RECONNECT_MIN_S,
      connection_recovery_max_interval: RECONNECT_MAX_S,
      no_answer_timeout: RINGING_MAX_S,
      // The switch watches its legs by RTP; a refresh that falls into a reconnection would end the call.
      session_timers: false,
      user_agent: 'Crosspoint',
    });
    this.#listen();
  }

  start(): void {
    this.#ua.start();
  }

  setPassword(password: string): void {
    this.#ua.set('password', password);
    if (this.#ua.isConnected()) this.#ua.register();
  }

  reconnect(): void {
    this.#socket.cut();
  }

  call(user: string, microphone: MediaStream, handlers: SessionHandlers): SipSession {
    const { iceServers, domain } = this.#options.credentials;
    const session = this.#ua.call(`sip:${user}@${domain}`, {
      mediaStream: microphone,
      pcConfig: peerConfig(iceServers),
    });
    const mine = this.#wrap(session, undefined, false);
    mine.listen(handlers);
    mine.adopt(session.connection, microphone);
    return mine;
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#live.size > 0) this.#socket.silence();
    this.#ua.stop();
  }

  #listen(): void {
    const ua = this.#ua;
    ua.on('registered', () => this.#unlessStopped(() => this.#handlers.onRegistered()));
    ua.on('unregistered', () => this.#unlessStopped(() => this.#handlers.onUnregistered()));
    ua.on('registrationFailed', () => this.#unlessStopped(() => this.#registerAgain()));
    ua.on('connected', () => this.#unlessStopped(() => this.#handlers.onConnected?.()));
    ua.on('disconnected', () => this.#unlessStopped(() => this.#handlers.onDisconnected()));
    ua.on('newRTCSession', (event: RTCSessionEvent) => {
      if (event.originator === 'remote') this.#incoming(event as IncomingRTCSessionEvent);
    });
  }

  #incoming({ session, request }: IncomingRTCSessionEvent): void {
    const legId = request.getHeader('X-Crosspoint-Leg') as string | undefined;
    const auto = request.getHeader('X-Crosspoint-Answer') as string | undefined;
    const mine = this.#wrap(session, legId, auto?.trim().toLowerCase() === 'auto');
    mine.listen(this.#handlers.onSession(mine));
  }

  #wrap(session: RTCSession, legId: string | undefined, autoAnswer: boolean): JssipSession {
    this.#live.add(session);
    session.on('ended', () => this.#live.delete(session));
    session.on('failed', () => this.#live.delete(session));
    return new JssipSession(session, { legId, autoAnswer, iceServers: this.#options.credentials.iceServers });
  }

  #registerAgain(): void {
    this.#handlers.onUnregistered();
    setTimeout(
      () => this.#unlessStopped(() => this.#ua.isConnected() && this.#ua.register()),
      REGISTER_AGAIN_MS,
    );
  }

  #unlessStopped(run: () => unknown): void {
    if (!this.#stopped) run();
  }
}
