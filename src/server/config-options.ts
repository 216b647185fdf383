/**
 * Every option in one table: its name, unit, default, what is allowed and what it means. `config.ts` reads by it and
 * `docs/configuration.md` is made from it (`config-page.ts`).
 */
import { isIP } from 'node:net';
import { z } from 'zod';

export interface Option<T> {
  name: string;
  group: string;
  /** `ms`, `seconds`, `port`, or nothing. */
  unit?: string;
  /** The default in words, as the page shows it. */
  fallback: string;
  description: string;
  /** What a value may be, ending the sentence "… is not allowed: it must be …". */
  allowed: string;
  /** Holds a password: its value is never shown, in no error either. */
  secret?: true;
  /** Reads the text; not called when it is not set. */
  parse: z.ZodType<T, string>;
}

const whole = (min: number, max: number) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(min).max(max));
const seconds = (min: number, max: number) => whole(min, max).transform((s) => s * 1_000);
const port = whole(1, 65_535);
const PORT = 'a whole number from 1 to 65535';
const path = z.string().min(1);
const onOff = z
  .enum(['on', 'off', '1', '0', 'true', 'false', 'yes', 'no'])
  .transform((text) => ['on', '1', 'true', 'yes'].includes(text));
const list = (prefix: RegExp) =>
  z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .pipe(z.array(z.string().regex(prefix)).min(1));
const host = z.string().refine((text) => isIP(text) !== 0 || text === 'localhost');
const web = z.string().regex(/^https?:\/\/\S+$/);
const zone = z.string().refine((text) => canMake(() => new Intl.DateTimeFormat('en', { timeZone: text })));
const locale = z.string().refine((text) => canMake(() => new Intl.DateTimeFormat(text)));
const ports = z
  .string()
  .regex(/^\d+-\d+$/)
  .transform((text) => {
    const [start = 0, end = 0] = text.split('-').map(Number);
    return { start, end };
  })
  .refine(({ start, end }) => start >= 1024 && end <= 65_535 && end - start >= 9);

function canMake(make: () => unknown): boolean {
  try {
    make();
    return true;
  } catch {
    return false;
  }
}

function option<T>(made: Option<T>): Option<T> {
  return made;
}

