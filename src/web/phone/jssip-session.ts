import type { IceCandidateEvent, RTCSession } from 'jssip/lib/RTCSession';
import { withOneCodec } from './one-codec.ts';
import type { MediaState, SessionHandlers, SipSession } from './sip-agent.ts';

/**
 * Host candidates come together within some milliseconds; that there are no more of them the browser says 100 ms and more later
 * (measured: first after 2 ms, end after 120 ms). Those were the longest part of an answer.
 */
const GATHERING_MS = 15;
/** Our own address as the outside sees it needs a round trip to a server. */
const GATHERING_WITH_STUN_MS = 300;
/** A relay needs round trips of its own, and who has set one up often cannot do without. */
const GATHERING_WITH_RELAY_MS = 1_500;

export interface SessionOptions {
  legId: string | undefined;
  autoAnswer: boolean;
  iceServers: RTCIceServer[];
}

/** A JsSIP session, kept alive where JsSIP would end it by itself. */
export class JssipSession implements SipSession {
  readonly legId: string | undefined;
  readonly autoAnswer: boolean;
  readonly #session: RTCSession;
  readonly #iceServers: RTCIceServer[];
  #handlers: SessionHandlers | undefined;
  #microphone: MediaStream | undefined;
  #muted = false;
  #media: MediaState = 'interrupted';
  #ended = false;
  #waiting: (() => void) | undefined;

  constructor(session: RTCSession, options: SessionOptions) {
    this.#session = session;
    this.legId = options.legId;
    this.autoAnswer = options.autoAnswer;
    this.#iceServers = options.iceServers;
    surviveNetworkLoss(session);
    session.on('peerconnection', ({ peerconnection }) => this.#follow(peerconnection));
    session.on('icecandidate', (event) => this.#capGathering(event));
    session.on('sdp', (event) => {
      if (event.originator === 'local' && event.type === 'answer') event.sdp = withOneCodec(event.sdp);
    });
    session.on('progress', () => this.#handlers?.onRinging?.());
    session.on('confirmed', () => this.#handlers?.onEstablished?.());
    session.on('ended', () => this.#end(undefined));
    session.on('failed', ({ message }) => this.#end(statusOf(message)));
  }

  listen(handlers: SessionHandlers): void {
    this.#handlers = handlers;
  }

  /** A call that this page made: its connection was there before anybody could listen. */
  adopt(connection: RTCPeerConnection, microphone: MediaStream): void {
    this.#follow(connection);
    this.#use(microphone);
  }

  get established(): boolean {
    return !this.#ended && this.#session.isEstablished();
  }

  get media(): MediaState {
    return this.#media;
  }

  answer(microphone: MediaStream): void {
    if (this.#ended) return stopTracks(microphone);
    this.#use(microphone);
    this.#session.answer({ mediaStream: microphone, pcConfig: peerConfig(this.#iceServers) });
  }

  /** The stream that is sent: stopped when the call is over. */
  #use(microphone: MediaStream): void {
    this.#microphone = microphone;
    this.#applyMute();
  }

  refuse(): void {
    if (!this.#ended) this.#session.terminate({ status_code: 480 });
  }

  hangUp(): void {
    if (!this.#ended) this.#session.terminate();
  }

  renegotiate(iceRestart: boolean): boolean {
    if (!this.established) return false;
    return this.#session.renegotiate(iceRestart ? { rtcOfferConstraints: { iceRestart: true } } : {});
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    this.#applyMute();
  }

  async replaceMicrophone(microphone: MediaStream): Promise<void> {
    if (this.#ended) return stopTracks(microphone);
    const before = this.#microphone;
    const track = microphone.getAudioTracks()[0] ?? null;
    for (const sender of this.#session.connection.getSenders()) await sender.replaceTrack(track);
    this.#use(microphone);
    stopTracks(before);
  }

  sendDigits(digits: string): void {
    const sender = this.#session.connection.getSenders().find((s) => s.track?.kind === 'audio');
    sender?.dtmf?.insertDTMF(`${sender.dtmf.toneBuffer}${digits}`, 120, 70);
  }

  #applyMute(): void {
    for (const track of this.#microphone?.getAudioTracks() ?? []) track.enabled = !this.#muted;
  }

  #follow(connection: RTCPeerConnection): void {
    connection.addEventListener('track', (event) => {
      this.#handlers?.onAudio(event.streams[0] ?? new MediaStream([event.track]));
    });
    connection.addEventListener('connectionstatechange', () => this.#mediaIs(connection.connectionState));
    // JsSIP hangs up when ICE fails. A capturing listener comes before its own: a restart may still save the call.
    const hold = (event: Event) => {
      if (connection.iceConnectionState === 'failed') event.stopImmediatePropagation();
    };
    connection.addEventListener('iceconnectionstatechange', hold, { capture: true });
  }

  #mediaIs(state: RTCPeerConnectionState): void {
    if (state === 'connected') this.#media = 'connected';
    else if (state === 'disconnected') this.#media = 'interrupted';
    else if (state === 'failed') this.#media = 'failed';
    else return;
    if (!this.#ended) this.#handlers?.onMedia(this.#media);
  }

  #capGathering({ candidate, ready }: IceCandidateEvent): void {
    const { best, waitMs } = gathering(this.#iceServers);
    if (candidate.type === best) return ready();
    if (this.#waiting === ready) return;
    this.#waiting = ready;
    setTimeout(ready, waitMs);
  }

  #end(code: number | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    stopTracks(this.#microphone);
    this.#handlers?.onEnded(code);
  }
}

/** The kind of candidate that makes further ones needless, and how long to wait for it after the first one, in milliseconds. */
export function gathering(iceServers: readonly RTCIceServer[]): {
  best: RTCIceCandidateType | undefined;
  waitMs: number;
} {
  const has = (scheme: RegExp) =>
    iceServers.some((server) => [server.urls].flat().some((url) => scheme.test(url)));
  if (has(/^turns?:/)) return { best: 'relay', waitMs: GATHERING_WITH_RELAY_MS };
  if (has(/^stuns?:/)) return { best: 'srflx', waitMs: GATHERING_WITH_STUN_MS };
  return { best: undefined, waitMs: GATHERING_MS };
}

export function peerConfig(iceServers: RTCIceServer[]): RTCConfiguration {
  return { iceServers, bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' };
}

/**
 * JsSIP ends a session whose request could not be sent or was not answered. Here the WebSocket is only the signalling:
 * audio goes on without it, and after the reconnection a re-INVITE mends the dialog, so neither may hang up.
 */
function surviveNetworkLoss(session: RTCSession): void {
  Object.assign(session, { onTransportError: () => {}, onRequestTimeout: () => {} });
}

function statusOf(message: unknown): number | undefined {
  const status =
    typeof message === 'object' && message !== null && 'status_code' in message
      ? message.status_code
      : undefined;
  return typeof status === 'number' ? status : undefined;
}

function stopTracks(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
