import { createHash, X509Certificate } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { randomToken } from '../../lib/ids.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { AsteriskSettings } from './asterisk-config.ts';
import type { AsteriskProgram } from './asterisk-program.ts';
import { bindTcp, bindUdp, ownAddress } from './hosts.ts';

/** What is asked of a private Asterisk; what is left out is chosen and remembered in the data folder. */
export interface AsteriskWishes {
  /** Crosspoint's data folder, absolute. */
  dataDir: string;
  program: AsteriskProgram;
  /** Address for SIP; loopback unless the office network is to reach it. */
  sipHost: string;
  /** Port for SIP by UDP and TCP, usually 5060. */
  sipPort: number;
  /** Port of 127.0.0.1 for ARI. */
  ariPort?: number;
  /** PEM file, absolute, of the authorities that SIP over TLS trusts; undefined: those of Node.js (Mozilla's). */
  authorities?: string;
  /** First and last UDP port for audio. */
  rtp?: { start: number; end: number };
}

/** 1,000 legs with a port each for audio and its reports; all below the kernel's ephemeral ports, which begin at 32768. */
const RTP_PORTS = 2_000;
const RTP_FIRST = 10_000;
const RTP_BLOCKS = 10;

/**
 * The settings of this data folder's Asterisk, with ports that are free now: call it only when that Asterisk is not
 * running. Rejects with `port-taken` when a port that was asked for is not free.
 */
export async function settleSettings(wishes: AsteriskWishes, socketDir: string): Promise<AsteriskSettings> {
  const { dataDir, sipHost, sipPort, rtp } = wishes;
  await checkSipPort(sipHost, sipPort);
  await checkAuthorities(wishes.authorities);
  const known = await recallSettings(dataDir);
  const ariPort = await chooseAriPort(wishes.ariPort, known?.ariPort);
  const rtpStart = rtp?.start ?? (await chooseRtpStart(wishes, known?.rtpStart));
  return applyWishes(wishes, {
    ariPort,
    tlsPort: await chooseTlsPort(sipHost, sipPort, known?.tlsPort),
    ariPassword: known?.ariPassword ?? randomToken(32),
    readPassword: known?.readPassword ?? randomToken(32),
    ami: {
      port: await chooseAmiPort(known?.ami?.port, ariPort),
      password: known?.ami?.password ?? randomToken(32),
    },
    rtpStart,
    rtpEnd: rtp?.end ?? rtpStart + RTP_PORTS - 1,
    socketDir,
  });
}

type Kept = Pick<
  AsteriskSettings,
  'ariPort' | 'tlsPort' | 'ariPassword' | 'readPassword' | 'ami' | 'rtpStart' | 'rtpEnd' | 'socketDir'
>;

/** The settings with what is kept from before and everything else as it is wished now. */
export function applyWishes(wishes: AsteriskWishes, kept: Kept): AsteriskSettings {
  const { dataDir, program, sipHost, sipPort, authorities } = wishes;
  const { ariPassword, readPassword, ami, socketDir, tlsPort } = kept;
  return {
    runDir: join(dataDir, 'asterisk'),
    socketDir,
    moduleDir: program.moduleDir,
    dataDir: program.dataDir,
    entityId: entityId(dataDir),
    ariPort: wishes.ariPort ?? kept.ariPort,
    ariPassword,
    readPassword,
    ...(ami ? { ami } : {}),
    sipHost,
    sipPort,
    ...(tlsPort ? { tlsPort } : {}),
    ...(authorities ? { authorities } : {}),
    rtpStart: wishes.rtp?.start ?? kept.rtpStart,
    rtpEnd: wishes.rtp?.end ?? kept.rtpEnd,
    iceAddress: ownAddress(),
  };
}

async function checkSipPort(host: string, port: number): Promise<void> {
  const free = await Promise.all([bindUdp(host, port), bindTcp(host, port)]).catch((error: Error) => {
    throw new CodedError('asterisk-failed', { reason: `SIP cannot use ${host}:${port} (${error.message})` });
  });
  if (free.includes(undefined))
    throw new CodedError('port-taken', { host, port, setting: 'CROSSPOINT_SIP_PORT' });
}

async function chooseAriPort(asked: number | undefined, known: number | undefined): Promise<number> {
  const host = '127.0.0.1';
  if (asked !== undefined) {
    if (await bindTcp(host, asked)) return asked;
    throw new CodedError('port-taken', { host, port: asked, setting: 'CROSSPOINT_ARI_PORT' });
  }
  const port = (known && (await bindTcp(host, known))) || (await bindTcp(host, 0));
  if (!port) throw new CodedError('asterisk-failed', { reason: 'this machine has no free TCP port' });
  return port;
}

/** Asterisk itself says nothing of a file that it cannot use, and then trusts nobody. */
async function checkAuthorities(file: string | undefined): Promise<void> {
  if (file === undefined) return;
  try {
    new X509Certificate(await readFile(file));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CodedError('certificate-unusable', { file, reason });
  }
}

/** A port that is free by TCP, and not the one that SIP has. */
async function chooseTlsPort(
  host: string,
  sipPort: number,
  known: number | undefined,
): Promise<number | undefined> {
  if (known && known !== sipPort && (await bindTcp(host, known))) return known;
  return (await bindTcp(host, 0)) || undefined;
}

async function chooseAmiPort(known: number | undefined, ariPort: number): Promise<number> {
  const host = '127.0.0.1';
  const free = (await bindTcp(host, 0)) || undefined;
  const port = known && known !== ariPort && (await bindTcp(host, known)) ? known : free;
  if (!port) throw new CodedError('asterisk-failed', { reason: 'this machine has no free TCP port' });
  return port;
}

/**
 * A block whose first and last port are free; any other port that is taken Asterisk steps over by itself. Each data folder
 * begins its search at another block, so that two of them seldom share one.
 */
async function chooseRtpStart(
  { dataDir, sipHost }: AsteriskWishes,
  known: number | undefined,
): Promise<number> {
  const first = Number.parseInt(digest(dataDir).slice(0, 4), 16);
  const blocks = Array.from(
    { length: RTP_BLOCKS },
    (_, i) => RTP_FIRST + ((first + i) % RTP_BLOCKS) * RTP_PORTS,
  );
  for (const start of known === undefined ? blocks : [known, ...blocks]) {
    if ((await bindUdp(sipHost, start)) && (await bindUdp(sipHost, start + RTP_PORTS - 2))) return start;
  }
  throw new CodedError('asterisk-failed', { reason: `the UDP ports from ${RTP_FIRST} on are taken` });
}

/** A locally administered hardware address, the same for a data folder every time. */
function entityId(dataDir: string): string {
  return `02:${digest(dataDir).slice(0, 10).match(/../g)?.join(':')}`;
}

function digest(dataDir: string): string {
  return createHash('sha256').update(resolve(dataDir)).digest('hex');
}

function file(dataDir: string): string {
  return join(dataDir, 'asterisk-settings.json');
}

/** The settings that this data folder's Asterisk was started with the last time. */
export async function recallSettings(dataDir: string): Promise<AsteriskSettings | undefined> {
  const text = await readFile(file(dataDir), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as AsteriskSettings);
}

/** Writes them so that a crash leaves the old ones or the new ones; they hold secrets, so only we may read them. */
export async function rememberSettings(dataDir: string, settings: AsteriskSettings): Promise<void> {
  await writeFile(`${file(dataDir)}.new`, JSON.stringify(settings, null, 2), { mode: 0o600 });
  await rename(`${file(dataDir)}.new`, file(dataDir));
}
