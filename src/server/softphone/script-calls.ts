/** The calls of users as agent scripts know them and change them (the port `ScriptCalls` of the scripts). */
import { CodedError } from '../../protocol/errors.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { Conversations } from '../telephony/conversations.ts';
import type { CallLayouts } from './call-layouts.ts';
import type { Logs } from './logs.ts';
import { choosableCodes, openLog } from './log-state.ts';
import type { SoftphoneSettings } from './ports.ts';
import { subjectFor } from './user-calls.ts';

export interface ScriptedCallsOptions {
  conversations: Pick<Conversations, 'get' | 'record'>;
  layouts: Pick<CallLayouts, 'callValues' | 'matchOf'>;
  logs: Pick<Logs, 'edit'>;
  settings: Pick<SoftphoneSettings, 'dispositions'>;
}

export class ScriptedCalls {
  readonly #o: ScriptedCallsOptions;

  constructor(options: ScriptedCallsOptions) {
    this.#o = options;
  }

  /** The call that the user is in for this conversation, until his wrap-up ends. */
  scriptCall(
    userId: string,
    conversationId: string,
  ):
    | { values: Record<string, string>; data(key: string): string | undefined; match: RecordRef | undefined }
    | undefined {
    const conversation = this.#o.conversations.get(conversationId);
    const call = conversation && subjectFor(conversation, userId);
    if (!conversation || !call) return undefined;
    const match = this.#o.layouts.matchOf(conversation, userId);
    return {
      values: this.#o.layouts.callValues(conversation, call, userId),
      data: (key) => conversation.data.get(key)?.value,
      match: match?.records.length === 1 && !match.more ? match.records[0] : undefined,
    };
  }

  /** Only what is new is written. Nothing happens to a call that is over. */
  setCallData(conversationId: string, data: Readonly<Record<string, string>>): void {
    const conversation = this.#o.conversations.get(conversationId);
    const changed = Object.entries(data).filter(
      ([key, value]) => conversation && conversation.data.get(key)?.value !== value,
    );
    if (changed.length === 0) return;
    this.#o.conversations.record(
      conversationId,
      changed.map(([key, value]) => ({ type: 'data.set', key, value, from: 'agent' })),
    );
  }

  /** Sets the wrap-up code with this label, in any case of letters, in the user's open log. */
  setDisposition(userId: string, conversationId: string, label: string): 'set' | 'no-log' | 'unknown' {
    const conversation = this.#o.conversations.get(conversationId);
    const log = conversation && openLog(conversation, userId);
    if (!conversation || !log) return 'no-log';
    const codes = choosableCodes(log, this.#o.settings);
    const code = codes.find((one) => one.label.toLowerCase() === label.toLowerCase());
    if (!code) return 'unknown';
    try {
      this.#o.logs.edit(conversation, userId, { disposition: code.id });
    } catch (error) {
      if (error instanceof CodedError) return 'no-log';
      throw error;
    }
    return 'set';
  }
}
