/** What the start prints for people: what it is doing, the address, who can sign in, how to place a call. */
import type { PartsProgress } from './bundled/parts.ts';
import type { Config } from './config.ts';
import type { DemoUser } from './callcenter/seed.ts';
import { ownNames } from './api/certificate.ts';

export interface WelcomeFacts {
  config: Config;
  users: DemoUser[];
  /** Why there is no Asterisk, where one was wanted. */
  asteriskMissing?: string;
  /** UDP ports for audio, both included; undefined: there is no audio. */
  rtp?: { start: number; end: number };
  seconds: number;
}

/** Prints what a part is doing: one line when that changes, and one for each further tenth of a download. */
export function progressPrinter(say: (line: string) => void): (progress: PartsProgress) => void {
  const said = new Set<string>();
  return ({ text, percent }) => {
    const line = percent === undefined ? `  ${text}` : `  ${text} (${Math.floor(percent / 10) * 10} %)`;
    if (!said.has(line)) say(line);
    said.add(line);
  };
}

/** Where a person's browser finds the pages: listening on all addresses, one that others can reach. */
export function pageAddress(config: Config): string {
  const host = reachableHost(config);
  return `${config.tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${config.port}`;
}

/** What links that are written elsewhere begin with: without a slash behind. */
export function publicAddress(config: Config): string {
  return config.publicUrl ?? pageAddress(config);
}

/** Lines to print, without colours: they go into logs, too. */
export function welcome({ config, users, asteriskMissing, rtp, seconds }: WelcomeFacts): string[] {
  const page = publicAddress(config);
  return [
    '',
    `Crosspoint is ready after ${seconds.toFixed(1)} s.`,
    '',
    `  Agent's desktop   ${page}`,
    `  Customer's phone  ${page}/call`,
    ...(rtp ? sipPhones(config) : []),
    ...(config.office ? network(config, rtp) : []),
    '',
    ...signIns(users),
    ...(rtp ? howTo(page) : noAudio(asteriskMissing)),
    '',
    'Ctrl-C ends it; npm run stop ends what a crash left running.',
    '',
  ];
}

function signIns(users: DemoUser[]): string[] {
  if (users.length === 0) return [];
  const width = Math.max(...users.map((user) => user.username.length));
  return [
    '  Sign in as',
    ...users.map((user) => `    ${user.username.padEnd(width)}  ${user.password}  (${user.name})`),
    '',
  ];
}

function howTo(page: string): string[] {
  return [
    `  The first call: open ${page}, sign in as agent, choose Ready;`,
    `  in a second tab open ${page}/call and press Call. The agent's page pops the caller while it rings.`,
  ];
}

function noAudio(reason: string | undefined): string[] {
  return [
    '  There is no audio: calls run on the simulated switch.',
    ...(reason ? [`  ${reason} Install apt, or set ASTERISK_BIN to an Asterisk 22, and start again.`] : []),
  ];
}

/** Without an account only this machine may call in. */
function sipPhones(config: Config): string[] {
  const at = `${reachableHost(config)}:${config.sipPort} (UDP or TCP)`;
  return [
    config.office
      ? `  SIP phones        register at ${at} with an account from the softphone's settings`
      : `  SIP phones        sip:100@${at}, or register one in the softphone's settings`,
  ];
}

/** What a firewall has to let in. */
function network({ port, sipPort, tls }: Config, rtp: WelcomeFacts['rtp']): string[] {
  const audio = rtp ? `, UDP and TCP ${sipPort} for SIP phones, UDP ${rtp.start}-${rtp.end} for audio` : '';
  return [
    `  Firewall          let in TCP ${port}${audio}`,
    ...(tls && !tls.files
      ? [
          '  Certificate       generated: each browser asks once whether to trust it; docs/office.md says more',
        ]
      : []),
  ];
}

function reachableHost(config: Config): string {
  return config.host === '0.0.0.0' || config.host === '::' ? officeAddress() : config.host;
}

function officeAddress(): string {
  const { addresses, names } = ownNames();
  return (
    addresses.find((address) => address.includes('.') && !address.startsWith('127.')) ??
    names.at(-1) ??
    'localhost'
  );
}
