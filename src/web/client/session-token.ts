import { SOCKET_PROTOCOL } from '../../protocol/socket.ts';
import type { KeyValue } from './safe-storage.ts';

const KEY = 'crosspoint.token';

/**
 * The sign-in of a page that gets no cookie: in a frame of another site. It stays with this tab, in storage that the browser
 * keeps apart for each site around it, so that a reload does not sign out.
 */
export class SessionToken {
  readonly #storage: KeyValue;

  constructor(storage: KeyValue) {
    this.#storage = storage;
  }

  get value(): string | undefined {
    return this.#storage.getItem(KEY) ?? undefined;
  }

  set(token: string): void {
    try {
      this.#storage.setItem(KEY, token);
    } catch {
      // A full storage keeps nothing: the next reload asks for a sign-in again.
    }
  }

  clear(): void {
    this.#storage.removeItem(KEY);
  }

  /** Subprotocols that show it to our WebSocket at `/api/socket`: none without a token, for then the cookie does. */
  get protocols(): string[] {
    return this.value === undefined ? [] : [SOCKET_PROTOCOL, `bearer.${this.value}`];
  }

  /** The same for a SIP WebSocket, which has that subprotocol anyhow. */
  get sipProtocols(): string[] {
    return ['sip', ...this.protocols.slice(1)];
  }
}
