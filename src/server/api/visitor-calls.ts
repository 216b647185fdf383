/**
 * Calls of visitors from a browser (web calls): each is a device of its own on the switch that may dial one number, until the
 * call has ended or a quarter of an hour has passed without one.
 *
 *     open ─► waiting ── call arrives ──► ringing ── answered ──► connected ── cleared ──► ended
 *                └────────────── 15 min, or hung up here ─────────────────────────────────────┘
 *
 * Tickets are kept in the database until then: a call lives through the end of our process, and its browser comes back.
 */
import type { Clock } from '../../lib/clock.ts';
import { randomToken } from '../../lib/ids.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { type Address, parseAddress } from '../../protocol/address.ts';
import type { WebCallTicket } from '../../protocol/api.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { Entry } from '../callcenter/model.ts';
import type { Database } from '../store/database.ts';
import type { Arrival, ProvisionedDevice, Provisioning, Switch, SwitchFact } from '../telephony/ports.ts';
import type { IceServers } from './ice-servers.ts';

/** How long a ticket holds without a call, in milliseconds. */
export const TICKET_MS = 15 * 60_000;
/** How long a device stays after its call: the phone still has to say that it heard the end. */
const LINGER_MS = 5_000;
/** A ticket that we take over holds at least until its call, if it has one, has been found. */
const RESTORE_MS = 60_000;
/** Visitors at a time, and those of one address. */
const MAX_OPEN = 500;
const MAX_PER_ADDRESS = 20;

export type VisitorState = 'waiting' | 'ringing' | 'connected' | 'ended';

export interface VisitorCallsOptions {
  callCenter: CallCenter;
  db: Database;
  switch: Pick<Switch, 'events' | 'hangup' | 'capabilities' | 'list'>;
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

interface StoredVisitor {
  id: string;
  device: ProvisionedDevice;
  address: string;
  expires_at: number;
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
  #restoring: Promise<void> | undefined;

  constructor(options: VisitorCallsOptions) {
    this.#options = options;
    this.#life = new Lifecycle(options.clock);
    this.#life.add(options.switch.events.on('fact', (fact) => this.#fact(fact)));
    this.#life.add(
      options.switch.events.on('link', (link) => (link === 'up' ? this.#connected() : undefined)),
    );
  }

  async #connected(): Promise<void> {
    this.#restoring ??= this.#restore().catch((error: unknown) => {
      this.#restoring = undefined; // the next connection tries again
      throw error;
    });
    await this.#restoring;
    await this.#reconcile();
  }

  /** Takes over what an earlier process left. */
  async #restore(): Promise<void> {
    const { db, clock, provisioning } = this.#options;
    const rows = await db.query<StoredVisitor>('SELECT id, device, address, expires_at FROM web_call');
    for (const { id, device, address, expires_at } of rows) {
      this.#add(
        { id, name: device.name, address, state: 'waiting' },
        Math.max(expires_at - clock.now(), RESTORE_MS),
      );
      await provisioning.put(device);
    }
    await this.#reconcile();
    const late = rows.filter((row) => row.expires_at <= clock.now()).map((row) => this.#byId.get(row.id));
    for (const visitor of late) if (visitor?.state === 'waiting') await this.#forget(visitor);
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
    const visitor = this.#add({
      id: randomToken(26),
      name: `web-${randomToken(16)}`,
      address: request.address,
      state: 'waiting',
    });
    try {
      return await this.#connect(visitor, entry, ani, tidy(request.name));
    } catch (error) {
      await this.#forget(visitor);
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
    const base = { id: visitor.id, dial: entry.dnis, media: this.media };
    if (base.media === 'none') {
      this.#callWithoutAudio({
        entry: `web:${visitor.name}`,
        ani: ani.value,
        dnis: entry.dnis,
        callerName: name || undefined,
      });
      return base;
    }
    const callerId = { number: ani.value, name };
    const password = randomToken(26);
    await this.#provision(visitor, {
      name: visitor.name,
      password,
      kind: 'visitor',
      callerId,
      onlyDial: entry.dnis,
    });
    return { ...base, sip: this.#credentials(visitor, password) };
  }

  #callWithoutAudio(arrival: Arrival): void {
    const { simulate } = this.#options;
    if (!simulate) throw new CodedError('switch-down');
    simulate.arrive(arrival);
  }

  async #provision(visitor: Visitor, device: ProvisionedDevice): Promise<void> {
    const { db, clock, provisioning } = this.#options;
    await db.query('INSERT INTO web_call (id, device, address, expires_at) VALUES ($1, $2, $3, $4)', [
      visitor.id,
      JSON.stringify(device),
      visitor.address,
      clock.now() + TICKET_MS,
    ]);
    await provisioning.put(device);
  }

  #credentials({ id, name }: Visitor, password: string): WebCallTicket['sip'] {
    const { sip, iceServersFor, clock } = this.#options;
    const iceServers = iceServersFor(name, clock.now());
    return { path: `${sip.path}?ticket=${id}`, username: name, password, domain: sip.domain, iceServers };
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

  #add(made: Omit<Visitor, 'cancelExpiry'>, holdsMs = TICKET_MS): Visitor {
    const visitor: Visitor = { ...made, cancelExpiry: () => {} };
    visitor.cancelExpiry = this.#life.after(holdsMs, () => this.#end(visitor));
    this.#byId.set(visitor.id, visitor);
    return visitor;
  }

  /** The switch is the truth: calls that it has are going on, those that it has no more are over. */
  async #reconcile(): Promise<void> {
    const { legs } = await this.#options.switch.list();
    for (const { legId, state, arrival } of legs) {
      if (arrival) this.#arrived(legId, arrival.entry);
      if (state === 'connected')
        this.#ofLeg(legId, (visitor) => Object.assign(visitor, { state: 'connected' }));
    }
    for (const visitor of this.#byId.values()) {
      if (visitor.legId && !legs.some((leg) => leg.legId === visitor.legId)) this.#end(visitor);
    }
  }

  #fact(fact: SwitchFact): void {
    if (fact.type === 'leg.arrived') return this.#arrived(fact.legId, fact.entry);
    if (fact.type === 'leg.cleared') this.#ofLeg(fact.legId, (visitor) => this.#end(visitor));
    if (fact.type === 'leg.connected') {
      this.#ofLeg(fact.legId, (visitor) => Object.assign(visitor, { state: 'connected' }));
    }
  }

  #ofLeg(legId: string, act: (visitor: Visitor) => unknown): void {
    const visitor = [...this.#byId.values()].find((v) => v.legId === legId && v.state !== 'ended');
    if (visitor) act(visitor);
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
    this.#life.after(LINGER_MS, () => this.#forget(visitor).catch(this.#options.onError));
  }

  async #forget(visitor: Visitor): Promise<void> {
    const { db, provisioning } = this.#options;
    visitor.cancelExpiry();
    this.#byId.delete(visitor.id);
    await db.query('DELETE FROM web_call WHERE id = $1', [visitor.id]);
    if (this.media === 'webrtc') await provisioning.remove(visitor.name);
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