/** By the name that the program uses; the order is that of the page. */
export const OPTIONS = {
  configFile: option({
    name: 'CROSSPOINT_CONFIG',
    group: 'Where things are',
    fallback: 'none',
    description:
      'A file with further options, one `NAME=value` on a line, `#` before a comment. The environment goes before the file.',
    allowed: 'the path of a file',
    parse: path,
  }),
  dataFolder: option({
    name: 'CROSSPOINT_DATA',
    group: 'Where things are',
    fallback: '`./data`; for root a folder of its own per clone under `/var/lib/crosspoint`',
    description: 'The folder that holds all state: database, secrets, certificate. One process at a time.',
    allowed: 'the path of a folder',
    parse: path,
  }),
  cacheFolder: option({
    name: 'CROSSPOINT_CACHE',
    group: 'Where things are',
    fallback: '`/var/cache/crosspoint` for root, else `~/.cache/crosspoint`',
    description: 'Where downloaded programs lie; shared by all clones on the machine.',
    allowed: 'the path of a folder',
    parse: path,
  }),
  databaseUrl: option({
    name: 'DATABASE_URL',
    group: 'Where things are',
    fallback: 'a private PostgreSQL in the data folder',
    description: 'A PostgreSQL database of your own (version 15 or newer).',
    allowed: 'an address such as postgres://user:password@host:5432/database',
    secret: true,
    parse: z.string().regex(/^postgres(ql)?:\/\/\S+$/),
  }),
  host: option({
    name: 'CROSSPOINT_HOST',
    group: 'Network',
    fallback: '`127.0.0.1`; with `CROSSPOINT_OFFICE=on` `0.0.0.0`',
    description:
      'The address of this machine that pages and SIP phones connect to. One that others can reach needs `CROSSPOINT_OFFICE=on`.',
    allowed: 'an IP address of this machine, or localhost',
    parse: host,
  }),
  port: option({
    name: 'CROSSPOINT_PORT',
    group: 'Network',
    unit: 'port',
    fallback: '8080',
    description: 'The TCP port of the pages (HTTP, or HTTPS in the office).',
    allowed: PORT,
    parse: port,
  }),
  publicUrl: option({
    name: 'CROSSPOINT_PUBLIC_URL',
    group: 'Network',
    fallback: 'the host and port above; an address of this machine where all are listened on',
    description:
      'The address by which people reach the pages, where that is another one, such as that of a proxy in front: links that are written elsewhere begin with it, such as the link to a recording in a CRM. At the top of its host.',
    allowed: 'an address such as https://phones.example.com, without a path',
    parse: web
      .refine((text) => URL.canParse(text) && new URL(text).href === `${new URL(text).origin}/`)
      .transform((text) => new URL(text).origin),
  }),
  sipPort: option({
    name: 'CROSSPOINT_SIP_PORT',
    group: 'Network',
    unit: 'port',
    fallback: '5060',
    description: 'The UDP and TCP port for SIP phones and trunks.',
    allowed: PORT,
    parse: port,
  }),
  office: option({
    name: 'CROSSPOINT_OFFICE',
    group: 'Network',
    fallback: 'off',
    description:
      'Opens Crosspoint to the office network: it listens on all addresses, with HTTPS and wss, and demo users get random passwords, which are printed once.',
    allowed: 'on or off',
    parse: onOff,
  }),
  tlsCert: option({
    name: 'CROSSPOINT_TLS_CERT',
    group: 'Network',
    fallback: 'a generated certificate in the data folder',
    description:
      'Your certificate with its chain, PEM. Goes with `CROSSPOINT_TLS_KEY`; also turns HTTPS on where it would be off.',
    allowed: 'the path of a file',
    parse: path,
  }),
  tlsKey: option({
    name: 'CROSSPOINT_TLS_KEY',
    group: 'Network',
    fallback: 'a generated key in the data folder',
    description: "Your certificate's private key, PEM without a passphrase.",
    allowed: 'the path of a file',
    parse: path,
  }),
  stun: option({
    name: 'CROSSPOINT_STUN',
    group: 'Network',
    fallback: 'none',
    description: 'STUN servers for browser phones, separated by commas: `stun:stun.example.com:3478`.',
    allowed: 'addresses that begin with stun: or stuns:, separated by commas',
    parse: list(/^stuns?:\S+$/),
  }),
  turn: option({
    name: 'CROSSPOINT_TURN',
    group: 'Network',
    fallback: 'none',
    description:
      'TURN servers for browser phones behind firewalls, separated by commas: `turn:turn.example.com:3478?transport=udp`.',
    allowed: 'addresses that begin with turn: or turns:, separated by commas',
    parse: list(/^turns?:\S+$/),
  }),
  turnUser: option({
    name: 'CROSSPOINT_TURN_USER',
    group: 'Network',
    fallback: 'none',
    description:
      'The fixed user name of the TURN servers; with `CROSSPOINT_TURN_PASSWORD`, instead of `CROSSPOINT_TURN_SECRET`.',
    allowed: 'a user name',
    parse: z.string().min(1),
  }),
  turnPassword: option({
    name: 'CROSSPOINT_TURN_PASSWORD',
    group: 'Network',
    fallback: 'none',
    description: 'The password that goes with `CROSSPOINT_TURN_USER`.',
    allowed: 'a password',
    secret: true,
    parse: z.string().min(1),
  }),
  turnSecret: option({
    name: 'CROSSPOINT_TURN_SECRET',
    group: 'Network',
    fallback: 'none',
    description:
      "The secret shared with the TURN servers (coturn's `static-auth-secret`): each sign-in gets credentials that end after 12 hours.",
    allowed: 'a secret',
    secret: true,
    parse: z.string().min(1),
  }),
  switchKind: option({
    name: 'CROSSPOINT_SWITCH',
    group: 'Telephone system',
    fallback: 'auto',
    description:
      '`auto`: the private Asterisk, or the simulated switch (no audio) where it cannot be had. `asterisk`: end the start instead. `simulated`: always that.',
    allowed: 'auto, asterisk or simulated',
    parse: z.enum(['auto', 'asterisk', 'simulated']),
  }),
  asteriskBin: option({
    name: 'ASTERISK_BIN',
    group: 'Telephone system',
    fallback: "Debian's Asterisk 22, downloaded into the cache folder",
    description: 'The Asterisk program (version 22) to start instead.',
    allowed: 'the path of a program',
    parse: path,
  }),
  asteriskMirror: option({
    name: 'CROSSPOINT_ASTERISK_MIRROR',
    group: 'Telephone system',
    fallback: "the one that this machine's apt uses",
    description: 'The Debian archive to download Asterisk from.',
    allowed: 'an address that begins with http:// or https://',
    parse: web,
  }),
  asteriskSuites: option({
    name: 'CROSSPOINT_ASTERISK_SUITE',
    group: 'Telephone system',
    fallback: 'forky, then sid',
    description:
      'The Debian suites to look for Asterisk 22 in, separated by commas; the first that has it is taken.',
    allowed: 'names of suites, separated by commas',
    parse: list(/^[a-z][a-z0-9-]*$/),
  }),
  ariPort: option({
    name: 'CROSSPOINT_ARI_PORT',
    group: 'Telephone system',
    unit: 'port',
    fallback: 'a free one, remembered',
    description: "The TCP port of 127.0.0.1 for Asterisk's control interface and the browsers' SIP.",
    allowed: PORT,
    parse: port,
  }),
  sipAuthorities: option({
    name: 'CROSSPOINT_SIP_AUTHORITIES',
    group: 'Telephone system',
    fallback: 'those that browsers trust (of Node.js)',
    description:
      'The authorities whose certificates trunks by TLS may have, PEM, one after the other: all of them, the public ones too if you need both.',
    allowed: 'the path of a file',
    parse: path,
  }),
  rtpPorts: option({
    name: 'CROSSPOINT_RTP_PORTS',
    group: 'Telephone system',
    unit: 'ports',
    fallback: '2,000 free ones from 10000 on, remembered',
    description: 'The first and the last UDP port for audio: `10000-11999`. A firewall must let them in.',
    allowed: 'two ports from 1024 on with a hyphen between, at least ten ports, such as 10000-11999',
    parse: ports,
  }),
  trunk: option({
    name: 'CROSSPOINT_TRUNK',
    group: 'Telephone system',
    fallback: 'none: only extensions can be dialled',
    description:
      'The SIP gateway or provider that calls to outside numbers go to, reached by UDP without registration: `sip.example.com` or `192.0.2.10:5060`.',
    allowed: 'a host name or address, with a port if it is not 5060',
    parse: z.string().regex(/^(\[[0-9a-fA-F:]+\]|[\w.-]+)(:\d{1,5})?$/),
  }),
  callerId: option({
    name: 'CROSSPOINT_CALLER_ID',
    group: 'Telephone system',
    fallback: 'the first number of ours that is an outside one',
    description:
      'The number that called parties see: one of ours, in international form, such as `+442079460000`.',
    allowed: 'a telephone number that begins with +',
    parse: z.string().regex(/^\+\d{7,15}$/),
  }),
  country: option({
    name: 'CROSSPOINT_COUNTRY',
    group: 'Call center',
    fallback: 'GB',
    description: 'The country whose telephone numbers are written without a prefix.',
    allowed: 'an ISO 3166 code of two capital letters, such as GB',
    parse: z.string().regex(/^[A-Z]{2}$/),
  }),
  locale: option({
    name: 'CROSSPOINT_LOCALE',
    group: 'Call center',
    fallback: 'en-GB',
    description: 'The language and region of new users.',
    allowed: 'a language tag such as en-GB',
    parse: locale,
  }),
  zone: option({
    name: 'CROSSPOINT_ZONE',
    group: 'Call center',
    fallback: "this machine's zone",
    description: 'The time zone of new users, and by which the live floor counts a day.',
    allowed: 'an IANA time zone such as Europe/London',
    parse: zone,
  }),
  ringMs: option({
    name: 'CROSSPOINT_RING_SECONDS',
    group: 'Call center',
    unit: 'seconds',
    fallback: '20',
    description: 'How long an agent is rung in a new queue, 3 to 300.',
    allowed: 'a whole number from 3 to 300',
    parse: seconds(3, 300),
  }),
  wrapMs: option({
    name: 'CROSSPOINT_WRAP_SECONDS',
    group: 'Call center',
    unit: 'seconds',
    fallback: '30',
    description: 'Wrap-up time in a new queue, 0 to 3600; 0 means none.',
    allowed: 'a whole number from 0 to 3600',
    parse: seconds(0, 3_600),
  }),
  userVoicemail: option({
    name: 'CROSSPOINT_USER_VOICEMAIL',
    group: 'Call center',
    fallback: 'off',
    description:
      '`on`: who calls a user’s own number and does not reach him, nor whom he forwards to, may leave him a message ([queues.md](queues.md#voicemail)). `off`: the caller hears that nobody can take the call.',
    allowed: 'on or off',
    parse: onOff,
  }),
  recordingFolder: option({
    name: 'CROSSPOINT_RECORDINGS',
    group: 'Recordings',
    fallback: '`recordings` in the data folder',
    description: 'The folder where recordings lie: a disk of this machine, or one that it has mounted.',
    allowed: 'the path of a folder',
    parse: path,
  }),
  recordingSpool: option({
    name: 'CROSSPOINT_RECORDING_SPOOL_MB',
    group: 'Recordings',
    unit: 'MB',
    fallback: '2048',
    description:
      'How much may lie in the data folder while the store is away, 64 to 1000000; an hour of a call is 115 MB. What is more stays on the telephone system.',
    allowed: 'a whole number from 64 to 1000000',
    parse: whole(64, 1_000_000).transform((mb) => mb * 1_048_576),
  }),
  s3Endpoint: option({
    name: 'CROSSPOINT_S3_ENDPOINT',
    group: 'Recordings',
    fallback: 'none: recordings lie in a folder',
    description:
      'The S3-compatible store for recordings, instead of a folder: `https://s3.eu-west-1.amazonaws.com`, `http://minio:9000`. Needs the bucket and both keys.',
    allowed: 'an address that begins with http:// or https://',
    parse: web,
  }),
  s3Bucket: option({
    name: 'CROSSPOINT_S3_BUCKET',
    group: 'Recordings',
    fallback: 'none',
    description: 'The bucket, which must exist.',
    allowed: 'the name of a bucket: 3 to 63 small letters, digits, dots and hyphens',
    parse: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  }),
  s3Region: option({
    name: 'CROSSPOINT_S3_REGION',
    group: 'Recordings',
    fallback: 'us-east-1',
    description: 'The region that requests are signed for; stores of your own mostly have the default.',
    allowed: 'a region such as eu-west-1',
    parse: z.string().regex(/^[a-z0-9-]{2,40}$/),
  }),
  s3KeyId: option({
    name: 'CROSSPOINT_S3_KEY_ID',
    group: 'Recordings',
    fallback: 'none',
    description:
      'The access key id. It needs to put, get and delete objects of the bucket, and nothing else.',
    allowed: 'an access key id',
    parse: z.string().regex(/^\S+$/),
  }),
  s3Secret: option({
    name: 'CROSSPOINT_S3_SECRET',
    group: 'Recordings',
    fallback: 'none',
    description: 'The secret access key that goes with it.',
    allowed: 'a secret access key',
    secret: true,
    parse: z.string().regex(/^\S+$/),
  }),
  s3Prefix: option({
    name: 'CROSSPOINT_S3_PREFIX',
    group: 'Recordings',
    fallback: 'none',
    description: 'What all keys in the bucket begin with, such as `crosspoint/`.',
    allowed: 'letters, digits and - _ . in parts that end with /',
    parse: z.string().regex(/^([\w-][\w.-]*\/)+$/),
  }),
  s3PathStyle: option({
    name: 'CROSSPOINT_S3_PATH_STYLE',
    group: 'Recordings',
    fallback: 'on',
    description: '`on`: the bucket is part of the path. `off`: of the host name, `bucket.endpoint`.',
    allowed: 'on or off',
    parse: onOff,
  }),
  smtpUrl: option({
    name: 'CROSSPOINT_SMTP_URL',
    group: 'E-mail',
    fallback: 'none: no e-mail is sent',
    description:
      'The mail server by which voicemail is sent: `smtp://user:password@mail.example.com:587`, or `smtps://` with TLS from the beginning. Needs the sender.',
    allowed: 'an address that begins with smtp:// or smtps://',
    secret: true,
    parse: z.string().regex(/^smtps?:\/\/\S+$/),
  }),
  mailFrom: option({
    name: 'CROSSPOINT_MAIL_FROM',
    group: 'E-mail',
    fallback: 'none',
    description: 'The sender of e-mail.',
    allowed: 'an e-mail address',
    parse: z.email(),
  }),
  actionsFolder: option({
    name: 'CROSSPOINT_ACTIONS',
    group: 'Open CTI',
    fallback: 'none',
    description:
      'The folder of the actions that adapters run with `runApex`: a JavaScript module per class, or a JSON file with the `url` of an HTTP endpoint ([opencti.md](opencti.md)).',
    allowed: 'the path of a folder',
    parse: path,
  }),
  strictAdapters: option({
    name: 'CROSSPOINT_OPENCTI_STRICT',
    group: 'Open CTI',
    fallback: 'off',
    description:
      '`on`: `saveLog` refuses a field that the object does not have. `off`: it is left out, and only an error when nothing else is given.',
    allowed: 'on or off',
    parse: onOff,
  }),
  flowHosts: option({
    name: 'CROSSPOINT_FLOW_HOSTS',
    group: 'Flows',
    fallback: 'none',
    description:
      'Hosts of this machine or of a private network that the HTTP requests of flows and the webhooks of alarms may ask, each with `:port` or for every port. All others there are refused.',
    allowed: 'host names or addresses with commas between, such as crm.internal or 10.0.0.5:8080',
    parse: list(/^[\w.:-]+$/),
  }),
  drainMs: option({
    name: 'CROSSPOINT_DRAIN_SECONDS',
    group: 'Running',
    unit: 'seconds',
    fallback: '30',
    description: 'How long live calls may go on after SIGTERM, 0 to 86400. New calls are refused meanwhile.',
    allowed: 'a whole number from 0 to 86400',
    parse: seconds(0, 86_400),
  }),
  logLevel: option({
    name: 'CROSSPOINT_LOG_LEVEL',
    group: 'Running',
    fallback: 'info',
    description: 'What is logged at least. No level logs secrets or personal data.',
    allowed: 'debug, info, warn or error',
    parse: z.enum(['debug', 'info', 'warn', 'error']),
  }),
} as const;

export type OptionKey = keyof typeof OPTIONS;

/** What was set, read and valid; what was not set is undefined. */
export type Given = { [K in OptionKey]?: z.output<(typeof OPTIONS)[K]['parse']> };
