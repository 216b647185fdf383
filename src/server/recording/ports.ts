/** What recording asks of others, and the store behind which a recording's file lies. */
import type { Emitter } from '../../lib/emitter.ts';
import type { CallRecordingState } from '../../protocol/recording.ts';
import type { Switch } from '../telephony/ports.ts';

/** What a switch does with recordings: the left channel is what the leg says, the right one what it hears. */
export type RecordingSwitch = Pick<
  Switch,
  'startRecording' | 'pauseRecording' | 'stopRecording' | 'readRecording' | 'deleteRecording' | 'list'
>;

/** A part of a file: from byte `start` to byte `end`, both included. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Where recordings lie for good. A key has letters, digits, `-`, `_`, `.` and `/` between its parts. Every failure rejects with
 * CodedError `recording-store-failed`; a key that is not there with `not-found`.
 */
export interface RecordingStore {
  /** Durable under its key when it resolves; what fails on the way leaves nothing. A key that exists is replaced. */
  put(key: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  get(key: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>;
  /** No error when it is not there. */
  remove(key: string): Promise<void>;
}

/**
 * What the softphone and REST ask about a call that goes on. `legId` is the agent's leg on whose behalf it is done; what is
 * recorded is the leg of the party that he talks to.
 */
export interface CallRecordingControl {
  /** Records on demand. No error when it is being recorded. @throws `no-such-line`, `recording-off`, `not-capable`, `wrong-state`. */
  start(legId: string, userId: string): Promise<void>;
  /** @throws `no-such-line`, `recording-not-running`. */
  pause(legId: string, userId: string, holder?: string): Promise<void>;
  /** Ends this holder's pause (default `agent`); recording goes on when nobody else holds one. */
  resume(legId: string, userId: string, holder?: string): Promise<void>;
  stateOf(callId: string): CallRecordingState;
  /** The state of a call's recording changed. */
  readonly events: Emitter<CallRecordingEvents>;
}

export type CallRecordingEvents = { changed: [conversationId: string, callId: string] };
