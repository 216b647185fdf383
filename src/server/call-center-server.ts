/** Joins the parts that make a call center out of a database and a platform, in the order in which they need each other. */
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import { parseAddress } from '../protocol/address.ts';
import { CodedError } from '../protocol/errors.ts';
import { iceServersFor } from './api/ice-servers.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import { PRIVATE_PLATFORM } from './callcenter/model.ts';
import type { Config } from './config.ts';
import { type Crm, type FigureBook, isCrmRefusal } from './crm/ports.ts';
import { CrmFigures, FIGURES_KIND } from './crm-figures.ts';
import { enterRecordingLinks, RECORDING_LINK_KIND, recordingLinkHandler } from './crm-recordings.ts';
import {
  asDialled,
  callableNumber,
  callerIdOf,
  extensionOf,
  phoneUser,
  resolveDestination,
  resolveOutside,
  resolveUser,
} from './dialling.ts';
import { watchEmergencies } from './emergency-alerts.ts';
import { type FlowServer, longestWait } from './flow-server.ts';
import { createFloor, type FloorServer, type FloorSettings } from './floor-server.ts';
import { ALARM_WEBHOOK_KIND, alarmWebhookHandler } from './floor/alarm-webhook.ts';
import { webRequester } from './flows/web-request.ts';
import { InboundFlow } from './flows/inbound.ts';
import { type StateTimes, stateTimes } from './history/agent-states.ts';
import { ProjectionRunner } from './history/projections.ts';
import { answeredCallers, workSinceLogin } from './history/routing-past.ts';
import { Mirrors } from './mirrors.ts';
import type { OutsideLines } from './outside-lines.ts';
import type { Platforms } from './platforms/platforms.ts';
import { createRecordingServer, type RecordingServer } from './recording-server.ts';
import { isFree } from './routing/agent-state.ts';
import { Routing } from './routing/routing.ts';
import type { CrmHosts } from './callcenter/crm-hosts.ts';
import type { BusinessHoursBook } from './callcenter/business-hours.ts';
import type { EmergencyMessages } from './callcenter/emergency-messages.ts';
import type { Profiles } from './callcenter/profiles.ts';
import { entryAt } from './inbound-entries.ts';
import type { LayoutSource } from './softphone/call-layouts.ts';
import { CALL_LOG_KIND } from './softphone/logs.ts';
import type { ServingCrms } from './softphone/ports.ts';
import type { DirectorySearch } from './softphone/targets.ts';
import { Softphone } from './softphone/softphone.ts';
import type { Database } from './store/database.ts';
import { Journal } from './store/journal.ts';
import { Outbox } from './store/outbox.ts';
import { CallEngine } from './telephony/call-engine.ts';
import { Conversations } from './telephony/conversations.ts';
import { followSwitches } from './telephony/switches.ts';
import { TrunkBoard } from './trunk-board.ts';
import { createWaitingServer, type WaitingServer } from './waiting-server.ts';
import type { WaitingBook } from './callcenter/waiting-book.ts';
import { publicAddress } from './welcome.ts';
import { callCounter, TrunkLimits, trunkRules } from './trunk-rules.ts';

export interface CallCenterServerOptions {
  config: Config;
  /** Where the spool of recordings, and without other settings their store lies. */
  dataDir: string;
  db: Database;
  /** A pool of their own for projections, so that they never wait in the calls' way. */
  reports: Database;
  clock: Clock;
  log: Logger;
  callCenter: CallCenter;
  crm: Crm;
  crms: ServingCrms & { figureBook(): { id: string; book: FigureBook } | undefined };
  layouts: LayoutSource;
  crmHosts: Pick<CrmHosts, 'at'>;
  hours: Pick<BusinessHoursBook, 'closedAt' | 'isOpen'>;
  /** Without them nothing is said before where a number leads. */
  emergencyMessages?: Pick<EmergencyMessages, 'heardAt'>;
  profiles: Pick<Profiles, 'recordingSettings'>;
  directories: DirectorySearch;
  platforms: Platforms;
  outsideLines: OutsideLines;
  /** Drawn flows; without them no number leads to one. */
  flowServer?: Pick<FlowServer, 'dialogues'>;
  floorSettings: FloorSettings;
  /** What waiting callers hear. */
  waitingBook: WaitingBook;
  /** Path and domain of the SIP WebSocket that pages connect to. */
  sip: { path: string; domain: string };
}

