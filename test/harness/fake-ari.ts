import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

interface RestRequest {
  type: string;
  request_id: string;
  method: string;
  uri: string;
  message_body?: string;
}

/** What the fake answers: a status and a body. `silent` answers nothing. */
export type FakeAnswer = { status: number; body?: unknown } | 'silent';

/** An ARI server on loopback whose answers the test decides: for what a real Asterisk will not do on command. */
export class FakeAri {
  /** Every request: `METHOD uri`, with `http ` before it when it came by HTTP. */
  readonly requests: string[] = [];
  readonly sockets: WebSocket[] = [];
  /** URL and headers of every WebSocket handshake. */
  readonly handshakes: { url: string; authorization: string }[] = [];
  /** Decides the answer; by default 200 with an empty list to GET, 204 to everything else. */
  answer: (method: string, uri: string) => FakeAnswer = (method) =>
    method === 'GET' ? { status: 200, body: [] } : { status: 204 };
  /** False: requests on the WebSocket are not understood, as before Asterisk 22.5. */
  restOverSocket = true;
  /** True: requests are answered but no event of an application comes, as after a socket was torn down too late. */
  deaf = false;
  password = 'secret';
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<FakeAri> {
    const server = createServer((request, response) => {
      const uri = (request.url ?? '').replace(/^\/ari\//, '');
      fake.requests.push(`http ${request.method} ${uri}`);
      fake.#echo(uri);
      const answer = fake.answer(request.method ?? '', uri);
      if (answer === 'silent') return;
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
    });
    const fake = new FakeAri(server);
    const sockets = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) => {
      fake.#noteHandshake(request);
      if (!fake.#authorized(request)) {
        socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
        return;
      }
      sockets.handleUpgrade(request, socket, head, (ws) => fake.#serve(ws));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/ari`;
  }

  /** Sends an event on the newest socket. */
  send(event: object): void {
    this.sockets.at(-1)?.send(JSON.stringify(event));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #echo(uri: string): void {
    const [, eventname] = /^events\/user\/(.*)$/.exec(uri) ?? [];
    if (eventname && !this.deaf) this.send({ type: 'ChannelUserevent', eventname, timestamp: '' });
  }

  #noteHandshake(request: IncomingMessage): void {
    this.handshakes.push({ url: request.url ?? '', authorization: request.headers.authorization ?? '' });
  }

  #authorized({ headers }: IncomingMessage): boolean {
    const [, encoded = ''] = (headers.authorization ?? '').split(' ');
    return Buffer.from(encoded, 'base64').toString().endsWith(`:${this.password}`);
  }

  #serve(ws: WebSocket): void {
    this.sockets.push(ws);
    ws.on('message', (data) => {
      const request = JSON.parse(String(data)) as RestRequest;
      if (!this.restOverSocket) return;
      this.requests.push(`${request.method} ${request.uri}`);
      const answer = this.answer(request.method, request.uri);
      if (answer === 'silent') return;
      this.#echo(request.uri);
      const body = answer.body === undefined ? {} : { message_body: JSON.stringify(answer.body) };
      ws.send(
        JSON.stringify({
          type: 'RESTResponse',
          request_id: request.request_id,
          status_code: answer.status,
          ...body,
        }),
      );
    });
  }
}
