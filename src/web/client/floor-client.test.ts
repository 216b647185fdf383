import { expect, it } from 'vitest';
import { VirtualClock } from '../../lib/clock.ts';
import type { FloorAgent, FloorMessage } from '../../protocol/floor.ts';
import { FloorClient } from './floor-client.ts';
import type { SocketLike } from './socket-like.ts';

const agent = (id: string, state: FloorAgent['state']): FloorAgent => ({
  id,
  name: id,
  state,
  since: 0,
  teamIds: [],
  queueIds: [],
});

function world() {
  const clock = new VirtualClock();
  const sockets: (SocketLike & { sent: string[] })[] = [];
  let refused = 0;
  const client = new FloorClient({
    clock,
    random: () => 0.5,
    onRefused: () => refused++,
    openSocket: () => {
      const sent: string[] = [];
      const socket = {
        onopen: null,
        onmessage: null,
        onclose: null,
        sent,
        send: (text: string) => void sent.push(text),
        close: () => undefined,
      };
      sockets.push(socket);
      return socket;
    },
  });
  client.start();
  const say = (message: FloorMessage) => sockets.at(-1)?.onmessage?.({ data: JSON.stringify(message) });
  const snapshot = (agents: FloorAgent[]) =>
    say({
      type: 'snapshot',
      floor: { serverNow: clock.now() + 5_000, agents, queues: [], teams: [], alarms: [], history: {} },
    });
  return { clock, client, sockets, say, snapshot, refused: () => refused };
}

it('shows the snapshot, then what changes, by the server’s clock', () => {
  const { client, clock, say, snapshot } = world();
  snapshot([agent('ann', 'ready'), agent('bob', 'ready')]);
  const before = client.getView();
  say({
    type: 'patch',
    patch: {
      serverNow: clock.now() + 5_000,
      agents: [agent('ann', 'talking')],
      minutes: { sales: { at: 60_000, waiting: 1, serviceLevel: null } },
    },
  });
  const { agents, history } = client.getView();
  expect([...agents.values()].map(({ state }) => state)).toEqual(['talking', 'ready']);
  expect(before.agents.get('ann')?.state, 'what was shown stays as it was').toBe('ready');
  say({
    type: 'patch',
    patch: {
      serverNow: clock.now() + 5_000,
      minutes: { sales: { at: 60_000, waiting: 2, serviceLevel: 1 } },
    },
  });
  expect(history.get('sales')).toHaveLength(1);
  expect(client.getView().history.get('sales')).toEqual([{ at: 60_000, waiting: 2, serviceLevel: 1 }]);
  const drawn = client.getView().history.get('sales');
  say({
    type: 'patch',
    patch: {
      serverNow: clock.now() + 5_000,
      minutes: { sales: { at: 60_000, waiting: 2, serviceLevel: 1 } },
    },
  });
  expect(client.getView().history.get('sales'), 'the same minute again is no change').toBe(drawn);
  expect(client.serverClock.now()).toBe(clock.now() + 5_000);
});

it('comes back by itself, and shows meanwhile how it was', async () => {
  const { client, clock, sockets, snapshot, refused } = world();
  snapshot([agent('ann', 'ready')]);
  sockets[0]?.onclose?.();
  expect(client.getView()).toMatchObject({ status: 'lost' });
  expect(client.getView().agents.size).toBe(1);
  await clock.advance(600);
  expect(sockets).toHaveLength(2);
  snapshot([]);
  expect(client.getView()).toMatchObject({ status: 'online' });
  expect(refused()).toBe(0);
});

it('answers pings, gives a silent server up, and says when it was let see nothing', async () => {
  const { clock, sockets, say, refused } = world();
  say({ type: 'ping' });
  expect(sockets[0]?.sent).toEqual(['{"type":"pong"}']);
  await clock.advance(13_000);
  expect(refused()).toBe(1);
  expect(sockets.length).toBeGreaterThan(1);
});