export interface CallCenterServer {
  softphone: Softphone;
  outbox: Outbox;
  conversations: Conversations;
  trunkBoard: TrunkBoard;
  recording: RecordingServer;
  floor: FloorServer;
  /** How long users were in each state between two instants, up to the last moment; of those whose state we rule over. */
  stateTimes(userIds: readonly string[], from: number, to: number): Promise<Map<string, StateTimes>>;
  waiting: WaitingServer;
  /** Calls that a platform carries now. */
  liveCalls(platformId: string): number;
  /** Telephone systems that route by themselves. */
  mirrors: Mirrors;
  /** No new call from now on. */
  drain(): void;
  /** Children first; what is being written is finished. */
  close(): Promise<void>;
}

/** Restores what was going on, listens to the switch and starts it: from then on calls are taken. */
export async function startCallCenter(options: CallCenterServerOptions): Promise<CallCenterServer> {
  const {
    config,
    dataDir,
    db,
    reports,
    clock,
    log,
    callCenter,
    crm,
    crms,
    layouts,
    crmHosts,
    hours,
    emergencyMessages = { heardAt: () => undefined },
    profiles,
    directories,
    platforms,
    outsideLines,
    flowServer,
    floorSettings,
    waitingBook,
    sip,
  } = options;
  const onError = (what: string, err: unknown, ids: object) => log.error({ err, ...ids }, what);
  const journal = new Journal({
    db,
    clock,
    onError: (err, attempt) =>
      log.error({ err, attempt }, 'the journal could not be written and is tried again'),
  });
  const conversations = new Conversations({
    journal,
    clock,
    onListenerError: (err, event) => onError(`listener of ${event}`, err, {}),
  });
  const dialling = {
    callCenter,
    lines: outsideLines,
    country: config.country,
    callerId: config.callerId,
    deviceOf: (userId: string) => softphone.device(userId),
    usable: (trunkId: string) => trunkBoard.usable(trunkId),
    hasRoom: (trunkId: string) => limits.hasRoom(trunkId),
  };

  const { switches } = platforms;
  const { trunks, dialRights } = outsideLines;
  const callsOn = callCounter(conversations);
  const limits = new TrunkLimits({ trunks, callsOn, clock });
  const trunkBoard = new TrunkBoard({ trunks, switches, clock, callsOn, onError });
  outsideLines.rules = trunkRules({ trunks, limits, callCenter, conversations, log });
  const engine = new CallEngine({
    conversations,
    switches,
    clock,
    countryOf: (platformId) => platforms.country(platformId) ?? config.country,
    resolve: (to, userId) => resolveDestination(dialling, to, userId),
    resolveUser: (userId) => resolveUser(dialling, userId),
    resolveOutside: (to, platformId) => resolveOutside(dialling, to, platformId),
    extensionOf: (userId) => extensionOf(callCenter, userId),
    knowsQueue: (id) => callCenter.queue(id) !== undefined,
    freeDevice: (userId) => (isFree(routing.agent(userId)) ? softphone.device(userId) : undefined),
    personal: { of: (userId) => softphone.callSettings(userId) },
    phones: {
      ofName: (platformId, name) => phoneUser(callCenter, platformId, name),
      device: (userId) => softphone.device(userId),
      read: (dialled, userId) =>
        asDialled(
          dialling,
          parseAddress(dialled, callCenter.user(userId)?.country ?? config.country),
          userId,
        ),
      callerIdOf: (userId, to) => callerIdOf(dialling, userId, to),
      queueAt: (to, platformId) => callCenter.entryFor(to, platformId)?.queueId ?? undefined,
    },
    onError,
    onReconciled: (platformId, result) => {
      log.info({ platformId, ...result }, 'reconciled with the switch');
      routing.resume(platformId);
      flow.resume(platformId);
      waiting.waiting.resume(platformId);
    },
  });
  const recording = await createRecordingServer({
    config: config.recording,
    dataDir,
    db,
    clock,
    log,
    callCenter,
    conversations,
    switches,
    calls: engine,
    profiles,
    onStored: async (sql, stored) => {
      await enterRecordingLinks(
        sql,
        { crm, servingId: (userId) => crms.servingId(userId), pages: publicAddress(config) },
        stored,
        clock.now(),
      );
      await waiting.stored(sql, stored);
    },
  });
  const routing = new Routing({
    conversations,
    journal,
    clock,
    calls: engine,
    // Who lost the role keeps his place in the queue's list, and gets no calls.
    directory: {
      device: (userId) => (callCenter.takesCalls(userId) ? softphone.device(userId) : undefined),
      platformsOf: ({ platformId }) => platforms.links.reaching(platformId),
    },
    queue: (id) => callCenter.queue(id),
    queues: () => callCenter.queues(),
    skills: callCenter,
    isOpen: (queueId, at) => hours.isOpen(queueId, at),
    routes: (platformId) => !platforms.routesItself(platformId),
    outboundWrapMs: config.wrapMs,
    past: async ({ queueIds, since, most, now, forMs }) => ({
      answers: await answeredCallers(db, queueIds, since, most),
      work: await workSinceLogin(db, now, forMs),
    }),
    onError,
  });
  const mirrors = new Mirrors({
    platforms,
    callCenter,
    conversations,
    engine,
    ours: routing,
    clock,
    country: config.country,
    onPhone: (platformId, name, userId, reachable) =>
      softphone.platformPhone(platformId, name, userId, reachable),
    onChanged: () => softphone.refresh(),
    onError,
  });
  const softphone: Softphone = new Softphone({
    acd: mirrors.acd,
    // What is seen of who calls through his own PBX is that one's business.
    callerIdOf: (userId, to) =>
      (mirrors.shown(callCenter.user(userId)?.platformId ?? '') && extensionOf(callCenter, userId)) ||
      callerIdOf(dialling, userId, to),
    clock,
    conversations,
    crm,
    crms,
    db,
    engine: mirrors.calls,
    platforms: {
      switches,
      mirrored: (platformId) => mirrors.shown(platformId),
      queueLabel: (queueId) => mirrors.queueLabel(queueId),
      targetQueues: () => mirrors.targetQueues(),
      unreachable: (userId, target) => mirrors.unreachable(userId, target),
      phone: (platformId, userId) => ({
        domain: sip.domain,
        path: platformId === PRIVATE_PLATFORM ? sip.path : `${sip.path}?platform=${platformId}`,
        iceServers: iceServersFor(config.ice, userId, clock.now()),
      }),
    },
    recordings: recording.control,
    settings: callCenter,
    layouts,
    directories,
    siteCountryOf: (userId) => dialRights.siteOf(userId)?.country,
    hostAt: (origin) => crmHosts.at(origin),
    onLogClosed: () => outbox.entered(),
    onLogWriter: () => {
      outbox.hurry(CALL_LOG_KIND).catch((err: unknown) => onError('hurry the logs', err, {}));
    },
    onError,
  });
  const entries = {
    callCenter,
    hours,
    messages: emergencyMessages,
    country: config.country,
    announcementFor: (queueId?: string) => recording.announcementFor(queueId),
    takesMessages: (userId: string) => config.userVoicemail && callCenter.user(userId)?.disabled === false,
  };
  const waiting: WaitingServer = createWaitingServer({
    config,
    db,
    clock,
    callCenter,
    book: waitingBook,
    hours,
    conversations,
    engine,
    routing,
    recording,
    callable: (number, platformId) =>
      callableNumber(dialling, number, platformId, platforms.country(platformId) ?? config.country),
    countryOf: (platformId) => platforms.country(platformId) ?? config.country,
    enterFlow: (conversationId, callId, flowId) => flow.enterFlow(conversationId, callId, flowId),
    onError,
  });
  const flow: InboundFlow = new InboundFlow({
    waiting: waiting.waiting,
    conversations,
    clock,
    calls: engine,
    acd: routing,
    routes: (platformId) => !platforms.routesItself(platformId),
    ...(flowServer
      ? {
          dialogues: flowServer.dialogues({
            conversations,
            waitingIn: (queueId) => ({
              waiting: routing.waiting(queueId),
              waitMs: longestWait(conversations, routing, queueId),
            }),
            record: ({ conversationId, callId }, on) => recording.recordCaller(conversationId, callId, on),
            callback: ({ conversationId, callId }, { queueId, priority }) =>
              waiting.waiting.callback(conversationId, callId, queueId, priority),
            voicemail: async ({ conversationId, callId }, box) =>
              waiting.waiting.voicemail(conversationId, callId, box),
          }),
        }
      : {}),
    entryFor: (dnis, platformId, at) => entryAt(entries, dnis, platformId, at),
    onAnnounced: (conversationId, text) => recording.noteAnnounced(conversationId, text),
    onError,
  });
  const figures = new CrmFigures({
    db,
    reports,
    clock,
    book: () => crms.figureBook(),
    queueLabel: (id) => callCenter.queue(id)?.label,
    userName: (id) => callCenter.user(id)?.name,
    onEntered: () => outbox.wake(),
    onError,
  });
  const outbox: Outbox = new Outbox({
    db,
    clock,
    handlers: {
      [CALL_LOG_KIND]: softphone.callLogHandler(),
      [RECORDING_LINK_KIND]: recordingLinkHandler(crm),
      [FIGURES_KIND]: figures.handler(),
      [ALARM_WEBHOOK_KIND]: alarmWebhookHandler({
        alarms: floorSettings.alarms,
        clock,
        request: webRequester({ allowedHosts: config.flowHosts }),
      }),
      ...waiting.handlers,
    },
    isPermanent: isCrmRefusal,
    onTried: (kind, key, err) => {
      if (!err) return;
      // What a CRM says may name the customer: it is shown to administrators, and not logged.
      const why = err instanceof CodedError ? { code: err.code } : { err };
      log.warn({ ...why, kind, key }, 'a write to outside failed and is tried again');
    },
  });
  const projections = new ProjectionRunner({
    db: reports,
    journal,
    onError: (err: unknown) => onError('projection', err, {}),
    clock,
  });

  const switchWatch = followSwitches(switches, {
    link: (platformId, link) => (link === 'up' ? undefined : routing.pause(platformId)),
  });
  const callsWatch = conversations.events.on('event', (_conversation, event) =>
    event.type === 'call.ended' ? platforms.callEnded() : undefined,
  );
  callCenter.events.on('changed', (kind, id) => {
    if (kind === 'user') mirrors.usersChanged();
    if (kind === 'device' || kind === 'user') softphone.devicesChanged();
    softphone.refresh();
    if (kind === 'user' || kind === 'queue') routing.settingsChanged({ kind, id });
  });
  await conversations.restore(db);
  await routing.restore(db);
  await softphone.restore();
  const floor = await createFloor({
    db,
    clock,
    log,
    zone: config.zone,
    settings: floorSettings,
    callCenter,
    conversations,
    states: mirrors.acd,
    queues: routing,
    attend: (conversationId, callId) => waiting.waiting.attend(conversationId, callId),
    calls: engine,
    device: (userId) => softphone.device(userId),
    onEntered: () => outbox.entered(),
  });
  engine.start();
  recording.start();
  outbox.start();
  figures.start();
  projections.start();
  watchEmergencies({
    conversations,
    callCenter,
    dialRights,
    log,
    notify: (userId, notice) => softphone.notify(userId, notice),
  });
  trunkBoard.start();
  await platforms.start(20_000);

  return {
    softphone,
    outbox,
    conversations,
    trunkBoard,
    recording,
    floor,
    waiting,
    mirrors,
    liveCalls: (platformId) =>
      conversations
        .all()
        .flatMap(({ calls }) => [...calls.values()])
        .filter((call) => call.platformId === platformId && call.endedAt === undefined).length,
    async stateTimes(userIds, from, to) {
      await projections.catchUp();
      return await stateTimes(reports, userIds, from, to);
    },
    drain: () => engine.drain(),
    async close() {
      switchWatch();
      await trunkBoard.close();
      callsWatch();
      await platforms.close();
      await flow.close();
      await floor.close();
      await waiting.waiting.close();
      await softphone.close();
      await routing.close();
      await engine.close();
      await recording.close();
      await figures.close();
      await outbox.close();
      await journal.drain();
      await projections.close();
    },
  };
}
