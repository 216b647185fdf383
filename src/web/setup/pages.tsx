import {
  type Icon,
  IconActivity,
  IconAlertTriangle,
  IconAppWindow,
  IconAddressBook,
  IconArrowsExchange,
  IconBuilding,
  IconCalendarTime,
  IconClipboardList,
  IconClockPause,
  IconFileImport,
  IconDatabase,
  IconEar,
  IconFileDiff,
  IconFlask,
  IconHeartbeat,
  IconHistory,
  IconHome,
  IconIdBadge2,
  IconDeviceTv,
  IconUsersPlus,
  IconLayout2,
  IconListDetails,
  IconMailForward,
  IconMicrophone,
  IconPhoneCalling,
  IconPhoneIncoming,
  IconPhoneOutgoing,
  IconPlayerPlay,
  IconPlugConnected,
  IconRoute,
  IconSchool,
  IconSpeakerphone,
  IconServer2,
  IconShieldCheck,
  IconSitemap,
  IconTopologyStar3,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';
import { lazy, type ReactNode } from 'react';
import type { Role } from '../../protocol/api.ts';
import { AdapterTrafficPage } from './adapter-traffic.tsx';
import { AlarmForm, AlarmsPage } from './alarms.tsx';
import { AuditPage } from './audit-page.tsx';
import { BusinessHoursForm, BusinessHoursPage } from './business-hours.tsx';
import { EmergencyMessageForm, EmergencyMessagesPage } from './emergency-messages.tsx';
import { CallCenterForm, CallCentersPage } from './call-centers.tsx';
import { CallbacksPage } from './callbacks.tsx';
import { ClassesPage, ClassForm } from './classes-of-service.tsx';
import { CodesPage } from './codes-page.tsx';
import { CrmHostForm, CrmHostsPage } from './crm-hosts.tsx';
import { ConfigurationPage } from './configuration-page.tsx';
import { CrmForm, CrmsPage } from './crms.tsx';
import { DiallingPage } from './dialling.tsx';
import { DirectoriesPage, DirectoryForm } from './directories.tsx';
import { FlowForm, FlowsPage } from './flows.tsx';
import { HealthPage } from './health-page.tsx';
import { HomePage } from './home-page.tsx';
import { ImportPage } from './import-page.tsx';
import { ImportsPage } from './imports.tsx';
import { LayoutForm, LayoutsPage } from './layouts.tsx';
import { NumberForm, NumbersPage } from './numbers.tsx';
import { ObjectForm, ObjectsPage } from './objects.tsx';
import { RouteForm, RoutesPage } from './outbound-routes.tsx';
import { OutboxPage } from './outbox-page.tsx';
import { PlatformLinkForm, PlatformLinksPage } from './platform-links.tsx';
import { PlatformLivePage } from './platform-live.tsx';
import { PlatformForm, PlatformsPage } from './platforms.tsx';
import { ProfileForm, ProfilesPage } from './profiles.tsx';
import { QueueForm, QueuesPage } from './queues.tsx';
import { ReasonsPage } from './reasons-page.tsx';
import { RecordingRuleForm, RecordingRulesPage } from './recording-rules.tsx';
import { RecordingsPage } from './recordings-page.tsx';
import { SpeechPage } from './speech-page.tsx';
import { ScriptForm, ScriptsPage } from './scripts.tsx';
import { SiteForm, SitesPage } from './sites.tsx';
import { SkillForm, SkillsPage } from './skills.tsx';
import { TeamForm, TeamsPage } from './teams.tsx';
import { TrunkForm, TrunksPage } from './trunks.tsx';
import { UserForm, UsersPage } from './users.tsx';
import { WallboardForm, WallboardsPage } from './wallboards.tsx';

/** Its charts come when it is opened: no other page of Setup pays for them. */
const SimulatorPage = lazy(() =>
  import('./simulator/simulator.tsx').then((module) => ({ default: module.SimulatorPage })),
);

/** One entry of the navigation, with its list and, where things are edited, its form. */
export interface SetupPage {
  section: string;
  path: string;
  label: string;
  /** Words it is also found by. */
  words: string;
  icon: Icon;
  /** Only administrators see it; else supervisors too. */
  administrators?: true;
  show: ReactNode;
  /** `id` undefined: a new one. */
  edit?: (id: string | undefined) => ReactNode;
  /** What goes on there now: at `PATH/ID/live`. */
  live?: (id: string) => ReactNode;
}

const PAGES: SetupPage[] = [
  {
    section: '',
    path: '/',
    label: 'Home',
    words: 'start checklist missing status',
    icon: IconHome,
    administrators: true,
    show: <HomePage />,
  },
  {
    section: 'People',
    path: '/users',
    label: 'Users',
    words: 'people agents supervisors administrators roles passwords extensions phones devices',
    icon: IconUsers,
    show: <UsersPage />,
    edit: (id) => <UserForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'People',
    path: '/profiles',
    label: 'Profiles',
    words: 'rights permissions records fields hidden recordings class of service layout',
    icon: IconIdBadge2,
    show: <ProfilesPage />,
    edit: (id) => <ProfileForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'People',
    path: '/teams',
    label: 'Teams',
    words: 'supervisors members groups floor who sees',
    icon: IconUsersPlus,
    show: <TeamsPage />,
    edit: (id) => <TeamForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'People',
    path: '/skills',
    label: 'Skills',
    words: 'proficiency level languages products eligible routing',
    icon: IconSchool,
    show: <SkillsPage />,
    edit: (id) => <SkillForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Calls',
    path: '/queues',
    label: 'Queues',
    words: 'members ring time wrap-up greeting waiting',
    icon: IconUsersGroup,
    show: <QueuesPage />,
    edit: (id) => <QueueForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Calls',
    path: '/alarms',
    label: 'Alarms',
    words: 'threshold wait service level ready webhook floor',
    icon: IconAlertTriangle,
    show: <AlarmsPage />,
    edit: (id) => <AlarmForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Calls',
    path: '/wallboards',
    label: 'Wallboards',
    words: 'big screen display floor link figures',
    icon: IconDeviceTv,
    show: <WallboardsPage />,
    edit: (id) => <WallboardForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Calls',
    path: '/callbacks',
    label: 'Callbacks',
    words: 'call back waiting customers place later cancel',
    icon: IconPhoneCalling,
    show: <CallbacksPage />,
  },
  {
    section: 'Calls',
    path: '/business-hours',
    label: 'Business hours',
    words: 'opening times closed holidays night time zone calendar schedule',
    icon: IconCalendarTime,
    show: <BusinessHoursPage />,
    edit: (id) => <BusinessHoursForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Calls',
    path: '/flows',
    label: 'Flows',
    words: 'ivr dialogue menu greeting press digits announcement voice prompt recording editor',
    icon: IconSitemap,
    show: <FlowsPage />,
    edit: (id) => <FlowForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Calls',
    path: '/emergency-messages',
    label: 'Emergency messages',
    words: 'announcement fault outage strike notice switch',
    icon: IconSpeakerphone,
    show: <EmergencyMessagesPage />,
    edit: (id) => <EmergencyMessageForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Calls',
    path: '/wrap-up-codes',
    label: 'Wrap-up codes',
    words: 'dispositions outcome result',
    icon: IconClipboardList,
    show: <CodesPage />,
  },
  {
    section: 'Calls',
    path: '/reasons',
    label: 'Reason codes',
    words: 'not ready break pause',
    icon: IconClockPause,
    show: <ReasonsPage />,
  },
  {
    section: 'Calls',
    path: '/crm',
    label: 'CRM',
    words: 'salesforce hubspot customers records connection oauth sign in',
    icon: IconDatabase,
    show: <CrmsPage />,
    edit: (id) => <CrmForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Calls',
    path: '/softphone-layouts',
    label: 'Softphone layouts',
    words: 'screen pop fields objects page url ring answer',
    icon: IconLayout2,
    show: <LayoutsPage />,
    edit: (id) => <LayoutForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Calls',
    path: '/scripts',
    label: 'Agent scripts',
    words: 'screen flow questions answers guide steps branches disposition',
    icon: IconListDetails,
    show: <ScriptsPage />,
    edit: (id) => <ScriptForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Calls',
    path: '/directories',
    label: 'Directories',
    words: 'numbers phone book address import csv speed dial',
    icon: IconAddressBook,
    show: <DirectoriesPage />,
    edit: (id) => <DirectoryForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Calls',
    path: '/simulator',
    label: 'Simulator',
    words: 'what if staffing forecast erlang service level waits occupancy compare try',
    icon: IconFlask,
    administrators: true,
    show: <SimulatorPage />,
  },
  {
    section: 'Telephony',
    path: '/platforms',
    label: 'Telephone systems',
    words: 'platforms asterisk pbx ari ami connector switch',
    icon: IconServer2,
    show: <PlatformsPage />,
    edit: (id) => <PlatformForm key={id ?? 'new'} id={id} />,
    live: (id) => <PlatformLivePage key={id} id={id} />,
  },
  {
    section: 'Telephony',
    path: '/platform-links',
    label: 'Links',
    words: 'between telephone systems transfer trunk platform',
    icon: IconArrowsExchange,
    show: <PlatformLinksPage />,
    edit: (id) => <PlatformLinkForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Telephony',
    path: '/numbers',
    label: 'Numbers',
    words: 'dnis did dialled telephone',
    icon: IconPhoneIncoming,
    show: <NumbersPage />,
    edit: (id) => <NumberForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Telephony',
    path: '/trunks',
    label: 'Trunks',
    words: 'lines provider sip registration peer outside calls codecs prefix',
    icon: IconTopologyStar3,
    show: <TrunksPage />,
    edit: (id) => <TrunkForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Telephony',
    path: '/outbound-routes',
    label: 'Outbound routes',
    words: 'least cost trunk country prefix',
    icon: IconRoute,
    show: <RoutesPage />,
    edit: (id) => <RouteForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Dialling',
    path: '/dialling',
    label: 'Dialling',
    words: 'defaults caller id number shown class site',
    icon: IconPhoneOutgoing,
    show: <DiallingPage />,
  },
  {
    section: 'Dialling',
    path: '/classes-of-service',
    label: 'Classes of service',
    words: 'allowed international premium countries barring rights',
    icon: IconShieldCheck,
    show: <ClassesPage />,
    edit: (id) => <ClassForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Dialling',
    path: '/sites',
    label: 'Sites',
    words: 'emergency location address elin place',
    icon: IconBuilding,
    show: <SitesPage />,
    edit: (id) => <SiteForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'CRM',
    path: '/objects',
    label: 'Objects and fields',
    words: 'custom object field picklist phone page layout list columns metadata',
    icon: IconDatabase,
    show: <ObjectsPage />,
    edit: (id) => <ObjectForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Telephony',
    path: '/speech',
    label: 'Speech',
    words: 'recognition recogniser voice ivr say hear language microphone whisper openai pocketsphinx espeak',
    icon: IconEar,
    show: <SpeechPage />,
  },
  {
    section: 'Recording',
    path: '/recording-rules',
    label: 'Recording rules',
    words: 'record announcement retention on demand',
    icon: IconMicrophone,
    show: <RecordingRulesPage />,
    edit: (id) => <RecordingRuleForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Recording',
    path: '/recordings',
    label: 'Recordings',
    words: 'listen play sound calls',
    icon: IconPlayerPlay,
    show: <RecordingsPage />,
  },
  {
    section: 'Adapters',
    path: '/call-centers',
    label: 'Call centers',
    words: 'open cti adapter definition xml import salesforce vendor',
    icon: IconPlugConnected,
    show: <CallCentersPage />,
    edit: (id) => <CallCenterForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Adapters',
    path: '/crm-hosts',
    label: 'Softphone in other CRMs',
    words:
      'salesforce hubspot dynamics frame iframe embed origin sign-in key jwt definition file call center xml',
    icon: IconAppWindow,
    show: <CrmHostsPage />,
    edit: (id) => <CrmHostForm key={id ?? 'new'} id={id} />,
  },
  {
    section: 'Adapters',
    path: '/adapter-traffic',
    label: 'Adapter traffic',
    words: 'open cti calls arguments answers live debug',
    icon: IconActivity,
    administrators: true,
    show: <AdapterTrafficPage />,
  },
  {
    section: 'Records',
    path: '/imports',
    label: 'Import',
    words: 'csv file contacts accounts upload load records data',
    icon: IconFileImport,
    administrators: true,
    show: <ImportsPage />,
    edit: (id) => (id === undefined ? <ImportsPage /> : <ImportPage key={id} id={id} />),
  },
  {
    section: 'System',
    path: '/audit',
    label: 'Audit trail',
    words: 'who changed history before after log',
    icon: IconHistory,
    administrators: true,
    show: <AuditPage />,
  },
  {
    section: 'System',
    path: '/configuration',
    label: 'Configuration file',
    words: 'export import apply json backup dry run diff move copy',
    icon: IconFileDiff,
    administrators: true,
    show: <ConfigurationPage />,
  },
  {
    section: 'System',
    path: '/outbox',
    label: 'Outbox',
    words: 'stuck writes retry crm call log',
    icon: IconMailForward,
    administrators: true,
    show: <OutboxPage />,
  },
  {
    section: 'System',
    path: '/health',
    label: 'System health',
    words: 'version disk database memory status',
    icon: IconHeartbeat,
    administrators: true,
    show: <HealthPage />,
  },
];

/** The pages that somebody with these roles sees. */
export function pagesFor(roles: readonly Role[]): SetupPage[] {
  const administrator = roles.includes('administrator');
  return PAGES.filter((page) => administrator || !page.administrators);
}
