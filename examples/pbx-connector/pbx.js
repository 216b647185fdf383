/**
 * A toy PBX that routes by itself: telephones by extension, a line to the outside, one queue, parking. There is no sound. Programs reach
 * it by TCP with lines of JSON: whoever connects is sent the whole state, and again whenever something changes
 *
 *     {"state": {"channels": […], "queues": […], "phones": […]}, "gone": {"c7": "busy"}}
 *     {"transferred": "c3", "to": "202"}
 *
 * and may ask for what `ToyPbx.prototype.do…` can: {"id": 1, "do": "hangup", "channel": "c3"} is answered {"id": 1, "ok": true} or
 * {"id": 1, "error": "no-channel"}.
 *
 *     incoming ─► rings a phone, or waits in the queue ─► connected ─► gone
 */
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

const SLOT = '701';

export class ToyPbx {
  #server;
  #sockets = new Set();
  #cut = false;
  #serial = 0;
  #phones = ['201', '202', '203'];
  channels = new Map();
  queues = new Map([['help', { number: '600', members: new Map([['203', { paused: false, reason: '' }]]) }]]);
  /** Told of each channel that rings: telephones do not ring by themselves here. */
  onRing = (_channel) => undefined;

  async open() {
    this.#server = createServer((socket) => this.#accept(socket));
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get port() {
    return this.#server.address().port;
  }

  async close() {
    this.cut(true);
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The wire breaks, or is whole again. Calls go on. */
  cut(on) {
    this.#cut = on;
    if (on) for (const socket of this.#sockets) socket.destroy();
  }

  // ── What people do at the far ends ────────────────────────────────────────────────────────────────────────────────

  /** Somebody outside calls. */
  arrive({ from, name, to }) {
    const channel = this.#channel({ number: from, name, dialled: to, outgoing: false });
    this.#route(channel, to);
    this.#changed();
    return channel;
  }

  answer(channel) {
    if (channel.gone || channel.state === 'connected') return;
    channel.state = 'connected';
    const by = this.channels.get(channel.dialledBy ?? channel.consultedBy ?? '');
    if (channel.then) this.#route(channel, channel.then);
    else if (by?.parked) this.#unpark(channel, by);
    else if (by) this.#join(channel, by);
    this.#changed();
  }

  hangUp(channel, cause = channel.state === 'connected' ? 'normal' : 'cancelled') {
    this.#end(channel, cause);
    this.#changed();
  }

  pause(device, paused, reason) {
    for (const { members } of this.queues.values()) {
      const member = members.get(device);
      if (member) Object.assign(member, { paused, reason: paused ? reason : '' });
    }
    this.#changed();
  }

  // ── What programs ask ─────────────────────────────────────────────────────────────────────────────────────────────

  doMake({ channel, device, to, name }) {
    this.#ring(device, { id: channel, group: channel, name, then: to });
  }

  doAnswer({ channel }) {
    this.answer(this.#must(channel));
  }

  doHangup({ channel, cause }) {
    this.#end(this.#must(channel), cause);
  }

  doHold({ channel, on }) {
    this.#must(channel).held = on;
  }

  doMute({ channel, on }) {
    this.#must(channel).muted = on;
  }

  doDigits({ channel, digits }) {
    this.#must(channel).keys += digits;
  }

  /** The caller waits alone in his bridge while the agent's one telephone calls somebody else. */
  doConsult({ channel, to }) {
    const agent = this.#must(channel);
    this.#ring(to, { group: agent.group, consultedBy: agent.id });
    agent.first = agent.bridge;
    agent.bridge = undefined;
  }

  doComplete({ channel }) {
    const agent = this.#must(channel);
    const customer = this.#others(agent, agent.first)[0];
    const consulted = this.#consultedBy(agent);
    if (!customer || !consulted) throw 'no-call';
    delete consulted.consultedBy;
    consulted.dialledBy = customer.id;
    if (consulted.state === 'connected') consulted.bridge = agent.first;
    agent.bridge = undefined;
    this.#remove(agent, 'normal');
  }

  doCancel({ channel }) {
    const agent = this.#must(channel);
    const consulted = this.#consultedBy(agent);
    if (consulted) this.#remove(consulted, 'cancelled');
    this.#back(agent);
  }

  doConference({ channel }) {
    const agent = this.#must(channel);
    const consulted = this.#consultedBy(agent);
    if (!consulted) throw 'no-call';
    consulted.bridge = agent.first;
    this.#back(agent);
  }

  doTransfer({ channel, to }) {
    const agent = this.#must(channel);
    const customer = this.#others(agent)[0];
    if (!customer) throw 'no-call';
    this.#say({ transferred: agent.id, to });
    customer.bridge = undefined;
    this.#remove(agent, 'normal');
    this.#route(customer, to);
  }

  doPark({ channel, agent }) {
    const customer = this.#must(channel);
    customer.bridge = undefined;
    customer.parked = SLOT;
    this.#remove(this.#must(agent), 'normal');
  }

  doPickup({ channel, device, slot, name }) {
    const parked = [...this.channels.values()].find((one) => one.parked === slot);
    if (!parked) throw 'no-call';
    this.#ring(device, { id: channel, group: parked.group, name, dialledBy: parked.id });
  }

  doPause({ device, paused, reason }) {
    this.pause(device, paused, reason);
  }

  doLogin({ device, queue }) {
    this.queues.get(queue)?.members.set(device, { paused: false, reason: '' });
  }

  /** Every queue lets every member go. */
  doLogout({ device }) {
    return [...this.queues].flatMap(([name, { members }]) => (members.delete(device) ? [name] : []));
  }

  // ── Calls ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #channel(given) {
    const id = given.id ?? `c${++this.#serial}`;
    const channel = {
      group: id,
      state: 'initiated',
      name: '',
      dialled: '',
      held: false,
      keys: '',
      ...given,
      id,
    };
    this.channels.set(id, channel);
    return channel;
  }

  /** An extension, the queue, or a number outside. */
  #route(channel, to) {
    const queue = [...this.queues].find(([, { number }]) => number === to);
    if (queue) Object.assign(channel, { state: 'connected', queue: queue[0], since: Date.now() });
    else this.#ring(to, { group: channel.group, dialledBy: channel.id });
  }

  #ring(to, given) {
    const device = this.#phones.includes(to) ? { device: to } : {};
    const channel = this.#channel({ state: 'alerting', outgoing: true, number: to, ...device, ...given });
    this.onRing(channel);
  }

  #join(channel, by) {
    by.bridge ??= `b${++this.#serial}`;
    channel.bridge = by.bridge;
    by.state = 'connected';
    delete by.queue;
  }

