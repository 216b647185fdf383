/**
 * The log of a connector's call: one closed task, written when the call has ended, if it was ever connected. What is needed for it
 * outlives a reload of the page; a call that ended meanwhile is logged with the next sign of life. The server takes the same call
 * for the same task, however often it is told.
 */
import type { Clock } from '../../../lib/clock.ts';
import type { RecordRef } from '../../../protocol/facts.ts';
import type { VoiceCall } from '../../../protocol/voice.ts';
import type { Operations } from '../host/operations.ts';
import { isInbound, numberOf } from './voice-state.ts';

/** What is known of a call that is to be logged. */
export interface KeptCall {
  callId: string;
  callType: 'Inbound' | 'Outbound';
  number: string;
  /** UTC milliseconds. */
  connectedAt: number;
  /** Whose call it is, when there is one such record. */
  record: RecordRef | undefined;
}

/** Outlives a reload. */
export interface KeptCalls {
  read(): KeptCall[];
  write(calls: KeptCall[]): void;
}

/** Persons go into a task's WhoId, everything else into its WhatId. */
const PERSONS = ['003', '00Q'];

export class CallLogs {
  readonly #operations: Pick<Operations, 'saveLog'>;
  readonly #kept: KeptCalls;
  readonly #clock: Clock;
  /** The single record of a call, known before it was connected or after. */
  readonly #records = new Map<string, RecordRef>();
  /** The task of a call, being written or written. */
  readonly #tasks = new Map<string, Promise<string>>();

  constructor(operations: Pick<Operations, 'saveLog'>, kept: KeptCalls, clock: Clock) {
    this.#operations = operations;
    this.#kept = kept;
    this.#clock = clock;
  }

  matched({ callId }: VoiceCall, records: readonly RecordRef[]): void {
    const [record] = records;
    if (!record || records.length > 1) return;
    this.#records.set(callId, record);
    this.#kept.write(this.#kept.read().map((one) => (one.callId === callId ? { ...one, record } : one)));
  }

  connected(call: VoiceCall): void {
    const kept = this.#kept.read();
    if (kept.some(({ callId }) => callId === call.callId)) return;
    const since = call.callInfo?.callStateTimestamp;
    this.#kept.write([
      ...kept,
      {
        callId: call.callId,
        callType: isInbound(call) ? 'Inbound' : 'Outbound',
        number: numberOf(call),
        connectedAt: since instanceof Date ? since.getTime() : this.#clock.now(),
        record: this.#records.get(call.callId),
      },
    ]);
  }

  async close({ callId }: VoiceCall): Promise<void> {
    const kept = this.#kept.read().find((one) => one.callId === callId);
    if (kept) await this.#write(kept);
  }

  /** No call goes on: those that are still kept have ended unseen. */
  async closeAll(): Promise<void> {
    for (const kept of this.#kept.read()) await this.#write(kept);
  }

  /** What the agent wrote about a call that has ended. */
  async note({ callId }: VoiceCall, notes: string): Promise<void> {
    const task = await this.#tasks.get(callId);
    if (task && notes.trim() !== '')
      await this.#operations.saveLog(undefined, task, { Description: notes.trim() });
  }

  async #write(call: KeptCall): Promise<void> {
    const { callId, callType, number, connectedAt, record } = call;
    const person = record && PERSONS.includes(record.id.slice(0, 3));
    const task = this.#operations.saveLog('Task', undefined, {
      Subject: `${callType === 'Inbound' ? 'Call from' : 'Call to'} ${record?.name ?? number}`.trim(),
      CallType: callType,
      CallObject: callId,
      CallDurationInSeconds: Math.max(0, Math.round((this.#clock.now() - connectedAt) / 1_000)),
      ActivityDate: new Date(this.#clock.now()).toISOString(),
      Status: 'Completed',
      ...(record ? { [person ? 'WhoId' : 'WhatId']: record.id } : {}),
    });
    this.#tasks.set(callId, task);
    await task;
    this.#kept.write(this.#kept.read().filter((one) => one.callId !== callId));
  }
}
