/**
 * Records calls as the rules say, or as an agent asks. What is recorded is the leg of the party that the agents talk to, so that
 * one recording goes on through holds and transfers and ends with that leg; a consultation is not recorded.
 *
 *     joined, rule `always` ─┐
 *     agent asks ────────────┴► announcement heard ─► row + recording.started ─► switch records: on ◄── holders ──► paused
 *                                     │                                            │                                  │
 *                                     └ cannot be played: not recorded, reported   └──── leg gone, or rule `never` ───┘
 *                                                                                                  ▼
 *                             waiting (the mover's) ◄── the switch has the whole file ◄── recording.stopped
 *
 * A pause is held by name: the agent's own, and one per payment field. Recording goes on when nobody holds one. A pause that
 * lasts longer than the settings allow is shown as overdue and reported, and never ended by itself: what is being said just then
 * may be what must not be recorded.
 */
import type { Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { newId } from '../../lib/ids.ts';
import { Lifecycle } from '../../lib/lifecycle.ts';
import { Serial } from '../../lib/serial.ts';
import { CodedError, isTooLate } from '../../protocol/errors.ts';
import type { ConversationEvent, Recorded } from '../../protocol/facts.ts';
import type { CallRecordingState } from '../../protocol/recording.ts';
import type { RecordingDecision, RecordingRules } from '../callcenter/recording-rules.ts';
import type { Sql } from '../store/database.ts';
import type { Conversations } from '../telephony/conversations.ts';
import {
  type Call,
  carrierOf,
  type Conversation,
  isLive,
  type Leg,
  type RecordingOfLeg,
  customerLeg,
} from '../telephony/model.ts';
import type { LinkState, SwitchFact } from '../telephony/ports.ts';
import type { CallRecordingControl, CallRecordingEvents, RecordingSwitch } from './ports.ts';
import { activeOf, pausedSince, queueOf, recordedLeg, talkers } from './recorded-leg.ts';
import type { Recordings } from './recordings.ts';

export interface CallRecordingsOptions {
  conversations: Conversations;
  clock: Clock;
  recordings: Recordings;
  rules: Pick<RecordingRules, 'decide' | 'settings'>;
  /** The switch of a platform, undefined for one that cannot record. */
  switchOf(platformId: string): RecordingSwitch | undefined;
  /** Speaks to the party that the agents talk to. */
  say(conversationId: string, callId: string, text: string): Promise<'done' | 'stopped' | 'failed'>;
  /** A file is complete on the switch: it can be moved. */
  onWaiting(): void;
  onError(what: string, error: unknown, ids: { conversationId?: string; recordingId?: string }): void;
}

/** Whose message it is, for how long it is kept (null: for ever), and what is written with it in the same transaction. */
export interface Message {
  queueId: string | null;
  userIds: string[];
  retentionDays: number | null;
  also?(sql: Sql, recordingId: string): Promise<void>;
}

type Begun = Message & Pick<RecordingOfLeg, 'why' | 'userId'>;

/** Whose pause it is when nobody says otherwise. */
const AGENT = 'agent';
/** How often recordings are compared with the switch's, for a fact that was lost. */
const RECONCILE_MS = 60_000;

export class CallRecordings implements CallRecordingControl {
  readonly events: Emitter<CallRecordingEvents>;
  readonly #o: CallRecordingsOptions;
  readonly #life: Lifecycle;
  /** By conversation: one step after the other. */
  readonly #serial = new Serial();
  /** What was announced in which conversation. */
  readonly #announced = new Map<string, Set<string>>();
  /** Calls whose recording failed. */
  readonly #failed = new Set<string>();
  /** Since when a recording is paused for which a warning is due, or was given. */
  readonly #watched = new Map<string, number>();
  readonly #platforms = new Set<string>();

  constructor(options: CallRecordingsOptions) {
    this.#o = options;
    this.#life = new Lifecycle(options.clock);
    this.events = new Emitter((error, event) => options.onError(`listener of ${event}`, error, {}));
    this.#life.add(() => this.#serial.idle());
    this.#life.add(options.conversations.events.on('event', (c, event) => this.#onEvent(c, event)));
    this.#life.every(RECONCILE_MS, () => this.#reconcileAll());
  }

  /** Listener of a platform's switch: see followSwitches. */
  fact(platformId: string, fact: SwitchFact): void {
    this.#platforms.add(platformId);
    if (fact.type === 'recording.finished') this.#finished(fact.recordingId, fact.outcome);
  }

  /** Listener of a platform's switch. */
  link(platformId: string, link: LinkState): void {
    this.#platforms.add(platformId);
    if (link === 'up') this.#run('compare recordings', {}, () => this.#reconcile(platformId));
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  // ── What the flow, the softphone and REST ask ─────────────────────────────────────────────────────────────────────

  /** What an arrived caller must hear before he is queued, or a user is rung, because his call will be recorded; empty for nothing. */
  announcementFor(queueId?: string): string {
    const { record, announcement } = this.#o.rules.decide('inbound', queueId);
    return record === 'always' ? announcement : '';
  }

  /** The caller has heard `text` to its end: it is not said again in this conversation. */
  noteAnnounced(conversationId: string, text: string): void {
    this.#announced.set(conversationId, (this.#announced.get(conversationId) ?? new Set<string>()).add(text));
  }

  async start(legId: string, userId: string): Promise<void> {
    const { conversation, call } = this.#mustFind(legId);
    const leg = recordedLeg(conversation, call);
    if (!leg || !talkers(conversation, call).includes(userId))
      throw new CodedError('wrong-state', { state: 'not connected' });
    await this.#begin(conversation.id, call.id, leg.id, userId);
  }

  /** The caller's own leg, also while he talks to nobody: a flow says so. @throws `recording-off`, `not-capable`. */
  async recordCaller(conversationId: string, callId: string, on: boolean): Promise<void> {
    const conversation = this.#o.conversations.get(conversationId);
    const leg = conversation && customerLeg(conversation, callId);
    if (!conversation || !leg) throw new CodedError('no-such-line');
    if (on) return await this.#begin(conversationId, callId, leg.id, undefined);
    const recording = activeOf(conversation, leg.id);
    if (recording) await this.#stop(conversation, recording);
  }

  async pause(legId: string, userId: string, holder = AGENT): Promise<void> {
    const { conversation } = this.#mustFind(legId);
    await this.#serial.run(conversation.id, async () => {
      const { recording, node } = this.#mustBeRunning(legId);
      if (recording.holders.has(holder)) return;
      const first = recording.holders.size === 0;
      // The intent first: a process that dies in between pauses when it is back, and does not go on recording.
      await this.#notePause(conversation.id, recording, true, holder, userId);
      if (!first) return;
      try {
        await node.pauseRecording(recording.recordingId, true);
      } catch (error) {
        await this.#notePause(conversation.id, recording, false, holder, userId);
        throw error;
      }
      this.#warnWhenOverdue(conversation.id, recording);
    });
  }

  async resume(legId: string, userId: string, holder = AGENT): Promise<void> {
    const { conversation } = this.#mustFind(legId);
    await this.#serial.run(conversation.id, async () => {
      const { recording, node } = this.#mustBeRunning(legId);
      // The agent's button ends his own pause; when he holds none, those that a payment page has left behind.
      const ended =
        holder === AGENT && !recording.holders.has(AGENT)
          ? [...recording.holders.keys()]
          : [holder].filter((one) => recording.holders.has(one));
      if (ended.length === 0) return;
      if (ended.length === recording.holders.size) await node.pauseRecording(recording.recordingId, false);
      for (const one of ended) await this.#notePause(conversation.id, recording, false, one, userId);
    });
  }

  /**
   * Records the message that the caller of this call leaves. What of him was being recorded until now ends.
   * @throws CodedError `no-such-line`, `not-capable`.
   */
  beginMessage(conversationId: string, callId: string, message: Message): Promise<void> {
    return this.#serial.run(conversationId, async () => {
      const conversation = this.#o.conversations.get(conversationId);
      const call = conversation?.calls.get(callId);
      const leg = conversation && call && recordedLeg(conversation, call);
      if (!leg) throw new CodedError('no-such-line');
      const node = this.#o.switchOf(call.platformId);
      if (!node) throw new CodedError('not-capable');
      const earlier = activeOf(conversation, leg.id);
      if (earlier) await this.#stopNow(conversation, earlier);
      await this.#startOnSwitch(conversation, call, leg, node, { ...message, why: 'voicemail' });
    });
  }

  /** No error when it has ended. */
  endMessage(conversationId: string, recording: RecordingOfLeg): Promise<void> {
    const conversation = this.#o.conversations.get(conversationId);
    return conversation ? this.#stop(conversation, recording) : Promise.resolve();
  }

  stateOf(callId: string): CallRecordingState {
    const conversation = this.#o.conversations.all().find((one) => one.calls.has(callId));
    const call = conversation?.calls.get(callId);
    const recording = conversation && call && activeOf(conversation, recordedLeg(conversation, call)?.id);
    if (!recording)
      return { state: this.#failed.has(callId) ? 'failed' : 'off', overdue: false, holders: [] };
    const since = pausedSince(recording);
    return {
      state: since === undefined ? 'on' : 'paused',
      recordingId: recording.recordingId,
      since: since ?? recording.startedAt,
      overdue: since !== undefined && this.#o.clock.now() - since >= this.#o.rules.settings().maxPauseMs,
      holders: [...recording.holders.keys()],
    };
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────────

  #onEvent(conversation: Conversation, event: Recorded<ConversationEvent>): void {
    switch (event.type) {
      case 'legs.joined':
        return this.#joined(conversation, event.callId);
      case 'leg.cleared':
        for (const recording of conversation.recordings.values())
          if (recording.legId === event.legId) this.#legGone(conversation, recording);
        return;
      case 'recording.started':
      case 'recording.paused':
      case 'recording.stopped':
        if (event.type === 'recording.stopped') this.#watched.delete(event.recordingId);
        return this.events.emit('changed', conversation.id, event.callId);
      case 'call.ended':
        this.#failed.delete(event.callId);
        return;
      case 'conversation.ended':
        this.#announced.delete(conversation.id);
        return;
      default:
        return;
    }
  }

  /** The switch ends it with its leg; a leg that carries call after call goes on, and has to be told. */
  #legGone(conversation: Conversation, recording: RecordingOfLeg): void {
    const leg = conversation.legs.get(recording.legId);
    if (leg?.via === undefined) return this.#ended(conversation.id, recording);
    this.#run('stop a recording', { conversationId: conversation.id }, () =>
      this.#stop(conversation, recording),
    );
  }

  #joined(conversation: Conversation, callId: string): void {
    const call = conversation.calls.get(callId);
    const leg = call && recordedLeg(conversation, call);
    if (!call || !leg) return;
    const { record } = this.#decide(conversation, call);
    const recording = activeOf(conversation, leg.id);
    const ids = { conversationId: conversation.id };
    if (recording && record === 'never')
      return this.#run('stop a recording', ids, () => this.#stop(conversation, recording));
    if (recording) {
      const { recordingId } = recording;
      const users = talkers(conversation, call);
      return this.#run('note who talks', { ...ids, recordingId }, () =>
        this.#o.recordings.addUsers(recordingId, users),
      );
    }
    if (record === 'always' && this.#o.switchOf(call.platformId))
      this.#run('record a call', ids, () => this.#begin(conversation.id, callId, leg.id, undefined));
  }

  /** Announces and begins; nothing when the leg is being recorded. `userId`: who asks for it. */
  #begin(conversationId: string, callId: string, legId: string, userId: string | undefined): Promise<void> {
    return this.#serial.run(conversationId, async () => {
      const found = this.#stillThere(conversationId, callId, legId);
      if (activeOf(found.conversation, legId)) return;
      const decision = this.#decide(found.conversation, found.call);
      if (decision.record === 'never') throw new CodedError('recording-off');
      const node = this.#o.switchOf(found.call.platformId);
      if (!node) throw new CodedError('not-capable');
      // Colleagues are told otherwise: there is nobody whom an announcement would surprise.
      if (found.call.direction !== 'internal')
        await this.#announce(conversationId, callId, decision.announcement);
      const { conversation, call, leg } = this.#stillThere(conversationId, callId, legId);
      await this.#record(conversation, call, leg, { node, decision, userId });
    });
  }

  async #record(
    conversation: Conversation,
    call: Call,
    leg: Leg,
    {
      node,
      decision,
      userId,
    }: { node: RecordingSwitch; decision: RecordingDecision; userId: string | undefined },
  ): Promise<void> {
    await this.#startOnSwitch(conversation, call, leg, node, {
      why: userId === undefined ? 'rule' : 'demand',
      queueId: queueOf(conversation, call) ?? null,
      userIds: talkers(conversation, call),
      ...(userId === undefined ? {} : { userId }),
      retentionDays: decision.retentionDays,
    });
  }

  async #startOnSwitch(
    conversation: Conversation,
    call: Call,
    leg: Leg,
    node: RecordingSwitch,
    begun: Begun,
  ): Promise<void> {
    const recordingId = newId('rec');
    const { why, userId, queueId, userIds, retentionDays, also } = begun;
    const ids = { callId: call.id, legId: leg.id, recordingId };
    const row = {
      ...ids,
      id: recordingId,
      conversationId: conversation.id,
      platformId: call.platformId,
      direction: call.direction,
      queueId,
      userIds,
      why,
      byUser: userId ?? null,
      startedAt: this.#o.clock.now(),
      retentionDays,
    } as const;
    await this.#o.conversations.commit(
      conversation.id,
      [{ type: 'recording.started', ...ids, why, ...(userId === undefined ? {} : { userId }) }],
      {
        also: async (sql) => {
          await this.#o.recordings.add(sql, row);
          await also?.(sql, recordingId);
        },
      },
    );
    this.#failed.delete(call.id);
    try {
      await node.startRecording(carrierOf(leg), recordingId);
    } catch (error) {
      const recording = conversation.recordings.get(recordingId);
      if (recording) await this.#fail(conversation.id, recording, sentenceOf(error));
      throw error;
    }
  }

  async #announce(conversationId: string, callId: string, text: string): Promise<void> {
    if (text === '' || this.#announced.get(conversationId)?.has(text)) return;
    const outcome = await this.#o.say(conversationId, callId, text);
    if (outcome !== 'done') throw new Error(`the announcement was ${outcome}: the call is not recorded`);
    this.noteAnnounced(conversationId, text);
  }

  async #stop(conversation: Conversation, recording: RecordingOfLeg): Promise<void> {
    await this.#serial.run(conversation.id, () => this.#stopNow(conversation, recording));
  }

  async #stopNow(conversation: Conversation, recording: RecordingOfLeg): Promise<void> {
    const call = conversation.calls.get(recording.callId);
    const node = call && this.#o.switchOf(call.platformId);
    if (!node || recording.stoppedAt !== undefined) return;
    await node.stopRecording(recording.recordingId);
    this.#ended(conversation.id, recording);
  }

  /** Its leg is gone, or it was stopped; the switch says when the file is complete. */
  #ended(conversationId: string, recording: RecordingOfLeg, outcome: 'done' | 'failed' = 'done'): void {
    if (recording.stoppedAt !== undefined) return;
    const { callId, legId, recordingId } = recording;
    this.#o.conversations.record(conversationId, [
      { type: 'recording.stopped', callId, legId, recordingId, outcome },
    ]);
    this.#run('end a recording', { conversationId, recordingId }, () =>
      this.#o.recordings.end(recordingId, this.#o.clock.now()),
    );
  }

  async #fail(conversationId: string, recording: RecordingOfLeg, why: string): Promise<void> {
    this.#failed.add(recording.callId);
    this.#ended(conversationId, recording, 'failed');
    await this.#o.recordings.fail(recording.recordingId, this.#o.clock.now(), why);
  }

  #finished(recordingId: string, outcome: 'done' | 'failed'): void {
    // By the recording: a leg that carries call after call belongs to another conversation by now.
    const conversation = this.#o.conversations.all().find((one) => one.recordings.has(recordingId));
    const recording = conversation?.recordings.get(recordingId);
    const conversationId = conversation?.id;
    this.#run('finish a recording', { recordingId, ...(conversationId ? { conversationId } : {}) }, () =>
      this.#settle(recordingId, outcome, conversationId, recording),
    );
  }

  async #settle(
    recordingId: string,
    outcome: 'done' | 'failed',
    conversationId?: string,
    recording?: RecordingOfLeg,
  ): Promise<void> {
    const now = this.#o.clock.now();
    // Before the row: while the leg lives, that the switch gave up is news.
    if (conversationId && recording && recording.stoppedAt === undefined) {
      if (outcome === 'failed') this.#failed.add(recording.callId);
      this.#ended(conversationId, recording, outcome);
    }
    if (outcome === 'failed')
      return this.#o.recordings.fail(recordingId, now, 'the telephone system could not record it');
    if (await this.#o.recordings.finish(recordingId, now)) this.#o.onWaiting();
  }

  // ── After a lost connection or a restart ──────────────────────────────────────────────────────────────────────────

  #reconcileAll(): void {
    for (const platformId of this.#platforms)
      this.#run('compare recordings', {}, () => this.#reconcile(platformId));
  }

  /** Takes up what goes on, finishes what is complete, closes what is gone. */
  async #reconcile(platformId: string): Promise<void> {
    const node = this.#o.switchOf(platformId);
    const rows = await this.#o.recordings.running(platformId);
    if (!node || rows.length === 0) return;
    const { recordings } = await node.list();
    for (const row of rows) {
      const there = recordings.find((one) => one.recordingId === row.id);
      await this.#serial.run(row.conversationId, async () => {
        const conversation = this.#o.conversations.get(row.conversationId);
        const recording = conversation?.recordings.get(row.id);
        const leg = conversation?.legs.get(row.legId);
        if (there?.state === 'finished') return this.#settle(row.id, 'done', conversation?.id, recording);
        if (conversation && recording?.stoppedAt === undefined && recording && leg && isLive(leg))
          return this.#resumeOnSwitch(row.conversationId, node, recording, carrierOf(leg), there?.state);
        if (there) return node.stopRecording(row.id);
        const now = this.#o.clock.now();
        // Its last fact may be on the way: it is looked at again.
        if (row.endedAt === null || now - row.endedAt < RECONCILE_MS / 2)
          return this.#o.recordings.end(row.id, row.endedAt ?? now);
        await this.#o.recordings.fail(row.id, now, 'the telephone system has no sound of it');
      });
    }
  }

  async #resumeOnSwitch(
    conversationId: string,
    node: RecordingSwitch,
    recording: RecordingOfLeg,
    switchLegId: string,
    state: 'recording' | 'paused' | undefined,
  ): Promise<void> {
    const { recordingId } = recording;
    const paused = recording.holders.size > 0;
    if (state === undefined) await node.startRecording(switchLegId, recordingId);
    if (paused !== (state === 'paused')) await node.pauseRecording(recordingId, paused);
    if (paused) this.#warnWhenOverdue(conversationId, recording);
  }

  // ── Pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #decide(conversation: Conversation, call: Call): RecordingDecision {
    return this.#o.rules.decide(call.direction, queueOf(conversation, call));
  }

  #notePause(
    conversationId: string,
    { callId, legId, recordingId }: RecordingOfLeg,
    on: boolean,
    holder: string,
    userId: string,
  ): Promise<void> {
    return this.#o.conversations.commit(conversationId, [
      { type: 'recording.paused', callId, legId, recordingId, on, holder, userId },
    ]);
  }

  #warnWhenOverdue(conversationId: string, recording: RecordingOfLeg): void {
    const { recordingId, callId } = recording;
    const began = pausedSince(recording) ?? this.#o.clock.now();
    const left = began + this.#o.rules.settings().maxPauseMs - this.#o.clock.now();
    if (this.#watched.get(recordingId) === began) return;
    this.#watched.set(recordingId, began);
    this.#life.after(left, () => {
      if (recording.stoppedAt !== undefined || pausedSince(recording) !== began) return;
      this.#o.onError('a recording is paused for too long', new Error('it is still paused'), {
        conversationId,
        recordingId,
      });
      this.events.emit('changed', conversationId, callId);
    });
  }

  #mustFind(legId: string): { conversation: Conversation; call: Call } {
    const found = this.#o.conversations.find(legId);
    if (!found || !isLive(found.leg)) throw new CodedError('no-such-line');
    return found;
  }

  #mustBeRunning(legId: string): { recording: RecordingOfLeg; node: RecordingSwitch } {
    const { conversation, call } = this.#mustFind(legId);
    const recording = activeOf(conversation, recordedLeg(conversation, call)?.id);
    const node = this.#o.switchOf(call.platformId);
    if (!recording || !node) throw new CodedError('recording-not-running');
    return { recording, node };
  }

  #stillThere(
    conversationId: string,
    callId: string,
    legId: string,
  ): { conversation: Conversation; call: Call; leg: Leg } {
    const conversation = this.#o.conversations.get(conversationId);
    const call = conversation?.calls.get(callId);
    const leg = conversation?.legs.get(legId);
    if (!conversation || !call || !leg || !isLive(leg)) throw new CodedError('no-such-line');
    return { conversation, call, leg };
  }

  #run(
    what: string,
    ids: { conversationId?: string; recordingId?: string },
    work: () => Promise<unknown>,
  ): void {
    work().catch((error: unknown) => {
      if (!isTooLate(error)) this.#o.onError(what, error, ids);
    });
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error';
}
