/** Joins the parts of the live floor: rows, alarms, what supervisors do, and their routes. */
import type { Logger } from 'pino';
import { Lifecycle } from '../lib/lifecycle.ts';
import type { Clock } from '../lib/clock.ts';
import { startOfDay } from '../protocol/hours.ts';
import { alarmRoutes } from './api/alarms.ts';
import type { Api } from './api/api-types.ts';
import { floorRoutes } from './api/floor.ts';
import { serviceLevelRoutes } from './api/service-levels.ts';
import type { Sessions } from './api/sessions.ts';
import { teamRoutes } from './api/teams.ts';
import { wallboardRoutes } from './api/wallboards.ts';
import { Alarms } from './callcenter/alarms.ts';
import type { CallCenter } from './callcenter/call-center.ts';
import type { User } from './callcenter/model.ts';
import { ServiceLevels } from './callcenter/service-levels.ts';
import { Teams } from './callcenter/teams.ts';
import { Wallboards } from './callcenter/wallboards.ts';
import { AlarmWatch } from './floor/alarm-watch.ts';
import { FloorFeed } from './floor/feed.ts';
import { Floor } from './floor/floor.ts';
import { HOUR_MS } from './floor/queue-figures.ts';
import { scopeOf } from './floor/scope.ts';
import { type SupervisionCalls, Supervisors } from './floor/supervisors.ts';
import type { Acd, AgentStates } from './routing/ports.ts';
import { loadStays } from './routing/store.ts';
import type { Database } from './store/database.ts';
import type { Conversations } from './telephony/conversations.ts';
import type { AgentDevice } from './telephony/ports.ts';

/** What an administrator sets about the floor. */
export interface FloorSettings {
  teams: Teams;
  alarms: Alarms;
  serviceLevels: ServiceLevels;
  wallboards: Wallboards;
  onWallboardChanged(listener: (id: string) => void): void;
}

export async function loadFloorSettings(options: {
  db: Database;
  callCenter: CallCenter;
  onListenerError: (error: unknown) => void;
}): Promise<FloorSettings> {
  const listeners: ((id: string) => void)[] = [];
  return {
    teams: await Teams.load(options),
    alarms: await Alarms.load(options),
    serviceLevels: await ServiceLevels.load(options),
    wallboards: await Wallboards.load({
      ...options,
      onChanged: (id) => listeners.forEach((tell) => tell(id)),
    }),
    onWallboardChanged: (listener) => void listeners.push(listener),
  };
}

export interface FloorServerOptions {
  db: Database;
  clock: Clock;
  log: Pick<Logger, 'error'>;
  zone: string;
  settings: FloorSettings;
  callCenter: CallCenter;
  conversations: Pick<Conversations, 'events' | 'all' | 'get' | 'find'>;
  /** Whoever rules over agents' states. */
  states: Pick<AgentStates, 'events' | 'agent' | 'setRequested' | 'finishWrap' | 'reserve' | 'release'>;
  queues: Pick<Acd, 'enqueue' | 'leave'>;
  /** Who has come to another place hears what is set for his queue. */
  attend(conversationId: string, callId: string): void;
  calls: SupervisionCalls;
  device(userId: string): AgentDevice | undefined;
  /** A webhook is in the outbox. */
  onEntered(): void;
}

export interface FloorServer {
  floor: Floor;
  feed: FloorFeed;
  supervisors: Supervisors;
  routes(sessions: Sessions): ((api: Api) => void)[];
  close(): Promise<void>;
}

/** Call when conversations and routing are restored, and before the switches are started: then nothing is missed. */
export async function createFloor(options: FloorServerOptions): Promise<FloorServer> {
  const { db, clock, log, zone, settings, callCenter, conversations, states } = options;
  const { teams, alarms, serviceLevels } = settings;
  const onError = (what: string, err: unknown) => log.error({ err }, `the floor: ${what}`);
  const now = clock.now();
  const past = await loadStays(db, Math.min(startOfDay(zone, now), now - HOUR_MS));
  const sources = { clock, acd: states, conversations, callCenter, teams, serviceLevels, zone, onError };
  const life = new Lifecycle(clock);
  const floor = new Floor(sources, past);
  const watch = await AlarmWatch.start({ db, clock, floor, alarms, onEntered: options.onEntered, onError });
  const feed = new FloorFeed(floor, watch, sources);
  const scope = (user: User) => scopeOf(user, teams.all());
  const supervisors = new Supervisors({ ...options, floor, scopeOf: scope, life, onError });
  return {
    floor,
    feed,
    supervisors,
    routes: (sessions) => [
      (api) => teamRoutes(api, settings),
      (api) => alarmRoutes(api, settings),
      (api) => serviceLevelRoutes(api, { serviceLevels, callCenter }),
      (api) => wallboardRoutes(api, { ...settings, feed, clock }),
      (api) => floorRoutes(api, { feed, supervisors, scopeOf: scope, callCenter, sessions, clock }),
    ],
    async close() {
      await life.close();
      await watch.close();
      await floor.close();
    },
  };
}
