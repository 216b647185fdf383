/**
 * The toy PBX: a telephone system in one file, without sound, that is remote-controlled over TCP. It stands for the one that you
 * want to connect, so it has words of its own, and knows nothing of Crosspoint.
 *
 * Each line is a JSON object. We send `{"id": 7, "do": "ANSWER", "channel": "ch-1"}`, it answers `{"id": 7, "ok": …}` or
 * `{"id": 7, "error": "NO-CHANNEL"}`, and tells what happens: `{"event": "GONE", "at": 1767603600000, "channel": "ch-1", …}`.
 * The first command is LOGIN. A channel is one party's line; channels in the same room hear each other. Causes are Q.850's.
 *
 *     node pbx.js [port]      then type `help`
 */
import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const APOLOGY_MS = 400;
const REACT_MS = 30;
const SOUND_MS = 600;
const MS_PER_LETTER = 40;
const WAV_BYTES_PER_MS = 16;

class Refusal extends Error {}

/** A telephone: a station of the PBX, or anybody outside. `when` says what it does by itself when it rings. */
class Phone {
  when = 'answers'; // or busy, rejects, waits, early
  /** The channel of the latest call to it. */
  channel = undefined;
  present = false;
  password = undefined;
}

export class ToyPbx {
  phones = new Map();
  /** Stations that are there without a telephone having registered: for trying things out. */
  stationsAreThere = false;
  channels = new Map();
  #lines = new Map();
  #rooms = new Map();
  #clients = new Set();
  #sockets = new Set();
  #password;
  #server;
  #cut = false;
  #stalled;
  #boot = randomBytes(4).toString('hex');
  #count = 0;

  constructor(password) {
    this.#password = password;
  }

  async open(port = 0) {
    this.#server = createServer((socket) => this.#accept(socket));
    await new Promise((resolve, reject) =>
      this.#server.once('error', reject).listen(port, '127.0.0.1', resolve),
    );
  }

  get port() {
    return this.#server.address().port;
  }

  async close() {
    this.cut(true);
    for (const channel of this.channels.values()) this.#gone(channel, 41);
    await new Promise((resolve) => this.#server.close(resolve));
  }

  // ---- the people on the telephones

  /** Somebody calls in from outside. */
  call({ from, name = '', to }) {
    const channel = this.#channel(`ch-${this.#boot}-${++this.#count}`, 'in', {
      from,
      name,
      to,
      via: 'outside',
    });
    if (this.#clients.size === 0) this.#apologise(channel);
    else this.#tell('INCOMING', channel, { from, name, to, via: channel.via });
    return channel;
  }

  phone(address) {
    if (!this.phones.has(address)) this.phones.set(address, new Phone());
    return this.phones.get(address);
  }

  register(station, password) {
    const phone = this.phone(`station:${station}`);
    phone.present = phone.password !== undefined && phone.password === password;
    if (phone.present) this.#say({ event: 'STATION', station, present: true });
    return phone.present;
  }

  unregister(station) {
    this.phone(`station:${station}`).present = false;
    this.#say({ event: 'STATION', station, present: false });
  }

  /** A telephone picks up. */
  pickUp(channel) {
    if (channel.state !== 'ringing') return;
    channel.state = 'up';
    channel.answered = true;
    clearTimeout(channel.timer);
    this.#tell('UP', channel);
  }

  /** A party hangs up: a caller who is not answered yet gives up, a called telephone refuses. */
  hangUp(channel) {
    this.#gone(channel, channel.direction === 'out' && !channel.answered ? 21 : 16);
  }

  press(channel, keys) {
    if (channel.state === 'up') for (const key of keys) this.#tell('KEY', channel, { key });
  }

  hold(channel, on) {
    if (channel.state === 'up') this.#tell(on ? 'HELD' : 'UNHELD', channel);
  }

  /** What a party hears now: `silence`, `sound`, or the channels whose voices it hears. */
  hears(channel) {
    if (channel.state === 'gone') return 'silence';
    if (channel.state === 'taken' || channel.saying) return 'sound';
    const talks = (other) => other !== channel && !other.muted && (other.state === 'up' || other.early);
    const voices = [...(channel.room?.channels ?? [])].filter(talks);
    if (voices.length > 0) return voices;
    return channel.music ? 'sound' : 'silence';
  }

  // ---- accidents

  /** The network to the PBX breaks, or is repaired: calls go on. */
  cut(on) {
    this.#cut = on;
    if (on) this.#hangUpOnClients();
  }

  /** The PBX reads on, and does nothing. */
  stall(on) {
    const waiting = this.#stalled ?? [];
    this.#stalled = on ? [] : undefined;
    if (!on) for (const work of waiting) work();
  }

  /** It starts anew: calls, rooms, stations and lines are forgotten. */
  restart() {
    this.#hangUpOnClients();
    for (const channel of this.channels.values()) this.#gone(channel, 41);
    this.#rooms.clear();
    this.#lines.clear();
    this.phones.clear();
    this.#boot = randomBytes(4).toString('hex');
  }

