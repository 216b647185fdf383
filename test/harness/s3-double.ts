/**
 * An S3 in a few lines: puts, gets with ranges, deletes and multipart uploads in one bucket, path-style. It checks the signature
 * (SigV4, written here from AWS's specification and not with the library under test) and every body's hash, and fails on request.
 */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const KEY_ID = 'AKIDTEST';
const SECRET = 'secret/with+signs';
const REGION = 'eu-west-1';
const BUCKET = 'calls';
/** AWS refuses smaller parts but for the last; the test's double takes what the test wants. */
const MIN_PART = 1_000;

interface Failure {
  status: number;
  code: string;
}

export class S3Double {
  readonly files = new Map<string, Buffer>();
  readonly uploads = new Map<string, { key: string; parts: Map<number, Buffer> }>();
  /** Requests so far, such as `PUT calls/a.wav?partNumber`. */
  readonly requests: string[] = [];
  /** Asked before each request: a failure to answer with, or `hang`, `cut`. */
  fail: (request: string) => Failure | 'hang' | 'cut' | undefined = () => undefined;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<S3Double> {
    const double = new S3Double();
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  get options() {
    const { port } = this.#server.address() as AddressInfo;
    return {
      endpoint: `http://127.0.0.1:${port}`,
      bucket: BUCKET,
      region: REGION,
      keyId: KEY_ID,
      secret: SECRET,
      prefix: '',
      pathStyle: true,
      partBytes: MIN_PART,
    };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://double');
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const name = `${request.method} ${url.pathname.slice(1)}${url.search ? `?${[...url.searchParams.keys()].join('&')}` : ''}`;
    this.requests.push(name);
    const failure = this.fail(name);
    if (failure === 'hang') return;
    if (failure === 'cut') return void response.destroy();
    if (failure) return error(response, failure);
    if (!isSigned(request, url)) return error(response, { status: 403, code: 'SignatureDoesNotMatch' });
    if (request.headers['x-amz-content-sha256'] !== sha256(body))
      return error(response, { status: 400, code: 'XAmzContentSHA256Mismatch' });
    const [, bucket, ...rest] = url.pathname.split('/');
    if (bucket !== BUCKET) return error(response, { status: 404, code: 'NoSuchBucket' });
    this.#serve(request, response, {
      key: rest.map(decodeURIComponent).join('/'),
      query: url.searchParams,
      body,
    });
  }

  #serve(
    request: IncomingMessage,
    response: ServerResponse,
    { key, query, body }: { key: string; query: URLSearchParams; body: Buffer },
  ): void {
    const uploadId = query.get('uploadId');
    if (uploadId !== null || query.has('uploads'))
      return this.#multipart(request.method ?? '', response, { key, query, body, uploadId });
    if (request.method === 'PUT') {
      this.files.set(key, body);
      response.setHeader('etag', `"${sha256(body)}"`).end();
    } else if (request.method === 'DELETE') {
      this.files.delete(key);
      response.writeHead(204).end();
    } else this.#get(request, response, key);
  }

  #get(request: IncomingMessage, response: ServerResponse, key: string): void {
    const file = this.files.get(key);
    if (!file) return error(response, { status: 404, code: 'NoSuchKey' });
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (from === undefined || to === undefined) return void response.end(file);
    response
      .writeHead(206, { 'content-range': `bytes ${from}-${to}/${file.length}` })
      .end(file.subarray(Number(from), Number(to) + 1));
  }

  #multipart(
    method: string,
    response: ServerResponse,
    {
      key,
      query,
      body,
      uploadId,
    }: { key: string; query: URLSearchParams; body: Buffer; uploadId: string | null },
  ): void {
    if (query.has('uploads')) {
      const id = randomUUID();
      this.uploads.set(id, { key, parts: new Map() });
      return void response.end(
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    const upload = this.uploads.get(uploadId ?? '');
    if (!upload || upload.key !== key) return error(response, { status: 404, code: 'NoSuchUpload' });
    if (method === 'PUT') {
      upload.parts.set(Number(query.get('partNumber')), body);
      return void response.setHeader('etag', `"${sha256(body)}"`).end();
    }
    this.uploads.delete(uploadId ?? '');
    if (method === 'DELETE') return void response.writeHead(204).end();
    const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>"(\w+)"<\/ETag>/g)];
    const parts = named.map(([, number, tag]) => ({ part: upload.parts.get(Number(number)), tag }));
    const whole = parts.every(
      ({ part, tag }, n) =>
        part && sha256(part) === tag && (n === parts.length - 1 || part.length >= MIN_PART),
    );
    if (!whole) return void response.end('<Error><Code>InvalidPart</Code></Error>');
    this.files.set(key, Buffer.concat(parts.flatMap(({ part }) => part ?? [])));
    response.end('<CompleteMultipartUploadResult/>');
  }
}

function error(response: ServerResponse, { status, code }: Failure): void {
  response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function isSigned(request: IncomingMessage, url: URL): boolean {
  const given = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)$/.exec(
    request.headers.authorization ?? '',
  );
  const date = String(request.headers['x-amz-date'] ?? '');
  if (!given || !/^\d{8}T\d{6}Z$/.test(date)) return false;
  const [, credential = '', names = '', signature] = given;
  const scope = `${date.slice(0, 8)}/${REGION}/s3/aws4_request`;
  if (credential !== `${KEY_ID}/${scope}` || !names.split(';').includes('host')) return false;
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`);
  const query = [...url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join('&');
  const canonical = [
    request.method,
    url.pathname,
    query,
    headers.join(''),
    names,
    request.headers['x-amz-content-sha256'],
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = scope.split('/').reduce<Buffer | string>((above, part) => hmac(above, part), `AWS4${SECRET}`);
  return hmac(key, toSign).toString('hex') === signature;
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
