import { StateTimes } from '../../protocol/agent-times.ts';
import { startOfDay } from '../../protocol/hours.ts';
import type { StateTimes as Times } from '../history/agent-states.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, signedIn } from './auth.ts';

export interface StateTimesDeps {
  clock: { now(): number };
  /** The times of users between two instants, up to the last moment. */
  stateTimes(userIds: readonly string[], from: number, to: number): Promise<Map<string, Times>>;
  reasonLabel(id: string): string | undefined;
}

/** What users are told of their own time in each state. */
export function stateTimeRoutes(api: Api, { clock, stateTimes, reasonLabel }: StateTimesDeps): void {
  api.get(
    '/api/me/state-times',
    { config: { access: EVERY_USER }, schema: { tags: ['agents'], response: { 200: StateTimes } } },
    async (request) => {
      const { user } = signedIn(request);
      const to = clock.now();
      const from = startOfDay(user.zone, to);
      const times = (await stateTimes([user.id], from, to)).get(user.id);
      return {
        from,
        to,
        loggedInMs: times?.loggedInMs ?? 0,
        states: (times?.states ?? []).map(({ shown, reason, ms }) => ({
          shown,
          ms,
          ...(reason === null ? {} : { reason: reasonLabel(reason) ?? reason }),
        })),
      };
    },
  );
}
