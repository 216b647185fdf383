/**
 * Reads of the SIP that passes by just enough to see a wrong password: a request with credentials that is answered with a new
 * challenge. (RFC 3261 sections 8.1.3.5 and 22; a challenge that says `stale=true` means an old nonce, not a wrong password.)
 */
const MAX_PENDING = 200;

interface Head {
  start: string;
  /** Names in lower case; of a header that comes twice the first. */
  headers: Map<string, string>;
}

export class SipWatch {
  readonly #pending = new Set<string>();

  /** The client sent this. */
  sent(text: string): void {
    const head = readHead(text);
    if (!head || head.start.startsWith('SIP/')) return;
    if (!head.headers.has('authorization') && !head.headers.has('proxy-authorization')) return;
    this.#pending.add(keyOf(head));
    for (const oldest of this.#pending) {
      if (this.#pending.size <= MAX_PENDING) break;
      this.#pending.delete(oldest);
    }
  }

  /** The switch sent this. True when it says that the password was wrong. */
  received(text: string): boolean {
    const head = readHead(text);
    const status = Number(/^SIP\/2\.0 (\d{3})/.exec(head?.start ?? '')?.[1] ?? 0);
    if (!head || status < 200 || !this.#pending.delete(keyOf(head))) return false;
    if (status !== 401 && status !== 407) return false;
    const challenge = head.headers.get('www-authenticate') ?? head.headers.get('proxy-authenticate') ?? '';
    return !/stale\s*=\s*"?true/i.test(challenge);
  }
}

function keyOf({ headers }: Head): string {
  const cseq = (headers.get('cseq') ?? '').replace(/\s+/g, ' ');
  return `${headers.get('call-id') ?? headers.get('i') ?? ''} ${cseq}`;
}

function readHead(text: string): Head | undefined {
  const [start = '', ...lines] =
    text
      .slice(0, 16_384)
      .split(/\r\n\r\n/, 1)[0]
      ?.replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n') ?? [];
  if (!start.includes('SIP/2.0')) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { start, headers };
}
