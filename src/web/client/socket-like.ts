/** The part of a browser's WebSocket that the client uses; tests give their own. */
export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

/** A WebSocket of the browser, with these subprotocols. Text sent while it is not open is dropped: the client says it again after the snapshot. */
export function openWebSocket(url: string, protocols: string[] = []): SocketLike {
  const socket = new WebSocket(url, protocols);
  const like: SocketLike = {
    onopen: null,
    onmessage: null,
    onclose: null,
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(),
  };
  socket.addEventListener('open', () => like.onopen?.());
  socket.addEventListener('message', (event) => like.onmessage?.({ data: event.data }));
  socket.addEventListener('close', () => like.onclose?.());
  return like;
}

/** The address of `path` on this page's origin, as ws or wss. */
export function socketUrl(path: string, page: { protocol: string; host: string }): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}${path}`;
}
