import { dialplan } from './asterisk-dialplan.ts';
import { ASTERISK_MODULES } from './asterisk-modules.ts';
import { isLoopback } from './hosts.ts';

/** Everything that the configuration of one private Asterisk depends on. Folders are absolute paths. */
export interface AsteriskSettings {
  /** Holds etc, lib, log and spool. */
  runDir: string;
  /** Holds the control socket and the pid file: short, since a socket's path has 107 bytes at most. */
  socketDir: string;
  /** Undefined: what was compiled in. */
  moduleDir?: string;
  /** Undefined: what was compiled in. */
  dataDir?: string;
  /** Six bytes in hexadecimal with colons; stands in for a network card's address, which a container may not have. */
  entityId: string;
  /** Port of 127.0.0.1 for ARI and for SIP over WebSocket. */
  ariPort: number;
  /** Password of the ARI user `crosspoint`. */
  ariPassword: string;
  /** Password of the ARI user `crosspoint-read`, who may change nothing; undefined: there is none. */
  readPassword?: string;
  /** AMI on 127.0.0.1: recordings, and SIP NOTIFY to phones, which ARI has not. Undefined in settings from before there was one. */
  ami?: { port: number; password: string };
  /** Address that SIP (UDP and TCP) and the audio of plain phones bind to. */
  sipHost: string;
  sipPort: number;
  /** TCP port of SIP over TLS to trunks; nobody connects to it, Asterisk only must have one. Undefined in settings from before there was TLS. */
  tlsPort?: number;
  /** PEM file of the authorities whose certificates trunks may have; undefined: `authorities.pem` beside the configuration. */
  authorities?: string;
  /** UDP ports for audio, both included. */
  rtpStart: number;
  rtpEnd: number;
  /**
   * This machine's own address that stands for 127.0.0.1 when candidates are gathered: Asterisk never offers 127.0.0.1 by
   * itself, and without it a browser on the same machine stays mute. Used on loopback only.
   */
  iceAddress?: string;
}

export const ARI_USER = 'crosspoint';
export const ARI_READ_USER = 'crosspoint-read';
export const AMI_USER = 'crosspoint';

/** Configuration files that Asterisk would complain about if they were absent. */
const EMPTY =
  'acl ccss cel chan_websocket features pjproject pjsip_notify stasis udptl websocket_client'.split(' ');

/** Telling a person from an answering machine: milliseconds of silence, greeting and words (Asterisk's sample values). */
const AMD = {
  total_analysis_time: 5_000,
  silence_threshold: 256,
  initial_silence: 2_500,
  after_greeting_silence: 800,
  greeting: 1_500,
  min_word_length: 100,
  maximum_word_length: 5_000,
  between_words_silence: 50,
  maximum_number_of_words: 3,
};

/** Call-progress tones: frequencies / milliseconds on, then 0 / milliseconds off (ITU-T E.180, United States). */
const TONES = {
  description: 'United States / North America',
  ringcadence: '2000,4000',
  dial: '350+440',
  busy: '480+620/500,0/500',
  ring: '440+480/2000,0/4000',
  congestion: '480+620/250,0/250',
  callwaiting: '440/300,0/10000',
  record: '1400/500,0/15000',
  info: '!950/330,!1400/330,!1800/330,0',
};

/** The configuration as file name → text. Pure: the same settings give the same text. */
export function asteriskFiles(settings: AsteriskSettings): Record<string, string> {
  const files: Record<string, string> = {
    'asterisk.conf': asteriskConf(settings),
    'http.conf': section('general', {
      enabled: 'yes',
      enable_static: 'no',
      enable_status: 'no',
      bindaddr: '127.0.0.1',
      bindport: settings.ariPort,
      // every browser phone is one
      sessionlimit: 2_000,
      session_keep_alive: 15_000,
    }),
    'ari.conf': ariConf(settings),
    'rtp.conf': rtpConf(settings),
    'sorcery.conf': sorceryConf(),
    'pjsip.conf': pjsipConf(settings),
    'extensions.conf': dialplan(),
    'modules.conf': `[modules]\nautoload = no\n${ASTERISK_MODULES.map((m) => `load = ${m}\n`).join('')}`,
    'musiconhold.conf': musicConf(settings),
    'cdr.conf': section('general', { enable: 'no' }),
    'amd.conf': section('general', AMD),
    'indications.conf': section('general', { country: 'us' }) + section('us', TONES),
    'manager.conf': managerConf(settings),
    'logger.conf':
      section('general', { dateformat: '%FT%T.%3q%z', use_callids: 'yes', queue_log: 'no' }) +
      section('logfiles', { messages: 'notice,warning,error', security: 'security' }),
  };
  for (const name of EMPTY) files[`${name}.conf`] = '; nothing is set here on purpose\n';
  return files;
}

type Values = Record<string, string | number | undefined>;

function section(name: string, values: Values): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  // a semicolon would begin a comment
  const lines = given.map(([key, value]) => `${key} = ${String(value).replaceAll(';', '\\;')}\n`);
  return `[${name}]\n${lines.join('')}\n`;
}

