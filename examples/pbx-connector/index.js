/**
 * The connector of the toy PBX that routes by itself (README.md explains each part). It translates and keeps nothing but the PBX's last
 * word: Crosspoint compares the parties with its own picture, so a lost connection loses nothing.
 */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { backoff, CodedError, Emitter, Lifecycle, withDeadline } from 'crosspoint/telephony';

/** @import { CreatePbx, ForeignPbx, PartyControl, PbxParty, PbxQueues, PbxTarget } from 'crosspoint/telephony' */

/**
 * What the PBX says of itself.
 *
 * @typedef {object} Channel
 * @property {string} id
 * @property {string} group
 * @property {string} [device] none: outside
 * @property {string} number
 * @property {string} name
 * @property {string} [dialled]
 * @property {string} [queue] where he waits
 * @property {PbxParty['state']} state
 * @property {boolean} held
 * @property {boolean} outgoing
 * @property {string} [bridge] whom he talks with has the same
 * @property {number} since UTC milliseconds
 *
 * @typedef {{ device: string, paused: boolean, reason: string }} Member
 * @typedef {{ name: string, members: Member[] }} Queue
 * @typedef {{ channels: Channel[], queues: Queue[], phones: string[] }} PbxState
 */

const DEADLINE_MS = 5_000;
/** What a telephone dials for the queue `help`. */
const QUEUE_NUMBERS = { help: '600' };

/** @type {CreatePbx} */
export function createPbx({ clock, log, settings }) {
  const { host = '127.0.0.1', port } = settings;
  if (typeof host !== 'string') throw new Error('the setting "host" is a host name');
  if (typeof port !== 'number') throw new Error('the setting "port" is the number of the PBX’s TCP port');
  return new ToyConnector({ host, port, clock, log });
}

/** @implements {ForeignPbx} */
class ToyConnector {
  /** @type {import('crosspoint/telephony').LinkState} */
  link = 'down';
  loginQueues = ['help'];
  #address;
  #clock;
  #life;
  #socket;
  #problem;
  #attempt = 0;
  #lastId = 0;
  #waiting = new Map();
  /** @type {PbxState} */
  #state = { channels: [], queues: [], phones: [] };

  constructor({ host, port, clock, log }) {
    this.#address = { host, port };
    this.#clock = clock;
    this.#life = new Lifecycle(clock);
    this.#life.add(() => this.#socket?.destroy());
    /** @type {ForeignPbx['events']} */
    this.events = new Emitter((err, event) => log.error({ err, event }, 'a listener failed'));
    this.calls = this.#calls();
    this.queues = this.#queues();
  }

