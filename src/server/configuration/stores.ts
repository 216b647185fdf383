/** Everything that an administrator sets, as the live program holds it or as it would be. */
import type { Clock } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { Alarms } from '../callcenter/alarms.ts';
import { BusinessHoursBook } from '../callcenter/business-hours.ts';
import { CallCenter } from '../callcenter/call-center.ts';
import { CrmHosts } from '../callcenter/crm-hosts.ts';
import { DialRights } from '../callcenter/dial-rights.ts';
import { Directories } from '../callcenter/directories.ts';
import { EmergencyMessages } from '../callcenter/emergency-messages.ts';
import { Layouts } from '../callcenter/layouts.ts';
import { Profiles } from '../callcenter/profiles.ts';
import { RecordingRules } from '../callcenter/recording-rules.ts';
import { ServiceLevels } from '../callcenter/service-levels.ts';
import { Teams } from '../callcenter/teams.ts';
import { Trunks } from '../callcenter/trunks.ts';
import { WaitingBook } from '../callcenter/waiting-book.ts';
import type { ConnectionsBook } from '../crm/connections-book.ts';
import type { AnyCrmKind } from '../crm/kind.ts';
import { Metadata } from '../crm/builtin/metadata.ts';
import { ListViews } from '../crm/list-views.ts';
import type { FlowRecordings } from '../flows/flow-recordings.ts';
import { FlowSecrets } from '../flows/flow-secrets.ts';
import { Flows } from '../flows/flows.ts';
import { knownThings, leadingTo } from '../flows/known-things.ts';
import type { ObjectMeta } from '../../protocol/crm.ts';
import type { PlatformsBook } from '../platforms/book.ts';
import type { AnyPlatformKind } from '../platforms/kind.ts';
import { Scripts } from '../scripts/scripts.ts';
import { type Seal, SpeechSettingsBook } from '../speech/settings.ts';
import type { Transactional } from '../store/database.ts';

export interface Stores {
  callCenter: CallCenter;
  profiles: Profiles;
  trunks: Trunks;
  dialRights: DialRights;
  hours: BusinessHoursBook;
  layouts: Layouts;
  directories: Directories;
  recordingRules: RecordingRules;
  metadata: Metadata;
  teams: Teams;
  serviceLevels: ServiceLevels;
  alarms: Alarms;
  waiting: WaitingBook;
  scripts: Scripts;
  flowSecrets: FlowSecrets;
  /** Not in the file: sounds are uploaded. */
  flowRecordings: Pick<FlowRecordings, 'all' | 'find'>;
  flows: Flows;
  emergencyMessages: EmergencyMessages;
  crmHosts: CrmHosts;
  speech: SpeechSettingsBook;
  crms: ConnectionsBook;
  platforms: PlatformsBook;
}

/** What the stores need to know that is not in the file. */
export interface Surroundings {
  clock: Clock;
  /** ISO 3166 code: how a number without a prefix is read. */
  country: string;
  /** Open CTI's call centers, by id. */
  callCenterNames(): ReadonlyMap<string, string>;
  /** Of prompts in flows. */
  flowRecordings: Pick<FlowRecordings, 'all' | 'find'>;
  vault: Seal;
  /** What the CRM has that serves everybody; undefined where that is the built-in one. */
  outsideObjects(): Promise<ObjectMeta[]> | undefined;
  crmKinds: readonly AnyCrmKind[];
  /** What is set of CRMs, as a transaction sees it. */
  crmsIn(db: Transactional): Promise<ConnectionsBook>;
  platformKinds: readonly AnyPlatformKind[];
  /** What is set of telephone systems, as a transaction sees it. */
  platformsIn(
    db: Transactional,
    settings: { callCenter: CallCenter; trunks: Trunks },
  ): Promise<PlatformsBook>;
}

