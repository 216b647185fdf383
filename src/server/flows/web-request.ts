/**
 * Requests that flows make to web services. What a caller keys must not become a way into our network (server-side request
 * forgery): the address that a name stands for is judged, and then connected to, as one; nothing is redirected.
 */
import { lookup as lookUpName } from 'node:dns';
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';
import { CodedError } from '../../protocol/errors.ts';
import type { WebAnswer, WebRequest } from './node.ts';

/** Of an answer: what is longer is refused. */
const MAX_ANSWER_BYTES = 256 * 1_024;

export interface WebRequesterOptions {
  /** Host names or addresses, each with `:port` or for every port, that may be asked though they are of this machine or a private network. */
  allowedHosts: readonly string[];
}

/** @throws CodedError `bad-input` for an address that may not be asked, `timeout`, `too-large`; and what the connection fails with. */
export function webRequester({
  allowedHosts,
}: WebRequesterOptions): (request: WebRequest) => Promise<WebAnswer> {
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()));
  return async ({ method, url, headers, body, timeoutMs }) => {
    const target = new URL(url);
    const port = target.port || (target.protocol === 'https:' ? '443' : '80');
    const name = target.hostname.replace(/^\[|\]$/g, '').toLowerCase();
    const free = allowed.has(name) || allowed.has(`${name}:${port}`);
    if (!free && isIP(name) !== 0 && isInside(name)) refuse(name);
    const send = target.protocol === 'https:' ? requestSecure : requestPlain;
    const signal = AbortSignal.timeout(timeoutMs);
    return await new Promise<WebAnswer>((resolve, reject) => {
      const fail = (error: Error) =>
        reject(signal.aborted ? new CodedError('timeout', { what: target.host }) : error);
      const asked = send(
        target,
        {
          method,
          signal,
          agent: false,
          headers: {
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(free ? {} : { lookup: outsideOnly }),
        },
        (answer) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          answer.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            chunks.push(chunk);
            if (bytes > MAX_ANSWER_BYTES) asked.destroy(new CodedError('too-large', { limit: '256 KB' }));
          });
          answer.on('error', fail);
          answer.on('end', () =>
            resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
          );
        },
      );
      asked.on('error', fail);
      asked.end(body);
    });
  };
}

/** Finds the addresses of a name, all of which must be outside. */
const outsideOnly: LookupFunction = (hostname, options, callback) => {
  lookUpName(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    const inside = addresses.find(({ address }) => isInside(address));
    const [first] = addresses;
    if (inside || !first) return callback(new CodedError('bad-input', { detail: refusal(hostname) }), '', 0);
    if (options.all) return callback(null, addresses);
    return callback(null, first.address, first.family);
  });
};

function refuse(host: string): never {
  throw new CodedError('bad-input', { detail: refusal(host) });
}

function refusal(host: string): string {
  return `${host} is an address of this machine or of a private network; an administrator allows it with CROSSPOINT_FLOW_HOSTS`;
}

/** Not reachable from the Internet, by the IANA registries of special-purpose addresses (RFC 6890), multicast included. */
export function isInside(address: string): boolean {
  // Apart, for a list takes every IPv4 address for one of ::ffff:0:0/96 as well, which is not to be asked as such.
  return isIPv6(address) ? INSIDE.v6.check(address, 'ipv6') : INSIDE.v4.check(address, 'ipv4');
}

const INSIDE = insideAddresses();

function insideAddresses(): { v4: BlockList; v6: BlockList } {
  const lists = { v4: new BlockList(), v6: new BlockList() };
  const v4 = [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.168.0.0/16',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '224.0.0.0/3',
  ];
  for (const net of v4) {
    const [address = '', bits = ''] = net.split('/');
    lists.v4.addSubnet(address, Number(bits), 'ipv4');
  }
  // Everything but global unicast (2000::/3), and of that: documentation, benchmarks, and what has an IPv4 address in it.
  const v6 = ['::/3', '4000::/2', '8000::/1', '2001:2::/48', '2001:db8::/32', '2002::/16', '2001::/32'];
  for (const net of v6) {
    const [address = '', bits = ''] = net.split('/');
    lists.v6.addSubnet(address, Number(bits), 'ipv6');
  }
  return lists;
}
