import type { Socket } from 'jssip/lib/Socket';

/** The part of WebSocket that is used. */
export type SipWebSocket = Pick<
  WebSocket,
  'readyState' | 'binaryType' | 'send' | 'close' | 'addEventListener'
>;

const CONNECTING = 0;
const OPEN = 1;
const CONNECT_DEADLINE_MS = 8_000;

/**
 * SIP over WebSocket (RFC 7118) that can be cut at once: a browser notices a dead network only after minutes, and
 * until then a hang-up would not reach this page. Implements the interface that JsSIP wants of its transport.
 */
export class SipSocket implements Socket {
  readonly url: string;
  via_transport: string;
  readonly sip_uri: string;
  readonly #open: (url: string) => SipWebSocket;
  #socket: SipWebSocket | undefined;
  #silent = false;
  #deadline: ReturnType<typeof setTimeout> | undefined;

  onconnect = () => {};
  ondisconnect: Socket['ondisconnect'] = () => {};
  ondata: Socket['ondata'] = () => {};

  constructor(url: string, open: (url: string) => SipWebSocket) {
    this.url = url;
    this.#open = open;
    const { protocol, host } = new URL(url);
    this.via_transport = protocol === 'wss:' ? 'WSS' : 'WS';
    this.sip_uri = `sip:${host};transport=ws`;
  }

  connect(): void {
    this.#release()?.close();
    const socket = this.#open(this.url);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    this.#deadline = setTimeout(() => this.cut(), CONNECT_DEADLINE_MS);
    socket.addEventListener('open', () => {
      clearTimeout(this.#deadline);
      if (socket === this.#socket) this.onconnect();
    });
    socket.addEventListener('message', (event) => {
      if (socket === this.#socket) this.ondata((event as MessageEvent<string | ArrayBuffer>).data);
    });
    socket.addEventListener('close', () => {
      if (socket === this.#socket) this.cut();
    });
  }

  disconnect(): void {
    this.#release()?.close();
  }

  /** Gives the connection up now and says so: the user agent then opens a new one. */
  cut(): void {
    const socket = this.#release();
    socket?.close();
    if (socket) this.ondisconnect(true);
  }

  /** Lets nothing out any more. */
  silence(): void {
    this.#silent = true;
  }

  isConnected(): boolean {
    return this.#socket?.readyState === OPEN;
  }

  isConnecting(): boolean {
    return this.#socket?.readyState === CONNECTING;
  }

  send(message: string | ArrayBufferLike | Blob | ArrayBufferView): boolean {
    if (this.#silent || !this.isConnected()) return false;
    this.#socket?.send(message as string);
    return true;
  }

  #release(): SipWebSocket | undefined {
    clearTimeout(this.#deadline);
    const socket = this.#socket;
    this.#socket = undefined;
    return socket;
  }
}
