import { createHash } from 'node:crypto';
import { CodedError } from '../../../protocol/errors.ts';
import type { ProvisionedTrunk } from '../ports.ts';
import type { DeviceOptions } from './device-config.ts';

/** A `res_pjsip` object of a trunk, in Asterisk's configuration in memory. */
export interface TrunkObject {
  type: 'auth' | 'aor' | 'endpoint' | 'identify' | 'registration';
  id: string;
  fields: { attribute: string; value: string }[];
}

/** The dialplan context that calls of trunks come into. */
export const TRUNK_CONTEXT = 'trunk';
/** Seconds between OPTIONS requests to a trunk: Asterisk asks the first time at a random moment within them. */
export const QUALIFY_SECONDS = 10;
/** How long a trunk may take to answer one, seconds. */
export const QUALIFY_TIMEOUT_SECONDS = 4;
/** Seconds until a registration that failed is tried again, whatever the reason was. */
const RETRY_SECONDS = 30;

/** RFC 3261, 19.1.2. */
const DEFAULT_PORTS = { udp: 5060, tcp: 5060, tls: 5061 } as const;

const NAME = /^[A-Za-z0-9_-]{1,79}$/;
const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)$/;
const SOURCE = /^[0-9A-Za-z.:-]+(\/\d{1,3})?$/;
const CODEC = /^[a-z0-9]+$/;

/** Throws `bad-input` unless the trunk can be written into Asterisk's configuration as it is. */
export function checkTrunk({ name, connection, codecs, transport, srtp }: ProvisionedTrunk): void {
  const wrong = (detail: string): never => {
    throw new CodedError('bad-input', { detail });
  };
  if (!NAME.test(name)) wrong('the name of a trunk has letters, digits, "-" and "_"');
  const host = connection.kind === 'peer' ? connection.host : connection.registrar;
  if (host !== undefined && !HOST.test(host)) wrong('a trunk has a host name or an address');
  if (!connection.hosts.every((source) => SOURCE.test(source)))
    wrong('calls of a trunk come from addresses, networks or host names');
  if (codecs.length === 0 || !codecs.every((codec) => CODEC.test(codec))) wrong('a trunk has codecs');
  if (srtp && transport !== 'tls') wrong('SRTP of a trunk needs TLS, which keeps its keys secret');
  if (connection.kind !== 'registration') return;
  const { user, password, realm = 'any' } = connection;
  if (![user, password, realm].every((text) => /^[\x21-\x7e]{1,128}$/.test(text)))
    wrong('user, password and realm of a trunk are visible ASCII characters');
}

/**
 * The objects that make up a trunk, in the order in which they are put. The endpoint carries a digest of all of them as its
 * account code, so that a trunk that Asterisk has already is left alone.
 */
export function trunkObjects(trunk: ProvisionedTrunk, options: DeviceOptions = {}): TrunkObject[] {
  const { name, connection } = trunk;
  const objects = [
    ...authOf(trunk),
    ...aorOf(trunk, options),
    object('endpoint', name, endpointFields(trunk, options)),
    ...identifyOf(trunk),
    ...(connection.kind === 'registration' ? [registrationOf(trunk, connection)] : []),
  ];
  const endpoint = objects.find(({ type }) => type === 'endpoint');
  endpoint?.fields.push({ attribute: 'accountcode', value: digestOf(objects) });
  return objects;
}

/** What tells this trunk's configuration from any other. */
export function digestOf(objects: TrunkObject[]): string {
  return `crosspoint-${createHash('sha256').update(JSON.stringify(objects)).digest('hex').slice(0, 16)}`;
}

/** The types of objects that a trunk may have, in the order in which they are removed. */
export const TRUNK_TYPES = ['registration', 'identify', 'endpoint', 'aor', 'auth'] as const;

function authOf({ name, connection }: ProvisionedTrunk): TrunkObject[] {
  if (connection.kind !== 'registration') return [];
  const { user, password, realm } = connection;
  return [
    object('auth', name, {
      auth_type: 'userpass',
      username: user,
      password,
      ...(realm ? { realm } : {}),
    }),
  ];
}

