import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { AdapterLeader } from '../../protocol/opencti.ts';
import type { AdapterLeaders } from './adapter-leaders.ts';
import type { Api } from './api-types.ts';
import { EVERY_USER, signedIn } from './auth.ts';
import type { Sessions } from './sessions.ts';

const tags = ['opencti'];
const browser = z.string().min(8).max(80);
/** What a browser that comes back by itself repeats of the last event that it got. */
const LEADS = 'leads';
/** A proxy ends what is silent for a minute. */
const BEAT_MS = 20_000;

export interface LeaderDeps {
  leaders: AdapterLeaders;
  sessions: Pick<Sessions, 'events'>;
  clock: Clock;
}

/** Whether this browser is the one in which the user's adapter runs: a stream of events (WHATWG HTML, 9.2), for as long as it is open. */
export function leaderRoutes(api: Api, { leaders, sessions, clock }: LeaderDeps): void {
  const open = new Map<() => void, string>();
  const endAll = (which: (sessionId: string) => boolean) => {
    for (const [end, sessionId] of open) if (which(sessionId)) end();
  };
  const stop = sessions.events.on('ended', (sessionId) => endAll((one) => one === sessionId));
  api.addHook('preClose', async () => {
    stop();
    endAll(() => true);
  });

  api.get(
    '/api/opencti/leader',
    {
      config: { access: EVERY_USER },
      schema: {
        tags,
        summary: 'A stream of events: whether the adapter runs in this browser',
        querystring: z.object({ browser }),
      },
    },
    (request, reply) => {
      const { user, sessionId } = signedIn(request);
      const { raw } = reply.hijack();
      raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      raw.write('retry: 500\n\n');
      const leave = leaders.join(
        user.id,
        request.query.browser,
        request.headers['last-event-id'] === LEADS,
        (leading) => {
          const data: AdapterLeader = { leading };
          raw.write(`id: ${leading ? LEADS : 'waits'}\ndata: ${JSON.stringify(data)}\n\n`);
        },
      );
      let cancelBeat: () => void = () => {};
      const beat = () => {
        raw.write(':\n\n');
        cancelBeat = clock.after(BEAT_MS, beat);
      };
      beat();
      const end = () => {
        cancelBeat();
        open.delete(end);
        leave();
        raw.end();
      };
      open.set(end, sessionId);
      raw.on('close', end);
    },
  );

  api.post(
    '/api/opencti/leader',
    {
      config: { access: EVERY_USER },
      schema: {
        tags,
        summary: 'Moves the adapter to this browser, whose stream is open',
        body: z.object({ browser }),
        response: { 200: AdapterLeader },
      },
    },
    async (request) => ({ leading: leaders.take(signedIn(request).user.id, request.body.browser) }),
  );
}
