import { createSocket } from 'node:dgram';
import { createServer, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** True when the address can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** This machine's first own IPv4 address besides 127.0.0.1: of a network card if there is one, else one on loopback. */
export function ownAddress(interfaces = networkInterfaces()): string | undefined {
  const all = Object.values(interfaces).flatMap((list) => list ?? []);
  const usable = all.filter((a) => a.family === 'IPv4' && a.address !== '127.0.0.1');
  return (usable.find((a) => !a.internal) ?? usable[0])?.address;
}

/** Whether a TCP port can be bound now. 0 asks for any free one. Resolves with the port, or undefined when it is taken. */
export function bindTcp(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => takenOr(error, resolve, reject));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' ? address?.port : undefined;
      server.close(() => resolve(bound));
    });
  });
}

/** As bindTcp, for UDP. */
export function bindUdp(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      takenOr(error, resolve, reject);
    });
    socket.bind({ address: host, port, exclusive: true }, () => {
      const bound = socket.address().port;
      socket.close(() => resolve(bound));
    });
  });
}

function takenOr(
  error: NodeJS.ErrnoException,
  resolve: (port: undefined) => void,
  reject: (error: Error) => void,
): void {
  if (error.code === 'EADDRINUSE') resolve(undefined);
  else reject(error);
}
