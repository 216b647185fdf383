import type { Server } from 'node:https';
import type { Socket } from 'node:net';

/** First byte of a TLS handshake (RFC 8446 section 5.1). */
const HANDSHAKE = 0x16;
const SILENT_MS = 10_000;
const TELL = 'This port speaks https: put https:// before the address.\n';

/**
 * Somebody who typed `http://` before the address of an HTTPS server is sent to `https://` instead of seeing an empty page. The
 * first byte of a connection says which of the two it is.
 */
export function redirectPlainHttp(server: Server): void {
  const secure = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const giveUp = () => socket.destroy();
    socket.setTimeout(SILENT_MS, giveUp);
    socket.once('error', giveUp);
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.setTimeout(0);
      socket.off('timeout', giveUp);
      if (first[0] !== HANDSHAKE) return answer(socket, first);
      socket.off('error', giveUp);
      socket.unshift(first);
      for (const accept of secure) accept.call(server, socket);
    });
  });
}

function answer(socket: Socket, first: Buffer): void {
  const location = locationOf(first.toString('latin1'));
  const lines = location
    ? ['HTTP/1.1 307 Temporary Redirect', `location: ${location}`]
    : ['HTTP/1.1 400 Bad Request'];
  const common = ['content-type: text/plain', `content-length: ${TELL.length}`, 'connection: close'];
  socket.end([...lines, ...common, '', TELL].join('\r\n'), () => socket.destroySoon());
}

/** Undefined for what is not an HTTP request. Not permanent: the port may be without HTTPS again tomorrow. */
function locationOf(text: string): string | undefined {
  const path = /^[A-Z]+ (\/[\x21-\x7e]*) HTTP\/1\.[01]\r\n/.exec(text)?.[1];
  const host = /\r\nhost:[ \t]*([\w.:[\]-]+)[ \t]*\r\n/i.exec(text)?.[1];
  return path === undefined || host === undefined ? undefined : `https://${host}${path}`;
}
