import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { type RefObject, useEffect, useEffectEvent, useState, useSyncExternalStore } from 'react';
import type { CrmRecord } from '../../protocol/crm.ts';
import { CodedError } from '../../protocol/errors.ts';
import type { RecordRef } from '../../protocol/facts.ts';
import {
  AdapterLeader,
  type AdapterSearchAnswer,
  type Traffic,
  MyAdapterAnswer,
  type MyAdapter,
} from '../../protocol/opencti.ts';
import { randomToken } from '../../lib/ids.ts';
import { AdapterDesk } from '../opencti/host/adapter-desk.ts';
import type { Election } from '../opencti/host/leader.ts';
import { CtiFailure } from '../opencti/host/failure.ts';
import type { CtiServer, View } from '../opencti/host/operations.ts';
import { api } from '../ui/api.ts';
import { useMe } from '../ui/me-context.ts';
import { CRM_KEY } from './data.ts';
import { SCRIPTS_KEY } from './scripts.ts';
import { useObjects } from './objects-context.tsx';

/** The adapter that this user works with, or null when our own softphone is his. */
export function useAdapterQuery() {
  return useQuery({
    queryKey: ['adapter'],
    queryFn: async ({ signal }) =>
      (await api<{ adapter: MyAdapter | null }>('/api/opencti/adapter', { signal, schema: MyAdapterAnswer }))
        .adapter,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

interface DeskHandlers {
  frame: RefObject<HTMLIFrameElement | null>;
  view: View;
  show: (path: string, record?: RecordRef) => void;
}

/** Runs the adapter for as long as the component is there. */
export function useAdapterDesk(adapter: MyAdapter, { frame, view, show }: DeskHandlers): AdapterDesk {
  const me = useMe();
  const objects = useObjects();
  const client = useQueryClient();
  const make = () =>
    new AdapterDesk({
      adapter,
      objects,
      server: ctiServer,
      channel: new BroadcastChannel(`crosspoint.adapter.${me.id}`),
      locks: navigator.locks as AdapterLocks | undefined,
      lockName: `crosspoint.adapter.${me.id}`,
      election: joinElection(),
      tabId: randomToken(16),
      origin: location.origin,
      nonce: randomToken(26),
      now: () => Date.now(),
      after: (ms, work) => {
        const timer = setTimeout(work, ms);
        return () => clearTimeout(timer);
      },
      session: sessionStorage,
      refresh: () => refreshCrm(client),
      sendTraffic,
    });
  const [desk, setDesk] = useState(make);
  const onShow = useEffectEvent(show);
  const onStart = useEffectEvent(() =>
    desk.start(
      () => frame.current?.contentWindow ?? null,
      (path, record) => onShow(path, record),
    ),
  );
  const remake = useEffectEvent(() => setDesk(make()));

  useEffect(() => {
    onStart();
    const receive = (event: MessageEvent) => desk.receive(event);
    const hide = () => desk.close();
    const back = (event: PageTransitionEvent) => event.persisted && remake();
    addEventListener('message', receive);
    addEventListener('pagehide', hide);
    addEventListener('pageshow', back);
    return () => {
      removeEventListener('message', receive);
      removeEventListener('pagehide', hide);
      removeEventListener('pageshow', back);
      desk.close();
    };
  }, [desk]);

  const { path, record } = view;
  const tell = useEffectEvent(() => {
    if (document.visibilityState !== 'visible') return;
    const [, object = '', id = ''] = (path.split('?')[0] ?? '').split('/');
    const prefix = objects.find((one) => one.name === object)?.prefix;
    const ofRecord = prefix !== undefined && id.startsWith(prefix);
    const known = record?.id === id ? record : null;
    desk.setView({ path, record: known }, !ofRecord || known !== null);
  });
  useEffect(() => tell(), [path, record?.id, record?.name, desk]);
  useEffect(() => {
    const look = () => tell();
    addEventListener('focus', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      removeEventListener('focus', look);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return desk;
}

/** A name for this browser that it keeps; where it has no locks, each tab stands for itself. */
function browserId(): string {
  const kept = navigator.locks ? localStorage.getItem(BROWSER) : null;
  const id = kept ?? randomToken(26);
  if (navigator.locks) localStorage.setItem(BROWSER, id);
  return id;
}

const BROWSER = 'crosspoint.browser';
/** Milliseconds until a stream that the server refused is asked for again. */
const AGAIN_MS = 5_000;

/** The server's election: a stream of events, which the browser opens again by itself when it was cut. */
export function joinElection(): Election {
  const browser = browserId();
  const path = '/api/opencti/leader';
  return {
    join: (tell) => {
      let stream: EventSource;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const open = () => {
        stream = new EventSource(`${path}?browser=${browser}`);
        stream.onmessage = ({ data }) => tell(AdapterLeader.parse(JSON.parse(String(data))).leading);
        stream.onerror = () => {
          if (stream.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN_MS);
        };
      };
      open();
      return () => {
        clearTimeout(timer);
        stream.close();
      };
    },
    take: () => {
      // Its outcome comes by the stream.
      void api(path, { body: { browser } }).catch(() => undefined);
    },
  };
}

export type AdapterLocks = ConstructorParameters<typeof AdapterDesk>[0]['locks'];

export function useAdapterState(desk: AdapterDesk) {
  return useSyncExternalStore(desk.subscribe, desk.getState);
}

/** Reads anew what is on the screen. */
export function refreshCrm(client: QueryClient): void {
  void client.invalidateQueries({
    queryKey: CRM_KEY,
    predicate: ({ queryKey }) => queryKey[1] !== 'objects',
  });
  void client.invalidateQueries({ queryKey: SCRIPTS_KEY });
}

/** For the page of live traffic. */
export function sendTraffic(traffic: Traffic[]): void {
  // What is lost of it is only not shown.
  void api('/api/opencti/traffic', { body: { traffic } }).catch(() => undefined);
}

/** Our server, as adapters' calls need it. */
export const ctiServer: CtiServer = {
  layout: () => ask('/api/opencti/layout'),
  saveLog: (body) => ask('/api/opencti/save-log', body),
  search: (body) => ask<AdapterSearchAnswer>('/api/opencti/search', body),
  runAction: (body) => ask('/api/opencti/run-apex', body),
  directoryNumbers: ({ global, callCenter, page, pageSize }) => {
    const query = new URLSearchParams({
      global: String(global),
      page: String(page),
      pageSize: String(pageSize),
    });
    if (callCenter !== undefined) query.set('callCenter', callCenter);
    return ask(`/api/opencti/directory-numbers?${query}`);
  },
  startScript: (body) => ask('/api/script-runs', body),
  hasListView: async (id) => {
    try {
      await api(`/api/lists/${encodeURIComponent(id)}`);
      return true;
    } catch (error) {
      if (error instanceof CodedError && error.code === 'not-found') return false;
      throw toFailure(error);
    }
  },
  record: async (object, id) => {
    try {
      const path = `/api/crm/${encodeURIComponent(object)}/${encodeURIComponent(id)}`;
      const record = await api<CrmRecord>(path);
      return { id: record.id, object: record.object, name: record.name };
    } catch (error) {
      if (error instanceof CodedError && error.code === 'not-found') return undefined;
      throw toFailure(error);
    }
  },
};

async function ask<T>(path: string, body?: unknown): Promise<T> {
  try {
    return await api<T>(path, { body });
  } catch (error) {
    throw toFailure(error);
  }
}

function toFailure(error: unknown): Error {
  if (!(error instanceof CodedError)) return error as Error;
  const code =
    error.status >= 500 ? 'SERVER_ERROR' : error.code === 'bad-input' ? 'INVALID_PARAM' : 'GENERIC_ERROR';
  return new CtiFailure({ code, description: error.message });
}
