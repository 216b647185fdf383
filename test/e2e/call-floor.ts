/** A whole floor without browsers: agents with SIP phones who drive their softphones over the socket, and callers by SIP. */
import { newId } from '../../src/lib/ids.ts';
import type { ErrorBody } from '../../src/protocol/errors.ts';
import { type Downstream, PROTOCOL_VERSION } from '../../src/protocol/socket.ts';
import type { Command, Line, SoftphoneState } from '../../src/protocol/softphone.ts';
import { applyPatch, type Operation } from 'rfc6902';
import { WebSocket } from 'ws';
import type { SipCall } from '../harness/sip-call.ts';
import { SipPhone } from '../harness/sip-phone.ts';
import type { Product } from './product.ts';

/** Password of every agent of the floor. */
const PASSWORD = 'crosspoint';
const RECONNECT_MS = 100;
/** Callers with a tone of their own below what a telephone carries; more begin anew. */
const HIGHEST = 75;
/** How much of what one hears must be the other's tone. */
const CLEARLY = 0.5;

/** A command without its id, which is given here. */
type Wish = Command extends infer C
  ? C extends { commandId: string }
    ? Omit<C, 'commandId'>
    : never
  : never;
type Result = { ok: true } | { ok: false; error: ErrorBody };

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until `seen` is truthy and resolves with it; rejects after `ms` with what was missed. */
export async function until<T>(
  what: string,
  seen: () => T | Promise<T>,
  ms = 10_000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + ms;
  for (;;) {
    const value = await seen();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited ${ms} ms for ${what}`);
    await wait(20);
  }
}

export interface JoinOptions {
  extension?: string;
  platformId?: string;
  sip?: { host: string; port: number };
  /** His phone at a PBX that routes by itself: it knows it already, nothing is made there. */
  phone?: SipPhone;
}

/** An agent with a SIP phone; the softphone's socket is connected again whenever it breaks. */
export class FloorAgent {
  readonly username: string;
  readonly hertz: number;
  readonly phone: SipPhone;
  readonly #product: Product;
  readonly #token: string;
  readonly #results = new Map<string, (result: Result | undefined) => void>();
  readonly #tabId = newId('tab');
  /** What his phone rings with or talks on, the last one. */
  call: SipCall | undefined;
  /** Lifts the phone as soon as it rings. */
  lifts = false;
  state: SoftphoneState | undefined;
  #socket: WebSocket | undefined;
  #closed = false;

  private constructor(product: Product, phone: SipPhone, token: string, username: string, hertz: number) {
    this.#product = product;
    this.phone = phone;
    this.#token = token;
    this.username = username;
    this.hertz = hertz;
    phone.onInvite = (call) => this.#rung(call);
    this.#connect();
  }

  /** Makes the user and his phone, and has him sit down. He is not ready and in no queue yet. */
  static async join(
    product: Product,
    username: string,
    hertz: number,
    /** `platformId` and `sip`: a telephone system of his own in place of the private one. */
    { extension, platformId, sip, phone: his }: JoinOptions = {},
  ): Promise<{ agent: FloorAgent; id: string }> {
    const user = await product.post<{ id: string }>(
      '/api/users',
      {
        username,
        name: username,
        roles: ['agent'],
        locale: 'en-GB',
        zone: 'Europe/London',
        country: 'GB',
        password: PASSWORD,
        ...(extension ? { extension } : {}),
        ...(platformId ? { platformId } : {}),
      },
      'admin',
    );
    const made = his ? { phone: his } : await deskPhone(product, username, sip);
    const token = await tokenOf(product, username);
    const agent = new FloorAgent(product, made.phone, token, username, hertz);
    await until('a snapshot', () => agent.state);
    if ('deviceId' in made) await agent.must({ verb: 'device', deviceId: made.deviceId });
    return { agent, id: user.id };
  }

  /** His line, when he has just one. */
  get line(): Line | undefined {
    return this.state?.lines.length === 1 ? this.state.lines[0] : undefined;
  }

  /** Asks; resolves with the answer, or with undefined when the connection broke before it or none came in 5 s. */
  ask(wish: Wish): Promise<Result | undefined> {
    const commandId = newId('command');
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), 5_000);
      const answered = (result: Result | undefined) => {
        clearTimeout(timer);
        this.#results.delete(commandId);
        resolve(result);
      };
      this.#results.set(commandId, answered);
      this.#say({ type: 'command', command: { ...wish, commandId } });
    });
  }

  /** Asks, and rejects unless it is accepted. */
  async must(wish: Wish): Promise<void> {
    const result = await this.ask(wish);
    if (!result?.ok)
      throw new Error(`${this.username} ${wish.verb}: ${result?.error.message ?? 'no answer'}`);
  }

  async ready(): Promise<void> {
    await this.must({ verb: 'agent.state', state: 'ready' });
  }

  async note(comments: string): Promise<void> {
    await until('a log', () => this.line?.log);
    await this.must({ verb: 'log.edit', lineId: this.#lineId, comments });
    await until(`the notes of ${this.username}`, () => this.line?.log?.comments === comments);
  }

  /** A verb of his one line. */
  async press(verb: 'hangup' | 'hold' | 'retrieve' | 'mute' | 'wrap.finish' | 'decline'): Promise<void> {
    await this.must({ verb, lineId: this.#lineId });
  }

  is(state: Line['state'], ms = 10_000): Promise<Line> {
    return until(
      `${this.username} to be ${state}`,
      () => (this.line?.state === state ? this.line : undefined),
      ms,
    ).catch((error: Error) => {
      throw new Error(
        `${error.message}: ${this.state?.agent.shown}, lines ${this.state?.lines.map((line) => line.state).join()}`,
      );
    });
  }

  lift(): void {
    this.call?.answer(this.hertz);
  }

  close(): void {
    this.#closed = true;
    this.#socket?.close();
    this.phone.close();
  }

  get #lineId(): string {
    const id = this.line?.id;
    if (!id) throw new Error(`${this.username} has ${this.state?.lines.length ?? 0} lines`);
    return id;
  }

  #rung(call: SipCall): void {
    this.call = call;
    call.ring();
    if (this.lifts) this.lift();
  }

  #connect(): void {
    if (this.#closed) return;
    const socket = new WebSocket(`${this.#product.url.replace('http', 'ws')}/api/socket`, {
      headers: { authorization: `Bearer ${this.#token}` },
    });
    this.#socket = socket;
    socket.on('open', () =>
      this.#say({
        type: 'hello',
        protocol: PROTOCOL_VERSION,
        tabId: this.#tabId,
        canAudio: false,
        canPop: true,
        legs: [],
      }),
    );
    socket.on('message', (data) => this.#hear(JSON.parse(String(data)) as Downstream));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.state = undefined;
      for (const answered of this.#results.values()) answered(undefined);
      setTimeout(() => this.#connect(), RECONNECT_MS);
    });
  }

  #hear(message: Downstream): void {
    if (message.type === 'ping') this.#say({ type: 'pong' });
    if (message.type === 'snapshot') this.state = message.state;
    if (message.type === 'patch' && this.state) applyPatch(this.state, message.ops as Operation[]);
    if (message.type === 'result') this.#results.get(message.commandId)?.(message);
  }

  #say(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

