import { createContext, useContext, useEffect, useSyncExternalStore } from 'react';
import { must } from '../../lib/must.ts';
import { keepTabs, readTabs } from './kept-tabs.ts';
import { type AddressBar, pathname, type Tab, Workspace, type WorkspaceState } from './workspace.ts';

interface TabContextValue {
  workspace: Workspace;
  tabId: string;
}

export const TabContext = createContext<TabContextValue | undefined>(undefined);

/**
 * The workspace over the browser's history: each entry remembers the tab it belongs to. Its tabs survive a reload, in this
 * window and for this user only.
 * @param firstPath what it begins with.
 */
export function createWorkspace(firstPath: string, userId: string): Workspace {
  const bar: AddressBar = {
    push: (tab, path) => history.pushState({ tab }, '', path),
    replace: (tab, path) => history.replaceState({ tab }, '', path),
  };
  const workspace = new Workspace(firstPath, bar, readTabs(userId));
  workspace.subscribe(() => keepTabs(userId, workspace.state));
  addEventListener('popstate', (event) => {
    const state: unknown = event.state;
    const tab = state && typeof state === 'object' && 'tab' in state ? String(state.tab) : undefined;
    workspace.wentTo(tab, location.pathname + location.search);
  });
  return workspace;
}

export function useWorkspaceState(workspace: Workspace): WorkspaceState {
  return useSyncExternalStore(workspace.subscribe, workspace.getState);
}

/** The tab that this component is in. */
export function useTab(): TabContextValue & { tab: Tab; active: boolean } {
  const value = must(useContext(TabContext), 'TabContext');
  const state = useWorkspaceState(value.workspace);
  const tab = must(
    state.tabs.find((one) => one.id === value.tabId),
    'tab',
  );
  return { ...value, tab, active: state.active === value.tabId };
}

/** Names the tab after what it shows. */
export function useTabTitle(title: string | undefined): void {
  const { workspace, tabId } = useTab();
  useEffect(() => {
    if (title) workspace.setTitle(tabId, title);
  }, [workspace, tabId, title]);
}

/** Says that this tab has unsaved changes (`what`), until it has none or is gone. */
export function useUnsaved(what: string | undefined): void {
  const { workspace, tabId } = useTab();
  useEffect(() => {
    workspace.setDirty(tabId, what);
    return () => workspace.setDirty(tabId, undefined);
  }, [workspace, tabId, what]);
}

/** wouter's location hook: the path of the tab that the component is in. */
export function useTabLocation(): [string, (path: string, options?: { replace?: boolean }) => void] {
  const { workspace, tab } = useTab();
  return [pathname(tab.path), (path, options) => workspace.navigate(tab.id, path, options?.replace)];
}

/** wouter's search hook: the query of the tab that the component is in. */
export function useTabSearch(): string {
  return useTab().tab.path.split('?')[1] ?? '';
}
