import type { RtpEar } from './rtp-ear.ts';
import { headerOf, methodOf, type SipMessage, statusOf, tagOf, uriOf } from './sip-message.ts';
import type { SipPhone } from './sip-phone.ts';

type Waiter = { when: () => boolean; done: () => void };

/**
 * One call of a test phone.
 *
 *     calling ─► ringing ─► up ─► over          (each state may go to over; `status` says why)
 */
export class SipCall {
  readonly phone: SipPhone;
  readonly ear: RtpEar;
  readonly callId: string;
  state: 'calling' | 'ringing' | 'up' | 'over' = 'calling';
  /** The last status of the INVITE (ours), or 200 after a BYE. */
  status = 0;
  /** When the INVITE left or came, by performance.now(). */
  invitedAt = performance.now();
  /** How a transfer goes that we asked for: the status in the last NOTIFY of our REFER, 0 before any. */
  referStatus = 0;
  /** What a NOTIFY with `Event: talk` does: many desk phones answer. */
  onTalk: () => void = () => undefined;
  /** The INVITE that reached us (incoming calls). */
  request: SipMessage | undefined;
  #localTag: string;
  #local: string;
  #remote: string;
  #target: string;
  #sequence = 1;
  #last: SipMessage | undefined;
  #media: { host: string; port: number } | undefined;
  readonly #waiters = new Set<Waiter>();

  private constructor(
    phone: SipPhone,
    ear: RtpEar,
    callId: string,
    local: string,
    remote: string,
    target: string,
  ) {
    this.phone = phone;
    this.ear = ear;
    this.callId = callId;
    this.#local = local;
    this.#remote = remote;
    this.#target = target;
    this.#localTag = tagOf(local) || phone.newToken('t');
  }

  static outgoing(
    phone: SipPhone,
    ear: RtpEar,
    number: string,
    from: { number?: string; name?: string; headers?: [string, string][] },
  ): SipCall {
    const { server, user } = phone.options;
    const target = `sip:${number}@${server.host}:${server.port}`;
    const name = from.name === undefined ? '' : `"${from.name}" `;
    const local = `${name}<sip:${from.number ?? user}@${phone.host}>;tag=${phone.newToken('t')}`;
    const call = new SipCall(phone, ear, phone.newToken('c'), local, `<${target}>`, target);
    call.#extra = from.headers ?? [];
    return call;
  }

  static incoming(phone: SipPhone, ear: RtpEar, invite: SipMessage): SipCall {
    const remote = headerOf(invite, 'from');
    const call = new SipCall(
      phone,
      ear,
      headerOf(invite, 'call-id'),
      headerOf(invite, 'to'),
      remote,
      uriOf(headerOf(invite, 'contact')),
    );
    call.request = invite;
    call.#learnMedia(invite);
    return call;
  }

  #extra: [string, string][] = [];

