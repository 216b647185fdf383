/**
 * Recordings in an S3-compatible store (AWS, MinIO, Ceph, Garage …). What is small goes in one request, the rest in parts
 * (CreateMultipartUpload, UploadPart, CompleteMultipartUpload); every body is signed with its SHA-256, so that what arrives damaged is
 * refused. Requests are signed by aws4fetch (SigV4).
 */
import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { CodedError } from '../../protocol/errors.ts';
import { checkKey } from './keys.ts';
import type { ByteRange, RecordingStore } from './ports.ts';

export interface S3Options {
  /** Such as `https://s3.eu-west-1.amazonaws.com`. */
  endpoint: string;
  bucket: string;
  /** `us-east-1` where the store has none. */
  region: string;
  keyId: string;
  secret: string;
  /** Before every key, such as `crosspoint/`; empty for none. */
  prefix: string;
  /** The bucket in the path, as most stores want it; else in the host name. */
  pathStyle: boolean;
  /** Bytes of a part; S3 takes no less than 5 MiB. Default 8 MiB. */
  partBytes?: number;
  /** Milliseconds one request may take. Default 60,000. */
  requestMs?: number;
}

const PART_BYTES = 8 * 1_048_576;
const REQUEST_MS = 60_000;
const XML_ERROR = /<Code>([\w.]+)<\/Code>/;

export class S3Store implements RecordingStore {
  readonly #o: S3Options;
  readonly #client: AwsClient;

  constructor(options: S3Options) {
    this.#o = options;
    // Its own retries would hide a store that is away: ours are visible.
    this.#client = new AwsClient({
      accessKeyId: options.keyId,
      secretAccessKey: options.secret,
      region: options.region,
      service: 's3',
      retries: 0,
    });
  }

  async put(key: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const parts = inParts(content, this.#o.partBytes ?? PART_BYTES);
    const first = (await parts.next()).value ?? Buffer.alloc(0);
    const second = await parts.next();
    if (second.done === true) return void (await this.#send('PUT', key, { body: first }));
    const uploadId = await this.#beginUpload(key);
    try {
      const tags = [
        await this.#putPart(key, uploadId, 1, first),
        await this.#putPart(key, uploadId, 2, second.value),
      ];
      for await (const part of parts) tags.push(await this.#putPart(key, uploadId, tags.length + 1, part));
      await this.#completeUpload(key, uploadId, tags);
    } catch (error) {
      // What was sent of it would be paid for; the store's own rule for old uploads removes it where this fails too.
      await this.#send('DELETE', key, { query: { uploadId } }).catch(() => undefined);
      throw error;
    }
  }

  async get(key: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    const headers = range ? { range: `bytes=${range.start}-${range.end}` } : undefined;
    const response = await this.#send('GET', key, headers ? { headers } : {});
    if (range && response.status !== 206)
      throw new CodedError('recording-store-failed', { reason: 'it does not give parts of a file' });
    return response.body ?? noBytes();
  }

  async remove(key: string): Promise<void> {
    await this.#send('DELETE', key, {});
  }

  async #beginUpload(key: string): Promise<string> {
    const response = await this.#send('POST', key, {
      query: { uploads: '' },
      headers: { 'content-type': 'audio/wav' },
    });
    const id = /<UploadId>([^<]+)<\/UploadId>/.exec(await response.text())?.[1];
    if (id === undefined) throw new CodedError('recording-store-failed', { reason: 'it began no upload' });
    return id;
  }

  async #putPart(key: string, uploadId: string, partNumber: number, body: Buffer): Promise<string> {
    const response = await this.#send('PUT', key, {
      query: { partNumber: String(partNumber), uploadId },
      body,
    });
    const tag = response.headers.get('etag');
    if (tag === null) throw new CodedError('recording-store-failed', { reason: 'it gave no ETag' });
    return tag;
  }

  async #completeUpload(key: string, uploadId: string, tags: readonly string[]): Promise<void> {
    const parts = tags.map(
      (tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`,
    );
    const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
    const response = await this.#send('POST', key, { query: { uploadId }, body });
    // It answers 200 before it has put the parts together: the body says whether that went well.
    const code = XML_ERROR.exec(await response.text())?.[1];
    if (code !== undefined) throw new CodedError('recording-store-failed', { reason: code });
  }

  async #send(
    method: string,
    key: string,
    {
      query = {},
      headers = {},
      body,
    }: { query?: Record<string, string>; headers?: Record<string, string>; body?: Buffer },
  ): Promise<Response> {
    const { href } = this.#urlOf(key, query);
    let response: Response;
    try {
      response = await this.#client.fetch(href, {
        method,
        headers: {
          ...headers,
          'x-amz-content-sha256': createHash('sha256')
            .update(body ?? '')
            .digest('hex'),
        },
        ...(body ? { body: new Uint8Array(body) } : {}),
        signal: AbortSignal.timeout(this.#o.requestMs ?? REQUEST_MS),
      });
    } catch (error) {
      const late = error instanceof DOMException && error.name === 'TimeoutError';
      throw new CodedError('recording-store-failed', {
        reason: late ? 'it did not answer in time' : 'it cannot be reached',
      });
    }
    if (response.ok) return response;
    const text = await response.text().catch(() => '');
    const code = XML_ERROR.exec(text)?.[1] ?? `HTTP status ${response.status}`;
    if (response.status === 404 && method === 'GET' && code !== 'NoSuchBucket')
      throw new CodedError('not-found', { what: 'file in the store' });
    if (response.status === 404 && method === 'DELETE') return response;
    throw new CodedError('recording-store-failed', { reason: code });
  }

  #urlOf(key: string, query: Record<string, string>): URL {
    const { endpoint, bucket, prefix, pathStyle } = this.#o;
    const url = new URL(endpoint);
    if (!pathStyle) url.hostname = `${bucket}.${url.hostname}`;
    const base = url.pathname.replace(/\/$/, '');
    url.pathname = `${base}${pathStyle ? `/${bucket}` : ''}/${prefix}${checkKey(key)}`;
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }
}

/** The content in pieces of exactly `size` bytes, the last one shorter; none for no content. */
async function* inParts(content: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer, undefined> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    held.push(chunk);
    bytes += chunk.byteLength;
    if (bytes < size) continue;
    const all = Buffer.concat(held);
    let at = 0;
    for (; bytes - at >= size; at += size) yield all.subarray(at, at + size);
    held = [all.subarray(at)];
    bytes -= at;
  }
  if (bytes > 0) yield Buffer.concat(held);
  return undefined;
}

async function* noBytes(): AsyncGenerator<Uint8Array> {
  // An empty file has no body.
}
