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
/** Samples that are remembered: 20 s. */
const MEMORY = 160_000;

/** One end of an RTP stream in G.711 µ-law: says a tone every 20 ms and hears how loud the other side is. */
export class RtpEar {
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;
  #sequence = 0;
  #remote: { host: string; port: number } | undefined;
  #heard: number[] = [];
  #lastDigitAt = -1;
  #answerHertz = 0;
  /** Packets received since the last `reset`. */
  packets = 0;
  /** Keys that the other side pressed (RFC 4733). */
  digits = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (packet, from) => {
      this.#answer(from);
      this.#hear(packet);
    });
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
    const sum = this.#heard.reduce((total, sample) => total + sample ** 2, 0);
    return this.#heard.length === 0 ? 0 : Math.sqrt(sum / this.#heard.length);
  }

  /** How much of what was heard since `reset` is a tone of `hertz`: 0 to 1 (Goertzel). */
  share(hertz: number): number {
    const power = this.loudness ** 2;
    if (power === 0) return 0;
    const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / 8000);
    let [previous, beforeThat] = [0, 0];
    for (const sample of this.#heard) {
      [previous, beforeThat] = [sample + coefficient * previous - beforeThat, previous];
    }
    const energy = previous ** 2 + beforeThat ** 2 - coefficient * previous * beforeThat;
    return (2 * energy) / (this.#heard.length ** 2 * power);
  }

  reset(): void {
    this.packets = 0;
    this.#heard = [];
  }

  /** Sends a tone of `hertz` from now on; 0 stops sending. */
  speak(remote: { host: string; port: number }, hertz: number): void {
    clearInterval(this.#timer);
    this.#remote = remote;
    if (hertz > 0) this.#timer = setInterval(() => this.#say(hertz), 20);
  }

  /** Sends these samples at their own pace; resolves when they have been sent. */
  async say(remote: { host: string; port: number }, samples: Int16Array): Promise<void> {
    this.speak(remote, 0);
    const began = performance.now();
    for (let at = 0; at < samples.length; at += FRAME) {
      const early = (at / FRAME) * 20 - (performance.now() - began);
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      const octets = Array.from(samples.subarray(at, at + FRAME), encodeMuLaw);
      this.#send(0, this.#sequence * FRAME, Buffer.from(octets));
    }
  }

  /** Sends a tone to whoever sends first: for a caller whose SIP is somebody else's (SIPp). */
  answerWith(hertz: number): void {
    this.#answerHertz = hertz;
  }

  /** Sends nothing any more, as a phone that does not in silence. */
  fallSilent(): void {
    this.#answerHertz = 0;
    clearInterval(this.#timer);
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

  #answer(from: { address: string; port: number }): void {
    if (this.#answerHertz > 0 && !this.#timer)
      this.speak({ host: from.address, port: from.port }, this.#answerHertz);
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
    if (packet.length < 13) return;
    const payloadType = (packet[1] ?? 0) & 0x7f;
    if (payloadType === 101) this.#hearDigit(packet);
    if (payloadType !== 0) return;
    this.packets++;
    for (const octet of packet.subarray(12)) this.#heard.push(decodeMuLaw(octet));
    if (this.#heard.length > MEMORY) this.#heard.splice(0, MEMORY / 2);
  }

  /** One key is several packets with one timestamp. */
  #hearDigit(packet: Buffer): void {
    const at = packet.readUInt32BE(4);
    if (at === this.#lastDigitAt) return;
    this.#lastDigitAt = at;
    this.digits += '0123456789*#ABCD'[packet[12] ?? 0] ?? '?';
  }
}
