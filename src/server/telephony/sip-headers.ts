/** Further SIP headers of a call that we make: the same rules on every switch. */
import { CodedError } from '../../protocol/errors.ts';

const NAME = /^X-[A-Za-z0-9-]{1,38}$/;
const VALUE = /^[\x20-\x7e]{0,500}$/;
/** These say which leg it is, and whether the phone answers it. */
const OURS = /^X-Crosspoint-(Leg|Answer)$/i;

/** @throws CodedError `bad-input` for a name that is no `X-` header or one of ours, and for a value that is not plain ASCII. */
export function checkHeaders(headers: Readonly<Record<string, string>> = {}): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!NAME.test(name) || OURS.test(name))
      throw new CodedError('bad-input', {
        detail: 'a SIP header of yours is named X-… with at most 40 letters',
      });
    if (!VALUE.test(value))
      throw new CodedError('bad-input', {
        detail: `the SIP header ${name} has a value that is not plain ASCII`,
      });
  }
}
