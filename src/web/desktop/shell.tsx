import { Center, Loader } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { RecordRef } from '../../protocol/facts.ts';
import type { MyAdapter } from '../../protocol/opencti.ts';
import { ConfirmLeave, useBeforeUnload } from '../ui/confirm-leave.tsx';
import { type Dialer, DialProvider } from '../ui/phone-number.tsx';
import { desktopPath, type KnownObject } from '../opencti/host/urls.ts';
import { useMe } from '../ui/me-context.ts';
import { showError } from '../ui/show-error.ts';
import { ErrorState } from '../ui/states.tsx';
import { useHotkey } from '../ui/use-hotkey.ts';
import { AdapterSide } from './adapter-side.tsx';
import { AppBar } from './app-bar.tsx';
import { CRM_KEY, useExpectRecord, useObjectsQuery } from './data.ts';
import { ObjectsProvider, useObjects } from './objects-context.tsx';
import { isOutside, recordPath } from '../hosts/pop-path.ts';
import { popWindow } from './pop-window.tsx';
import { PopBanner, type PoppedBeside } from './pop-banner.tsx';
import classes from './shell.module.css';
import { ScriptPanel } from './script-panel.tsx';
import { scriptStartOf, useBeginScript } from './scripts.ts';
import { SoftphoneDock } from './softphone-dock.tsx';
import { useAdapterQuery } from './use-adapter.ts';
import type { HostHandlers } from './softphone-host.ts';
import { useSoftphoneHost } from './use-softphone-host.ts';
import { createWorkspace, useWorkspaceState } from './tab-context.tsx';
import { TabStrip } from './tab-strip.tsx';
import { TabView } from './tab-view.tsx';
import { VoiceSide } from './voice-side.tsx';
import type { Workspace } from './workspace.ts';

