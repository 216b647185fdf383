/**
 * One page that shows the floor: it is sent what it may see, and says nothing but that it is still there.
 *
 *     opened ─► snapshot, patches ── closed, 12 s of silence, signed out, may see nothing any more, takes nothing in ──► closed
 */
import type { Clock } from '../../lib/clock.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { CodedError } from '../../protocol/errors.ts';
import { HEARTBEAT_MS, HEARTBEAT_TIMEOUT_MS } from '../../protocol/socket.ts';
import type { FloorFeed } from '../floor/feed.ts';
import type { Scope } from '../floor/scope.ts';
import type { Wire } from './page-socket.ts';

/** A page that takes in nothing while this many bytes wait for it is cut off; it comes back for a snapshot. */
const MAX_WAITING = 32 * 1024 * 1024;
const POLICY_VIOLATION = 1008;
const OPEN = 1;

export interface FloorSocketOptions {
  /** The sign-in, or the wallboard. */
  who: string;
  clock: Clock;
  feed: FloorFeed;
  scope(): Scope | undefined;
  /** Whether he may go on; asked at each heartbeat. */
  keep(): boolean;
  onClosed(): void;
}

export class FloorSocket {
  readonly who: string;
  readonly #wire: Wire;
  readonly #o: FloorSocketOptions;
  readonly #life: Lifecycle;
  #cancelDeadline: (() => void) | undefined;

  constructor(wire: Wire, options: FloorSocketOptions) {
    this.who = options.who;
    this.#wire = wire;
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
    wire.on('message', () => this.#renew());
    wire.on('close', () => this.#closed());
    wire.on('error', () => wire.terminate());
    this.#life.every(HEARTBEAT_MS, () => this.#beat());
    this.#renew();
    this.#life.add(
      options.feed.follow({
        scope: () => options.scope(),
        send: (text) => this.#send(text),
        end: () => this.end(new CodedError('not-allowed')),
      }),
    );
  }

  end(error: CodedError): void {
    this.#closed();
    this.#wire.close(POLICY_VIOLATION, error.code);
  }

  #beat(): void {
    if (this.#o.keep()) this.#send('{"type":"ping"}');
    else this.end(new CodedError('not-signed-in'));
  }

  #renew(): void {
    this.#cancelDeadline?.();
    this.#cancelDeadline = this.#life.after(HEARTBEAT_TIMEOUT_MS, () => {
      this.#closed();
      this.#wire.terminate();
    });
  }

  #send(text: string): void {
    if (this.#life.closed || this.#wire.readyState !== OPEN) return;
    if (this.#wire.bufferedAmount > MAX_WAITING) return this.#wire.terminate();
    this.#wire.send(text);
  }

  #closed(): void {
    if (this.#life.closed) return;
    void this.#life.close();
    this.#o.onClosed();
  }
}
