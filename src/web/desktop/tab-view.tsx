import { type MouseEvent, useMemo } from 'react';
import { Route, Router, Switch } from 'wouter';
import type { RecordRef } from '../../protocol/facts.ts';
import { ErrorBoundary } from '../ui/error-boundary.tsx';
import { HomePage } from './home-page.tsx';
import { ListPage } from './list-page.tsx';
import { NewRecordPage } from './new-record-page.tsx';
import { OpenRecordContext } from './open-record.ts';
import { RecordPage } from './record-page.tsx';
import { ScriptPage } from './script-page.tsx';
import { SearchPage } from './search-page.tsx';
import { TabContext, useTabLocation, useTabSearch, useWorkspaceState } from './tab-context.tsx';
import { VoicemailPage } from './voicemail-page.tsx';
import classes from './tab-view.module.css';
import { pathname, type Workspace } from './workspace.ts';

interface TabViewProps {
  workspace: Workspace;
  tabId: string;
  onRecord: (record: RecordRef | null) => void;
}

/** One tab's page. A tab in the background stays as it is, only hidden, so that its form keeps what was typed. */
export function TabView({ workspace, tabId, onRecord }: TabViewProps) {
  const { tabs, active: front } = useWorkspaceState(workspace);
  const active = front === tabId;
  const path = pathname(tabs.find((tab) => tab.id === tabId)?.path ?? '/');
  const value = useMemo(() => ({ workspace, tabId }), [workspace, tabId]);
  return (
    <TabContext value={value}>
      <OpenRecordContext value={onRecord}>
        <Router hook={useTabLocation} searchHook={useTabSearch}>
          {/* A link with Ctrl or the middle button opens a sub-tab: a second console would be a second softphone. */}
          <div
            className={classes.view}
            hidden={!active}
            onClickCapture={(event) => openBeside(event, workspace)}
            onAuxClick={(event) => openBeside(event, workspace)}
          >
            <ErrorBoundary key={path}>
              <Pages />
            </ErrorBoundary>
          </div>
        </Router>
      </OpenRecordContext>
    </TabContext>
  );
}

function openBeside(event: MouseEvent, workspace: Workspace): void {
  const wanted = event.button === 1 || (event.button === 0 && (event.ctrlKey || event.metaKey));
  const link = wanted ? (event.target as HTMLElement).closest('a') : null;
  const path = link?.getAttribute('href');
  if (!path?.startsWith('/') || link?.target) return;
  event.preventDefault();
  event.stopPropagation();
  workspace.showBeside(path);
}

/** Which page a path shows. The key makes another record another page, not the same one with other data. */
function Pages() {
  return (
    <Switch>
      <Route path="/" component={HomePage} />
      <Route path="/search" component={SearchPage} />
      <Route path="/voicemail" component={VoicemailPage} />
      <Route path="/scripts/:id">{({ id }) => <ScriptPage key={id} id={decodeURIComponent(id)} />}</Route>
      <Route path="/:object/new">{({ object }) => <NewRecordPage key={object} object={object} />}</Route>
      <Route path="/:object/:id">{({ object, id }) => <RecordPage key={id} object={object} id={id} />}</Route>
      <Route path="/:object">{({ object }) => <ListPage key={object} object={object} />}</Route>
    </Switch>
  );
}