/** A phone that is pushed to the user's telephone system and registers there. */
async function deskPhone(
  product: Product,
  username: string,
  sip: { host: string; port: number } = { host: '127.0.0.1', port: product.sipPort },
): Promise<{ phone: SipPhone; deviceId: string }> {
  const { device, password } = await product.post<{
    device: { id: string; username: string };
    password: string;
  }>('/api/devices', { label: 'Desk' }, username);
  const phone = await SipPhone.open({ server: sip, user: device.username, password });
  const status = await phone.register();
  if (status !== 200) throw new Error(`the phone of ${username} did not register: ${status}`);
  return { phone, deviceId: device.id };
}

async function tokenOf(product: Product, username: string): Promise<string> {
  const response = await fetch(`${product.url}/api/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: PASSWORD }),
  });
  return ((await response.json()) as { token: string }).token;
}

/** A customer who says a tone of his own. */
export interface FloorCaller {
  number: string;
  hertz: number;
  call: SipCall;
}

/** A telephone line on which many customers call. */
export class FloorCallers {
  readonly #phone: SipPhone;
  readonly all: FloorCaller[] = [];

  constructor(phone: SipPhone) {
    this.#phone = phone;
  }

  static async open(product: Product, sip?: { host: string; port: number }): Promise<FloorCallers> {
    return new FloorCallers(
      await SipPhone.open({ server: sip ?? { host: '127.0.0.1', port: product.sipPort }, user: 'customer' }),
    );
  }

  /** The next customer calls; resolves when he is through and talks. */
  async call(to: string): Promise<FloorCaller> {
    const caller = await this.begin(to);
    await caller.call.reaches('up', 10_000);
    caller.call.speak(caller.hertz);
    return caller;
  }

  /** The next customer's INVITE is on its way. */
  async begin(to: string): Promise<FloorCaller> {
    const serial = this.all.length;
    const number = `+4420794${String(61_000 + serial)}`;
    const caller = {
      number,
      hertz: 1_000 + 37 * (serial % HIGHEST),
      call: await this.#phone.call(to, { number }),
    };
    this.all.push(caller);
    return caller;
  }

  close(): void {
    this.#phone.close();
  }
}

/** How clearly each hears the other's own tone now, the worse of both: 0 to 1. */
export async function talk(agent: FloorAgent, caller: FloorCaller, ms = 400): Promise<number> {
  const theirs = agent.call;
  if (!theirs) return 0;
  caller.call.ear.reset();
  theirs.ear.reset();
  await wait(ms);
  return Math.min(caller.call.ear.share(agent.hertz), theirs.ear.share(caller.hertz));
}

/** Waits until both hear each other. */
export async function bothHear(agent: FloorAgent, caller: FloorCaller): Promise<void> {
  await until(
    `${agent.username} and ${caller.number} to hear each other`,
    async () => (await talk(agent, caller)) > CLEARLY,
    8_000,
  );
}

/** Waits until the caller hears something that is nobody's tone: music. */
export async function hearsMusic(caller: FloorCaller, agents: readonly FloorAgent[]): Promise<void> {
  const { ear } = caller.call;
  await until(
    `${caller.number} to hear music`,
    async () => {
      ear.reset();
      await wait(500);
      return ear.loudness > 20 && agents.every((agent) => ear.share(agent.hertz) < CLEARLY);
    },
    8_000,
  );
}
