import type { Downstream, Upstream } from '../../protocol/socket.ts';

/** One page's connection as the softphone sees it; the API owns the socket, its parsing and its heartbeat. */
export interface TabConnection {
  userId: string;
  /** The sign-in that this page uses: browser phone credentials are made per sign-in. */
  sessionId: string;
  tabId: string;
  canAudio: boolean;
  canPop: boolean;
  send(message: Downstream): void;
}

export interface TabHandle {
  /** Validated messages after `hello`; never throws: errors go back as `result` or `bye`. */
  receive(message: Upstream): void;
  /** The socket closed or its heartbeat stopped. Idempotent. */
  close(): void;
}

/** Where the API hands over a page that said `hello`. */
export interface SoftphoneDoor {
  open(tab: TabConnection): TabHandle;
}
