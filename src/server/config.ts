/** Reads the configuration: the environment, and the one file that it may name. See `config-options.ts` for what there is. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { cacheFolder } from './bundled/cache-folder.ts';
import { isLoopback } from './bundled/hosts.ts';
import { type Given, OPTIONS, type Option, type OptionKey } from './config-options.ts';

/** A configuration that cannot be used. The message is one sentence for people, without secrets. */
export class ConfigError extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'ConfigError';
  }
}

export interface Config {
  /** Absolute. */
  dataFolder: string;
  /** Absolute. */
  cacheFolder: string;
  databaseUrl?: string;
  /** The address that pages and SIP listen on. */
  host: string;
  port: number;
  /** Origin by which people reach the pages, where it is not that of host and port. */
  publicUrl?: string;
  sipPort: number;
  /** Others than this machine can reach us. */
  office: boolean;
  /** Pages by HTTPS. `files` are the user's certificate; without them one is generated. */
  tls?: { files?: { cert: string; key: string } };
  ice: { stun: string[]; turn: string[]; user?: string; password?: string; secret?: string };
  switchKind: 'auto' | 'asterisk' | 'simulated';
  asterisk: {
    bin?: string;
    mirror?: string;
    suites?: string[];
    ariPort?: number;
    /** PEM file, absolute. */
    authorities?: string;
    rtp?: { start: number; end: number };
  };
  /** Host, with or without port, that outside calls go to by SIP. */
  trunk?: string;
  /** E.164: what called parties see. */
  callerId?: string;
  /** ISO 3166 code. */
  country: string;
  locale: string;
  /** IANA time zone. */
  zone: string;
  ringMs: number;
  wrapMs: number;
  /** Who does not reach a user may leave him a message. */
  userVoicemail: boolean;
  recording: {
    /** Absolute; undefined for `recordings` in the data folder. */
    folder?: string;
    /** Instead of the folder. */
    s3?: {
      endpoint: string;
      bucket: string;
      region: string;
      keyId: string;
      secret: string;
      prefix: string;
      pathStyle: boolean;
    };
    spoolBytes: number;
  };
  /** Undefined: no e-mail is sent. */
  mail?: { url: string; from: string };
  openCti: {
    /** Absolute; undefined: runApex has nothing to run. */
    actions?: string;
    strict: boolean;
  };
  /** Hosts on this machine or a private network that flows may ask. */
  flowHosts: string[];
  drainMs: number;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
}

export interface ConfigSource {
  env: Readonly<Record<string, string | undefined>>;
  /** The clone's folder: relative paths and root's data folder depend on it. */
  root: string;
  uid: number | undefined;
  /** Reads the file that CROSSPOINT_CONFIG names. Default: from the disk. */
  readFile?: (path: string) => string;
}

/** @throws ConfigError with the first thing that is wrong. An empty value counts as not set. */
export function readConfig(source: ConfigSource): Config {
  const { env, root } = source;
  const path = given('configFile', env, 'the environment');
  const fromFile = path === undefined ? {} : readConfigFile(resolve(root, path), source.readFile);
  refuseUnknown(
    Object.keys(env).filter((name) => name.startsWith('CROSSPOINT_')),
    'the environment',
  );
  refuseUnknown(Object.keys(fromFile), 'the configuration file');
  return assemble(readGiven(env, fromFile), source);
}

function assemble(set: Given, { env, root, uid }: ConfigSource): Config {
  const office = set.office ?? false;
  const host = set.host ?? (office ? '0.0.0.0' : '127.0.0.1');
  if (!office && !isLoopback(host)) {
    throw new ConfigError(
      `CROSSPOINT_HOST is ${host}, which others can reach: set CROSSPOINT_OFFICE=on as well, or leave it out.`,
    );
  }
  const cache = set.cacheFolder
    ? resolve(root, set.cacheFolder)
    : cacheFolder({ ...env, CROSSPOINT_CACHE: undefined }, uid);
  return {
    dataFolder: set.dataFolder ? resolve(root, set.dataFolder) : defaultDataFolder(root, uid),
    cacheFolder: cache,
    databaseUrl: set.databaseUrl,
    host: host === 'localhost' ? '127.0.0.1' : host,
    port: set.port ?? 8080,
    publicUrl: set.publicUrl,
    sipPort: set.sipPort ?? 5060,
    office,
    tls: tlsOf(set, office, root),
    ice: iceOf(set),
    switchKind: set.switchKind ?? 'auto',
    asterisk: {
      bin: set.asteriskBin,
      mirror: set.asteriskMirror,
      suites: set.asteriskSuites,
      ariPort: set.ariPort,
      ...(set.sipAuthorities ? { authorities: resolve(root, set.sipAuthorities) } : {}),
      rtp: set.rtpPorts,
    },
    trunk: set.trunk,
    callerId: set.callerId,
    country: set.country ?? 'GB',
    locale: set.locale ?? 'en-GB',
    zone: set.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    ringMs: set.ringMs ?? 20_000,
    wrapMs: set.wrapMs ?? 30_000,
    userVoicemail: set.userVoicemail ?? false,
    recording: {
      ...(set.recordingFolder ? { folder: resolve(root, set.recordingFolder) } : {}),
      ...s3Of(set),
      spoolBytes: set.recordingSpool ?? 2_048 * 1_048_576,
    },
    ...mailOf(set),
    openCti: {
      ...(set.actionsFolder ? { actions: resolve(root, set.actionsFolder) } : {}),
      strict: set.strictAdapters ?? false,
    },
    flowHosts: set.flowHosts ?? [],
    drainMs: set.drainMs ?? 30_000,
    logLevel: set.logLevel ?? 'info',
  };
}

