import type { Clock } from '../../../lib/clock.ts';
import { Emitter } from '../../../lib/emitter.ts';
import { CodedError } from '../../../protocol/errors.ts';
import { type AmiAddress, AmiConnection, AmiRefusal } from '../ami/ami-connection.ts';
import type { AmiFields, AmiMessage } from '../ami/ami-message.ts';
import type { AriLog } from './ari-link.ts';

export interface ManagerOptions {
  /** Where AMI is; undefined: there is none. Asked at each connection. */
  address: () => AmiAddress | undefined;
  clock: Clock;
  log: AriLog;
}

/**
 * The few things that ARI has not and AMI has: stereo recording, SIP NOTIFY, the registrations of trunks. One session, made when
 * it is first needed and made anew when it broke; of events it tells what changes registrations, where its user may read them.
 *
 *     none ── send() ──► opening ── logged in ──► open ── closed by Asterisk ──► none
 */
export class AsteriskManager {
  /** An outbound registration is another: which one does not come with it. */
  readonly events: Emitter<{ registry: [] }>;
  readonly #options: ManagerOptions;
  #session: Promise<AmiConnection> | undefined;
  #closed = false;

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.events = new Emitter((err) => options.log.warn({ err }, 'a listener of AMI failed'));
  }

  /** Whether there is an AMI to ask, reachable or not. */
  get configured(): boolean {
    return this.#options.address() !== undefined;
  }

  /**
   * Carries out an action that changes nothing when it is done twice.
   * @throws AmiRefusal, CodedError `not-capable` without AMI, `switch-down` while it cannot be reached, `timeout`.
   */
  async send(action: string, fields: AmiFields, deadlineMs: number): Promise<AmiMessage> {
    const session = await this.#open();
    return session.send(action, fields, deadlineMs);
  }

  /** The events of a list action. @throws as send */
  async list(action: string, fields: AmiFields, deadlineMs: number): Promise<AmiMessage[]> {
    const session = await this.#open();
    return session.list(action, fields, deadlineMs);
  }

  /** Lets the phone of a channel answer: NOTIFY with `Event: talk` in its dialog. */
  async talk(legId: string, deadlineMs: number): Promise<void> {
    const fields = { Channel: legId, Variable: ['Event=talk'] };
    await this.send('PJSIPNotify', fields, deadlineMs).catch((error: unknown) => {
      throw isGone(error) ? new CodedError('no-such-line') : error;
    });
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#forget(this.#session);
  }

  #open(): Promise<AmiConnection> {
    const { address, clock } = this.#options;
    const where = address();
    if (!where) throw new CodedError('not-capable');
    if (this.#closed) throw new CodedError('switch-down');
    if (this.#session) return this.#session;
    const onClosed = () => {
      if (this.#session === session) this.#session = undefined;
    };
    const onEvent = ({ event }: AmiMessage) => {
      if (event === 'Registry') this.events.emit('registry');
    };
    const session = AmiConnection.open({ address: where, clock, onEvent, onClosed }, 'system').catch(
      (error: unknown) => {
        onClosed();
        this.#options.log.warn({ err: error }, 'AMI of Asterisk cannot be used');
        const failure = new CodedError('switch-down');
        failure.cause = error;
        throw failure;
      },
    );
    this.#session = session;
    return session;
  }

  async #forget(session: Promise<AmiConnection> | undefined): Promise<void> {
    const open = await session?.catch(() => undefined);
    open?.close();
  }
}

/** AMI has no status codes: this is how it says that a channel is not there (any more). */
export function isGone(error: unknown): boolean {
  return (
    error instanceof AmiRefusal &&
    /no such channel|not found|no channel|no active session/i.test(error.reason)
  );
}
