import { createSocket, type Socket } from 'node:dgram';

/** Decodes one G.711 µ-law octet to a linear sample. */
function decodeMuLaw(octet: number): number {
  const u = ~octet & 0xff;
  const magnitude = (((u & 0x0f) << 3) + 0x84) << ((u & 0x70) >> 4);
  return u & 0x80 ? 0x84 - magnitude : magnitude - 0x84;
}

function encodeMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const value = Math.min(Math.abs(sample), 32_635) + 0x84;
  const exponent = Math.max(0, Math.floor(Math.log2(value)) - 7);
  return ~(sign | (exponent << 4) | ((value >> (exponent + 3)) & 0x0f)) & 0xff;
}

const FRAME = 160;

/** One end of an RTP stream in G.711 µ-law: says a tone every 20 ms and hears how loud the other side is. */
export class RtpEar {
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;
  #sequence = 0;
  #remote: { host: string; port: number } | undefined;
  #sumOfSquares = 0;
  #samples = 0;
  /** Packets received since the last `reset`. */
  packets = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (packet) => this.#hear(packet));
  }

  static async open(host: string): Promise<RtpEar> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, host, resolve));
    return new RtpEar(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Root mean square of the samples received since `reset`: 0 for silence, about 5,700 for our own tone. */
  get loudness(): number {
    return this.#samples === 0 ? 0 : Math.sqrt(this.#sumOfSquares / this.#samples);
  }

  reset(): void {
    this.packets = 0;
    this.#sumOfSquares = 0;
    this.#samples = 0;
  }

  /** Sends a tone of `hertz` from now on; 0 stops sending. */
  speak(remote: { host: string; port: number }, hertz: number): void {
    clearInterval(this.#timer);
    this.#remote = remote;
    if (hertz > 0) this.#timer = setInterval(() => this.#say(hertz), 20);
  }

  /** Sends a key press by RFC 4733, payload type 101. */
  press(digit: string): void {
    const event = '0123456789*#ABCD'.indexOf(digit);
    const at = this.#sequence * FRAME;
    for (const [volume, duration] of [
      [0x0a, 400],
      [0x0a, 800],
      [0x8a, 800],
      [0x8a, 800],
    ] as const) {
      this.#send(101, at, Buffer.from([event, volume, duration >> 8, duration & 0xff]));
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  #say(hertz: number): void {
    const start = this.#sequence * FRAME;
    const octets = Array.from({ length: FRAME }, (_, i) =>
      encodeMuLaw(Math.round(8000 * Math.sin((2 * Math.PI * hertz * (start + i)) / 8000))),
    );
    this.#send(0, start, Buffer.from(octets));
  }

  #send(payloadType: number, timestamp: number, payload: Buffer): void {
    if (!this.#remote) return;
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = payloadType;
    header.writeUInt16BE(this.#sequence++ & 0xffff, 2);
    header.writeUInt32BE(timestamp >>> 0, 4);
    header.writeUInt32BE(0x43524f53, 8);
    this.#socket.send(Buffer.concat([header, payload]), this.#remote.port, this.#remote.host);
  }

  #hear(packet: Buffer): void {
    if (packet.length < 12 || ((packet[1] ?? 0) & 0x7f) !== 0) return;
    this.packets++;
    for (const octet of packet.subarray(12)) {
      this.#sumOfSquares += decodeMuLaw(octet) ** 2;
      this.#samples++;
    }
  }
}
