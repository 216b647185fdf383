import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { generatedCertificate, readCertificate } from './certificate.ts';

const NOW = Date.UTC(2026, 0, 5);
const DAY = 86_400_000;
const NAMES = { names: ['localhost', 'phones'], addresses: ['127.0.0.1', '192.0.2.7', '::1'] };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'certificate '));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('makes a certificate for every name and address of the machine, whose key only we can read', async () => {
  const { cert } = await generatedCertificate(folder, NOW, NAMES);
  const made = new X509Certificate(cert);
  for (const name of NAMES.names) expect(made.checkHost(name)).toBe(name);
  for (const address of NAMES.addresses) expect(made.checkIP(address)).toBe(address);
  expect(Date.parse(made.validTo) - Date.parse(made.validFrom)).toBeLessThanOrEqual(398 * DAY);
  expect(statSync(join(folder, 'tls', 'key.pem')).mode & 0o777).toBe(0o600);
});

it('keeps it, until it ends soon or the machine has got another address', async () => {
  const first = await generatedCertificate(folder, NOW, NAMES);
  expect(await generatedCertificate(folder, NOW + 300 * DAY, NAMES)).toEqual(first);
  const renewed = await generatedCertificate(folder, NOW + 370 * DAY, NAMES);
  expect(renewed.cert).not.toBe(first.cert);
  const moved = await generatedCertificate(folder, NOW + 370 * DAY, { ...NAMES, addresses: ['192.0.2.8'] });
  expect(moved.cert).not.toBe(renewed.cert);
});

it("takes the user's certificate with its key", async () => {
  const files = { cert: join(folder, 'tls', 'cert.pem'), key: join(folder, 'tls', 'key.pem') };
  const { cert, key } = await generatedCertificate(folder, NOW, NAMES);
  expect(await readCertificate(files)).toEqual({ cert, key, generated: false });
});

it.each([
  ['cannot be read', '/no/such.pem', 'tls/key.pem', /\/no\/such\.pem cannot be used: ENOENT/],
  ['is no certificate', 'text', 'tls/key.pem', /text cannot be used: it is not a certificate in PEM/],
  ['has no key', 'tls/cert.pem', 'text', /text cannot be used: it is not a private key/],
  ["has another's key", 'tls/cert.pem', 'other/tls/key.pem', /key\.pem cannot be used: it is not the key of/],
])("says in one sentence that the user's certificate %s", async (_what, cert, key, sentence) => {
  await generatedCertificate(folder, NOW, NAMES);
  await generatedCertificate(join(folder, 'other'), NOW, NAMES);
  writeFileSync(join(folder, 'text'), 'not PEM at all');
  const files = { cert: resolve(folder, cert), key: resolve(folder, key) };
  await expect(readCertificate(files)).rejects.toThrow(sentence);
});
