/**
 * Which codec an answer leaves to the switch. Asterisk, when both Opus and G.711 are agreed upon, takes a leg for one of Opus until
 * the first packet of G.711 comes; what listens at the leg in that moment goes on at 48 kHz beside audio at 8 kHz, and a
 * supervisor's whisper is played to the agent six times too slowly.
 */
const EVENTS = 'telephone-event/';

/** An SDP answer (RFC 3264) with the first codec of its audio, and the key presses (RFC 4733) that go with its clock, or those that there are. */
export function withOneCodec(sdp: string): string {
  const lines = sdp.split('\r\n');
  const at = lines.findIndex((line) => line.startsWith('m=audio '));
  const [media, port, protocol, ...types] = lines[at]?.split(' ') ?? [];
  const codecOf = (type: string) =>
    lines.find((line) => line.startsWith(`a=rtpmap:${type} `))?.split(' ')[1] ?? 'PCMU/8000';
  const first = types.find((type) => !codecOf(type).startsWith(EVENTS));
  if (first === undefined) return sdp;
  const keys = types.filter((type) => codecOf(type).startsWith(EVENTS));
  const fitting = keys.filter((type) => codecOf(type) === `${EVENTS}${codecOf(first).split('/')[1]}`);
  const kept = [first, ...(fitting.length > 0 ? fitting : keys)];
  const gone = new Set(types.filter((type) => !kept.includes(type)));
  lines[at] = [media, port, protocol, ...kept].join(' ');
  return lines
    .filter((line) => !gone.has(/^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)/.exec(line)?.[1] ?? ''))
    .join('\r\n');
}
