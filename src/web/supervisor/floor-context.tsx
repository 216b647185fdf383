import { createContext, type ReactNode, use, useEffect, useState, useSyncExternalStore } from 'react';
import { realClock } from '../../lib/clock.ts';
import { must } from '../../lib/must.ts';
import { FloorClient, type FloorView } from '../client/floor-client.ts';
import type { SocketLike } from '../client/socket-like.ts';

const Context = createContext<FloorClient | undefined>(undefined);

/** Keeps the floor live for what is inside. `onRefused`: the server does not let this page see it. */
export function FloorProvider({
  openSocket,
  onRefused,
  children,
}: {
  openSocket: () => SocketLike;
  onRefused: () => void;
  children: ReactNode;
}) {
  const [client] = useState(() => new FloorClient({ openSocket, onRefused, clock: realClock }));
  useEffect(() => client.start(), [client]);
  return <Context value={client}>{children}</Context>;
}

/** All of it: renders with every change on the floor. */
export function useFloor(): FloorView {
  return useFloorPart((view) => view);
}

/** What `select` takes out of it: renders only when that is another, compared by identity. */
export function useFloorPart<T>(select: (view: FloorView) => T): T {
  const client = must(use(Context), 'floor');
  return useSyncExternalStore(client.subscribe, () => select(client.getView()));
}

/** The server's clock, from which every duration is drawn. */
export function useServerNow(): () => number {
  const { serverClock } = must(use(Context), 'floor');
  const [now] = useState(() => () => serverClock.now());
  return now;
}
