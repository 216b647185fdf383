/**
 * The connector of the toy PBX: the roles Switch and Provisioning (README.md explains each part). It translates and keeps
 * nothing: the PBX is the truth about calls, so a process that dies loses nothing and the next one asks list().
 */
import { checkHeaders, CodedError, Emitter, withDeadline } from 'crosspoint/telephony';
import { Line } from './line.js';

/** @import { CreateConnector, DeadlineOption, Endpoint, Media, Originate, ProvisionedDevice, ProvisionedTrunk, Provisioning, Switch, SwitchFact } from 'crosspoint/telephony' */

const START_MS = 5_000;

/** @type {CreateConnector} */
export function createConnector({ id, clock, log, settings, secrets }) {
  const { host = '127.0.0.1', port } = settings;
  if (typeof host !== 'string') throw new Error('the setting "host" is a host name');
  if (typeof port !== 'number') throw new Error('the setting "port" is the number of the PBX’s TCP port');
  const password = String(secrets.password ?? '');
  const line = new Line({ host, port, password, clock, log });
  return { switch: new ToySwitch({ id, line, clock, log }), provisioning: new ToyProvisioning(line) };
}

/** Q.850's numbers in Crosspoint's words. 16 says that somebody hung up: before the answer that is giving up. */
const CAUSES = {
  1: 'not-found',
  17: 'busy',
  19: 'no-answer',
  20: 'unreachable',
  21: 'rejected',
  34: 'congestion',
  102: 'fallback',
};
const REJECTIONS = { busy: 17, rejected: 21, 'not-found': 1, congestion: 34 };

const STATES = { new: 'initiated', ringing: 'alerting', up: 'connected' };

/** What this PBX cannot do; Crosspoint disables the buttons that need it. */
const MISSING = {
  record: 'The toy PBX has no sound that could be recorded.',
  supervise: 'The toy PBX cannot let one party listen to another.',
  'open-audio': 'The toy PBX has no sound.',
  quality: 'The toy PBX has no sound.',
  'talk-event': 'The toy PBX has no SIP telephones.',
  'transfer-request': 'The telephones of the toy PBX have no transfer button.',
};

const lacking = () => Promise.reject(new CodedError('not-capable'));
/** @param {string} detail @returns {Promise<never>} */
const wrong = (detail) => Promise.reject(new CodedError('bad-input', { detail }));

/** @implements {Switch} */
class ToySwitch {
  capabilities = { audio: false, browserPhone: false, missing: MISSING };
  #line;
  #clock;

  constructor({ id, line, clock, log }) {
    this.id = id;
    this.#line = line;
    this.#clock = clock;
    /** @type {Switch['events']} */
    this.events = new Emitter((err, event) => log.error({ err, event }, 'a listener of the switch failed'));
    line.events.on('up', () => this.events.emit('link', 'up'));
    line.events.on('down', () => this.events.emit('link', 'down'));
    line.events.on('event', (event) => {
      const fact = factOf(event);
      if (fact) this.events.emit('fact', fact);
    });
  }

  /** @returns {'up' | 'down'} */
  get link() {
    return this.#line.up ? 'up' : 'down';
  }

  /** @param {DeadlineOption} [options] */
  async start({ deadlineMs = START_MS } = {}) {
    const up = new Promise((resolve) => this.#line.events.on('up', () => resolve(undefined)));
    this.#line.open();
    if (this.#line.up) return;
    await withDeadline(this.#clock, deadlineMs, 'start', up).catch(() => {
      throw new CodedError('switch-down');
    });
  }

  close() {
    return this.#line.close();
  }

  /** @type {Switch['list']} */
  async list(options) {
    const { channels, rooms } = await this.#line.ask('CHANNELS', {}, options);
    const roomOf = (name) => rooms.find((room) => room.channels.includes(name))?.room;
    return {
      legs: channels.map(({ channel, direction, state, ...arrival }) => ({
        legId: channel,
        state: direction === 'in' && state === 'new' ? 'alerting' : STATES[state],
        direction,
        ...(roomOf(channel) ? { bridgeId: roomOf(channel) } : {}),
        ...(direction === 'in' ? { arrival: arrivalOf(arrival) } : {}),
      })),
      bridges: rooms.map(({ room, channels: legIds }) => ({ bridgeId: room, legIds })),
      recordings: [],
    };
  }

  /** The leg's id becomes the channel's name, so there is no table of ids to lose. @type {Switch['originate']} */
  async originate({ legId, endpoint, callerId, headers = {}, ringMs }, options) {
    if (!(ringMs > 0)) return wrong('ringMs must be more than 0');
    checkHeaders(headers);
    const { number: from, name: callerName } = callerId;
    await this.#line.ask(
      'CALL',
      { channel: legId, to: targetOf(endpoint), from, callerName, headers, ringMs },
      options,
    );
  }

