import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { CodedError } from '../../protocol/errors.ts';

export interface Certificate {
  /** PEM. */
  cert: string;
  key: string;
  /** We made it: browsers ask whether to trust it. */
  generated: boolean;
}

const DAY = 86_400_000;
/** Browsers refuse certificates that hold longer than 398 days. */
const DAYS = 397;
const RENEW_DAYS = 30;

/** The user's certificate. @throws `certificate-unusable` naming the file that cannot be read or does not fit. */
export async function readCertificate(files: { cert: string; key: string }): Promise<Certificate> {
  const [cert, key] = await Promise.all([readPem(files.cert), readPem(files.key)]);
  const certificate = parse(files.cert, 'it is not a certificate in PEM', () => new X509Certificate(cert));
  const privateKey: KeyObject = parse(files.key, 'it is not a private key in PEM without a passphrase', () =>
    createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(privateKey))
    throw unusable(files.key, `it is not the key of ${files.cert}`);
  return { cert, key, generated: false };
}

function parse<T>(file: string, otherwise: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw unusable(file, otherwise);
  }
}

function unusable(file: string, reason: string): CodedError {
  return new CodedError('certificate-unusable', { file, reason });
}

/**
 * The generated certificate of this data folder: kept, and made anew when it ends within 30 days or this machine has got a name or
 * an address that it does not cover.
 */
export async function generatedCertificate(
  dataFolder: string,
  now: number,
  names = ownNames(),
): Promise<Certificate> {
  const paths = { cert: join(dataFolder, 'tls', 'cert.pem'), key: join(dataFolder, 'tls', 'key.pem') };
  const kept = await readCertificate(paths).catch(() => undefined);
  if (kept && stillFits(kept.cert, names, now)) return { ...kept, generated: true };
  const made = await make(names, now);
  await mkdir(dirname(paths.cert), { recursive: true, mode: 0o700 });
  await writeWhole(paths.key, made.key);
  await writeWhole(paths.cert, made.cert);
  return made;
}

/** The names and addresses under which others reach this machine. */
export function ownNames(): { names: string[]; addresses: string[] } {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((a) => a.address));
  const usable = addresses.filter((address) => !address.startsWith('fe80:'));
  return {
    names: [...new Set(['localhost', hostname()])],
    addresses: [...new Set(['127.0.0.1', '::1', ...usable])],
  };
}

type Names = ReturnType<typeof ownNames>;

function stillFits(pem: string, { names, addresses }: Names, now: number): boolean {
  const certificate = new X509Certificate(pem);
  const lasts = Date.parse(certificate.validTo) - now > RENEW_DAYS * DAY;
  return (
    lasts &&
    names.every((name) => certificate.checkHost(name)) &&
    addresses.every((address) => certificate.checkIP(address))
  );
}

async function make({ names, addresses }: Names, now: number): Promise<Certificate> {
  const altNames = [
    ...names.map((value) => ({ type: 2 as const, value })),
    ...addresses.map((ip) => ({ type: 7 as const, ip })),
  ];
  // Loading it takes as long as all of Fastify, and only an open office needs it, once.
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: 'Crosspoint' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - DAY),
    notAfterDate: new Date(now + (DAYS - 1) * DAY),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  return { cert: made.cert, key: made.private, generated: true };
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unusable(path, error instanceof Error ? error.message : 'it cannot be read');
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
