import type { Clock } from '../../../lib/clock.ts';
import { withDeadline } from '../../../lib/deadline.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { Endpoint, Originate, SwitchFact } from '../ports.ts';
import type { AriLink } from './ari-link.ts';
import { AriError } from './ari-rest.ts';
import type { AriFeatures } from './features.ts';
import { PEER_ENDPOINT } from './asterisk-provisioning.ts';
import { cleanName, cleanNumber, WITHHELD } from './device-config.ts';
import type { LegBook } from './leg-book.ts';

/**
 * Makes legs: creates the channel, waits until it is in our application, then dials it.
 *
 *     open ── create ──► created ── StasisStart ──► entered ── dial ──► the book's states
 *      └─ 500: not registered, not there ─► leg.cleared (unreachable)
 */
export class Originator {
  readonly #link: AriLink;
  readonly #book: LegBook;
  readonly #clock: Clock;
  readonly #features: () => AriFeatures;
  readonly #say: (facts: SwitchFact[]) => void;
  readonly #entering = new Map<string, () => void>();

  constructor(
    link: AriLink,
    book: LegBook,
    clock: Clock,
    features: () => AriFeatures,
    say: (facts: SwitchFact[]) => void,
  ) {
    this.#features = features;
    this.#link = link;
    this.#book = book;
    this.#clock = clock;
    this.#say = say;
  }

  /** Resolves with whether it rings now, or is about to. Rejects with `already-exists` when the leg id is in use. */
  async originate(request: Originate, deadlineMs: number): Promise<boolean> {
    const { legId, ringMs } = request;
    const endpoint = dialString(request.endpoint);
    if (this.#book.get(legId)) throw taken();
    const leg = this.#book.open(legId);
    leg.talkWhenRung = request.autoAnswer && request.answerBy === 'talk-event';
    if (!(await this.#create(request, endpoint, deadlineMs))) return false;
    try {
      await this.#entered(legId, deadlineMs);
      const timeout = Math.max(1, Math.ceil(ringMs / 1000));
      await this.#link.request('dial', { channelId: legId, timeout }, deadlineMs);
      return true;
    } catch (error) {
      this.#abandon(legId, deadlineMs);
      throw error;
    }
  }

  /** A channel is in our application. */
  entered(legId: string): void {
    this.#entering.get(legId)?.();
  }

  async #create(request: Originate, endpoint: string, deadlineMs: number): Promise<boolean> {
    const { legId } = request;
    const variables = legVariables(request, this.#features());
    const values = { endpoint, app: this.#link.app, appArgs: 'leg', channelId: legId, variables };
    try {
      await this.#link.request('createChannel', values, deadlineMs);
      return true;
    } catch (error) {
      if (error instanceof AriError && error.status === 500) {
        // all that Asterisk says of a device that is not registered is "Allocation failed"
        this.#say(this.#book.clear(legId, 'unreachable', this.#clock.now()));
        return false;
      }
      this.#book.drop(legId);
      if (!(error instanceof AriError)) this.#abandon(legId, deadlineMs);
      throw error instanceof AriError && error.status === 409 ? taken() : error;
    }
  }

  /**
   * Ends a channel that exists, or may exist, and will never ring. Where that fails, the connection is gone: whoever lists
   * the legs after it finds a stranger.
   */
  #abandon(legId: string, deadlineMs: number): void {
    const leg = this.#book.get(legId);
    if (leg) leg.wish = 'failed';
    this.#link.request('hangup', { channelId: legId }, deadlineMs).catch(() => undefined);
  }

  /** Until a channel is in Stasis it can be put in no bridge, and create may answer before it is there. */
  async #entered(legId: string, deadlineMs: number): Promise<void> {
    if (this.#book.get(legId)?.entered !== false) return;
    const entered = new Promise<void>((resolve) => this.#entering.set(legId, resolve));
    await withDeadline(this.#clock, deadlineMs, 'a new channel', entered).finally(() =>
      this.#entering.delete(legId),
    );
  }
}

function taken(): CodedError {
  return new CodedError('already-exists', { what: 'leg', field: 'id' });
}

/** Asterisk's dial string. Rejects with `bad-input` what could mean more than one destination there. */
export function dialString(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case 'device':
      return `PJSIP/${checked(endpoint.name, /^[A-Za-z0-9-]+$/, 'a device name')}`;
    case 'trunk': {
      const number = checked(endpoint.number, /^[+*#0-9A-Za-z]+$/, 'a number for a trunk');
      return `PJSIP/${number}@${checked(endpoint.trunk, /^[A-Za-z0-9_-]+$/, 'the name of a trunk')}`;
    }
    case 'sip':
      return `PJSIP/${PEER_ENDPOINT}/${checked(endpoint.uri, /^sips?:[\w.+!~*'()%;=:@[\]-]+$/i, 'a SIP address')}`;
  }
}

function checked(text: string, pattern: RegExp, what: string): string {
  if (!pattern.test(text)) throw new CodedError('bad-input', { detail: `this is not ${what}` });
  return text;
}

/**
 * Channel variables of a leg that we make. What the called device shows is the channel's connected line; the headers tell
 * our browser phone which leg it is, and plain phones, in the two ways that vendors know, to answer at once.
 */
export function legVariables(
  { legId, endpoint, callerId, autoAnswer, answerBy = 'auto-answer-header', headers = {} }: Originate,
  { transfers }: Pick<AriFeatures, 'transfers'>,
): Record<string, string> {
  const number = cleanNumber(callerId.number);
  const withheld = number === '';
  return {
    'CONNECTEDLINE(name,i)': cleanName(callerId.name),
    'CONNECTEDLINE(num,i)': withheld ? WITHHELD : number,
    'CONNECTEDLINE(pres)': withheld ? 'prohib_passed_screen' : 'allowed_passed_screen',
    'PJSIP_HEADER(add,X-Crosspoint-Leg)': legId,
    ...(autoAnswer && answerBy === 'auto-answer-header' ? AUTO_ANSWER : {}),
    ...Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [`PJSIP_HEADER(add,${name})`, value]),
    ),
    // a transfer that the phone asks for is ours to carry out, never Asterisk's own
    ...(transfers ? { 'PJSIP_TRANSFER_HANDLING()': 'ari-only' } : {}),
    ...locationOf(endpoint),
  };
}

/** RFC 6442: where an emergency call comes from, and that it may be routed by that. */
function locationOf(endpoint: Endpoint): Record<string, string> {
  if (endpoint.kind !== 'trunk' || endpoint.geolocation === undefined) return {};
  return {
    'PJSIP_HEADER(add,Geolocation)': endpoint.geolocation,
    'PJSIP_HEADER(add,Geolocation-Routing)': 'yes',
  };
}

const AUTO_ANSWER = {
  'PJSIP_HEADER(add,X-Crosspoint-Answer)': 'auto',
  'PJSIP_HEADER(add,Call-Info)': '<sip:crosspoint>;answer-after=0',
  'PJSIP_HEADER(add,Alert-Info)': '<http://crosspoint>;info=alert-autoanswer;delay=0',
};
