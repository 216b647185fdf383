import { CodedError } from '../../protocol/errors.ts';
import type { Provisioning, TrunkReport } from '../telephony/ports.ts';

/** Of a telephone system on which nothing can be put at run time. */
export class NoProvisioning implements Provisioning {
  /** @throws `not-capable` always. */
  put(): Promise<void> {
    return Promise.reject(new CodedError('not-capable'));
  }

  /** @throws `not-capable` always. */
  putTrunk(): Promise<void> {
    return Promise.reject(new CodedError('not-capable'));
  }

  removeTrunk(): Promise<void> {
    return Promise.resolve();
  }

  trunkReports(): Promise<TrunkReport[]> {
    return Promise.resolve([]);
  }

  remove(): Promise<void> {
    return Promise.resolve();
  }

  registered(): Promise<string[]> {
    return Promise.resolve([]);
  }
}
