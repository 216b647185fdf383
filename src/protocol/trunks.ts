/**
 * Trunks, outbound routes, sites, classes of service: what an administrator sets about calls that leave or reach the platform,
 * as REST says it. Numbers are E.164 with `+`, countries ISO 3166 codes of two capitals.
 */
import { z } from 'zod';

export const Country = z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166 code of two capital letters');
const Label = z.string().trim().min(1).max(80);
const E164 = z.string().regex(/^\+\d{6,15}$/, 'a number in international form, such as +442079460000');
const Host = z
  .string()
  .max(253)
  .regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)$/, 'a host name or address');
/** An address, a network (`192.0.2.0/24`) or a host name that calls of a peer come from. */
const Source = z
  .string()
  .max(253)
  .regex(/^([0-9a-fA-F:]*:[0-9a-fA-F:.]+|[A-Za-z0-9.-]+)(\/\d{1,3})?$/, 'an address, network or host name');
/** A SIP user name, password or realm that can stand in a configuration line and in a header. */
const Visible = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'visible ASCII characters, at most 128');
const Digits = z.string().regex(/^[+*#0-9]{0,20}$/, 'digits, +, * and # only');

/**
 * One prefix rule: a number that begins with `prefix` (and has `length` characters, where it is given) loses `strip`
 * characters and gets `prepend` in front. The first rule that fits is the only one.
 */
export const PrefixRule = z.object({
  prefix: Digits,
  length: z.number().int().min(1).max(32).optional(),
  strip: z.number().int().min(0).max(20).default(0),
  prepend: Digits.default(''),
});
export type PrefixRule = z.infer<typeof PrefixRule>;

/**
 * How numbers are written on a trunk. Outbound: the E.164 number is brought into `format`, then the first fitting rule of
 * `outbound` is applied. Inbound: first rule of `inbound`, then it is read as a number of `country`.
 */
export const TrunkNumbers = z.object({
  /** Whose national numbers have no country code on this trunk. */
  country: Country,
  /** `+44…` (plus), `44…` (digits), `0044…` (prefix: the country's own), `0…` at home and `prefix` abroad (national). */
  format: z.enum(['plus', 'digits', 'prefix', 'national']).default('plus'),
  outbound: z.array(PrefixRule).max(50).default([]),
  inbound: z.array(PrefixRule).max(50).default([]),
});
export type TrunkNumbers = z.infer<typeof TrunkNumbers>;

/** Where the called party's network finds our number: From, P-Asserted-Identity (RFC 3325) with the account in From, or both. */
export const CallerIdFormat = z.enum(['from', 'pai', 'both']);
export type CallerIdFormat = z.infer<typeof CallerIdFormat>;

export const TrunkConnection = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('registration'),
    registrar: Host,
    port: z.number().int().min(1).max(65_535).default(5060),
    user: Visible,
    /** Of the digest challenge; left out, whatever the registrar asks for. */
    realm: Visible.optional(),
    /** Seconds. */
    expiry: z.number().int().min(60).max(86_400).default(600),
    /** Further addresses that calls of this provider come from; the registrar's own is always one. */
    hosts: z.array(Source).max(50).default([]),
  }),
  z.object({
    kind: z.literal('peer'),
    /** Calls come from here; empty: it takes no calls in. */
    hosts: z.array(Source).max(50).default([]),
    /** Calls go there; left out: it takes no calls out. */
    host: Host.optional(),
    port: z.number().int().min(1).max(65_535).default(5060),
  }),
]);
export type TrunkConnection = z.infer<typeof TrunkConnection>;

export const TrunkSettings = z.object({
  label: Label,
  /** The telephone system it is on. */
  platformId: z.string().min(1).max(80),
  enabled: z.boolean().default(true),
  connection: TrunkConnection,
  /** `tls`: the certificate of the other side must be valid for its host name. */
  transport: z.enum(['udp', 'tcp', 'tls']).default('udp'),
  /** Audio by SRTP with keys in SDP (RFC 4568), which only `tls` keeps secret; `optional`: plain where the other side offers nothing else. */
  srtp: z.enum(['off', 'optional', 'required']).default('off'),
  /** In the order of preference. */
  codecs: z
    .array(z.enum(['alaw', 'ulaw', 'g722', 'opus', 'gsm', 'g729']))
    .min(1)
    .max(6)
    .default(['alaw', 'ulaw', 'g722']),
  /** Calls at the same time, both directions together; left out: no limit. */
  maxCalls: z.number().int().min(1).max(10_000).optional(),
  /** New calls in any one second, both directions together; left out: no limit. */
  callsPerSecond: z.number().min(1).max(1_000).optional(),
  numbers: TrunkNumbers,
  callerIdFormat: CallerIdFormat.default('from'),
  /** Shown by calls of ours that have no other number. */
  callerId: E164.optional(),
  /** Countries that may be called by it; empty: all. */
  allowedCountries: z.array(Country).max(300).default([]),
});
export type TrunkSettings = z.infer<typeof TrunkSettings>;