  #unpark(channel, parked) {
    delete parked.parked;
    this.#join(channel, parked);
  }

  /** One leaves. Who is alone then goes too, but for who waits for something. */
  #end(channel, cause) {
    if (channel.gone) return;
    const left = this.#others(channel);
    const consulting = this.channels.get(channel.consultedBy ?? '');
    const consulted = this.#consultedBy(channel);
    this.#remove(channel, cause);
    for (const rung of [...this.channels.values()].filter((one) => one.dialledBy === channel.id))
      if (rung.state === 'alerting') this.#remove(rung, 'cancelled');
    if (consulted) this.#end(consulted, 'cancelled');
    if (consulting) return this.#back(consulting);
    const caller = this.channels.get(channel.dialledBy ?? '');
    if (channel.state === 'alerting' && caller && !caller.queue && !caller.parked) this.#end(caller, cause);
    const alone = left.length === 1 ? left[0] : undefined;
    const awaited = [...this.channels.values()].some(({ first }) => first && first === alone?.bridge);
    if (alone && !awaited) this.#end(alone, 'normal');
  }

  #remove(channel, cause) {
    channel.gone = cause;
    this.channels.delete(channel.id);
    this.#gone[channel.id] = cause;
  }

  /** The agent is in his first call again. */
  #back(agent) {
    for (const one of this.channels.values()) if (one.consultedBy === agent.id) delete one.consultedBy;
    agent.bridge = agent.first;
    delete agent.first;
    if (this.#others(agent).length === 0) this.#end(agent, 'normal');
  }

  #others(channel, bridge = channel.bridge) {
    return [...this.channels.values()].filter(
      (one) => bridge !== undefined && one.bridge === bridge && one !== channel,
    );
  }

  #consultedBy(agent) {
    return [...this.channels.values()].find((one) => one.consultedBy === agent.id);
  }

  #must(id) {
    const channel = this.channels.get(id);
    if (!channel) throw 'no-channel';
    return channel;
  }

  /** Each queue rings its first free member for who waits longest. */
  #serve() {
    for (const [name, { members }] of this.queues) {
      const all = [...this.channels.values()];
      const waiting = all.find(
        (one) => one.queue === name && !all.some(({ dialledBy }) => dialledBy === one.id),
      );
      const free = [...members].find(
        ([device, { paused }]) => !paused && !all.some((one) => one.device === device),
      );
      if (waiting && free) this.#ring(free[0], { group: waiting.group, dialledBy: waiting.id });
    }
  }

  // ── The wire ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #gone = {};

  #changed() {
    this.#serve();
    this.#say({ state: this.#state(), gone: this.#gone });
    this.#gone = {};
  }

  #state() {
    return {
      channels: [...this.channels.values()],
      queues: [...this.queues].map(([name, { members }]) => ({
        name,
        members: [...members].map(([device, member]) => ({ device, ...member })),
      })),
      phones: this.#phones,
    };
  }

  #say(message, only = undefined) {
    for (const socket of only ? [only] : this.#sockets) socket.write(`${JSON.stringify(message)}\n`);
  }

  #accept(socket) {
    if (this.#cut) return socket.destroy();
    this.#sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    createInterface(socket)
      .on('error', () => undefined)
      .on('line', (line) => this.#obey(socket, JSON.parse(line)));
    this.#say({ state: this.#state(), gone: {} }, socket);
  }

  #obey(socket, { id, do: verb, ...wish }) {
    const name = `do${verb[0].toUpperCase()}${verb.slice(1)}`;
    try {
      const ok = this[name](wish) ?? true;
      this.#changed();
      this.#say({ id, ok }, socket);
    } catch (error) {
      this.#say({ id, error: String(error) }, socket);
    }
  }
}
