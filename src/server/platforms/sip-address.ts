/** Where an Asterisk has SIP over WebSocket: the address that was set, or beside ARI (`http://pbx:8088/ari`: `ws://pbx:8088/ws`). */
export function sipWebSocketOf({
  url,
  sipWebSocket,
}: {
  url: string;
  sipWebSocket?: string | undefined;
}): string {
  return sipWebSocket ?? `${url.replace(/^http/, 'ws').replace(/\/ari$/, '')}/ws`;
}