/** As it is sent in: the password goes in and never comes out. */
export const TrunkInput = TrunkSettings.extend({ password: Visible.optional() });
export type TrunkInput = z.infer<typeof TrunkInput>;

/** What the switch says of a trunk. */
export const TrunkStatus = z.object({
  state: z.enum(['ready', 'trying', 'failed', 'disabled', 'unknown']),
  /** Of a trunk that registers. */
  registration: z.enum(['registered', 'trying', 'refused', 'unknown']).optional(),
  /** It answers OPTIONS (RFC 3261 section 11); left out where it is not asked. */
  reachable: z.boolean().optional(),
  /** In words, for people. */
  text: z.string(),
  /** Calls on it now. */
  calls: z.number().int(),
});
export type TrunkStatus = z.infer<typeof TrunkStatus>;

export const ShownTrunk = TrunkSettings.extend({
  id: z.string(),
  /** It stands in the configuration (`CROSSPOINT_TRUNK`) and is changed there. */
  readOnly: z.boolean(),
  hasPassword: z.boolean(),
  status: TrunkStatus,
});
export type ShownTrunk = z.infer<typeof ShownTrunk>;

/** Calls to these numbers go by these trunks, in this order; the next one is tried when one is down, full or congested. */
export const OutboundRouteInput = z.object({
  label: Label,
  /** E.164 beginnings with `+`; with `countries` empty too: every number. */
  prefixes: z
    .array(z.string().regex(/^\+\d{1,15}$/, 'digits after a +'))
    .max(1_000)
    .default([]),
  countries: z.array(Country).max(300).default([]),
  trunkIds: z.array(z.string().max(80)).min(1).max(20),
});
export type OutboundRouteInput = z.infer<typeof OutboundRouteInput>;
export const OutboundRoute = OutboundRouteInput.extend({ id: z.string() });
export type OutboundRoute = z.infer<typeof OutboundRoute>;

/** A place where people sit: what an emergency call from there says of itself. */
export const SiteInput = z.object({
  label: Label,
  /** The address for whoever sends help: street, number, floor, town. */
  address: z.string().trim().min(1).max(500),
  country: Country,
  /** Shown by an emergency call from here: help calls it back. */
  emergencyCallerId: E164,
  /** Emergency location identification number: shown in place of the caller id where it is set. */
  elin: E164.optional(),
  /** Value of the SIP header Geolocation (RFC 6442), such as `<https://lis.example.com/site-1>`; left out: no header. */
  geolocation: z
    .string()
    .regex(/^<[a-z][a-z0-9+.-]*:[\x21-\x7e]{1,200}>$/, 'an address in angle brackets')
    .optional(),
  /** Tried before every other trunk for an emergency call from here. */
  trunkId: z.string().max(80).optional(),
});
export type SiteInput = z.infer<typeof SiteInput>;
export const Site = SiteInput.extend({ id: z.string() });
export type Site = z.infer<typeof Site>;

/** What a user may dial. Extensions and emergency numbers always. */
export const ClassOfServiceInput = z.object({
  label: Label,
  national: z.boolean(),
  international: z.boolean(),
  premium: z.boolean(),
  /** Countries that may be called; empty: all that the rest allows. */
  countries: z.array(Country).max(300).default([]),
});
export type ClassOfServiceInput = z.infer<typeof ClassOfServiceInput>;
export const ClassOfService = ClassOfServiceInput.extend({ id: z.string() });
export type ClassOfService = z.infer<typeof ClassOfService>;

/** What holds for one user; null: the call center's own. */
export const UserDialling = z.object({
  siteId: z.string().max(80).nullable(),
  classId: z.string().max(80).nullable(),
  /** One of our numbers, shown by calls that he makes; null: no choice of his own. */
  callerId: E164.nullable(),
});
export type UserDialling = z.infer<typeof UserDialling>;

/** What holds where nothing else is said. */
export const DiallingDefaults = UserDialling;
export type DiallingDefaults = UserDialling;