  /** Sends the first INVITE; answers a challenge by itself. */
  invite(): void {
    this.invitedAt = performance.now();
    const message = this.#request('INVITE', this.#target, this.#extra, this.#sdp('sendrecv'));
    this.#last = message;
    this.phone.transact(message, (response) => this.#inviteAnswered(message, response));
  }

  /** Resolves when the call is in `state` (or later), or rejects after `ms`. */
  async reaches(state: 'ringing' | 'up' | 'over', ms = 3000): Promise<this> {
    const order = ['calling', 'ringing', 'up', 'over'];
    await this.until(() => order.indexOf(this.state) >= order.indexOf(state), ms, `the call to be ${state}`);
    return this;
  }

  async until(when: () => boolean, ms: number, what: string): Promise<void> {
    if (when()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`waited ${ms} ms for ${what}; it is ${this.state} ${this.status}`)),
        ms,
      );
      this.#waiters.add({ when, done: () => (clearTimeout(timer), resolve()) });
    });
  }

  header(name: string): string {
    return this.request ? headerOf(this.request, name) : '';
  }

  ring(): void {
    if (!this.request) return;
    this.phone.respond(this.request, '180 Ringing', this.#localTag);
    this.#set('ringing', 180);
  }

  /** Answers a call that came in and speaks a tone of `hertz` (0: says nothing). */
  answer(hertz = 0): void {
    if (!this.request) return;
    this.#local = `${this.#local.replace(/;tag=.*/, '')};tag=${this.#localTag}`;
    this.phone.respond(
      this.request,
      '200 OK',
      this.#localTag,
      [['Content-Type', 'application/sdp']],
      this.#sdp('sendrecv'),
    );
    this.#set('up', 200);
    this.speak(hertz);
  }

  /** Says a tone before the answer (183 with SDP). */
  earlyMedia(hertz: number): void {
    if (!this.request) return;
    const type: [string, string][] = [['Content-Type', 'application/sdp']];
    this.phone.respond(this.request, '183 Session Progress', this.#localTag, type, this.#sdp('sendrecv'));
    this.#set('ringing', 183);
    this.speak(hertz);
  }

  /** Refuses a call that came in, such as `486 Busy Here`. */
  refuse(status: string): void {
    if (this.request) this.phone.respond(this.request, status, this.#localTag);
    this.#set('over', Number.parseInt(status, 10));
  }

  speak(hertz: number): void {
    if (this.#media) this.ear.speak(this.#media, hertz);
  }

  /** Says these samples (8 kHz), once; then it says nothing. */
  async say(samples: Int16Array): Promise<void> {
    if (this.#media) await this.ear.say(this.#media, samples);
  }

  /** Puts the call on hold (`sendonly`) or takes it back (`sendrecv`) by re-INVITE. */
  async renegotiate(direction: 'sendonly' | 'sendrecv'): Promise<void> {
    const message = this.#request('INVITE', this.#target, [], this.#sdp(direction));
    const response = await this.phone.request(message);
    this.#ack(message, response);
  }

  /**
   * Transfers the other party as a phone does (RFC 3515): blind to a number, or to the other party of `replaced` (RFC 3891).
   * Resolves with the status of the REFER.
   */
  async refer(number: string, replaced?: SipCall): Promise<number> {
    const { server } = this.phone.options;
    const replaces = replaced ? `?Replaces=${encodeURIComponent(replaced.replaces)}` : '';
    const to = `<sip:${number}@${server.host}:${server.port}${replaces}>`;
    const more: [string, string][] = [
      ['Refer-To', to],
      ['Referred-By', `<sip:${this.phone.options.user}@${server.host}>`],
    ];
    return statusOf(await this.phone.request(this.#request('REFER', this.#target, more, '')));
  }

  /** What names this call's dialog to the switch in a Replaces header (RFC 3891). */
  get replaces(): string {
    return `${this.callId};to-tag=${tagOf(this.#remote)};from-tag=${this.#localTag}`;
  }

  /** Ends the call, in whatever state: CANCEL or BYE. */
  hangup(): void {
    if (this.state === 'over') return;
    if (this.state === 'up') {
      this.phone.transact(this.#request('BYE', this.#target, [], ''), () => undefined);
      this.#set('over', 200);
    } else if (this.request) this.refuse('486 Busy Here');
    else if (this.#last) {
      const cancel = { ...this.#last, first: this.#last.first.replace('INVITE', 'CANCEL'), body: '' };
      cancel.headers = this.#last.headers
        .filter(([name]) => name !== 'Content-Type')
        .map(([name, value]) => [name, name === 'CSeq' ? value.replace('INVITE', 'CANCEL') : value]);
      this.phone.send(cancel);
    }
  }

  /** The other side is not there any more: ends the call without a word. */
  abandon(): void {
    this.#set('over', 0);
  }

  /** A request inside the dialogue. */
  receive(request: SipMessage): void {
    const method = methodOf(request);
    if (method === 'ACK') return;
    if (method === 'INVITE') {
      this.#learnMedia(request);
      const type: [string, string][] = [['Content-Type', 'application/sdp']];
      this.phone.respond(request, '200 OK', this.#localTag, type, this.#sdp('sendrecv'));
      return;
    }
    this.phone.respond(request, '200 OK', this.#localTag);
    if (method === 'NOTIFY') this.#notified(request);
    if (method === 'CANCEL' && this.request && this.state !== 'up') {
      this.phone.respond(this.request, '487 Request Terminated', this.#localTag);
      this.#set('over', 487);
    }
    if (method === 'BYE') this.#set('over', 200);
  }

  #notified(request: SipMessage): void {
    const event = headerOf(request, 'event').split(';')[0]?.trim().toLowerCase();
    if (event === 'talk') this.onTalk();
    if (event === 'refer') this.referStatus = Number(/^SIP\/2\.0 (\d{3})/.exec(request.body)?.[1] ?? 0);
    for (const waiter of this.#waiters) this.#look(waiter);
  }

  #look(waiter: Waiter): void {
    if (!waiter.when()) return;
    this.#waiters.delete(waiter);
    waiter.done();
  }

  #inviteAnswered(sent: SipMessage, response: SipMessage): void {
    const status = statusOf(response);
    if (status >= 200) this.#ack(sent, response);
    if ((status === 401 || status === 407) && !isAuthorized(sent)) {
      const again = this.#request(
        'INVITE',
        this.#target,
        [this.phone.authorize(response, 'INVITE', this.#target), ...this.#extra],
        sent.body,
      );
      this.#last = again;
      this.phone.transact(again, (next) => this.#inviteAnswered(again, next));
      return;
    }
    if (status === 100) this.#set('calling', 100);
    if (status > 100) this.#remote = headerOf(response, 'to');
    if (status === 180 || status === 183) this.#set('ringing', status);
    if (status >= 180 && response.body) this.#learnMedia(response);
    if (status >= 200 && status < 300) {
      this.#target = uriOf(headerOf(response, 'contact'));
      this.#set('up', status);
    } else if (status >= 300) this.#set('over', status);
  }

  #ack(sent: SipMessage, response: SipMessage): void {
    const ok = statusOf(response) < 300;
    const target = ok ? uriOf(headerOf(response, 'contact')) : (sent.first.split(' ')[1] ?? '');
    const sequence = headerOf(sent, 'cseq').split(' ')[0];
    this.phone.send({
      first: `ACK ${target} SIP/2.0`,
      headers: [
        ['Via', ok ? this.phone.via() : headerOf(sent, 'via')],
        ['From', headerOf(sent, 'from')],
        ['To', headerOf(response, 'to')],
        ['Call-ID', this.callId],
        ['CSeq', `${sequence} ACK`],
        ['Max-Forwards', '70'],
      ],
      body: '',
    });
  }

  #request(method: string, target: string, more: [string, string][], body: string): SipMessage {
    return {
      first: `${method} ${target} SIP/2.0`,
      headers: [
        ['Via', this.phone.via()],
        ['From', this.#local],
        ['To', this.#remote],
        ['Call-ID', this.callId],
        ['CSeq', `${this.#sequence++} ${method}`],
        ['Contact', this.phone.contact],
        ['Max-Forwards', '70'],
        ...more,
        ...(body ? ([['Content-Type', 'application/sdp']] satisfies [string, string][]) : []),
      ],
      body,
    };
  }

  #sdp(direction: string): string {
    const { host } = this.phone;
    return [
      'v=0',
      `o=- 1 ${this.#sequence} IN IP4 ${host}`,
      's=-',
      `c=IN IP4 ${host}`,
      't=0 0',
      `m=audio ${this.ear.port} RTP/AVP 0 101`,
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-16',
      `a=${direction}`,
      '',
    ].join('\r\n');
  }

  #learnMedia(message: SipMessage): void {
    const host = /^c=IN IP4 (\S+)/m.exec(message.body)?.[1];
    const port = /^m=audio (\d+)/m.exec(message.body)?.[1];
    if (host && port) this.#media = { host, port: Number(port) };
  }

  #set(state: SipCall['state'], status: number): void {
    if (this.state === 'over') return;
    this.state = state;
    this.status = status;
    if (state === 'over') this.ear.speak({ host: '127.0.0.1', port: 9 }, 0);
    for (const waiter of this.#waiters) this.#look(waiter);
  }
}

/** A second challenge says that the password was wrong. */
function isAuthorized(request: SipMessage): boolean {
  return headerOf(request, 'authorization') !== '' || headerOf(request, 'proxy-authorization') !== '';
}
