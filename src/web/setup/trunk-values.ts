/** A trunk as its form holds it: flat, with null for what is not set, and what goes to the server of it. */
import { z } from 'zod';
import { type PrefixRule, type ShownTrunk, TrunkInput } from '../../protocol/trunks.ts';
import { issuesOf } from '../ui/form-errors.ts';

export interface TrunkValues {
  label: string;
  platformId: string;
  enabled: boolean;
  kind: 'registration' | 'peer';
  registrar: string;
  /** Null: the usual one of the transport. */
  port: number | null;
  user: string;
  password: string;
  realm: string | null;
  expiry: number;
  host: string | null;
  hosts: string[];
  transport: 'udp' | 'tcp' | 'tls';
  srtp: 'off' | 'optional' | 'required';
  codecs: string[];
  maxCalls: number | null;
  callsPerSecond: number | null;
  country: string;
  format: 'plus' | 'digits' | 'prefix' | 'national';
  outbound: PrefixRule[];
  inbound: PrefixRule[];
  callerIdFormat: 'from' | 'pai' | 'both';
  callerId: string | null;
  allowedCountries: string[];
}

/** The form's names for fields that lie deeper in the trunk. */
export const SERVER_NAMES: Record<string, string> = {
  'connection.registrar': 'registrar',
  'connection.port': 'port',
  'connection.user': 'user',
  'connection.realm': 'realm',
  'connection.expiry': 'expiry',
  'connection.host': 'host',
  'connection.hosts': 'hosts',
  'numbers.country': 'country',
  'numbers.format': 'format',
  'numbers.outbound': 'outbound',
  'numbers.inbound': 'inbound',
};

/** What the form begins with: the trunk, or a new one in this country. */
export function valuesOf(trunk: ShownTrunk | undefined, country: string): TrunkValues {
  const connection = trunk?.connection;
  const registration = connection?.kind === 'registration' ? connection : undefined;
  const peer = connection?.kind === 'peer' ? connection : undefined;
  return {
    label: trunk?.label ?? '',
    platformId: trunk?.platformId ?? 'private',
    enabled: trunk?.enabled ?? true,
    kind: connection?.kind ?? 'registration',
    registrar: registration?.registrar ?? '',
    port: connection?.port ?? null,
    user: registration?.user ?? '',
    password: '',
    realm: registration?.realm ?? null,
    expiry: registration?.expiry ?? 600,
    host: peer?.host ?? null,
    hosts: connection?.hosts ?? [],
    transport: trunk?.transport ?? 'udp',
    srtp: trunk?.srtp ?? 'off',
    codecs: trunk?.codecs ?? ['alaw', 'ulaw', 'g722'],
    maxCalls: trunk?.maxCalls ?? null,
    callsPerSecond: trunk?.callsPerSecond ?? null,
    country: trunk?.numbers.country ?? country,
    format: trunk?.numbers.format ?? 'plus',
    outbound: trunk?.numbers.outbound ?? [],
    inbound: trunk?.numbers.inbound ?? [],
    callerIdFormat: trunk?.callerIdFormat ?? 'from',
    callerId: trunk?.callerId ?? null,
    allowedCountries: trunk?.allowedCountries ?? [],
  };
}

/** The body of the request. `existing`: what is empty is taken away, and a password that is not typed stays. */
export function bodyOf(values: TrunkValues, existing: boolean): Record<string, unknown> {
  const { maxCalls, callsPerSecond, callerId } = values;
  const optional = Object.entries({ maxCalls, callsPerSecond, callerId }).filter(
    ([, value]) => existing || value !== null,
  );
  return {
    label: values.label,
    platformId: values.platformId,
    enabled: values.enabled,
    connection: connectionOf(values),
    transport: values.transport,
    srtp: values.transport === 'tls' ? values.srtp : 'off',
    codecs: values.codecs,
    numbers: {
      country: values.country,
      format: values.format,
      outbound: values.outbound,
      inbound: values.inbound,
    },
    callerIdFormat: values.callerIdFormat,
    allowedCountries: values.allowedCountries,
    ...Object.fromEntries(optional),
    ...(values.password === '' ? {} : { password: values.password }),
  };
}

/** Where SIP is listened for unless said otherwise (RFC 3261, section 19.1.2). */
export function usualPort(transport: TrunkValues['transport']): number {
  return transport === 'tls' ? 5061 : 5060;
}

function connectionOf(values: TrunkValues): object {
  const { kind, registrar, user, realm, expiry, host, hosts, transport } = values;
  const port = values.port ?? usualPort(transport);
  if (kind === 'peer') return { kind, hosts, port, ...(host === null ? {} : { host }) };
  return { kind, registrar, port, user, expiry, hosts, ...(realm === null ? {} : { realm }) };
}

/** Checks the form by the server's own schema, with its complaints at the form's fields. */
export const TrunkCheck = z.custom<TrunkValues>().superRefine((values, context) => {
  for (const [path, message] of Object.entries(issuesOf(TrunkInput, bodyOf(values, false)))) {
    const known = Object.keys(SERVER_NAMES).find((name) => path === name || path.startsWith(`${name}.`));
    const own = known === undefined ? path : path.replace(known, SERVER_NAMES[known] ?? known);
    context.addIssue({ code: 'custom', path: own.split('.'), message });
  }
});
