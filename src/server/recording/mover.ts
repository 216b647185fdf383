/**
 * Moves finished recordings from the switch into the store, and deletes those whose time is over. The table is the queue, so
 * nothing is lost whatever dies: a recording leaves the switch only when the store has it.
 *
 *     waiting ─► read from the switch into the spool ─► put into the store ─► stored ─► deleted on the switch, spool emptied
 *        ▲                        │                             │
 *        └──── later (backoff) ◄──┴─────────────────────────────┘       no sound on the switch, asked thrice: failed
 */
import { backoff } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { DeadlineError, withDeadline } from '../../lib/deadline.ts';
import { DueWork } from '../../lib/due-work.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { CodedError } from '../../protocol/errors.ts';
import { keyOf } from './keys.ts';
import type { RecordingStore, RecordingSwitch } from './ports.ts';
import type { RecordingRow, Recordings } from './recordings.ts';
import type { Spool } from './spool.ts';

export interface RecordingMoverOptions {
  recordings: Recordings;
  spool: Spool;
  store: RecordingStore;
  clock: Clock;
  switchOf(platformId: string): RecordingSwitch | undefined;
  /** Told of every try: undefined when it is stored, the error when it will be tried again. */
  onTried(recordingId: string, error: unknown): void;
  onError(what: string, error: unknown, ids: { recordingId?: string }): void;
}

const LOOK_MS = 1_000;
const SWEEP_MS = 600_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 300_000;
/** The switch may be silent for this long between two pieces of a file. */
const READ_MS = 30_000;
/** For a whole file: an hour of sound is 115 MB. */
const PUT_MS = 900_000;
/** How often the switch is asked for a file that it says it has not. */
const ASKED = 3;

export class RecordingMover {
  readonly #o: RecordingMoverOptions;
  readonly #life: Lifecycle;
  readonly #work: DueWork<RecordingRow>;

  constructor(options: RecordingMoverOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
    this.#work = new DueWork({
      life: this.#life,
      due: () => options.recordings.due(options.clock.now(), 20),
      carryOut: (row) => this.#try(row),
      onError: (error) => options.onError('move recordings', error, {}),
    });
  }

  /** Looks for what is due now, and every second; deletes what is old now, and every ten minutes. */
  start(): void {
    this.#life.every(LOOK_MS, () => this.wake());
    this.#life.every(SWEEP_MS, () => this.#sweep());
    this.wake();
    this.#sweep();
  }

  /** Something waits: look now. */
  wake(): void {
    this.#work.wake();
  }

  /** Tries everything that waits now. */
  async retry(): Promise<void> {
    await this.#o.recordings.tryAllNow(this.#o.clock.now());
    this.wake();
  }

  /** Deletes the sound everywhere; the row stays. @throws CodedError `recording-store-failed`. */
  async remove(row: RecordingRow): Promise<void> {
    if (row.storeKey !== null) await this.#o.store.remove(row.storeKey);
    await this.#o.spool.remove(row.id);
    await this.#o.recordings.deleted(row.id);
    if (row.onSwitch) await this.#forget(row);
  }

  /** What is under way is finished. */
  close(): Promise<void> {
    return this.#life.close();
  }

  async #try(row: RecordingRow): Promise<void> {
    const { recordings, clock, onTried } = this.#o;
    try {
      await this.#move(row);
    } catch (error) {
      const now = clock.now();
      if (isGone(error) && row.attempts + 1 >= ASKED)
        await recordings.fail(row.id, now, 'the telephone system has no sound of it');
      else
        await recordings.tryLater(
          row.id,
          now + backoff(row.attempts, FIRST_RETRY_MS, LAST_RETRY_MS),
          sentence(error),
        );
      return onTried(row.id, error);
    }
    onTried(row.id, undefined);
    // The store works: what it refused before need not wait longer.
    if (row.attempts > 0) await recordings.tryAllNow(clock.now());
    await this.#forget(row);
  }

  async #move(row: RecordingRow): Promise<void> {
    const { spool, store, clock, recordings } = this.#o;
    if (!(await spool.has(row.id))) await spool.write(row.id, await this.#read(row));
    const measured = await spool.measure(row.id);
    const key = keyOf(row.id, row.startedAt);
    await withDeadline(clock, PUT_MS, 'The store of recordings', store.put(key, spool.read(row.id)));
    await recordings.stored(row.id, key, measured);
    await spool.remove(row.id);
  }

  async #read(row: RecordingRow): Promise<AsyncIterable<Uint8Array>> {
    const node = this.#o.switchOf(row.platformId);
    if (!node) throw new CodedError('switch-down');
    return this.#watched(await node.readRecording(row.id));
  }

  /** Each piece in time. */
  async *#watched(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const pieces = content[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await withDeadline(this.#o.clock, READ_MS, 'The telephone system', pieces.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      // Not awaited: it may hang as the read did.
      pieces.return?.().catch(() => undefined);
    }
  }

  /** The switch need not keep it any longer. When that cannot be said now, the next sweep says it. */
  async #forget({ id, platformId }: RecordingRow): Promise<void> {
    try {
      const node = this.#o.switchOf(platformId);
      if (!node) return;
      await node.deleteRecording(id);
      await this.#o.recordings.forgottenBySwitch(id);
    } catch (error) {
      this.#o.onError('delete a recording on the telephone system', error, { recordingId: id });
    }
  }

  #sweep(): void {
    this.#sweepAll().catch((error: unknown) => this.#o.onError('tidy recordings up', error, {}));
  }

  async #sweepAll(): Promise<void> {
    const { recordings, clock } = this.#o;
    for (const row of await recordings.leftBehind()) {
      if (this.#life.closed) return;
      await this.#forget(row);
    }
    for (const row of await recordings.old(clock.now())) {
      if (this.#life.closed) return;
      await this.remove(row).catch((error: unknown) =>
        this.#o.onError('delete an old recording', error, { recordingId: row.id }),
      );
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'not-found';
}

function sentence(error: unknown): string {
  if (error instanceof DeadlineError) return new CodedError('timeout', { what: error.what }).message;
  return error instanceof Error ? error.message : 'unknown error';
}
