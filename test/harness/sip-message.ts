import { createHash } from 'node:crypto';

/** A SIP message (RFC 3261) as tests need it: first line, headers in order, body. */
export interface SipMessage {
  first: string;
  headers: [name: string, value: string][];
  body: string;
}

const SHORT: Record<string, string> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
  c: 'content-type',
  o: 'event',
};

/** Reads one datagram. */
export function parseSip(text: string): SipMessage {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  return { first, headers, body: rest.join('\r\n\r\n') };
}

/** All values of a header, whatever the case of its name. */
export function headersOf(message: SipMessage, name: string): string[] {
  const wanted = name.toLowerCase();
  return message.headers
    .filter(([key]) => (SHORT[key.toLowerCase()] ?? key.toLowerCase()) === wanted)
    .map(([, value]) => value);
}

/** The first value of a header, empty when it is not there. */
export function headerOf(message: SipMessage, name: string): string {
  return headersOf(message, name)[0] ?? '';
}

/** The status of a response, 0 for a request. */
export function statusOf(message: SipMessage): number {
  return Number(/^SIP\/2\.0 (\d{3})/.exec(message.first)?.[1] ?? 0);
}

export function methodOf(message: SipMessage): string {
  return statusOf(message) > 0
    ? (headerOf(message, 'cseq').split(' ')[1] ?? '')
    : (message.first.split(' ')[0] ?? '');
}

/** The text to send; Content-Length is added. */
export function formatSip(message: SipMessage): string {
  const lines = message.headers.map(([name, value]) => `${name}: ${value}`);
  return [
    message.first,
    ...lines,
    `Content-Length: ${Buffer.byteLength(message.body)}`,
    '',
    message.body,
  ].join('\r\n');
}

export function tagOf(value: string): string {
  return /;tag=([^;>\s]+)/.exec(value)?.[1] ?? '';
}

export function uriOf(value: string): string {
  return /<([^>]+)>/.exec(value)?.[1] ?? value.split(';')[0] ?? '';
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** The answer to a digest challenge (RFC 2617, MD5, with or without qop=auth). */
export function digestAnswer(
  challenge: string,
  method: string,
  uri: string,
  user: string,
  password: string,
): string {
  const part = (name: string) => new RegExp(`${name}="?([^",]+)`).exec(challenge)?.[1] ?? '';
  const [realm, nonce, opaque] = [part('realm'), part('nonce'), part('opaque')];
  const ha1 = md5(`${user}:${realm}:${password}`);
  const ha2 = md5(`${method}:${uri}`);
  const qop = part('qop') ? { nc: '00000001', cnonce: 'b7e2' } : undefined;
  const response = qop
    ? md5(`${ha1}:${nonce}:${qop.nc}:${qop.cnonce}:auth:${ha2}`)
    : md5(`${ha1}:${nonce}:${ha2}`);
  const base = `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=MD5`;
  const withQop = qop ? `${base}, qop=auth, nc=${qop.nc}, cnonce="${qop.cnonce}"` : base;
  return opaque ? `${withQop}, opaque="${opaque}"` : withQop;
}
