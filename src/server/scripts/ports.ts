/** What scripts need of the calls that they are run for: the softphone fits. */
import type { RecordRef } from '../../protocol/facts.ts';
import type { RunCall } from './run.ts';

export interface ScriptCall extends RunCall {
  /** The one record that matches the other party. */
  match: RecordRef | undefined;
}

export interface ScriptCalls {
  /** The call that the user is, or was until his wrap-up ends, in for this conversation. */
  scriptCall(userId: string, conversationId: string): ScriptCall | undefined;
  /** Answers travel with the call from now on, and are seen wherever its data is. */
  setCallData(conversationId: string, data: Readonly<Record<string, string>>): void;
  /** Sets the wrap-up code with this label: `set`, or why not. */
  setDisposition(userId: string, conversationId: string, label: string): 'set' | 'no-log' | 'unknown';
}
