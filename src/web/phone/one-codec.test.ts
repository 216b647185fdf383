import { expect, it } from 'vitest';
import { withOneCodec } from './one-codec.ts';

const sdp = (...lines: string[]) => ['v=0', 's=-', ...lines, 'a=sendrecv', ''].join('\r\n');
const OPUS = ['a=rtpmap:107 opus/48000/2', 'a=rtcp-fb:107 transport-cc', 'a=fmtp:107 useinbandfec=1'];
const PCMU = ['a=rtpmap:0 PCMU/8000'];
const KEYS = ['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-16'];
const FAST_KEYS = ['a=rtpmap:102 telephone-event/48000'];
const PROFILE = 'UDP/TLS/RTP/SAVPF';

it('an answer keeps the codec that is first in it, with the key presses of its clock', () => {
  const answered = (types: string) =>
    withOneCodec(sdp(`m=audio 9 ${PROFILE} ${types}`, ...PCMU, ...OPUS, ...KEYS, ...FAST_KEYS));
  expect(answered('0 107 101 102')).toBe(sdp(`m=audio 9 ${PROFILE} 0 101`, ...PCMU, ...KEYS));
  expect(answered('107 0 101 102')).toBe(sdp(`m=audio 9 ${PROFILE} 107 102`, ...OPUS, ...FAST_KEYS));
});

it('an answer keeps what key presses there are', () => {
  const lines = [...OPUS, ...KEYS];
  expect(withOneCodec(sdp(`m=audio 9 ${PROFILE} 107 0 101`, ...PCMU, ...lines))).toBe(
    sdp(`m=audio 9 ${PROFILE} 107 101`, ...lines),
  );
});

it('an answer without audio stays as it is', () => {
  for (const same of [sdp('m=video 9 RTP/AVP 96'), sdp()]) expect(withOneCodec(same)).toBe(same);
});