/** The stores as they stand in a transaction. Nobody listens to them: nothing outside of it is touched. */
export async function loadStores(db: Transactional, surroundings: Surroundings): Promise<Stores> {
  const { clock, country } = surroundings;
  const onListenerError = (error: unknown): never => {
    throw error;
  };
  const callCenter = await CallCenter.load({ db, country, onListenerError });
  // Numbers lead to flows that name business hours that name numbers: that it is published is seen at the end.
  callCenter.knowsFlow = (id) => flows.find(id) !== undefined;
  const trunks = await Trunks.load({ db, onListenerError });
  const dialRights = await DialRights.load({
    db,
    owns: (number) => callCenter.entries().some(({ dnis }) => dnis === number),
    trunkExists: (id) => trunks.get(id) !== undefined,
  });
  const views = new ListViews({ db, clock, objects: async () => [...metadata.now().all] });
  const metadata: Metadata = await Metadata.load({
    db,
    clock,
    usedBy: (object, field) => layouts.now().showing(object, field) ?? (field && views.naming(object, field)),
    onListenerError,
  });
  const profiles: Profiles = await Profiles.load({
    db,
    callCenter,
    classExists: (id) => dialRights.classes().some((one) => one.id === id),
    usedBy: (id) => layouts.now().holdingFor(id),
  });
  const objects = async () => (await surroundings.outsideObjects()) ?? [...metadata.now().all];
  const scripts: Scripts = await Scripts.load({
    db,
    clock,
    objects,
    hasDisposition: (label) => callCenter.hasDisposition(label),
    usedBy: (id) => layouts.now().popping(id),
  });
  const layouts: Layouts = await Layouts.load({
    db,
    clock,
    userExists: (id) => callCenter.user(id) !== undefined,
    profileExists: (id) => profiles.get(id) !== undefined,
    objects,
    isActiveScript: (id) => scripts.get(id)?.active === true,
    onListenerError,
  });
  const hours = await BusinessHoursBook.load({ db, callCenter, country });
  const directories = await Directories.load({
    db,
    country,
    callCenterExists: (id) => surroundings.callCenterNames().has(id),
    objects,
  });
  // It follows removed queues by itself; here it is done by the file alone.
  const recordingRules = await RecordingRules.load({
    db,
    callCenter: { queue: (id) => callCenter.queue(id), events: new Emitter(onListenerError) },
    onError: onListenerError,
  });
  const ofCallCenter = { db, callCenter, onListenerError };
  const teams = await Teams.load(ofCallCenter);
  const serviceLevels = await ServiceLevels.load(ofCallCenter);
  const alarms = await Alarms.load(ofCallCenter);
  const waiting = await WaitingBook.load({ db, callCenter });
  const { flowRecordings, vault } = surroundings;
  const flowSecrets: FlowSecrets = await FlowSecrets.load({
    db,
    vault,
    usedBy: (name) => flows.naming('secret', name),
  });
  const around = { callCenter, hours, scripts, recordings: flowRecordings, secrets: flowSecrets };
  const flows: Flows = await Flows.load({
    db,
    clock,
    exists: knownThings(around),
    usedBy: (id) => leadingTo(callCenter, id),
    userName: (id) => callCenter.user(id)?.name ?? '',
  });
  callCenter.guardRemoval((kind, id) => {
    const flow = kind === 'queue' || kind === 'skill' ? flows.naming(kind, id) : undefined;
    return flow && `the flow ${flow} names it`;
  });
  const emergencyMessages = await EmergencyMessages.load({ db, callCenter });
  const crmHosts = await CrmHosts.load({ db, userExists: (id) => callCenter.user(id) !== undefined });
  const speech = await SpeechSettingsBook.load({ db, vault, onChanged: () => undefined });
  return {
    scripts,
    flowSecrets,
    flowRecordings,
    flows,
    emergencyMessages,
    crmHosts,
    speech,
    crms: await surroundings.crmsIn(db),
    platforms: await surroundings.platformsIn(db, { callCenter, trunks }),
    teams,
    serviceLevels,
    alarms,
    callCenter,
    profiles,
    trunks,
    dialRights,
    hours,
    layouts,
    directories,
    recordingRules,
    metadata,
    waiting,
  };
}

/** Has the live stores read what a transaction has changed under them, and tell who listens. */
export async function reloadStores(stores: Stores): Promise<void> {
  const {
    callCenter,
    profiles,
    trunks,
    dialRights,
    hours,
    layouts,
    directories,
    recordingRules,
    metadata,
    waiting,
  } = stores;
  // What others belong to, first.
  await stores.platforms.reload();
  await metadata.reload();
  await profiles.reload();
  await callCenter.reload();
  await trunks.reload();
  await dialRights.reload();
  await hours.reload();
  await layouts.reload();
  await directories.reload();
  await recordingRules.reload();
  await stores.teams.reload();
  await stores.serviceLevels.reload();
  await stores.alarms.reload();
  await waiting.reload();
  await stores.scripts.reload();
  await stores.flowSecrets.reload();
  await stores.flows.reload();
  await stores.emergencyMessages.reload();
  await stores.crmHosts.reload();
  await stores.speech.reload();
  await stores.crms.reload();
}
