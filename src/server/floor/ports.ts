/** What the floor is made from: it only listens. */
import type { Clock } from '../../lib/clock.ts';
import type { CallCenter } from '../callcenter/call-center.ts';
import type { ServiceLevels } from '../callcenter/service-levels.ts';
import type { Teams } from '../callcenter/teams.ts';
import type { AgentStates } from '../routing/ports.ts';
import type { Conversations } from '../telephony/conversations.ts';

export interface FloorSources {
  clock: Clock;
  acd: Pick<AgentStates, 'events' | 'agent'>;
  conversations: Pick<Conversations, 'events' | 'all' | 'get'>;
  callCenter: Pick<CallCenter, 'user' | 'users' | 'takesCalls' | 'queue' | 'queues' | 'reasons' | 'events'>;
  teams: Pick<Teams, 'all' | 'events'>;
  serviceLevels: Pick<ServiceLevels, 'of' | 'events'>;
  /** IANA zone: when a day begins. */
  zone: string;
  onError: (what: string, error: unknown) => void;
}
