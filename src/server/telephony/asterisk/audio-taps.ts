/**
 * Audio of a leg in our hands. A snoop channel has what the leg says, and adds to what it hears; a bridge joins it with a
 * channel whose other end is a WebSocket that we open to Asterisk's own HTTP server (chan_websocket): nothing of ours has to be
 * reachable, Asterisk keeps the pace, and what waits there can be thrown away at once. (AudioSocket wants a server of ours that
 * Asterisk can reach, and 20 ms pieces in time.)
 *
 *     open ─► channel, socket ─► snoop ─► bridged ── close(), leg gone, socket gone ─► closed
 */
import { WebSocket } from 'ws';
import type { Clock } from '../../../lib/clock.ts';
import { withDeadline } from '../../../lib/deadline.ts';
import { Emitter } from '../../../lib/emitter.ts';
import { CodedError } from '../../../protocol/errors.ts';
import type { AudioTap, AudioTapEvents } from '../ports.ts';
import type { AriLink, AriLog } from './ari-link.ts';
import { AriGoneError, authorization, trusting } from './ari-rest.ts';
import type { AriChannel } from './ari-types.ts';
import { ignoring } from './commands.ts';
import type { Entrances } from './entrances.ts';
import { innerBridgeName, isInner } from './inner.ts';

const MEDIA_MARK = 'cp-audio-';
const SNOOP_MARK = 'cp-tap-';
const DEADLINE_MS = 5_000;
/** 20 ms, and what is sent at once, in bytes. */
const FRAME = 320;
const PIECE = 100 * FRAME;
/** By the real clock, of the network. */
const HANDSHAKE_MS = 4_000;

export interface AudioTapsOptions {
  link: AriLink;
  entrances: Entrances;
  clock: Clock;
  log: AriLog;
}

export class AudioTaps {
  readonly #o: AudioTapsOptions;
  readonly #taps = new Map<string, Tap>();

  constructor(options: AudioTapsOptions) {
    this.#o = options;
  }