  #hangUpOnClients() {
    this.#clients.clear();
    for (const socket of this.#sockets) socket.destroy();
  }

  // ---- the wire

  #accept(socket) {
    if (this.#cut) return void socket.destroy();
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#clients.delete(socket);
    });
    const lines = createInterface(socket).on('error', () => undefined); // the socket's own says it too
    lines.on('line', (line) => {
      const work = () => this.#read(socket, line);
      if (this.#stalled) this.#stalled.push(work);
      else work();
    });
  }

  #read(socket, line) {
    const { id, do: verb, ...args } = JSON.parse(line);
    const answer = (result) => socket.writable && socket.write(`${JSON.stringify({ id, ...result })}\n`);
    try {
      if (verb === 'LOGIN') {
        if (args.password !== this.#password) throw new Refusal('WRONG-PASSWORD');
        this.#clients.add(socket);
        return answer({ ok: { pbx: 'toy 1.0' } });
      }
      if (!this.#clients.has(socket)) throw new Refusal('LOGIN-FIRST');
      if (!Object.hasOwn(this.#verbs, verb)) throw new Refusal('NO-SUCH-COMMAND');
      answer({ ok: this.#verbs[verb](args) ?? true });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answer({ error: error.message });
    }
  }

  #say(event) {
    const line = `${JSON.stringify({ at: Date.now(), ...event })}\n`;
    for (const client of this.#clients) client.write(line);
  }

  #tell(event, channel, more = {}) {
    if (channel.state !== 'taken') this.#say({ event, channel: channel.name, ...more });
  }

  // ---- what the wire can ask for

  #verbs = {
    CHANNELS: () => ({
      channels: [...this.channels.values()].filter(({ state }) => state !== 'taken').map(show),
      rooms: [...this.#rooms].map(([room, { channels }]) => ({
        room,
        channels: [...channels].map(({ name }) => name),
      })),
    }),
    CALL: ({ channel: name, to, from, callerName, headers, ringMs }) => {
      if (this.channels.has(name)) throw new Refusal('NAME-TAKEN');
      const channel = this.#channel(name, 'out', { from, name: callerName, to, headers });
      setTimeout(() => this.#ringPhone(channel, ringMs), REACT_MS);
    },
    ANSWER: ({ channel }) => this.pickUp(this.#find(channel)),
    REFUSE: ({ channel: name, cause }) => {
      const channel = this.#find(name);
      if (channel.direction === 'out' || channel.answered) throw new Refusal('WRONG-STATE');
      this.#gone(channel, cause);
    },
    DROP: ({ channel }) => this.#gone(this.#find(channel), 16),
    RINGING: ({ channel }) => void (this.#find(channel).ringing = true),
    JOIN: ({ room: name, channels: names }) => {
      const channels = names.map((one) => this.#find(one));
      const room = this.#rooms.get(name) ?? { channels: new Set() };
      this.#rooms.set(name, room);
      for (const channel of channels) {
        if (channel.room !== room) this.#leave(channel);
        channel.room = room;
        channel.music = false;
        room.channels.add(channel);
      }
    },
    LEAVE: ({ channel }) => this.#leave(this.#find(channel)),
    CLOSE: ({ room }) => {
      for (const channel of this.#rooms.get(room)?.channels ?? []) channel.room = undefined;
      this.#rooms.delete(room);
    },
    MUTE: ({ channel, on }) => void (this.#find(channel).muted = on),
    MUSIC: ({ channel, on }) => void (this.#find(channel).music = on),
    SAY: ({ channel: name, say, items }) => {
      const channel = this.#find(name);
      this.#said(channel, 'stopped');
      channel.saying = { say, items: [...items] };
      this.#sayNext(channel);
    },
    HUSH: ({ channel: name, say }) => {
      const channel = this.#find(name);
      if (channel.saying?.say === say) this.#said(channel, 'stopped');
    },
    KEYS: ({ channel, keys }) => void (this.#find(channel).keys += keys),
    WATCHDOG: ({ channel: name, ms, treatment }) => {
      const channel = this.#find(name);
      clearTimeout(channel.watchdog);
      if (ms > 0) channel.watchdog = setTimeout(() => this.#bite(channel, treatment), ms);
    },
    STATION: ({ station, password }) => {
      if (!/^[A-Za-z0-9-]{1,40}$/.test(station)) throw new Refusal('BAD-NAME');
      const phone = this.phone(`station:${station}`);
      phone.password = password;
      if (!this.stationsAreThere) return;
      phone.when = 'waits';
      this.register(station, password);
    },
    'NO-STATION': ({ station }) => void this.phones.delete(`station:${station}`),
    STATIONS: () =>
      [...this.phones]
        .filter(([, { present }]) => present)
        .map(([address]) => address.slice('station:'.length)),
    LINE: ({ line }) => {
      if (!/^[A-Za-z0-9_-]{1,60}$/.test(line)) throw new Refusal('BAD-NAME');
      this.#lines.set(line, {});
    },
    'NO-LINE': ({ line }) => void this.#lines.delete(line),
    LINES: () => [...this.#lines.keys()],
  };

  // ---- inside

  #channel(name, direction, more) {
    const channel = {
      name,
      direction,
      state: 'ringing',
      answered: false,
      keys: '',
      callerName: more.name,
      ...more,
    };
    channel.name = name;
    this.channels.set(name, channel);
    return channel;
  }

  #find(name) {
    const channel = this.channels.get(name);
    if (!channel || channel.state === 'taken') throw new Refusal('NO-CHANNEL');
    return channel;
  }

  #ringPhone(channel, ringMs) {
    if (channel.state !== 'ringing') return;
    const [kind, rest] = channel.to.split(/:(.*)/s);
    const there =
      kind === 'station'
        ? this.phones.get(channel.to)?.present
        : kind !== 'line' || this.#lines.has(rest.split('/')[0]);
    if (!there) return this.#gone(channel, 20);
    const phone = this.phone(channel.to);
    phone.channel = channel;
    channel.ringing = true;
    this.#tell('RINGING', channel);
    channel.early = phone.when === 'early';
    if (channel.early) this.#tell('EARLY', channel);
    channel.timer = setTimeout(() => this.#gone(channel, 19), ringMs);
    const react = {
      answers: () => this.pickUp(channel),
      busy: () => this.#gone(channel, 17),
      rejects: () => this.#gone(channel, 21),
    };
    if (react[phone.when]) setTimeout(() => react[phone.when](), REACT_MS);
  }

  #leave(channel) {
    channel.room?.channels.delete(channel);
    channel.room = undefined;
  }

  #gone(channel, cause) {
    if (channel.state === 'gone') return;
    this.#said(channel, 'stopped');
    this.#leave(channel);
    this.#tell('GONE', channel, { cause, answered: channel.answered });
    channel.state = 'gone';
    channel.cause = cause;
    this.channels.delete(channel.name);
    for (const timer of [channel.timer, channel.watchdog]) clearTimeout(timer);
  }

  /** The remote control was silent for too long: from now on the channel is the PBX's own. */
  #bite(channel, treatment) {
    if (treatment === 'drop') return this.#gone(channel, 102);
    this.#said(channel, 'stopped');
    this.#leave(channel);
    this.#tell('GONE', channel, { cause: 102, answered: channel.answered });
    this.#apologise(channel);
  }

  #apologise(channel) {
    channel.state = 'taken';
    channel.timer = setTimeout(() => this.#gone(channel, 16), APOLOGY_MS);
  }

  #sayNext(channel) {
    const item = channel.saying.items.shift();
    if (!item) return this.#said(channel, 'done');
    const [kind, value] = item.split(/:(.*)/s);
    if (kind === 'tone') return; // until it is stopped
    if (kind === 'file' && !existsSync(value)) return this.#said(channel, 'failed');
    const ms =
      { sound: SOUND_MS, text: MS_PER_LETTER * value.length }[kind] ??
      statSync(value).size / WAV_BYTES_PER_MS;
    channel.saying.timer = setTimeout(() => this.#sayNext(channel), ms);
  }

  #said(channel, result) {
    if (!channel.saying) return;
    const { say, timer } = channel.saying;
    clearTimeout(timer);
    channel.saying = undefined;
    this.#tell('SAID', channel, { say, result });
  }
}

function show({ name, direction, state, ringing, from, callerName, to, via }) {
  const arrival = direction === 'in' ? { from, name: callerName, to, via } : {};
  return {
    channel: name,
    direction,
    state: state === 'ringing' && ringing ? 'ringing' : state === 'up' ? 'up' : 'new',
    ...arrival,
  };
}

const HELP = `call FROM TO    somebody calls in        answer    every station that rings picks up
press KEYS      the callers press keys    hangup    every caller hangs up    who    every channel`;

/** For trying things out by hand. */
async function main() {
  const pbx = new ToyPbx(process.env.TOY_PASSWORD ?? 'toy-password');
  pbx.stationsAreThere = true;
  await pbx.open(Number(process.argv[2] ?? 4711));
  console.log(`The toy PBX listens on 127.0.0.1:${pbx.port}. Type help.`);
  const all = (direction) => [...pbx.channels.values()].filter((channel) => channel.direction === direction);
  const words = {
    help: () => console.log(HELP),
    call: (from, to) => pbx.call({ from, to }),
    answer: () => all('out').forEach((channel) => pbx.pickUp(channel)),
    press: (keys) => all('in').forEach((channel) => pbx.press(channel, keys)),
    hangup: () => all('in').forEach((channel) => pbx.hangUp(channel)),
    who: () => console.table([...pbx.channels.values()].map(show)),
  };
  for await (const line of createInterface(process.stdin)) {
    const [word, ...more] = line.trim().split(/\s+/);
    (words[word] ?? words.help)(...more);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