/** The console: bar, tabs, the page, and the softphone docked beside them. */
export function Shell({ onSignedOut }: { onSignedOut: () => void }) {
  const objects = useObjectsQuery();
  const adapter = useAdapterQuery();
  if (objects.isPending || adapter.isPending) {
    return (
      <Center h="100%">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  if (objects.isError) return <ErrorState error={objects.error} onRetry={() => void objects.refetch()} />;
  if (adapter.isError) return <ErrorState error={adapter.error} onRetry={() => void adapter.refetch()} />;
  return (
    <ObjectsProvider value={objects.data}>
      <Console adapter={adapter.data} onSignedOut={onSignedOut} />
    </ObjectsProvider>
  );
}

interface ConsoleProps {
  /** In the place of our softphone; null: ours. */
  adapter: MyAdapter | null;
  onSignedOut: () => void;
}

function Console({ adapter, onSignedOut }: ConsoleProps) {
  const objects = useObjects();
  const me = useMe();
  const [workspace] = useState(() => createWorkspace(firstPath(objects), me.id));
  const state = useWorkspaceState(workspace);
  const [ringing, setRinging] = useState(false);
  const [beside, setBeside] = useState<PoppedBeside>();
  const queryClient = useQueryClient();
  const expect = useExpectRecord();
  const frame = useRef<HTMLIFrameElement>(null);
  const [record, setRecord] = useState<RecordRef | null>(null);
  const [adapterDialer, setAdapterDialer] = useState<Dialer>();
  const pop: HostHandlers['pop'] = (path, title, popped, open) => {
    if ((open === 'window' || isOutside(path)) && popWindow(path, title)) return;
    if (popped) expect(popped);
    if (open === 'subtab' || open === 'window') return workspace.showBeside(path);
    const from = workspace.state.active;
    if (workspace.show(path) === 'beside') setBeside({ title, from, what: dirtyOf(workspace, from) });
  };
  const beginScript = useBeginScript().mutate;
  const script: HostHandlers['script'] = (path, about, open) => {
    beginScript(scriptStartOf(path) ?? {}, { onError: showError });
    if (about) pop(recordPath(about), about.name, about, open);
  };
  const phone = useSoftphoneHost(frame, {
    pop,
    script,
    open: (path, record) => {
      expect(record);
      workspace.show(path);
    },
    changed: () =>
      void queryClient.invalidateQueries({
        queryKey: CRM_KEY,
        predicate: ({ queryKey }) => queryKey[1] !== 'objects',
      }),
    ringing: setRinging,
    signedOut: onSignedOut,
  });
  useBeforeUnload(state.tabs.some((tab) => tab.dirty));
  useDocumentTitle(state.tabs.find((tab) => tab.id === state.active)?.title, ringing);
  // Saved, discarded or closed: there is nothing to go back to.
  if (beside && !state.tabs.some((tab) => tab.id === beside.from && tab.dirty)) setBeside(undefined);
  const leaving = state.leaving && state.tabs.find((tab) => tab.id === state.leaving?.tabId);
  const { setRecord: tellPhone } = phone;
  const onRecord = useCallback(
    (open: RecordRef | null) => {
      tellPhone(open);
      setRecord(open);
    },
    [tellPhone],
  );
  const dial = (number: string) => {
    if (!phone.dial(number))
      notifications.show({
        color: 'stop',
        message: 'The softphone is not ready yet. Try again in a moment.',
      });
    setRinging(false);
  };
  useHotkey('Escape', () => setBeside(undefined), beside !== undefined);

  return (
    <DialProvider value={adapterDialer ?? { dial, ...phone.dialState }}>
      <a href="#main" className={classes.skip}>
        Skip to the page
      </a>
      <div className={classes.console}>
        <AppBar workspace={workspace} />
        <div className={classes.body}>
          <div className={classes.work}>
            <TabStrip workspace={workspace} />
            {beside && (
              <PopBanner
                beside={beside}
                onBack={() => workspace.activate(beside.from)}
                onClose={() => setBeside(undefined)}
              />
            )}
            <main id="main" className={classes.main} tabIndex={-1}>
              {state.tabs.map((tab) => (
                <TabView key={tab.id} workspace={workspace} tabId={tab.id} onRecord={onRecord} />
              ))}
            </main>
          </div>
          <ScriptPanel />
          {adapter?.voice ? (
            <VoiceSide
              adapter={adapter}
              show={(path, popped) => pop(path, popped?.name ?? 'A page', popped, 'tab')}
              onDialer={setAdapterDialer}
            />
          ) : adapter ? (
            <AdapterSide
              adapter={adapter}
              view={{ path: state.tabs.find((tab) => tab.id === state.active)?.path ?? '/', record }}
              show={(path, popped) => pop(path, popped?.name ?? 'A page', popped, 'tab')}
              onDialer={setAdapterDialer}
            />
          ) : (
            <SoftphoneDock frame={frame} ringing={ringing} onSeen={() => setRinging(false)} />
          )}
        </div>
      </div>
      <ConfirmLeave
        opened={leaving !== undefined}
        what={leaving?.dirty ?? 'this page'}
        onStay={() => workspace.stay()}
        onDiscard={() => workspace.discard()}
      />
    </DialProvider>
  );
}

/** The address that the page was opened with; one of Salesforce's, as adapters pass them around, is ours in other words. */
function firstPath(objects: readonly KnownObject[]): string {
  const here = location.pathname + location.search;
  return (here.startsWith('/lightning/') && desktopPath(here, objects)) || here;
}

function dirtyOf(workspace: Workspace, tabId: string): string {
  return workspace.state.tabs.find((tab) => tab.id === tabId)?.dirty ?? 'your form';
}

function useDocumentTitle(title: string | undefined, ringing: boolean): void {
  useEffect(() => {
    const page = title ? `${title} · Crosspoint` : 'Crosspoint';
    document.title = ringing ? `☎ Incoming call · ${page}` : page;
  }, [title, ringing]);
}