  async open(legId: string, audioId: string, deadlineMs: number): Promise<AudioTap> {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(audioId))
      throw new CodedError('bad-input', { detail: 'an audio id has letters, digits, "_" and "-"' });
    if (this.#taps.has(audioId)) throw new CodedError('already-exists', { what: 'audio tap', field: 'id' });
    const tap = new Tap(legId, audioId, this.#o, () => this.#taps.delete(audioId));
    this.#taps.set(audioId, tap);
    try {
      await tap.open(deadlineMs);
      return tap;
    } catch (error) {
      await tap.close();
      throw error;
    }
  }

  /** Whether anybody has this leg's audio. */
  has(legId: string): boolean {
    return [...this.#taps.values()].some((tap) => tap.legId === legId);
  }

  legEnded(legId: string): void {
    for (const tap of this.#taps.values()) if (tap.legId === legId) void tap.close();
  }

  /** The connection to Asterisk is gone, or we end. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#taps.values()].map((tap) => tap.close()));
  }

  /** After a (re)connection: sockets of a process before us are gone, so their channels are ended. */
  async adopt(channels: AriChannel[], deadlineMs: number): Promise<void> {
    const { link } = this.#o;
    for (const { id } of channels.filter((c) => isInner(c, link.app))) {
      if (id.startsWith(SNOOP_MARK)) await endChannel(link, id, deadlineMs);
      if (!id.startsWith(MEDIA_MARK)) continue;
      await endChannel(link, id, deadlineMs);
      await endBridge(link, id, deadlineMs);
    }
  }
}

class Tap implements AudioTap {
  readonly events: Emitter<AudioTapEvents>;
  readonly #o: AudioTapsOptions;
  readonly #forget: () => void;
  #socket: WebSocket | undefined;
  /** Written, and not sent yet. */
  #waiting: Buffer = Buffer.alloc(0);
  /** Asterisk has no room at the moment. */
  #full = false;
  #closing: Promise<void> | undefined;

  constructor(
    readonly legId: string,
    readonly audioId: string,
    options: AudioTapsOptions,
    forget: () => void,
  ) {
    this.#o = options;
    this.#forget = forget;
    this.events = new Emitter((err, event) =>
      options.log.error({ err, event }, 'a listener of an audio tap failed'),
    );
  }

  async open(deadlineMs: number): Promise<void> {
    const { link, entrances, clock } = this.#o;
    const { app } = link;
    const [media, snoop] = [MEDIA_MARK + this.audioId, SNOOP_MARK + this.audioId];
    const external = {
      channelId: media,
      app,
      external_host: 'INCOMING',
      encapsulation: 'none',
      transport: 'websocket',
      connection_type: 'server',
      format: 'slin',
    };
    await entrances.after(media, deadlineMs, async () => {
      const made = (await link.request('externalMedia', external, deadlineMs)) as {
        channelvars?: Record<string, string>;
      };
      const id = made.channelvars?.MEDIA_WEBSOCKET_CONNECTION_ID ?? '';
      await withDeadline(clock, deadlineMs, 'the audio connection', this.#connect(id));
    });
    const spy = { channelId: this.legId, snoopId: snoop, spy: 'in', whisper: 'out', app, appArgs: 'inner' };
    await entrances.after(snoop, deadlineMs, () => link.request('snoop', spy, deadlineMs));
    const bridge = { bridgeId: media, type: 'mixing', name: innerBridgeName(app) };
    await link.request('makeBridge', bridge, deadlineMs);
    await link.request('addToBridge', { bridgeId: media, channel: [media, snoop] }, deadlineMs);
  }

  write(pcm: Uint8Array): void {
    if (this.#closing) return;
    this.#waiting = Buffer.concat([this.#waiting, pcm]);
    this.#send();
  }

  flush(): void {
    this.#waiting = Buffer.alloc(0);
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send('FLUSH_MEDIA');
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  /** Whole frames only, in pieces that Asterisk takes, while it has room for them (it keeps 18 s). */
  #send(): void {
    while (!this.#full && this.#waiting.length >= FRAME && this.#socket?.readyState === WebSocket.OPEN) {
      const length = Math.min(PIECE, this.#waiting.length - (this.#waiting.length % FRAME));
      this.#socket.send(this.#waiting.subarray(0, length));
      this.#waiting = this.#waiting.subarray(length);
    }
  }

  /** Asterisk says as text when its queue is full, and when it is not any more. */
  #told(event: string): void {
    if (event.includes('MEDIA_XOFF')) this.#full = true;
    if (!event.includes('MEDIA_XON')) return;
    this.#full = false;
    this.#send();
  }

  async #connect(connectionId: string): Promise<void> {
    const address = this.#o.link.address;
    const url = `${address.url.replace(/^http/, 'ws').replace(/\/ari$/, '')}/media/${connectionId}`;
    const socket = new WebSocket(url, 'media', {
      headers: { authorization: authorization(address) },
      handshakeTimeout: HANDSHAKE_MS,
      perMessageDeflate: false,
      ...trusting(address.ca),
    });
    this.#socket = socket;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.events.emit('frame', data);
      else this.#told(data.toString());
    });
    socket.on('close', () => void this.close());
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.on('error', (error) => reject(error));
    });
  }

  async #end(): Promise<void> {
    const { link, log } = this.#o;
    const [media, snoop] = [MEDIA_MARK + this.audioId, SNOOP_MARK + this.audioId];
    this.#forget();
    this.#socket?.close();
    this.events.emit('closed');
    if (link.link !== 'up') return; // the next connection finds and ends them
    try {
      await endChannel(link, snoop, DEADLINE_MS);
      await endChannel(link, media, DEADLINE_MS);
      await endBridge(link, media, DEADLINE_MS);
    } catch (error) {
      if (!(error instanceof AriGoneError))
        log.warn({ err: error }, 'what carried a leg’s audio was not ended');
    }
  }
}

function endChannel(link: AriLink, channelId: string, deadlineMs: number): Promise<void> {
  return ignoring([404], link.request('hangup', { channelId }, deadlineMs));
}

function endBridge(link: AriLink, bridgeId: string, deadlineMs: number): Promise<void> {
  return ignoring([404, 409], link.request('endBridge', { bridgeId }, deadlineMs));
}
