/**
 * AMI's line protocol: `Key: value` lines ended by CR LF, a message ends with an empty line. Pure.
 * https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/
 */
import { CodedError } from '../../../protocol/errors.ts';

/** One value, or several lines of the same key (`Variable`, `Output`). */
export type AmiValue = string | number | boolean | readonly string[];
export type AmiFields = Readonly<Record<string, AmiValue | undefined>>;

/** A message longer than this many characters is no AMI: the connection is given up. */
const MAX_MESSAGE = 1_000_000;
const KEY = /^[A-Za-z0-9_-]{1,64}$/;

/** One message from Asterisk. Keys are compared without regard to case. */
export class AmiMessage {
  readonly #values = new Map<string, string[]>();

  constructor(lines: readonly string[]) {
    for (const line of lines) {
      const colon = line.indexOf(':');
      if (colon < 1) continue;
      const key = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).replace(/^ /, '');
      const known = this.#values.get(key);
      if (known) known.push(value);
      else this.#values.set(key, [value]);
    }
  }

  /** The value of a key, empty when there is none or Asterisk says `<unknown>` or `<none>`. */
  get(key: string): string {
    const value = this.#values.get(key.toLowerCase())?.[0] ?? '';
    return value === '<unknown>' || value === '<none>' ? '' : value;
  }

  all(key: string): readonly string[] {
    return this.#values.get(key.toLowerCase()) ?? [];
  }

  has(key: string): boolean {
    return this.#values.has(key.toLowerCase());
  }

  /** A number, or undefined when the value is none. */
  number(key: string): number | undefined {
    const text = this.get(key);
    const value = Number(text);
    return text === '' || Number.isNaN(value) ? undefined : value;
  }

  get event(): string {
    return this.get('Event');
  }
}

/** Makes messages of what comes from the socket. */
export class AmiParser {
  #rest = '';
  #lines: string[] = [];
  #length = 0;
  /** The first line, such as `Asterisk Call Manager/11.0.0`. */
  banner: string | undefined;

  /** @throws Error when it is no AMI. */
  feed(chunk: string): AmiMessage[] {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length + this.#length > MAX_MESSAGE) throw new Error('a message of AMI is too long');
    const messages: AmiMessage[] = [];
    for (const raw of lines) {
      const message = this.#line(raw.endsWith('\r') ? raw.slice(0, -1) : raw);
      if (message) messages.push(message);
    }
    return messages;
  }

  #line(line: string): AmiMessage | undefined {
    if (this.banner === undefined) {
      if (!line.startsWith('Asterisk Call Manager/')) throw new Error('what answers there is no AMI');
      this.banner = line;
      return undefined;
    }
    if (line !== '') {
      this.#lines.push(line);
      this.#length += line.length;
      if (this.#length > MAX_MESSAGE) throw new Error('a message of AMI is too long');
      return undefined;
    }
    if (this.#lines.length === 0) return undefined;
    const message = new AmiMessage(this.#lines);
    this.#lines = [];
    this.#length = 0;
    return message;
  }
}

/** @throws CodedError `bad-input` for a value that would begin another line: nothing that a user types becomes a header. */
export function formatAction(action: string, actionId: string, fields: AmiFields): string {
  const lines = [line('Action', action), line('ActionID', actionId)];
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (!KEY.test(key)) throw new CodedError('bad-input', { detail: 'an AMI field name' });
    const values = typeof value === 'object' ? value : [value];
    for (const one of values) lines.push(line(key, typeof one === 'string' ? one : String(one)));
  }
  return `${lines.join('')}\r\n`;
}

function line(key: string, value: string): string {
  if ([...value].some((character) => character < ' ' || character === '\u007f'))
    throw new CodedError('bad-input', { detail: `${key} holds characters that end a line` });
  return `${key}: ${value}\r\n`;
}