  answer = (legId, options) => this.#do('ANSWER', legId, {}, options);
  reject = (legId, cause, options) => this.#do('REFUSE', legId, { cause: REJECTIONS[cause] }, options);
  hangup = (legId, options) => this.#do('DROP', legId, {}, options);
  ring = (legId, options) => this.#do('RINGING', legId, {}, options);
  bridge = (bridgeId, legIds, options) =>
    this.#line.ask('JOIN', { room: bridgeId, channels: legIds }, options);
  unbridge = (legId, options) => this.#do('LEAVE', legId, {}, options);
  endBridge = (bridgeId, options) => this.#line.ask('CLOSE', { room: bridgeId }, options);
  mute = (legId, on, options) => this.#do('MUTE', legId, { on }, options);
  startMusic = (legId, options) => this.#do('MUSIC', legId, { on: true }, options);
  stopMusic = (legId, options) => this.#do('MUSIC', legId, { on: false }, options);
  stopPlay = (legId, playbackId, options) => this.#do('HUSH', legId, { say: playbackId }, options);

  /** @type {Switch['play']} */
  async play(legId, playbackId, media, options) {
    if (media.length === 0) return wrong('there is nothing to play');
    await this.#do('SAY', legId, { say: playbackId, items: media.map(itemOf) }, options);
  }

  /** @type {Switch['sendDigits']} */
  async sendDigits(legId, digits, options) {
    if (!/^[0-9*#A-D]+$/.test(digits)) return wrong('digits are 0-9, *, # and A-D');
    await this.#do('KEYS', legId, { keys: digits }, options);
  }

  /** The PBX's own timer: it bites also when Crosspoint is dead. @type {Switch['armFallback']} */
  async armFallback(legId, ms, treatment, options) {
    if (!(ms >= 0)) return wrong('ms must be 0 or more');
    await this.#do(
      'WATCHDOG',
      legId,
      { ms, treatment: treatment === 'hangup' ? 'drop' : 'apologise' },
      options,
    );
  }

  talk = lacking;
  startRecording = lacking;
  pauseRecording = lacking;
  stopRecording = lacking;
  readRecording = lacking;
  deleteRecording = lacking;
  supervise = lacking;
  endSupervision = lacking;
  openAudio = lacking;
  quality = lacking;
  transferProgress = lacking;

  async #do(verb, legId, args, options) {
    await this.#line.ask(verb, { channel: legId, ...args }, options);
  }
}

/** One event of the PBX as a fact; undefined for one that says nothing to us. @param {any} event @returns {SwitchFact | undefined} */
function factOf({ event, at, channel: legId, ...more }) {
  switch (event) {
    case 'INCOMING':
      return { type: 'leg.arrived', legId, at, ...arrivalOf(more) };
    case 'RINGING':
      return { type: 'leg.alerting', legId, at };
    case 'EARLY':
      return { type: 'leg.early-media', legId, at };
    case 'UP':
      return { type: 'leg.connected', legId, at };
    case 'HELD':
      return { type: 'leg.held', legId, at };
    case 'UNHELD':
      return { type: 'leg.retrieved', legId, at };
    case 'KEY':
      return { type: 'leg.digit', legId, at, digit: more.key };
    case 'SAID':
      return { type: 'playback.finished', legId, at, playbackId: more.say, outcome: more.result };
    case 'GONE':
      return { type: 'leg.cleared', legId, at, cause: causeOf(more) };
    case 'STATION':
      return { type: 'device.registration', at, name: more.station, registered: more.present };
    default:
      return undefined;
  }
}

/** @param {any} event */
function causeOf({ cause, answered }) {
  if (cause === 16) return answered ? 'normal' : 'cancelled';
  return CAUSES[cause] ?? 'failed';
}

/** Through which door it came: the flow that answers depends on it. @param {any} event */
function arrivalOf({ from, name, to, via }) {
  const entry = via
    .replace(/^line:/, 'trunk:')
    .replace(/^station:/, 'device:')
    .replace(/^outside$/, 'public');
  return { entry, ani: from, dnis: to, ...(name ? { callerName: name } : {}) };
}

/** @param {Endpoint} endpoint */
function targetOf(endpoint) {
  if (endpoint.kind === 'device') return `station:${endpoint.name}`;
  return endpoint.kind === 'trunk' ? `line:${endpoint.trunk}/${endpoint.number}` : endpoint.uri;
}

/** @param {Media} media */
function itemOf(media) {
  if (media.kind === 'text') return `text:${media.text}`;
  return media.kind === 'file' ? `file:${media.path}` : `${media.kind}:${media.name}`;
}

/** @implements {Provisioning} */
class ToyProvisioning {
  #line;

  constructor(line) {
    this.#line = line;
  }

  /** Put again, it changes. @type {Provisioning['put']} */
  put = ({ name: station, password }, options) => this.#line.ask('STATION', { station, password }, options);
  remove = (station, options) => this.#line.ask('NO-STATION', { station }, options);
  registered = (options) => this.#line.ask('STATIONS', {}, options);
  putTrunk = ({ name: line }, options) => this.#line.ask('LINE', { line }, options);
  removeTrunk = (line, options) => this.#line.ask('NO-LINE', { line }, options);

  /** @type {Provisioning['trunkReports']} */
  async trunkReports(options) {
    const lines = await this.#line.ask('LINES', {}, options);
    return lines.map((name) => ({ name, registration: 'unknown' }));
  }
}
