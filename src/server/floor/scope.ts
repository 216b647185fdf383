/** What of the floor somebody sees and may command: an administrator all, a supervisor his teams' agents and queues. */
import type { User } from '../callcenter/model.ts';
import type { Team } from '../../protocol/teams.ts';

/** Undefined sets mean: all. */
export interface Scope {
  agents: ReadonlySet<string> | undefined;
  queues: ReadonlySet<string> | undefined;
  /** A wallboard shows no person and no number. */
  anonymous?: true;
}

export const EVERYTHING: Scope = { agents: undefined, queues: undefined };

/** While there is no team at all, the floor is one: a supervisor sees all of it. */
export function scopeOf(user: Pick<User, 'id' | 'roles'>, teams: readonly Team[]): Scope {
  if (user.roles.includes('administrator')) return EVERYTHING;
  if (!user.roles.includes('supervisor')) return { agents: new Set(), queues: new Set() };
  if (teams.length === 0) return EVERYTHING;
  const led = teams.filter(({ supervisorIds }) => supervisorIds.includes(user.id));
  return {
    agents: new Set(led.flatMap(({ memberIds }) => memberIds)),
    queues: new Set(led.flatMap(({ queueIds }) => queueIds)),
  };
}

export function wallboardScope(queueIds: readonly string[]): Scope {
  return {
    agents: new Set(),
    queues: queueIds.length === 0 ? undefined : new Set(queueIds),
    anonymous: true,
  };
}

export function seesAgent(scope: Scope, userId: string): boolean {
  return scope.agents?.has(userId) ?? true;
}

export function seesQueue(scope: Scope, queueId: string): boolean {
  return scope.queues?.has(queueId) ?? true;
}
