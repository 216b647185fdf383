import { createContext, useContext, useEffect, useSyncExternalStore } from 'react';
import { must } from '../../lib/must.ts';
import { Navigation, type NavigationState, pathname } from './navigation.ts';

export const NavigationContext = createContext<Navigation | undefined>(undefined);

/** The navigation over the browser's history. */
export function createNavigation(): Navigation {
  const navigation = new Navigation(location.pathname + location.search, {
    push: (path) => history.pushState(null, '', path),
    replace: (path) => history.replaceState(null, '', path),
  });
  addEventListener('popstate', () => navigation.wentTo(location.pathname + location.search));
  return navigation;
}

export function useNavigation(): Navigation {
  return must(useContext(NavigationContext), 'NavigationContext');
}

export function useNavigationState(): NavigationState {
  const navigation = useNavigation();
  return useSyncExternalStore(navigation.subscribe, navigation.getState);
}

/** wouter's location hook: asks before unsaved changes are left. */
export function useGuardedLocation(): [string, (path: string, options?: { replace?: boolean }) => void] {
  const navigation = useNavigation();
  return [pathname(useNavigationState().path), navigation.navigate];
}

/** wouter's search hook. */
export function useGuardedSearch(): string {
  return useNavigationState().path.split('?')[1] ?? '';
}

/** Says that the page has unsaved changes (`what`), until it has none or is gone. */
export function useUnsaved(what: string | undefined): void {
  const navigation = useNavigation();
  useEffect(() => {
    navigation.setDirty(what);
    return () => navigation.setDirty(undefined);
  }, [navigation, what]);
}
