import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

it("names the file of the user's certificate that cannot be read", async () => {
  await expect(readCertificate({ cert: '/no/such.pem', key: '/no/key.pem' })).rejects.toThrow(
    /\/no\/(such|key)\.pem/,
  );
});
