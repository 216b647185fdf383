/**
 * The line to the toy PBX: one TCP connection that is kept up, commands with a deadline, events.
 *
 *     down ── open() ─► connecting ── LOGIN was accepted ─► up ── the connection broke ─► down, tries again by itself
 *                        any ── close() ─► down for good
 */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { backoff, CodedError, DeadlineError, Emitter, Lifecycle, withDeadline } from 'crosspoint/telephony';

const DEADLINE_MS = 5_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 5_000;

/** What the PBX says when it refuses, in Crosspoint's codes: each has a sentence that the user sees. */
const REFUSALS = {
  'NO-CHANNEL': () => new CodedError('no-such-line'),
  'WRONG-STATE': () => new CodedError('wrong-state', { state: 'connected' }),
  'NAME-TAKEN': () => new CodedError('already-exists', { what: 'leg', field: 'id' }),
  'BAD-NAME': () => new CodedError('bad-input', { detail: 'the PBX takes letters, digits and - only' }),
};

export class Line {
  #address;
  #clock;
  #log;
  #life;
  #socket;
  #up = false;
  #attempt = 0;
  #lastId = 0;
  /** Commands that wait for their answer, by id. */
  #waiting = new Map();

  /** @param {{ host: string, port: number, password: string, clock: import('crosspoint/telephony').Clock, log: import('crosspoint/telephony').ConnectorLog }} options */
  constructor({ host, port, password, clock, log }) {
    this.#address = { host, port, password };
    this.#clock = clock;
    this.#log = log;
    this.#life = new Lifecycle(clock);
    this.#life.add(() => this.#socket?.destroy());
    /** @type {Emitter<{ up: [], down: [], event: [event: any] }>} */
    this.events = new Emitter((err, event) => log.error({ err, event }, 'a listener failed'));
  }

  get up() {
    return this.#up;
  }

  /** Connects and keeps connecting. */
  open() {
    if (this.#socket || this.#life.closed) return;
    this.#connect();
  }

  /** @returns {Promise<void>} */
  async close() {
    await this.#life.close();
    this.#down();
  }

  /**
   * Rejects with `switch-down` while there is no connection, `timeout` when the PBX does not answer in time.
   * @param {string} verb
   * @param {object} [args]
   * @param {{ deadlineMs?: number }} [options]
   * @returns {Promise<any>}
   */
  async ask(verb, args, options) {
    if (!this.#up) throw new CodedError('switch-down');
    return this.#send(verb, args, options?.deadlineMs);
  }

  /** @param {string} verb */
  async #send(verb, args = {}, deadlineMs = DEADLINE_MS) {
    const id = ++this.#lastId;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#socket?.write(`${JSON.stringify({ id, do: verb, ...args })}\n`);
    try {
      return await withDeadline(this.#clock, deadlineMs, verb, answer);
    } catch (error) {
      throw error instanceof DeadlineError ? new CodedError('timeout', { what: 'The PBX' }) : error;
    } finally {
      this.#waiting.delete(id);
    }
  }

  #connect() {
    const { host, port, password } = this.#address;
    const socket = connect(port, host);
    this.#socket = socket;
    socket.on('error', (err) => this.#log.debug({ err }, 'the connection failed'));
    socket.on('close', () => this.#lost());
    socket.on('connect', () => {
      const lines = createInterface(socket).on('error', () => undefined); // the socket's own says it too
      lines.on('line', (line) => this.#read(JSON.parse(line)));
      this.#send('LOGIN', { password }).then(
        () => this.#ready(),
        (err) => {
          this.#log.warn({ err }, 'the PBX does not let us in');
          socket.destroy();
        },
      );
    });
  }

  #ready() {
    this.#up = true;
    this.#attempt = 0;
    this.events.emit('up');
  }

  #lost() {
    this.#down();
    this.#life.after(backoff(this.#attempt++, FIRST_RETRY_MS, LONGEST_RETRY_MS), () => this.#connect());
  }

  /** What was asked and not answered is lost: nobody knows whether it was done, the next list() says. */
  #down() {
    for (const { reject } of this.#waiting.values()) reject(new CodedError('switch-down'));
    if (!this.#up) return;
    this.#up = false;
    this.events.emit('down');
  }

  /** @param {any} message */
  #read(message) {
    if (message.event) return this.events.emit('event', message);
    const waiting = this.#waiting.get(message.id);
    if ('ok' in message) waiting?.resolve(message.ok);
    else waiting?.reject(REFUSALS[message.error]?.() ?? new Error(`the PBX refused: ${message.error}`));
  }
}
