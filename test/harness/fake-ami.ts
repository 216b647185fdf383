/** An AMI server on loopback that answers as it is told: for tests of our end. */
import { createServer, type Server, type Socket } from 'node:net';

export type AmiRequest = Record<string, string>;

export class FakeAmi {
  readonly requests: AmiRequest[] = [];
  /** Answers a request; undefined: says nothing. The default lets everybody in and says Success. */
  answer: (request: AmiRequest) => string[][] | undefined = () => undefined;
  silent = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<FakeAmi> {
    const server = createServer((socket) => ami.#accept(socket));
    const ami = new FakeAmi(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return ami;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** To every session. */
  event(...lines: string[]): void {
    for (const socket of this.#sockets) socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  }

  /** Every session breaks. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.write('Asterisk Call Manager/11.0.0\r\n');
    let rest = '';
    socket.on('data', (data) => {
      const parts = (rest + data.toString()).split('\r\n\r\n');
      rest = parts.pop() ?? '';
      for (const part of parts) this.#take(socket, part);
    });
  }

  #take(socket: Socket, text: string): void {
    const request = Object.fromEntries(
      text.split('\r\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    ) as AmiRequest;
    this.requests.push(request);
    if (this.silent) return;
    const told = this.answer(request);
    const answers = told ?? [
      ['Response: Success', ...(request.Action === 'Challenge' ? ['Challenge: 123456'] : [])],
    ];
    for (const lines of answers)
      socket.write(`${[...lines, `ActionID: ${request.ActionID ?? ''}`].join('\r\n')}\r\n\r\n`);
  }
}
