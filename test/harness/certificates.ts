/** Certificates as a provider has them: signed by an authority that one may trust or not. */
import { generate } from 'selfsigned';

const DAY = 86_400_000;

/** PEM. */
export interface Pem {
  cert: string;
  private: string;
}

export async function authority(name: string): Promise<Pem> {
  return generate([{ name: 'commonName', value: name }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
}

/** A certificate for the IP address `name` that holds for a day from now on, or `ended` a day ago. */
export async function certify(wanted: { by: Pem; name: string; ended?: boolean }): Promise<Pem> {
  const { by, name, ended = false } = wanted;
  const now = Date.now();
  return generate([{ name: 'commonName', value: 'sip.example.com' }], {
    algorithm: 'sha256',
    notBeforeDate: new Date(now - 2 * DAY),
    notAfterDate: new Date(ended ? now - DAY : now + DAY),
    ca: { key: by.private, cert: by.cert },
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: name }] }],
  });
}
