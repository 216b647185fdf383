import type {
  AgentHandlers,
  AgentOptions,
  MediaState,
  SessionHandlers,
  SipAgent,
  SipSession,
} from '../sip-agent.ts';

/** For tests: a SIP session whose other side the test plays. */
export class FakeSession implements SipSession {
  established = false;
  media: MediaState = 'connected';
  busy = false;
  readonly log: string[] = [];
  handlers!: SessionHandlers;

  constructor(
    readonly legId: string | undefined,
    readonly autoAnswer = false,
  ) {}

  answer(): void {
    this.log.push('answer');
  }
  refuse(): void {
    this.log.push('refuse');
    this.end(480);
  }
  hangUp(): void {
    this.log.push('hang up');
    this.end(undefined);
  }
  renegotiate(iceRestart: boolean): boolean {
    this.log.push(this.busy ? 'busy' : iceRestart ? 're-INVITE with ICE restart' : 're-INVITE');
    return !this.busy;
  }
  setMuted(muted: boolean): void {
    this.log.push(muted ? 'mute' : 'unmute');
  }
  async replaceMicrophone(): Promise<void> {
    this.log.push('new microphone');
  }
  sendDigits(digits: string): void {
    this.log.push(`digits ${digits}`);
  }

  establish(): void {
    this.established = true;
    this.handlers.onEstablished?.();
  }
  mediaIs(state: MediaState): void {
    this.media = state;
    this.handlers.onMedia(state);
  }
  end(code: number | undefined): void {
    this.established = false;
    this.handlers.onEnded(code);
  }
}

/** For tests: a SIP user agent without a network. */
export class FakeAgent implements SipAgent {
  readonly log: string[] = [];
  called: FakeSession | undefined;

  constructor(
    readonly options: AgentOptions,
    readonly handlers: AgentHandlers,
  ) {}

  start(): void {
    this.log.push('start');
  }
  setPassword(password: string): void {
    this.log.push(`password ${password}`);
  }
  reconnect(): void {
    this.log.push('reconnect');
  }
  call(user: string, _microphone: MediaStream, handlers: SessionHandlers): SipSession {
    this.log.push(`call ${user}`);
    this.called = new FakeSession(undefined);
    this.called.handlers = handlers;
    return this.called;
  }
  stop(): void {
    this.log.push('stop');
  }

  invite(legId: string | undefined, autoAnswer = false): FakeSession {
    const session = new FakeSession(legId, autoAnswer);
    session.handlers = this.handlers.onSession(session);
    return session;
  }
}
