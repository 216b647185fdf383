/**
 * The bytes of a file as text. A byte order mark says what it is. Without one it is UTF-8 until bytes come that cannot be:
 * if all before were plain ASCII, it is Windows-1252 from the beginning, as spreadsheets write it; else it is broken.
 */
import type { Encoding } from '../../../protocol/imports.ts';
import { CodedError } from '../../../protocol/errors.ts';

const MARKS: readonly [bytes: readonly number[], encoding: Encoding][] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];
const MARK_LENGTH = 3;

export class TextOf {
  #encoding: Encoding | undefined;
  /** The encoding is given or marked: other bytes are an error. */
  #certain: boolean;
  #sawMore = false;
  #decoder: InstanceType<typeof TextDecoder> | undefined;
  #waiting: Uint8Array = new Uint8Array();

  /** @param encoding instead of what the file looks like. */
  constructor(encoding?: Encoding) {
    this.#encoding = encoding;
    this.#certain = encoding !== undefined;
  }

  /** What the file is, as far as it has been read. */
  get encoding(): Encoding {
    return this.#encoding ?? 'utf-8';
  }

  /** The text of the next bytes. @throws CodedError `bad-input` for bytes that the encoding does not have. */
  next(bytes: Uint8Array): string {
    const all = this.#waiting.length > 0 ? Buffer.concat([this.#waiting, bytes]) : bytes;
    if (!this.#decoder && all.length < MARK_LENGTH) {
      this.#waiting = all;
      return '';
    }
    const end = this.#certain || this.#sawMore ? all.length : plainEnd(all);
    this.#waiting = all.subarray(end);
    return this.#decode(all.subarray(0, end), true);
  }

  /** The text of what is left. */
  end(): string {
    return this.#decode(this.#waiting, false);
  }

  #decode(bytes: Uint8Array, stream: boolean): string {
    if (!this.#decoder) this.#begin(bytes);
    try {
      const text = this.#decoder?.decode(bytes, { stream }) ?? '';
      this.#sawMore ||= /[^\0-\x7f]/.test(text);
      return text;
    } catch {
      return this.#fallBack(bytes, stream);
    }
  }

  #begin(bytes: Uint8Array): void {
    const marked = MARKS.find(([mark]) => mark.every((byte, i) => bytes[i] === byte))?.[1];
    this.#encoding ??= marked;
    this.#certain ||= marked !== undefined;
    this.#decoder = new TextDecoder(this.encoding, { fatal: true });
  }

  /** Nothing but ASCII has been read before these bytes, and the decoder holds none back. */
  #fallBack(bytes: Uint8Array, stream: boolean): string {
    if (this.#certain || this.#sawMore) {
      const detail = `the file has bytes that are not ${this.encoding.toUpperCase()}; save it as UTF-8, or say how it was saved`;
      throw new CodedError('bad-input', { field: 'encoding', detail });
    }
    this.#encoding = 'windows-1252';
    this.#certain = true;
    this.#decoder = new TextDecoder(this.#encoding);
    return this.#decoder.decode(bytes, { stream });
  }
}

/** Where the characters that may be cut at the end of a piece begin. */
function plainEnd(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] ?? 0) >= 0x80) end--;
  return end;
}
