/** Joins the parts about callers who wait, are called back, or leave a message. */
import type { Clock } from '../lib/clock.ts';
import type { Address } from '../protocol/address.ts';
import { CodedError } from '../protocol/errors.ts';
import { DEFAULT_WAITING, type VoicemailBox, type VoicemailSettings } from '../protocol/waiting.ts';
import type { Api } from './api/api-types.ts';
import { voicemailRoutes } from './api/voicemails.ts';
import { waitingRoutes } from './api/waiting.ts';
import type { BusinessHoursBook } from './callcenter/business-hours.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import type { WaitingBook } from './callcenter/waiting-book.ts';
import type { Config } from './config.ts';
import { Waiting } from './flows/waiting/waiting.ts';
import type { RecordingServer } from './recording-server.ts';
import type { StoredRecording } from './recording/recordings.ts';
import { Voicemails } from './recording/voicemails.ts';
import type { Routing } from './routing/routing.ts';
import type { Database, Sql } from './store/database.ts';
import type { OutboxHandler } from './store/outbox.ts';
import type { CallEngine } from './telephony/call-engine.ts';
import type { Conversations } from './telephony/conversations.ts';
import { customerLeg } from './telephony/model.ts';
import { enterVoicemailMail, VOICEMAIL_MAIL_KIND, voicemailMailHandler } from './voicemail-mail.ts';

export interface WaitingServerOptions {
  config: Pick<Config, 'mail' | 'locale' | 'zone' | 'country'>;
  db: Database;
  clock: Clock;
  callCenter: CallCenter;
  book: WaitingBook;
  hours: Pick<BusinessHoursBook, 'isOpen'>;
  conversations: Conversations;
  engine: CallEngine;
  routing: Routing;
  recording: RecordingServer;
  /** A number as it is called on behalf of nobody. @throws CodedError what the dial plan refuses it with. */
  callable(number: string, platformId: string): Address;
  countryOf(platformId: string): string;
  enterFlow(conversationId: string, callId: string, flowId: string): boolean;
  onError(what: string, error: unknown, ids: Record<string, string>): void;
}

export interface WaitingServer {
  waiting: Waiting;
  /** A recording is in the store: told in the transaction that says so. */
  stored(sql: Sql, recording: StoredRecording): Promise<void>;
  handlers: Record<string, OutboxHandler>;
  routes: ((api: Api) => void)[];
}

export function createWaitingServer(options: WaitingServerOptions): WaitingServer {
  const { config, db, clock, callCenter, book, hours, conversations, engine, recording } = options;
  const voicemails = new Voicemails(db);
  const boxSettings = (box: VoicemailBox): VoicemailSettings =>
    box.kind === 'queue'
      ? book.of(box.id).voicemail
      : { ...DEFAULT_WAITING.voicemail, email: callCenter.user(box.id)?.email ?? null };
  const waiting = new Waiting({
    conversations,
    clock,
    calls: engine,
    acd: options.routing,
    recorder: {
      begin: (conversationId, callId, box) =>
        recording.control.beginMessage(conversationId, callId, {
          queueId: box.kind === 'queue' ? box.id : null,
          userIds: box.kind === 'user' ? [box.id] : [],
          retentionDays: boxSettings(box).retentionDays,
          also: (sql, id) =>
            voicemails.add(sql, {
              id,
              box,
              ...callerOf(conversations, conversationId, callId),
              at: clock.now(),
            }),
        }),
      end: (conversationId, one) => recording.control.endMessage(conversationId, one),
    },
    settings: (queueId) => book.of(queueId),
    boxSettings,
    knowsQueue: (queueId) => callCenter.queue(queueId) !== undefined,
    isOpen: (queueId, at) => hours.isOpen(queueId, at),
    callable: (number, platformId) => options.callable(number, platformId),
    countryOf: (platformId) => options.countryOf(platformId),
    startFlow: async (conversationId, callId, flowId) => {
      if (!options.enterFlow(conversationId, callId, flowId))
        throw new CodedError('not-found', { what: 'flow' });
    },
    onError: (what, error, ids) => options.onError(what, error, ids),
  });
  const { mail, locale, zone, country } = config;
  const { recordings, store, mover, show } = recording;
  return {
    waiting,
    async stored(sql, { id, ms }) {
      const message = await voicemails.stored(sql, id, ms);
      const to = message && boxSettings(message.box).email;
      if (!message || !to || !mail) return;
      const { kind, id: boxId } = message.box;
      const box = (kind === 'queue' ? callCenter.queue(boxId)?.label : callCenter.user(boxId)?.name) ?? boxId;
      await enterVoicemailMail(sql, { ...message, to, box, country }, clock.now());
    },
    handlers: mail
      ? { [VOICEMAIL_MAIL_KIND]: voicemailMailHandler({ mail, recordings, store, locale, zone }) }
      : {},
    routes: [
      (api) => waitingRoutes(api, { callCenter, waiting: book, callbacks: waiting.callbacks }),
      (api) => voicemailRoutes(api, { voicemails, recordings, mover, callCenter, clock, show }),
    ],
  };
}

function callerOf(conversations: Conversations, conversationId: string, callId: string) {
  const conversation = conversations.get(conversationId);
  const call = conversation?.calls.get(callId);
  const leg = conversation && customerLeg(conversation, callId);
  if (!leg || !call) throw new CodedError('no-such-line');
  return { caller: leg.address, callerName: call.callerName ?? null };
}
