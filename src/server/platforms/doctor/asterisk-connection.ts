/** The way to ARI: address, TLS, user, rights, version, events. */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { isIP } from 'node:net';
import { trusting } from '../../telephony/asterisk/ari-rest.ts';
import { type Check, type Finding, ok, warning, wrong } from './check.ts';
import type { AsteriskProbe } from './probe.ts';

const VERSIONS = { min: 20, max: 22 };

function target({ settings }: AsteriskProbe): { host: string; port: number; secure: boolean } {
  const { hostname, port, protocol } = new URL(settings.url);
  const secure = protocol === 'https:';
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (secure ? 443 : 80), secure };
}

async function checkAddress(probe: AsteriskProbe): Promise<Finding> {
  const { host, port } = target(probe);
  const code = await errorOf(probe, (fail, done) => {
    const socket = connectTcp({ host, port }, () => done(socket.destroy()));
    socket.on('error', fail);
    return socket;
  });
  if (code === undefined) return ok(`Something answers at ${host}, port ${port}.`);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return wrong(
      `There is no machine with the name ${host}.`,
      'Correct the host name in the ARI address, or write its IP address.',
    );
  return wrong(
    `Nothing answers at ${host}, port ${port} (${code}).`,
    'Set enabled = yes, bindaddr and bindport in http.conf, restart Asterisk, and let this server through the firewall.',
  );
}

async function checkTls(probe: AsteriskProbe): Promise<Finding> {
  const { host, port, secure } = target(probe);
  if (!secure) return plain(probe, host);
  const code = await errorOf(probe, (fail, done) => {
    const servername = isIP(host) ? {} : { servername: host };
    const socket = connectTls({ host, port, ...servername, ...trusting(probe.settings.ca) }, () =>
      done(socket.destroy()),
    );
    socket.on('error', fail);
    return socket;
  });
  if (code === undefined) return ok('The certificate is good.');
  const found = TLS_ERRORS[code];
  if (found) return wrong(...found);
  return wrong(
    `The connection by https fails (${code}).`,
    'This port may speak plain http: write http:// in the ARI address, or the port of tlsbindaddr in http.conf.',
  );
}

const UNTRUSTED: [string, string] = [
  'The certificate was signed by nobody whom this server trusts.',
  'Put the PEM of the authority that signed it (or the certificate itself, if it signed itself) into "Certificate authority".',
];
const TLS_ERRORS: Record<string, [string, string]> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_HAS_EXPIRED: ['The certificate has expired.', 'Renew it, and restart Asterisk.'],
  CERT_NOT_YET_VALID: ['The certificate is not valid yet.', 'Look at the clocks of both machines.'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'The certificate is for another host name.',
    'Write the name that stands in the certificate into the ARI address.',
  ],
};

/** By http: whether the port speaks TLS only, and whether the password goes over a network in the clear. */
async function plain(probe: AsteriskProbe, host: string): Promise<Finding> {
  try {
    await probe.ask('GET', '/asterisk/ping');
  } catch {
    return wrong(
      'This port gives no answer to plain http.',
      'If it is the port of tlsbindaddr, write https:// in the ARI address.',
    );
  }
  const local = host === 'localhost' || host === '::1' || host.startsWith('127.');
  if (local) return ok('Plain http, on this machine.');
  return warning(
    'The password and all commands go over the network in the clear.',
    'Set tlsenable, tlsbindaddr and a certificate in http.conf and use https://, unless that network is yours alone.',
  );
}

async function checkAri(probe: AsteriskProbe): Promise<Finding> {
  const { status, body } = await probe.ask('GET', '/asterisk/ping');
  if (status === 503)
    return wrong('Asterisk is still starting.', 'Wait until it has started, and test again.');
  if (status === 401 || status === 403 || (status === 200 && body !== undefined)) return ok('ARI answers.');
  return wrong(
    `A web server answers, but not ARI (status ${status}).`,
    'The address ends in /ari (with a prefix of http.conf: /PREFIX/ari). Set enabled = yes in ari.conf and load res_ari.so and res_ari_asterisk.so.',
  );
}

async function checkUser(probe: AsteriskProbe): Promise<Finding> {
  const { status } = await probe.ask('GET', '/asterisk/info');
  if (status === 200) return ok(`The user ${probe.settings.user} may sign in.`);
  return wrong(
    `Asterisk refuses the user ${probe.settings.user} or the password.`,
    `Compare both with the section [${probe.settings.user}] of ari.conf (type = user), and reload it: asterisk -rx "module reload res_ari.so".`,
  );
}

async function checkRights(probe: AsteriskProbe): Promise<Finding> {
  const { status } = await probe.ask('DELETE', '/channels/crosspoint-doctor-none');
  if (status !== 403) return ok('The user may give commands.');
  return wrong(
    'The user may only read.',
    `Set read_only = no in the section [${probe.settings.user}] of ari.conf.`,
  );
}

async function checkVersion(probe: AsteriskProbe): Promise<Finding> {
  const { body } = await probe.ask('GET', '/asterisk/info');
  const version = (body as { system?: { version?: string } } | undefined)?.system?.version ?? '';
  const major = Number(/^(?:certified[-/])?(\d+)/.exec(version)?.[1]);
  if (major >= VERSIONS.min && major <= VERSIONS.max) return ok(`It is Asterisk ${version}.`);
  if (major > VERSIONS.max)
    return warning(
      `It is Asterisk ${version}, which is newer than what was tried.`,
      'Go on, and tell us how it went.',
    );
  return wrong(
    `It is Asterisk ${version || 'of an unknown version'}.`,
    'Crosspoint needs Asterisk 20, 21 or 22.',
  );
}

async function checkEvents(probe: AsteriskProbe): Promise<Finding> {
  try {
    await probe.within('the event WebSocket', probe.openEvents());
    return ok('Events come over the WebSocket.');
  } catch (error) {
    return wrong(
      `The WebSocket for events does not open (${reasonOf(error)}).`,
      'Load res_http_websocket.so, res_ari_events.so and res_stasis.so. A proxy in between must pass WebSockets through.',
    );
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Undefined when it came about, else the code of the error. */
async function errorOf(
  probe: AsteriskProbe,
  begin: (fail: (error: Error) => void, done: (value: unknown) => void) => { destroy(): unknown },
): Promise<string | undefined> {
  let socket: { destroy(): unknown } | undefined;
  const tried = new Promise<unknown>((resolve, reject) => {
    socket = begin(reject, resolve);
  });
  try {
    await probe.within('the connection', tried);
    return undefined;
  } catch (error) {
    socket?.destroy();
    const code = (error as { code?: unknown }).code;
    return typeof code === 'string' ? code : 'no answer in time';
  }
}

export const CONNECTION_CHECKS: readonly Check<AsteriskProbe>[] = [
  { code: 'asterisk-address', title: 'Address', needs: [], run: checkAddress },
  { code: 'asterisk-tls', title: 'Encryption', needs: ['asterisk-address'], run: checkTls },
  { code: 'asterisk-ari', title: 'ARI', needs: ['asterisk-tls'], run: checkAri },
  { code: 'asterisk-user', title: 'User and password', needs: ['asterisk-ari'], run: checkUser },
  { code: 'asterisk-rights', title: 'Rights', needs: ['asterisk-user'], run: checkRights },
  { code: 'asterisk-version', title: 'Version', needs: ['asterisk-user'], run: checkVersion },
  { code: 'asterisk-events', title: 'Events', needs: ['asterisk-user'], run: checkEvents },
];
