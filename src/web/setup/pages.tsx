import {
  type Icon,
  IconClipboardList,
  IconClockPause,
  IconHeartbeat,
  IconHistory,
  IconHome,
  IconMailForward,
  IconPhoneIncoming,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Role } from '../../protocol/api.ts';
import { AuditPage } from './audit-page.tsx';
import { CodesPage } from './codes-page.tsx';
import { HealthPage } from './health-page.tsx';
import { HomePage } from './home-page.tsx';
import { NumberForm, NumbersPage } from './numbers.tsx';
import { OutboxPage } from './outbox-page.tsx';
import { QueueForm, QueuesPage } from './queues.tsx';
import { ReasonsPage } from './reasons-page.tsx';
import { UserForm, UsersPage } from './users.tsx';

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
    section: 'Telephony',
    path: '/numbers',
    label: 'Numbers',
    words: 'dnis did dialled telephone',
    icon: IconPhoneIncoming,
    show: <NumbersPage />,
    edit: (id) => <NumberForm key={id ?? 'new'} id={id} />,
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