function asteriskConf({ runDir, socketDir, moduleDir, dataDir, entityId }: AsteriskSettings): string {
  const directories = {
    astetcdir: `${runDir}/etc`,
    astvarlibdir: `${runDir}/lib`,
    astdbdir: `${runDir}/lib`,
    astkeydir: `${runDir}/lib`,
    astspooldir: `${runDir}/spool`,
    astlogdir: `${runDir}/log`,
    astrundir: socketDir,
    astmoddir: moduleDir,
    astdatadir: dataDir,
  };
  const options = {
    entityid: entityId,
    maxfiles: 16_000,
    nocolor: 'yes',
    hideconnect: 'yes',
    live_dangerously: 'no',
  };
  return section('directories', directories) + section('options', options);
}

function ariConf({ ariPassword, readPassword }: AsteriskSettings): string {
  const reader = { type: 'user', read_only: 'yes', password: readPassword, password_format: 'plain' };
  return (
    // the default of 100 ms would cut the events off whenever our process is busy for a moment
    section('general', { enabled: 'yes', pretty: 'no', websocket_write_timeout: 5_000 }) +
    section(ARI_USER, { type: 'user', read_only: 'no', password: ariPassword, password_format: 'plain' }) +
    (readPassword ? section(ARI_READ_USER, reader) : '')
  );
}

/** `system` is NOTIFY and the registrations of trunks, whose events are read; `call` is recording. */
function managerConf({ ami }: AsteriskSettings): string {
  if (!ami) return section('general', { enabled: 'no', webenabled: 'no' });
  const general = { enabled: 'yes', webenabled: 'no', bindaddr: '127.0.0.1', port: ami.port };
  const user = { secret: ami.password, read: 'system', write: 'system,call', writetimeout: 5_000 };
  return section('general', general) + section(AMI_USER, user);
}

function rtpConf({ rtpStart, rtpEnd, sipHost, iceAddress }: AsteriskSettings): string {
  const general = section('general', {
    rtpstart: rtpStart,
    rtpend: rtpEnd,
    icesupport: 'yes',
    strictrtp: 'yes',
  });
  if (!isLoopback(sipHost) || !iceAddress) return general;
  return `${general}[ice_host_candidates]\n${iceAddress} => ${sipHost}\n`;
}

/** ARI creates devices at run time as dynamic objects in memory; the file holds what never changes. */
function sorceryConf(): string {
  const of = (type: string) => `${type} = config,pjsip.conf,criteria=type=${type}\n${type}/dyn = memory\n`;
  const own = ['endpoint', 'auth', 'aor', 'transport'].map(of).join('');
  return (
    `[res_pjsip]\n${own}` +
    `[res_pjsip_endpoint_identifier_ip]\n${of('identify')}` +
    `[res_pjsip_outbound_registration]\n${of('registration')}`
  );
}

/** Where a private Asterisk finds the authorities that it trusts. */
export function authoritiesFile({ runDir, authorities }: AsteriskSettings): string {
  return authorities ?? `${runDir}/etc/authorities.pem`;
}

/** A client: it has no certificate of its own. One list of authorities for all trunks, since Asterisk has one per transport. */
function tlsTransport(settings: AsteriskSettings, host: string): string {
  if (settings.tlsPort === undefined) return '';
  return section('transport-tls', {
    type: 'transport',
    protocol: 'tls',
    bind: `${host}:${settings.tlsPort}`,
    method: 'tlsv1_2',
    ca_list_file: authoritiesFile(settings),
    verify_server: 'yes',
  });
}

function pjsipConf(settings: AsteriskSettings): string {
  const { sipHost, sipPort } = settings;
  const host = sipHost.includes(':') ? `[${sipHost}]` : sipHost;
  const bind = `${host}:${sipPort}`;
  const fixed = [
    // by name first: identified by address, every phone of this machine would be the same one
    section('global', {
      type: 'global',
      user_agent: 'Crosspoint',
      endpoint_identifier_order: 'username,ip,anonymous',
    }),
    section('transport-udp', { type: 'transport', protocol: 'udp', bind }),
    section('transport-tcp', { type: 'transport', protocol: 'tcp', bind }),
    tlsTransport(settings, host),
    section('transport-ws', { type: 'transport', protocol: 'ws', bind: '127.0.0.1' }),
  ];
  return fixed.join('') + (isLoopback(sipHost) ? anonymous(sipHost) : '');
}

/** Any SIP program of this machine may call in without an account; from a network nobody may. */
function anonymous(sipHost: string): string {
  return section('anonymous', {
    type: 'endpoint',
    context: 'public',
    disallow: 'all',
    allow: 'ulaw,alaw,g722',
    allow_overlap: 'no',
    allow_transfer: 'no',
    // who has sent nothing for so long is gone; a phone with silence suppression sends nothing while its user listens to music
    rtp_timeout: 600,
    rtp_timeout_hold: 3_600,
    direct_media: 'no',
    rtp_symmetric: 'yes',
    force_rport: 'yes',
    rewrite_contact: 'yes',
    trust_id_inbound: 'no',
    media_address: sipHost,
    bind_rtp_to_media_address: 'yes',
  });
}

function musicConf({ dataDir }: AsteriskSettings): string {
  const directory = dataDir ? `${dataDir}/moh` : 'moh';
  return section('default', { mode: 'files', directory, sort: 'random' });
}
