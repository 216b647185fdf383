import { useQueryClient } from '@tanstack/react-query';
import { type RefObject, useEffect, useEffectEvent, useState, useSyncExternalStore } from 'react';
import { realClock } from '../../lib/clock.ts';
import { randomToken } from '../../lib/ids.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import type { MyAdapter } from '../../protocol/opencti.ts';
import { type Desk, Operations } from '../opencti/host/operations.ts';
import type { KnownObject } from '../opencti/host/urls.ts';
import type { KeptCall } from '../opencti/voice/call-logs.ts';
import { VoiceDesk } from '../opencti/voice/voice-desk.ts';
import { useMe } from '../ui/me-context.ts';
import { useObjects } from './objects-context.tsx';
import { type AdapterLocks, ctiServer, joinElection, refreshCrm, sendTraffic } from './use-adapter.ts';

interface VoiceHandlers {
  frame: RefObject<HTMLIFrameElement | null>;
  show: (path: string, record?: RecordRef) => void;
}

const KEPT = 'crosspoint.voice.calls';

/** Runs the connector for as long as the component is there. */
export function useVoiceDesk(adapter: MyAdapter, { frame, show }: VoiceHandlers): VoiceDesk {
  const me = useMe();
  const objects = useObjects();
  const client = useQueryClient();
  const make = () =>
    new VoiceDesk({
      adapter,
      operations: (pop) => new Operations(adapter, deskOf(objects, pop), ctiServer),
      tabs: new BroadcastChannel(`crosspoint.voice.${me.id}`),
      tabId: randomToken(16),
      clock: realClock,
      channel: () => new MessageChannel(),
      kept: keptFor(me.id),
      locks: navigator.locks as AdapterLocks,
      lockName: `crosspoint.adapter.${me.id}`,
      election: joinElection(),
      refresh: () => refreshCrm(client),
      sendTraffic,
    });
  const [desk, setDesk] = useState(make);
  const onShow = useEffectEvent(show);
  const onStart = useEffectEvent(() =>
    desk.start(
      (message, port) =>
        frame.current?.contentWindow?.postMessage(message, new URL(adapter.adapterUrl).origin, [port]),
      (path, record) => onShow(path, record),
    ),
  );
  const remake = useEffectEvent(() => setDesk(make()));
  useEffect(() => {
    onStart();
    const look = () => document.visibilityState === 'visible' && desk.look();
    const hide = () => desk.close();
    const back = (event: PageTransitionEvent) => event.persisted && remake();
    look();
    addEventListener('focus', look);
    document.addEventListener('visibilitychange', look);
    addEventListener('pagehide', hide);
    addEventListener('pageshow', back);
    return () => {
      removeEventListener('focus', look);
      document.removeEventListener('visibilitychange', look);
      removeEventListener('pagehide', hide);
      removeEventListener('pageshow', back);
      desk.close();
    };
  }, [desk]);
  return desk;
}

export function useVoiceView(desk: VoiceDesk) {
  return useSyncExternalStore(desk.subscribe, desk.getView);
}

/** Outlives the tab: a call may end while no page is open. */
function keptFor(userId: string): { read: () => KeptCall[]; write: (calls: KeptCall[]) => void } {
  const key = `${KEPT}.${userId}`;
  return {
    read: () => {
      try {
        return JSON.parse(localStorage.getItem(key) ?? '[]') as KeptCall[];
      } catch {
        return [];
      }
    },
    write: (calls) => localStorage.setItem(key, JSON.stringify(calls)),
  };
}

/** A connector pops pages; of the rest of an adapter's desk it knows nothing. */
function deskOf(objects: readonly KnownObject[], show: Desk['show']): Desk {
  const nothing = () => {};
  const panel = { visible: true, height: 0, width: 0, label: '', icon: '', itemLabel: '', itemIcon: '' };
  return {
    objects,
    show,
    view: () => ({ path: '/', record: null }),
    panel: () => panel,
    refresh: nothing,
    reload: nothing,
    setPanel: nothing,
    clickToDial: nothing,
    initialised: nothing,
    publish: nothing,
  };
}