function tlsOf({ tlsCert, tlsKey }: Given, office: boolean, root: string): Config['tls'] {
  if (!tlsCert !== !tlsKey) {
    const [has, lacks] = tlsCert
      ? ['CROSSPOINT_TLS_CERT', 'CROSSPOINT_TLS_KEY']
      : ['CROSSPOINT_TLS_KEY', 'CROSSPOINT_TLS_CERT'];
    throw new ConfigError(
      `${has} is set without ${lacks}: set both, or neither for a generated certificate.`,
    );
  }
  if (tlsCert && tlsKey) return { files: { cert: resolve(root, tlsCert), key: resolve(root, tlsKey) } };
  return office ? {} : undefined;
}

/** All four of what S3 needs, or none. */
function mailOf({ smtpUrl, mailFrom }: Given): Pick<Config, 'mail'> {
  if (!smtpUrl !== !mailFrom)
    throw new ConfigError('CROSSPOINT_SMTP_URL and CROSSPOINT_MAIL_FROM go together: set both, or neither.');
  return smtpUrl && mailFrom ? { mail: { url: smtpUrl, from: mailFrom } } : {};
}

function s3Of(set: Given): Pick<Config['recording'], 's3'> {
  const { s3Endpoint: endpoint, s3Bucket: bucket, s3KeyId: keyId, s3Secret: secret } = set;
  const needed = { s3Endpoint: endpoint, s3Bucket: bucket, s3KeyId: keyId, s3Secret: secret };
  const given = (Object.keys(needed) as (keyof typeof needed)[]).filter((key) => needed[key] !== undefined);
  if (given.length === 0) return {};
  if (!endpoint || !bucket || !keyId || !secret) {
    const lacks = (Object.keys(needed) as (keyof typeof needed)[]).filter((key) => !given.includes(key));
    const names = lacks.map((key) => OPTIONS[key].name).join(', ');
    throw new ConfigError(`The S3 store for recordings also needs ${names}.`);
  }
  const { s3Region: region = 'us-east-1', s3Prefix: prefix = '', s3PathStyle: pathStyle = true } = set;
  return { s3: { endpoint, bucket, keyId, secret, region, prefix, pathStyle } };
}

function iceOf({ stun, turn, turnUser, turnPassword, turnSecret }: Given): Config['ice'] {
  const fixed = turnUser !== undefined && turnPassword !== undefined;
  if (turn && !fixed && !turnSecret) {
    throw new ConfigError(
      'CROSSPOINT_TURN is set without credentials: set CROSSPOINT_TURN_SECRET, or CROSSPOINT_TURN_USER and CROSSPOINT_TURN_PASSWORD.',
    );
  }
  return { stun: stun ?? [], turn: turn ?? [], user: turnUser, password: turnPassword, secret: turnSecret };
}

/** `./data`; for root, whose home others cannot read, a folder under /var/lib that belongs to this clone alone. */
function defaultDataFolder(root: string, uid: number | undefined): string {
  if (uid !== 0) return join(root, 'data');
  const clone = createHash('sha256').update(root).digest('hex').slice(0, 12);
  return `/var/lib/crosspoint/${clone}`;
}

type Texts = Readonly<Record<string, string | undefined>>;

function readGiven(env: Texts, file: Texts): Given {
  const set: Record<string, unknown> = {};
  for (const key of Object.keys(OPTIONS) as OptionKey[]) {
    set[key] = given(key, env, 'the environment') ?? given(key, file, 'the configuration file');
  }
  return set;
}

function given<K extends OptionKey>(key: K, texts: Texts, where: string): Given[K] {
  const option: Option<unknown> = OPTIONS[key];
  const text = texts[option.name]?.trim();
  if (!text) return undefined;
  const result = option.parse.safeParse(text);
  if (result.success) return result.data as Given[K];
  const value = option.secret ? 'the value' : JSON.stringify(text);
  throw new ConfigError(`${option.name} in ${where}: ${value} is not allowed, it must be ${option.allowed}.`);
}

function readConfigFile(
  path: string,
  read = (file: string) => readFileSync(file, 'utf8'),
): Record<string, string> {
  let text: string;
  try {
    text = read(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown error';
    throw new ConfigError(
      `CROSSPOINT_CONFIG: the file ${isAbsolute(path) ? path : resolve(path)} cannot be read (${reason}).`,
    );
  }
  return parseLines(text);
}

function parseLines(text: string): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const match = /^(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line);
    if (!match?.[1])
      throw new ConfigError(`The configuration file's line ${index + 1} is not of the form NAME=value.`);
    result[match[1]] = unquote(match[2] ?? '');
  }
  return result;
}

/** A value in quotes is taken as it is; else what follows ` #` is a comment. */
function unquote(text: string): string {
  const quoted = /^(["'])(.*)\1\s*(?:#.*)?$/.exec(text);
  return quoted ? (quoted[2] ?? '') : text.replace(/\s+#.*$/, '');
}

function refuseUnknown(names: string[], where: string): void {
  const known = Object.values(OPTIONS).map((option) => option.name);
  const stranger = names.find((name) => !known.some((k) => k === name));
  if (stranger === undefined) return;
  const nearest = known
    .map((name) => ({ name, far: distance(name, stranger) }))
    .sort((a, b) => a.far - b.far)[0];
  const hint =
    nearest && nearest.far <= 6
      ? ` Did you mean ${nearest.name}?`
      : ' docs/configuration.md lists what there is.';
  throw new ConfigError(`There is no option ${stranger} (in ${where}).${hint}`);
}

/** Levenshtein's distance: how many letters to add, remove or replace. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
