/**
 * Calls of visitors from a browser (web calls): each is a device of its own on the switch that may dial one number, until the
 * call has ended or a quarter of an hour has passed without one.
 *
 *     open ─► waiting ── call arrives ──► ringing ── answered ──► connected ── cleared ──► ended
 *                └────────────── 15 min, or hung up here ─────────────────────────────────────┘
 */
import type { Clock } from '../../lib/clock.ts';
import { randomToken } from '../../lib/ids.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { type Address, parseAddress } from '../../protocol/address.ts';
import type { WebCallTicket } from '../../protocol/api.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { Entry } from '../callcenter/model.ts';
import type { Arrival, Provisioning, Switch, SwitchFact } from '../telephony/ports.ts';
import type { IceServers } from './ice-servers.ts';

/** How long a ticket holds without a call, in milliseconds. */
export const TICKET_MS = 15 * 60_000;
/** How long a device stays after its call: the phone still has to say that it heard the end. */
const LINGER_MS = 5_000;
/** Visitors at a time, and those of one address. */
const MAX_OPEN = 500;
const MAX_PER_ADDRESS = 20;

export type VisitorState = 'waiting' | 'ringing' | 'connected' | 'ended';

export interface VisitorCallsOptions {
  callCenter: CallCenter;
  switch: Pick<Switch, 'events' | 'hangup' | 'capabilities'>;
  provisioning: Provisioning;
  clock: Clock;
  /** ISO 3166 code: how the visitor's number is read. */
  country: string;
  sip: { path: string; domain: string };
  iceServersFor: (userId: string, now: number) => IceServers;
  /** Calls in without audio, when the switch has none: the simulated exchange. */
  simulate?: { arrive(arrival: Arrival): unknown };
  onError: (error: unknown) => void;
}

interface Visitor {
  id: string;
  /** Of its device on the switch. */
  name: string;
  address: string;
  state: VisitorState;
  legId?: string;
  cancelExpiry: () => void;
}

export interface VisitorRequest {
  entry: string;
  name?: string;
  number?: string;
  /** The client's network address. */
  address: string;
}

export class VisitorCalls {
  readonly #options: VisitorCallsOptions;
  readonly #life: Lifecycle;
  readonly #byId = new Map<string, Visitor>();

  constructor(options: VisitorCallsOptions) {
    this.#options = options;
    this.#life = new Lifecycle(options.clock);
    this.#life.add(options.switch.events.on('fact', (fact) => this.#fact(fact)));
  }

  get media(): WebCallTicket['media'] {
    return this.#options.switch.capabilities.browserPhone ? 'webrtc' : 'none';
  }

  /** The numbers that visitors may call. */
  entries(): { entry: string; label: string }[] {
    const offered = this.#options.callCenter.entries().filter((entry) => entry.offeredToVisitors);
    return offered.map(({ dnis, label }) => ({ entry: dnis, label }));
  }

  /** @throws `not-found` for another number, `number-invalid` for the visitor's, `too-many-attempts`, the switch's errors. */
  async open(request: VisitorRequest): Promise<WebCallTicket> {
    const entry = this.#options.callCenter.entryFor(request.entry);
    if (!entry?.offeredToVisitors) throw new CodedError('not-found', { what: 'number to call' });
    const ani = this.#ani(request.number);
    this.#refuseTooMany(request.address);
    const visitor = this.#add(request.address);
    try {
      return await this.#connect(visitor, entry, ani, tidy(request.name));
    } catch (error) {
      this.#forget(visitor);
      throw error;
    }
  }

  /** Whether this ticket (its id) may use the SIP WebSocket. */
  holds(id: string): boolean {
    return this.#byId.has(id);
  }

  /** @throws `not-found` when it never was or is over for long. */
  state(id: string): VisitorState {
    return this.#must(id).state;
  }

  async hangup(id: string): Promise<void> {
    const visitor = this.#must(id);
    if (visitor.legId && visitor.state !== 'ended') await this.#options.switch.hangup(visitor.legId);
    this.#end(visitor);
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  async #connect(visitor: Visitor, entry: Entry, ani: Address, name: string): Promise<WebCallTicket> {
    const { provisioning, simulate, sip, iceServersFor, clock } = this.#options;
    const base = { id: visitor.id, dial: entry.dnis, media: this.media };
    if (base.media === 'none') {
      if (!simulate) throw new CodedError('switch-down');
      simulate.arrive({
        entry: `web:${visitor.name}`,
        ani: ani.value,
        dnis: entry.dnis,
        callerName: name || undefined,
      });
      return base;
    }
    const password = randomToken(26);
    await provisioning.put({
      name: visitor.name,
      password,
      kind: 'visitor',
      callerId: { number: ani.value, name },
      onlyDial: entry.dnis,
    });
    const iceServers = iceServersFor(visitor.name, clock.now());
    return {
      ...base,
      sip: {
        path: `${sip.path}?ticket=${visitor.id}`,
        username: visitor.name,
        password,
        domain: sip.domain,
        iceServers,
      },
    };
  }

  #ani(number: string | undefined): Address {
    const address = parseAddress(number ?? '', this.#options.country);
    if (address.kind !== 'e164' && address.kind !== 'withheld')
      throw new CodedError('number-invalid', { number: number ?? '' });
    return address;
  }

  #refuseTooMany(address: string): void {
    const live = [...this.#byId.values()].filter((visitor) => visitor.state !== 'ended');
    const mine = live.filter((visitor) => visitor.address === address);
    if (live.length >= MAX_OPEN || mine.length >= MAX_PER_ADDRESS)
      throw new CodedError('too-many-attempts', { seconds: 60 });
  }

  #add(address: string): Visitor {
    const visitor: Visitor = {
      id: randomToken(26),
      name: `web-${randomToken(16)}`,
      address,
      state: 'waiting',
      cancelExpiry: () => {},
    };
    visitor.cancelExpiry = this.#life.after(TICKET_MS, () => this.#end(visitor));
    this.#byId.set(visitor.id, visitor);
    return visitor;
  }

  #fact(fact: SwitchFact): void {
    if (fact.type === 'leg.arrived') return this.#arrived(fact.legId, fact.entry);
    if (fact.type !== 'leg.connected' && fact.type !== 'leg.cleared') return;
    const visitor = [...this.#byId.values()].find((v) => v.legId === fact.legId);
    if (!visitor) return;
    if (fact.type === 'leg.cleared') this.#end(visitor);
    else visitor.state = 'connected';
  }

  #arrived(legId: string, entry: string): void {
    const visitor = [...this.#byId.values()].find((v) => entry === `web:${v.name}` && v.state === 'waiting');
    if (!visitor) return;
    visitor.cancelExpiry();
    Object.assign(visitor, { legId, state: 'ringing' });
  }

  #end(visitor: Visitor): void {
    if (visitor.state === 'ended') return;
    visitor.state = 'ended';
    visitor.cancelExpiry();
    this.#life.after(LINGER_MS, () => this.#forget(visitor));
  }

  #forget(visitor: Visitor): void {
    visitor.cancelExpiry();
    this.#byId.delete(visitor.id);
    if (this.media === 'webrtc') this.#options.provisioning.remove(visitor.name).catch(this.#options.onError);
  }

  #must(id: string): Visitor {
    const visitor = this.#byId.get(id);
    if (!visitor) throw new CodedError('not-found', { what: 'call' });
    return visitor;
  }
}

/** A name fit for a SIP header: without control characters, quotes and angle brackets. */
function tidy(name = ''): string {
  return name
    .replace(/[\p{Cc}"<>\\]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
