/**
 * The line to a connector's page: one message with a port, then everything through that port.
 *
 *     silent ── SETUP_CONNECTOR, again each second ──► heard ── commands down, events up
 *        └── no answer for long ──► given up
 *
 * The connector's library takes the first such message alone and logs at once that it did. It listens to some hosts only, so
 * that silence has a reason of its own (docs/service-cloud-voice.md).
 */
import type { Clock } from '../../../lib/clock.ts';
import type { Traffic } from '../../../protocol/opencti.ts';
import { VendorMessage } from '../../../protocol/voice.ts';
import { ANSWERS, type VoiceCommand } from './voice-commands.ts';
import { VOICE_EVENTS, type VoiceEvent } from './voice-state.ts';

export interface VoiceLineOptions {
  clock: Clock;
  /** The settings of the call center, as the connector gets them. */
  config: Record<string, unknown>;
  /** Posts to the connector's page, to its own origin. */
  post: (message: unknown, port: MessagePort) => void;
  /** Makes the two ends of a line. */
  channel: () => { port1: MessagePort; port2: MessagePort };
  onReady: (payload: Extract<VendorMessage, { type: 'CONNECTOR_READY' }>['payload']) => void;
  onEvent: (event: VoiceEvent) => void;
  /** The connector never took the line. */
  onSilence: () => void;
  /** A command was not answered in time. */
  onNoAnswer: (command: VoiceCommand) => void;
  onTraffic: (traffic: Traffic) => void;
}

/** Milliseconds between two attempts, until the connector is given up, and for an answer. */
const AGAIN_MS = 1_000;
export const SILENCE_MS = 15_000;
export const ANSWER_MS = 30_000;
const MAX_SHOWN = 8_000;

interface Asked {
  command: VoiceCommand;
  began: number;
  cancel: () => void;
}

export class VoiceLine {
  readonly #o: VoiceLineOptions;
  #port: MessagePort | undefined;
  #offered: MessagePort[] = [];
  #asked: Asked[] = [];
  #cancel: () => void = () => {};
  #closed = false;

  constructor(options: VoiceLineOptions) {
    this.#o = options;
  }

  /** The connector's page has been loaded. */
  open(): void {
    this.#drop();
    this.#closed = false;
    const { clock, config } = this.#o;
    const until = clock.now() + SILENCE_MS;
    this.#note('host', 'SETUP_CONNECTOR', config, null, true, 0);
    const offer = () => {
      if (clock.now() >= until) return this.#o.onSilence();
      const { port1, port2 } = this.#o.channel();
      port1.onmessage = ({ data }: MessageEvent) => this.#hear(port1, data);
      this.#offered.push(port1);
      this.#o.post({ type: 'SETUP_CONNECTOR', connectorConfig: config }, port2);
      this.#cancel = clock.after(AGAIN_MS, offer);
    };
    offer();
  }

  /** False while there is no line. */
  send(command: VoiceCommand): boolean {
    if (!this.#port) return false;
    this.#port.postMessage(command);
    const { clock } = this.#o;
    const began = clock.now();
    if (!ANSWERS[command.type]) this.#note('host', command.type, command, null, true, 0);
    else {
      const asked: Asked = { command, began, cancel: clock.after(ANSWER_MS, () => this.#giveUp(asked)) };
      this.#asked.push(asked);
    }
    return true;
  }

  /** Whether an answer is awaited to a command of this type. */
  waitsFor(type: VoiceCommand['type']): boolean {
    return this.#asked.some(({ command }) => command.type === type);
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#drop();
  }

  #drop(): void {
    this.#cancel();
    for (const { cancel } of this.#asked.splice(0)) cancel();
    for (const port of this.#offered.splice(0)) port.close();
    this.#port = undefined;
  }

  #hear(port: MessagePort, data: unknown): void {
    if (this.#closed || (this.#port && this.#port !== port)) return;
    if (!this.#port) {
      this.#cancel();
      this.#port = port;
    }
    const message = VendorMessage.safeParse(data);
    if (!message.success) {
      const wrong = { code: 'INVALID_PARAM', description: message.error.issues[0]?.message ?? '' };
      return this.#note('event', 'unreadable', data, wrong, false, 0);
    }
    this.#take(message.data);
  }

  #take(message: VendorMessage): void {
    if (message.type === 'CONNECTOR_READY') {
      this.#note('event', message.type, message.payload, null, true, 0);
      return this.#o.onReady(message.payload);
    }
    if (message.type === 'LOG') {
      const { eventType, isError } = message.payload;
      if (isError === true) this.#note('event', `LOG ${eventType ?? ''}`, message.payload, null, false, 0);
      return;
    }
    const { telephonyEventType: type, telephonyEventPayload: payload } = message.payload;
    this.#answer(type, payload);
    this.#o.onEvent({ type, payload });
  }

  #answer(type: string, payload: unknown): void {
    const wrong = type === 'ERROR' || type === 'INFO' || type === 'CALL_FAILED';
    const at = this.#asked.findIndex(({ command }) => ANSWERS[command.type]?.includes(type) || wrong);
    const [asked] = at < 0 ? [] : this.#asked.splice(at, 1);
    asked?.cancel();
    if (!asked) {
      const known = VOICE_EVENTS.includes(type);
      const unknown = { code: 'INVALID_PARAM', description: `There is no event ${type}.` };
      return this.#note('event', type, payload, known ? null : unknown, known && !wrong, 0);
    }
    const { command, began } = asked;
    this.#note('call', command.type, command, { [type]: payload }, !wrong, this.#o.clock.now() - began);
  }

  #giveUp(asked: Asked): void {
    this.#asked = this.#asked.filter((one) => one !== asked);
    const nothing = { code: 'NO_ANSWER', description: 'The connector did not answer in time.' };
    this.#note('call', asked.command.type, asked.command, nothing, false, ANSWER_MS);
    this.#o.onNoAnswer(asked.command);
  }

  #note(
    kind: Traffic['kind'],
    method: string,
    args: unknown,
    answer: unknown,
    ok: boolean,
    ms: number,
  ): void {
    const cut = (value: unknown) => (JSON.stringify(value, withoutSecrets) ?? '').slice(0, MAX_SHOWN);
    const traffic = { at: this.#o.clock.now(), kind, surface: 'voice', method: method.slice(0, 80), ok, ms };
    this.#o.onTraffic({ ...traffic, args: cut(args), answer: cut(answer) });
  }
}

/** Certificates and the like come in settings, too. */
function withoutSecrets(name: string, value: unknown): unknown {
  return /certificate|secret|password|token|privatekey/i.test(name) ? '…' : value;
}
