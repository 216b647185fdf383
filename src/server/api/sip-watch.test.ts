import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SipWatch } from './sip-watch.ts';

const message = (start: string, headers: Record<string, string>) =>
  `${start}\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\r\n')}\r\n\r\n`;

const ids = (cseq: string) => ({ 'Call-ID': 'abc@host', CSeq: cseq });
const register = (n: number, more = {}) =>
  message('REGISTER sip:crosspoint SIP/2.0', { ...ids(`${n} REGISTER`), ...more });
const answer = (status: string, cseq: string, more = {}) =>
  message(`SIP/2.0 ${status}`, { ...ids(cseq), ...more });
const DIGEST = { Authorization: 'Digest username="a", response="b"' };

it('takes a first challenge as no failure, a second one as a wrong password', () => {
  const watch = new SipWatch();
  watch.sent(register(1));
  expect(
    watch.received(answer('401 Unauthorized', '1 REGISTER', { 'WWW-Authenticate': 'Digest nonce="1"' })),
  ).toBe(false);
  watch.sent(register(2, DIGEST));
  expect(
    watch.received(answer('401 Unauthorized', '2 REGISTER', { 'WWW-Authenticate': 'Digest nonce="2"' })),
  ).toBe(true);
});

it('counts an answer once, and none that was not asked for', () => {
  const watch = new SipWatch();
  watch.sent(register(2, DIGEST));
  expect(watch.received(answer('401 Unauthorized', '3 REGISTER'))).toBe(false);
  expect(watch.received(answer('100 Trying', '2 REGISTER'))).toBe(false);
  expect(watch.received(answer('401 Unauthorized', '2 REGISTER'))).toBe(true);
  expect(watch.received(answer('401 Unauthorized', '2 REGISTER'))).toBe(false);
});

it('takes the right password, and an old nonce, as no failure', () => {
  const watch = new SipWatch();
  watch.sent(register(2, DIGEST));
  expect(watch.received(answer('200 OK', '2 REGISTER'))).toBe(false);
  watch.sent(register(3, DIGEST));
  expect(
    watch.received(
      answer('401 Unauthorized', '3 REGISTER', { 'WWW-Authenticate': 'Digest stale=true, nonce="2"' }),
    ),
  ).toBe(false);
});

it('counts a call with wrong credentials, but not one that is refused for another reason', () => {
  const watch = new SipWatch();
  const invite = (n: number) =>
    message('INVITE sip:100@crosspoint SIP/2.0', { ...ids(`${n} INVITE`), 'proxy-authorization': 'Digest' });
  watch.sent(invite(1));
  expect(watch.received(answer('407 Proxy Authentication Required', '1 INVITE'))).toBe(true);
  watch.sent(invite(2));
  expect(watch.received(answer('403 Forbidden', '2 INVITE'))).toBe(false);
});

it('is not misled by compact, folded or differently spaced headers', () => {
  const watch = new SipWatch();
  watch.sent(
    'REGISTER sip:x SIP/2.0\r\ni:abc@host\r\nAUTHORIZATION :\r\n Digest x\r\nCSeq:  7   REGISTER\r\n\r\n',
  );
  expect(watch.received(answer('401 Unauthorized', '7 REGISTER'))).toBe(true);
});

it('takes anything that may come, and never takes it for a wrong password unasked', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(fc.string(), fc.constantFrom('\r\n', '\r\n\r\n', 'SIP/2.0 401', 'CSeq: 1 X', ':', '\r\n ')),
      ),
      (parts) => {
        const watch = new SipWatch();
        expect(watch.received(parts.join(''))).toBe(false);
        watch.sent(parts.join(''));
      },
    ),
  );
});
