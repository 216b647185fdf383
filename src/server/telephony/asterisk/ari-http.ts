import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface HttpQuery {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** PEM; trusted beside the certificate authorities that Node trusts. */
  ca?: string[];
  signal: AbortSignal;
}

/** One request by HTTP or HTTPS, its answer as text. Node's fetch knows no certificate of the company's own. */
export function askHttp({ url, body, ...options }: HttpQuery): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const ask = url.startsWith('https:') ? httpsRequest : httpRequest;
    const outgoing = ask(url, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** An answer whose body has not been read yet. */
export interface HttpDownload {
  status: number;
  /** What Content-Length says, 0 without one. */
  length: number;
  body: AsyncIterable<Uint8Array>;
  text(): Promise<string>;
  /** Gives the rest up. Idempotent. */
  cancel(): void;
}

/** A GET for what is large. Rejects as askHttp does. */
export function downloadHttp({ url, ...options }: HttpQuery): Promise<HttpDownload> {
  return new Promise((resolve, reject) => {
    const ask = url.startsWith('https:') ? httpsRequest : httpRequest;
    const outgoing = ask(url, options, (answer) =>
      resolve({
        status: answer.statusCode ?? 0,
        length: Number(answer.headers['content-length'] ?? 0),
        body: answer,
        async text() {
          const chunks: Buffer[] = [];
          for await (const chunk of answer) chunks.push(chunk as Buffer);
          return Buffer.concat(chunks).toString('utf8');
        },
        cancel: () => answer.destroy(),
      }),
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}