function aorOf(trunk: ProvisionedTrunk, { qualifySeconds = QUALIFY_SECONDS }: DeviceOptions): TrunkObject[] {
  const contact = uriOf(trunk);
  if (!contact) return [];
  return [
    object('aor', trunk.name, {
      contact,
      qualify_frequency: String(qualifySeconds),
      qualify_timeout: String(QUALIFY_TIMEOUT_SECONDS),
    }),
  ];
}

function endpointFields(
  trunk: ProvisionedTrunk,
  { mediaAddress, contextPrefix = '' }: DeviceOptions,
): Record<string, string> {
  const { name, connection, codecs, callerIdFormat, srtp } = trunk;
  const registers = connection.kind === 'registration';
  return {
    context: contextPrefix + TRUNK_CONTEXT,
    disallow: 'all',
    allow: codecs.join(','),
    // never by the name in From, which a caller chooses
    identify_by: 'ip',
    direct_media: 'no',
    allow_transfer: 'no',
    rtp_symmetric: 'yes',
    force_rport: 'yes',
    rewrite_contact: 'yes',
    dtmf_mode: 'auto',
    send_connected_line: 'no',
    trust_id_inbound: 'yes',
    trust_id_outbound: 'yes',
    ...(callerIdFormat === 'from' ? {} : { send_pai: 'yes' }),
    ...(srtp ? { media_encryption: 'sdes' } : {}),
    ...(srtp === 'optional' ? { media_encryption_optimistic: 'yes' } : {}),
    ...(uriOf(trunk) ? { aors: name } : {}),
    ...(registers ? { outbound_auth: name, from_domain: connection.registrar } : {}),
    ...(registers && callerIdFormat === 'pai' ? { from_user: connection.user } : {}),
    ...(mediaAddress ? { media_address: mediaAddress, bind_rtp_to_media_address: 'yes' } : {}),
  };
}

function identifyOf({ name, connection }: ProvisionedTrunk): TrunkObject[] {
  const own = connection.kind === 'registration' ? [connection.registrar.replace(/[[\]]/g, '')] : [];
  const hosts = [...new Set([...own, ...connection.hosts])];
  if (hosts.length === 0) return [];
  return [object('identify', name, { endpoint: name, match: hosts.join(','), srv_lookups: 'no' })];
}

/** `line` puts a word of ours into our contact, by which the provider's calls are known wherever they come from. */
function registrationOf(
  trunk: ProvisionedTrunk,
  { registrar, port, user, expirySeconds }: Extract<ProvisionedTrunk['connection'], { kind: 'registration' }>,
): TrunkObject {
  const client = port === DEFAULT_PORTS[trunk.transport] ? registrar : `${registrar}:${port}`;
  const retry = String(RETRY_SECONDS);
  return object('registration', trunk.name, {
    server_uri: uriOf(trunk) ?? '',
    client_uri: `sip:${user}@${client}${transportOf(trunk)}`,
    contact_user: user,
    outbound_auth: trunk.name,
    expiration: String(expirySeconds),
    retry_interval: retry,
    forbidden_retry_interval: retry,
    fatal_retry_interval: retry,
    max_retries: '1000000',
    auth_rejection_permanent: 'no',
    line: 'yes',
    endpoint: trunk.name,
  });
}

function uriOf(trunk: ProvisionedTrunk): string | undefined {
  const { connection } = trunk;
  const host = connection.kind === 'peer' ? connection.host : connection.registrar;
  return host && `sip:${host}:${connection.port}${transportOf(trunk)}`;
}

function transportOf({ transport }: ProvisionedTrunk): string {
  return transport === 'udp' ? '' : `;transport=${transport}`;
}

function object(type: TrunkObject['type'], id: string, values: Record<string, string>): TrunkObject {
  return { type, id, fields: Object.entries(values).map(([attribute, value]) => ({ attribute, value })) };
}