  start() {
    const { host, port } = this.#address;
    this.#socket = connect(port, host);
    this.#socket.on('error', (error) => (this.#problem = error.message));
    this.#socket.on('close', () => this.#lost());
    createInterface(this.#socket)
      .on('error', () => undefined) // the socket's own says it too
      .on('line', (line) => this.#read(JSON.parse(line)));
  }

  async close() {
    await this.#life.close();
  }

  problem() {
    return this.#problem;
  }

  deviceOf(extension) {
    return `phone/${extension}`;
  }

  /** @returns {PbxParty[]} */
  parties() {
    const { channels } = this.#state;
    return channels.map((channel) => {
      const { id, group, device, number, name, dialled, state, held, outgoing } = channel;
      const alone = channels.filter(({ bridge }) => bridge && bridge === channel.bridge).length < 2;
      return {
        ...{ id, group, entry: 'trunk:line', number, name, dialled, state, held, outgoing },
        ...(device ? { device: this.deviceOf(device) } : {}),
        ...only(channel, 'dialledBy', 'consultedBy', 'queue', 'parked'),
        ...(alone ? {} : { together: channel.bridge }),
      };
    });
  }

  /** @returns {PartyControl} */
  #calls() {
    const ask = (verb, wish) => this.#ask(verb, wish).then(() => undefined);
    return {
      able: (verb, _party, carriesBoth) => !(carriesBoth && (verb === 'hold' || verb === 'retrieve')),
      refusal: (to) => (numberOf(to) === undefined ? new CodedError('not-capable') : undefined),
      make: (channel, device, to, { name }) =>
        ask('make', { channel, device: extensionOf(device), to: numberOf(to), name }),
      answer: (channel) => ask('answer', { channel }),
      hangup: (channel, declined) => ask('hangup', { channel, cause: declined ? 'busy' : 'normal' }),
      hold: (channel) => ask('hold', { channel, on: true }),
      retrieve: (channel) => ask('hold', { channel, on: false }),
      mute: (channel, on) => ask('mute', { channel, on }),
      sendDigits: (channel, digits) => ask('digits', { channel, digits }),
      consult: (channel, to) => ask('consult', { channel, to: numberOf(to) }),
      complete: ({ first }) => ask('complete', { channel: first }),
      cancel: ({ first }) => ask('cancel', { channel: first }),
      conference: ({ first }) => ask('conference', { channel: first }),
      transfer: (channel, to) => ask('transfer', { channel, to: numberOf(to) }),
      park: (channel, agent) => ask('park', { channel, agent }),
      pickUp: (channel, device, slot, { name }) =>
        ask('pickup', { channel, device: extensionOf(device), slot, name }),
    };
  }

  /** @returns {PbxQueues} */
  #queues() {
    const channels = () => this.#state.channels;
    const member = ({ device, paused, reason }) => ({
      device: this.deviceOf(device),
      ...{ name: device, paused, reason, penalty: 0, removable: true, wrapMs: 0 },
      inCall: channels().some((one) => one.device === device && one.state === 'connected'),
      ringing: channels().some((one) => one.device === device && one.state === 'alerting'),
    });
    const callers = (queue) =>
      channels()
        .filter((one) => one.queue === queue)
        .map(({ id, number, name, since }, place) => ({
          partyId: id,
          position: place + 1,
          number,
          name,
          since,
        }));
    const knows = (device) => this.#state.phones.includes(extensionOf(device));
    return {
      queues: () =>
        this.#state.queues.map(({ name, members }) => ({
          name,
          label: 'Help desk',
          members: members.map(member),
          waiting: callers(name),
        })),
      knows,
      reachable: knows,
      setPaused: async (device, paused, reason) =>
        void (await this.#ask('pause', { device: extensionOf(device), paused, reason })),
      logIn: async (device, _name, queues) => {
        for (const queue of queues) await this.#ask('login', { device: extensionOf(device), queue });
      },
      logOut: async (device) =>
        /** @type {string[]} the queues that it left */ (
          await this.#ask('logout', { device: extensionOf(device) })
        ),
    };
  }

  /** @param {string} verb @param {object} wish @returns {Promise<unknown>} what the PBX answered */
  async #ask(verb, wish) {
    if (this.link !== 'up') throw new CodedError('switch-down');
    const id = ++this.#lastId;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#socket.write(`${JSON.stringify({ id, do: verb, ...wish })}\n`);
    try {
      return await withDeadline(this.#clock, DEADLINE_MS, verb, answer);
    } finally {
      this.#waiting.delete(id);
    }
  }

  #read({ id, ok, error, state, gone, transferred, to }) {
    if (transferred) return this.events.emit('transferred', transferred, to);
    if (state) return this.#became(state, gone);
    const waiting = this.#waiting.get(id);
    if (error === undefined) return waiting?.resolve(ok);
    waiting?.reject(new CodedError(error === 'no-channel' ? 'no-such-line' : 'not-capable'));
  }

  #became(state, gone) {
    this.#state = state;
    if (this.link !== 'up') {
      this.#attempt = 0;
      this.#says('up');
    } else this.events.emit('parties', new Map(Object.entries(gone)));
    this.events.emit('queues');
  }

  #lost() {
    for (const { reject } of this.#waiting.values()) reject(new CodedError('switch-down'));
    if (this.link !== 'down') this.#says('down');
    this.#life.after(backoff(this.#attempt++, 50, 5_000), () => this.start());
  }

  /** @param {import('crosspoint/telephony').LinkState} link */
  #says(link) {
    this.link = link;
    this.events.emit('link', link);
  }
}

/** What a telephone of the PBX dials; undefined for a queue without a number. @param {PbxTarget} to */
function numberOf(to) {
  if (to.kind === 'extension') return to.extension;
  return to.kind === 'queue' ? QUEUE_NUMBERS[to.name] : to.number.value;
}

/** @param {string} device */
function extensionOf(device) {
  return device.replace('phone/', '');
}

/** These members of it, where they are set. */
function only(from, ...names) {
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));
}
