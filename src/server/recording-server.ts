/** Joins the parts that record calls: rules, the recorder, the queue into the store, and their routes. */
import { join } from 'node:path';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import type { RecordingInfo } from '../protocol/recording.ts';
import type { Api } from './api/api-types.ts';
import { callRecordingRoutes } from './api/call-recording.ts';
import { recordingRuleRoutes } from './api/recording-rules.ts';
import { recordingRoutes, show as showRecording } from './api/recordings.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import type { Profiles } from './callcenter/profiles.ts';
import { RecordingRules } from './callcenter/recording-rules.ts';
import type { Config } from './config.ts';
import { CallRecordings } from './recording/call-recordings.ts';
import { FolderStore } from './recording/folder-store.ts';
import { RecordingMover } from './recording/mover.ts';
import type { RecordingStore, RecordingSwitch } from './recording/ports.ts';
import { type Backlog, type RecordingRow, Recordings, type StoredRecording } from './recording/recordings.ts';
import { S3Store } from './recording/s3-store.ts';
import { Spool } from './recording/spool.ts';
import type { Database, Sql } from './store/database.ts';
import type { CallEngine } from './telephony/call-engine.ts';
import type { Conversations } from './telephony/conversations.ts';
import type { SwitchDirectory } from './telephony/ports.ts';
import { followSwitches } from './telephony/switches.ts';

export interface RecordingServerOptions {
  config: Config['recording'];
  dataDir: string;
  db: Database;
  clock: Clock;
  log: Logger;
  callCenter: CallCenter;
  conversations: Conversations;
  switches: SwitchDirectory;
  calls: Pick<CallEngine, 'sayToCaller'>;
  /** What agents may do with recordings, by their profiles. */
  profiles: Pick<Profiles, 'recordingSettings'>;
  /** A recording is in the store: told in the transaction that says so. */
  onStored(sql: Sql, recording: StoredRecording): Promise<void>;
}

export interface RecordingServer {
  /** What the softphone asks. */
  control: CallRecordings;
  recordings: Recordings;
  store: RecordingStore;
  mover: RecordingMover;
  /** A recording as whoever asks may know of it. */
  show(row: RecordingRow, request: FastifyRequest): RecordingInfo;
  rules: RecordingRules;
  /** What a caller of this queue must hear before anything else; empty for nothing. */
  announcementFor(queueId?: string): string;
  noteAnnounced(conversationId: string, text: string): void;
  /** See CallRecordings. */
  recordCaller(conversationId: string, callId: string, on: boolean): Promise<void>;
  backlog(): Promise<Backlog>;
  routes: ((api: Api) => void)[];
  /** Follows the switches and moves what waits. To be called before the switches are started. */
  start(): void;
  /** No new recording; a file that is being moved is finished. The switches must be closed before. */
  close(): Promise<void>;
}

/** The folders are made; nothing is recorded or moved before `start`. */
export async function createRecordingServer(options: RecordingServerOptions): Promise<RecordingServer> {
  const { config, dataDir, db, clock, log, callCenter, conversations, switches, calls, profiles } = options;
  const onError = (what: string, err: unknown, ids: object) => log.error({ err, ...ids }, what);
  const rules = await RecordingRules.load({
    db,
    callCenter,
    onError: (err) => onError('a recording rule', err, {}),
  });
  const recordings = new Recordings(db, (sql, recording) => options.onStored(sql, recording));
  const store = storeOf(config, dataDir);
  const spool = new Spool(join(dataDir, 'recording-spool'), config.spoolBytes);
  await spool.open();
  const switchOf = (platformId: string) => recordingSwitch(switches, platformId);
  const mover = new RecordingMover({
    recordings,
    spool,
    store,
    clock,
    switchOf,
    onTried: (recordingId, err) =>
      err ? log.warn({ err, recordingId }, 'a recording could not be stored and is tried again') : undefined,
    onError,
  });
  const control = new CallRecordings({
    conversations,
    clock,
    recordings,
    rules,
    switchOf,
    say: (conversationId, callId, text) =>
      calls.sayToCaller(conversationId, callId, [{ kind: 'text', text }]),
    onWaiting: () => mover.wake(),
    onError,
  });
  let unfollow = () => {};
  const rights = {
    settingsFor: (userId: string) => profiles.recordingSettings(userId, rules.settings()),
    isMember: (userId: string, queueId: string) =>
      callCenter.queue(queueId)?.memberIds.includes(userId) ?? false,
  };
  return {
    control,
    recordings,
    store,
    mover,
    show: (row, request) => showRecording(row, request, rights),
    rules,
    announcementFor: (queueId) => control.announcementFor(queueId),
    noteAnnounced: (conversationId, text) => control.noteAnnounced(conversationId, text),
    recordCaller: (conversationId, callId, on) => control.recordCaller(conversationId, callId, on),
    backlog: () => recordings.backlog(),
    routes: [
      (api) =>
        recordingRoutes(api, {
          recordings,
          store,
          mover,
          ...rights,
          clock,
        }),
      (api) => recordingRuleRoutes(api, { rules }),
      (api) => callRecordingRoutes(api, { conversations, control }),
    ],
    start() {
      unfollow = followSwitches(switches, {
        fact: (platformId, fact) => control.fact(platformId, fact),
        link: (platformId, link) => control.link(platformId, link),
      });
      mover.start();
    },
    async close() {
      unfollow();
      await control.close();
      await mover.close();
    },
  };
}

/** Undefined for one that is not there, or says that it cannot record. */
function recordingSwitch(switches: SwitchDirectory, platformId: string): RecordingSwitch | undefined {
  const node = switches.get(platformId)?.switch;
  return node?.capabilities.missing?.record === undefined ? node : undefined;
}

function storeOf({ s3, folder }: Config['recording'], dataDir: string): RecordingStore {
  return s3 ? new S3Store(s3) : new FolderStore(folder ?? join(dataDir, 'recordings'));
}
