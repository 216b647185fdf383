import type { Clock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import { CodedError, ERROR_CODES, type ErrorBody } from '../../protocol/errors.ts';
import type { Command } from '../../protocol/softphone.ts';

type WithoutId<C> = C extends Command ? Omit<C, 'commandId'> : never;

/** A command as the page gives it: its id is chosen here. */
export type CommandInput = WithoutId<Command>;

/** The server must answer a command within this many milliseconds. */
const COMMAND_DEADLINE_MS = 10_000;

interface Waiting {
  command: Command;
  resolve(): void;
  reject(error: CodedError): void;
  cancel(): void;
}

/**
 * Commands that the server has not answered. A command is idempotent by its id, so whatever is still waiting is sent
 * again after a reconnection.
 *
 *     sent ── result ok ──► resolved
 *       ├──── result error ──► rejected with its code
 *       └──── 10 s, or close() ──► rejected with `timeout`
 */
export class PendingCommands {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Waiting>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The command with its new id, and the promise of its outcome. */
  add(input: CommandInput): { command: Command; done: Promise<void> } {
    const command = { ...input, commandId: newId('cmd') } as Command;
    const done = new Promise<void>((resolve, reject) => {
      const cancel = this.#clock.after(COMMAND_DEADLINE_MS, () => this.#late(command.commandId));
      this.#waiting.set(command.commandId, { command, resolve, reject, cancel });
    });
    return { command, done };
  }

  /** The server's answer; one for a command that is not waiting any more changes nothing. */
  settle(commandId: string, error?: ErrorBody): void {
    const waiting = this.#take(commandId);
    if (!waiting) return;
    if (error) waiting.reject(reviveError(error));
    else waiting.resolve();
  }

  /** What must be sent again on a new connection, oldest first. */
  unanswered(): Command[] {
    return [...this.#waiting.values()].map((waiting) => waiting.command);
  }

  /** Nobody will answer any more. Idempotent. */
  close(): void {
    for (const id of this.#waiting.keys()) this.#late(id);
  }

  #late(commandId: string): void {
    this.#take(commandId)?.reject(new CodedError('timeout', { what: 'The server' }));
  }

  #take(commandId: string): Waiting | undefined {
    const waiting = this.#waiting.get(commandId);
    this.#waiting.delete(commandId);
    waiting?.cancel();
    return waiting;
  }
}

/** The server's error as an exception, with the server's own sentence. */
export function reviveError(body: ErrorBody): CodedError {
  // A newer server may know codes that this page does not: its sentence is shown all the same.
  const error = new CodedError(ERROR_CODES.includes(body.code) ? body.code : 'internal', body.data);
  error.message = body.message;
  return error;
}
