import { createServer, get, type Server } from 'node:https';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { generatedCertificate } from './certificate.ts';
import { redirectPlainHttp } from './plain-http.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let server: Server;
let port: number;
const folder = mkdtempSync(join(tmpdir(), 'plain-http-'));

beforeAll(async () => {
  const { cert, key } = await generatedCertificate(folder, Date.now());
  server = createServer({ cert, key }, (request, response) => response.end(`secure ${request.url}`));
  redirectPlainHttp(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address ? address.port : 0;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** What comes back for these bytes until the connection ends. */
function send(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let all = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => (all += chunk.toString()));
    socket.on('close', () => resolve(all));
    socket.on('error', reject);
  });
}

it('leaves https as it is', async () => {
  const text = await new Promise<string>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/page', rejectUnauthorized: false }, (response) => {
      response.on('data', (chunk: Buffer) => resolve(chunk.toString()));
    }).on('error', reject);
  });
  expect(text).toBe('secure /page');
});

it('sends who came by plain http to https, same host and path', async () => {
  const answer = await send('GET /call?to=100 HTTP/1.1\r\nHost: phones.example:8443\r\n\r\n');
  expect(answer).toContain('307 Temporary Redirect');
  expect(answer).toContain('location: https://phones.example:8443/call?to=100\r\n');
});

it.each(['GET / HTTP/1.1\r\n\r\n', 'GET / HTTP/1.1\r\nHost: evil example/\r\n\r\n', 'nonsense\r\n\r\n'])(
  'says that the port speaks https to %j',
  async (text) => {
    const answer = await send(text);
    expect(answer).toContain('400 Bad Request');
    expect(answer).toContain('put https://');
  },
);
