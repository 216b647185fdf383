/** The product under another name, by HTTPS: as behind an office's reverse proxy. Requests only, no WebSockets. */
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import { generate } from 'selfsigned';

export class TlsFront {
  readonly #server: Server;

  private constructor(
    server: Server,
    /** With the host name, such as `https://crosspoint.lightning.force.com:4711`. */
    readonly url: string,
  ) {
    this.#server = server;
  }

  static async open(hostname: string, product: string): Promise<TlsFront> {
    const { private: key, cert } = await generate([{ name: 'commonName', value: hostname }]);
    const server = createServer({ key, cert }, (incoming, outgoing) => {
      const { method, headers, url = '/' } = incoming;
      const onward = request(new URL(url, product), { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      outgoing.on('close', () => onward.destroy());
      incoming.pipe(onward);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('no address');
    return new TlsFront(server, `https://${hostname}:${address.port}`);
  }

  async close(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }
}
