import { CloseButton } from '@mantine/core';
import { useWorkspaceState } from './tab-context.tsx';
import classes from './tab-strip.module.css';
import type { Workspace } from './workspace.ts';

/** The console's tabs, once there is more than one; a dot marks unsaved changes. */
export function TabStrip({ workspace }: { workspace: Workspace }) {
  const { tabs, active } = useWorkspaceState(workspace);
  if (tabs.length < 2) return null;
  return (
    <nav className={classes.strip} aria-label="Open pages">
      {tabs.map((tab) => {
        const title = tab.title || 'Page';
        return (
          <span key={tab.id} className={classes.tab} data-active={tab.id === active || undefined}>
            <button
              type="button"
              className={classes.name}
              aria-current={tab.id === active ? 'page' : undefined}
              onClick={() => workspace.activate(tab.id)}
              data-testid="workspace-tab"
            >
              {tab.dirty && <span className={classes.dot} role="img" aria-label="unsaved changes" />}
              {title}
            </button>
            <CloseButton size="xs" aria-label={`Close ${title}`} onClick={() => workspace.close(tab.id)} />
          </span>
        );
      })}
    </nav>
  );
}
