/** Recordings for tests of their routes: the real table and rules, a store in memory, and the calls that the test says. */
import type { Clock } from '../../src/lib/clock.ts';
import { Emitter } from '../../src/lib/emitter.ts';
import { CodedError } from '../../src/protocol/errors.ts';
import type { CallRecordingState } from '../../src/protocol/recording.ts';
import type { Api } from '../../src/server/api/api-types.ts';
import { callRecordingRoutes } from '../../src/server/api/call-recording.ts';
import { recordingRuleRoutes } from '../../src/server/api/recording-rules.ts';
import { recordingRoutes, show } from '../../src/server/api/recordings.ts';
import { voicemailRoutes } from '../../src/server/api/voicemails.ts';
import { Voicemails } from '../../src/server/recording/voicemails.ts';
import type { CallCenter } from '../../src/server/callcenter/call-center.ts';
import { RecordingRules } from '../../src/server/callcenter/recording-rules.ts';
import type {
  ByteRange,
  CallRecordingControl,
  CallRecordingEvents,
  RecordingStore,
} from '../../src/server/recording/ports.ts';
import { type NewRecording, Recordings } from '../../src/server/recording/recordings.ts';
import type { Database } from '../../src/server/store/database.ts';
import type { Conversation } from '../../src/server/telephony/model.ts';

const fail = (error: unknown) => {
  throw error;
};

/** A store in memory that can be away. */
export class MemoryStore implements RecordingStore {
  readonly files = new Map<string, Buffer>();
  /** Why it refuses everything, if it does. */
  broken: string | undefined;

  async put(key: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    this.#check();
    this.files.set(key, Buffer.concat(pieces));
  }

  async get(key: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    this.#check();
    const file = this.files.get(key);
    if (!file) throw new CodedError('not-found', { what: 'file in the store' });
    return iterate(range ? file.subarray(range.start, range.end + 1) : file);
  }

  async remove(key: string): Promise<void> {
    this.#check();
    this.files.delete(key);
  }

  #check(): void {
    if (this.broken !== undefined) throw new CodedError('recording-store-failed', { reason: this.broken });
  }
}

/** In pieces, as files come. */
export async function* iterate(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export class RecordingsDouble {
  readonly store = new MemoryStore();
  readonly voicemails: Voicemails;
  readonly conversations = new Map<string, Conversation>();
  /** What was asked of the recorder, such as `pause leg_1 user_1 payment`. */
  readonly asked: string[] = [];
  state: CallRecordingState = { state: 'off', overdue: false, holders: [] };
  retries = 0;
  readonly routes: ((api: Api) => void)[];

  private constructor(
    readonly recordings: Recordings,
    readonly rules: RecordingRules,
    readonly db: Database,
    clock: Clock,
    callCenter: CallCenter,
  ) {
    this.voicemails = new Voicemails(db);
    const mover = {
      remove: async ({ id, storeKey }: { id: string; storeKey: string | null }) => {
        if (storeKey !== null) await this.store.remove(storeKey);
        await recordings.deleted(id);
      },
      retry: async () => {
        this.retries++;
      },
    };
    const note = async (...words: (string | undefined)[]) => {
      this.asked.push(words.filter(Boolean).join(' '));
    };
    const rights = {
      settingsFor: () => rules.settings(),
      isMember: (userId: string, queueId: string) =>
        callCenter.queue(queueId)?.memberIds.includes(userId) ?? false,
    };
    const control: CallRecordingControl = {
      events: new Emitter<CallRecordingEvents>(fail),
      start: (legId, userId) => note('start', legId, userId),
      pause: (legId, userId, holder) => note('pause', legId, userId, holder),
      resume: (legId, userId, holder) => note('resume', legId, userId, holder),
      stateOf: () => this.state,
    };
    this.routes = [
      (api) =>
        recordingRoutes(api, {
          recordings,
          store: this.store,
          mover,
          ...rights,
          clock,
        }),
      (api) => recordingRuleRoutes(api, { rules }),
      (api) =>
        voicemailRoutes(api, {
          voicemails: this.voicemails,
          recordings,
          mover,
          callCenter,
          clock,
          show: (row, request) => show(row, request, rights),
        }),
      (api) => callRecordingRoutes(api, { conversations: this.conversations, control }),
    ];
  }

  static async create(db: Database, callCenter: CallCenter, clock: Clock): Promise<RecordingsDouble> {
    const rules = await RecordingRules.load({ db, callCenter, onError: fail });
    return new RecordingsDouble(new Recordings(db), rules, db, clock, callCenter);
  }

  /** A recording with this sound in the store. */
  async add(id: string, more: Partial<NewRecording> = {}, sound = Buffer.from('RIFF sound')): Promise<void> {
    const row: NewRecording = {
      id,
      conversationId: 'conv_1',
      callId: 'call_1',
      legId: 'leg_1',
      platformId: 'private',
      direction: 'inbound',
      queueId: 'sales',
      userIds: ['user_agent'],
      why: 'rule',
      byUser: null,
      startedAt: 1_000,
      retentionDays: null,
      ...more,
    };
    await this.recordings.add(this.db, row);
    await this.recordings.finish(id, row.startedAt + 5_000);
    await this.store.put(`${id}.wav`, iterate(sound));
    const peaks = { left: [1, 2], right: [3, 4] };
    await this.recordings.stored(id, `${id}.wav`, { bytes: sound.length, ms: 5_000, sha256: 'ab', peaks });
  }
}
