import { Suspense, useEffect, useRef, useState } from 'react';
import { Route, Router, Switch } from 'wouter';
import { AppHeader } from '../ui/app-header.tsx';
import { ConfirmLeave, useBeforeUnload } from '../ui/confirm-leave.tsx';
import { ErrorBoundary } from '../ui/error-boundary.tsx';
import { useMe } from '../ui/me-context.ts';
import { NotForAgents } from '../ui/not-for-agents.tsx';
import { EmptyState } from '../ui/states.tsx';
import classes from './app.module.css';
import {
  createNavigation,
  NavigationContext,
  useGuardedLocation,
  useGuardedSearch,
  useNavigation,
  useNavigationState,
} from './navigation-context.tsx';
import { pathname } from './navigation.ts';
import { Loading } from './page.tsx';
import { pagesFor } from './pages.tsx';
import { SideNav } from './side-nav.tsx';

/** Where Setup lies on the server. */
const BASE = '/setup';

/** Setup: pages on the left, the page, and a question before unsaved changes are left. */
export function App() {
  const [navigation] = useState(createNavigation);
  const mayLook = useMe().roles.some((role) => role !== 'agent');
  if (!mayLook)
    return (
      <NotForAgents title="Setup is for administrators">
        Supervisors may look at it. Ask an administrator for the role.
      </NotForAgents>
    );
  return (
    <NavigationContext value={navigation}>
      <Router hook={useGuardedLocation} searchHook={useGuardedSearch} base={BASE}>
        <Frame />
      </Router>
    </NavigationContext>
  );
}

function Frame() {
  const navigation = useNavigation();
  const { path, dirty, leaving } = useNavigationState();
  const pages = pagesFor(useMe().roles);
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname(path));
  useBeforeUnload(dirty !== undefined);
  useEffect(() => {
    if (shown.current === pathname(path)) return;
    shown.current = pathname(path);
    // A new page begins at its top, for the eye and for the keyboard.
    main.current?.scrollTo(0, 0);
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <>
      <a href="#main" className={classes.skip}>
        Skip to the page
      </a>
      <div className={classes.app}>
        <AppHeader name="Setup" />
        <div className={classes.body}>
          <SideNav pages={pages} />
          <main id="main" ref={main} className={classes.main} tabIndex={-1}>
            <ErrorBoundary key={pathname(path)}>
              <Suspense fallback={<Loading />}>
                <Switch>
                  {pages.flatMap((page) => [
                    <Route key={page.path} path={page.path}>
                      {page.show}
                    </Route>,
                    page.edit && (
                      <Route key={`${page.path}/:id`} path={`${page.path}/:id`}>
                        {({ id }) => page.edit?.(id === 'new' ? undefined : decodeURIComponent(id))}
                      </Route>
                    ),
                    page.live && (
                      <Route key={`${page.path}/:id/live`} path={`${page.path}/:id/live`}>
                        {({ id }) => page.live?.(decodeURIComponent(id))}
                      </Route>
                    ),
                  ])}
                  <Route>
                    <EmptyState title="There is no such page">
                      The address is mistyped, or your role does not show it.
                    </EmptyState>
                  </Route>
                </Switch>
              </Suspense>
            </ErrorBoundary>
          </main>
        </div>
      </div>
      <ConfirmLeave
        opened={leaving !== undefined}
        what={dirty ?? 'this page'}
        onStay={() => navigation.stay()}
        onDiscard={() => navigation.discard()}
      />
    </>
  );
}
