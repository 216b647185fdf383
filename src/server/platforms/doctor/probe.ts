/**
 * Looks at an Asterisk from outside for the doctor: by ARI requests of its own, and by a channel of its own application that is never dialled, whose
 * variables read Asterisk's configuration. It touches no call, and never connects as the application that calls go to.
 */
import { WebSocket } from 'ws';
import type { Clock } from '../../../lib/clock.ts';
import { withDeadline } from '../../../lib/deadline.ts';
import { newId } from '../../../lib/ids.ts';
import type { AmiAddress } from '../../telephony/ami/ami-connection.ts';
import { askHttp } from '../../telephony/asterisk/ari-http.ts';
import { authorization, trusting } from '../../telephony/asterisk/ari-rest.ts';

export interface ProbeSettings {
  url: string;
  user: string;
  password: string;
  application: string;
  sipWebSocket?: string;
  ca?: string;
  sounds?: string;
  /** AMI, where its user is set. */
  manager?: AmiAddress;
}

export interface Answer {
  status: number;
  /** Parsed JSON; undefined when it is none. */
  body: unknown;
}

const STEP_MS = 5_000;

export class AsteriskProbe {
  readonly settings: ProbeSettings;
  readonly clock: Clock;
  #events: WebSocket | undefined;
  #channel: string | undefined;

  constructor(settings: ProbeSettings, clock: Clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /** One step's deadline. */
  within<T>(what: string, work: Promise<T>): Promise<T> {
    return withDeadline(this.clock, STEP_MS, what, work);
  }

  async ask(method: string, path: string, body?: object): Promise<Answer> {
    const { settings } = this;
    const abort = new AbortController();
    const asked = askHttp({
      method,
      url: `${settings.url}${path}`,
      headers: { authorization: authorization(settings), 'content-type': 'application/json' },
      signal: abort.signal,
      ...(body ? { body: JSON.stringify(body) } : {}),
      ...trusting(settings.ca),
    });
    const { status, text } = await this.within('ARI', asked).finally(() => abort.abort());
    return { status, body: parse(text) };
  }

  /** Opens a WebSocket and resolves when it is open. Rejects with what is wrong. */
  open(url: string, protocol?: string): Promise<WebSocket> {
    const { settings } = this;
    const options = {
      headers: protocol ? {} : { authorization: authorization(settings) },
      perMessageDeflate: false,
      handshakeTimeout: STEP_MS,
      ...trusting(settings.ca),
    };
    const socket = protocol ? new WebSocket(url, protocol, options) : new WebSocket(url, options);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(socket));
      socket.on('error', reject);
    });
  }

  /** The event socket of the doctor's own application, which the channel below needs. */
  async openEvents(): Promise<void> {
    const app = `${this.settings.application}-doctor`;
    this.#events ??= await this.open(
      `${this.settings.url.replace(/^http/, 'ws')}/events?app=${encodeURIComponent(app)}`,
    );
  }

  /** The value of a dialplan function such as `AST_CONFIG(rtp.conf,general,rtpstart)`; undefined when it has none. */
  async read(expression: string): Promise<string | undefined> {
    this.#channel ??= await this.#makeChannel();
    const { status, body } = await this.ask(
      'GET',
      `/channels/${this.#channel}/variable?variable=${encodeURIComponent(expression)}`,
    );
    const value = (body as { value?: string } | undefined)?.value;
    return status === 200 && value ? value : undefined;
  }

  /** Takes away what it has made. Idempotent. */
  async close(): Promise<void> {
    if (this.#channel !== undefined)
      await this.ask('DELETE', `/channels/${this.#channel}`).catch(() => undefined);
    this.#channel = undefined;
    this.#events?.close();
    this.#events = undefined;
  }

  async #makeChannel(): Promise<string> {
    await this.openEvents();
    const channelId = newId('doctor');
    const app = `${this.settings.application}-doctor`;
    const { status } = await this.ask('POST', '/channels/create', {
      endpoint: 'Local/s@crosspoint-leg',
      app,
      channelId,
    });
    if (status !== 200) throw new Error(`a channel could not be made (${status})`);
    return channelId;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
