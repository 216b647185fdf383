import { ActionIcon, CloseButton, Menu } from '@mantine/core';
import { IconChevronDown, IconPin, IconPinnedOff, IconX } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { useHotkey } from '../ui/use-hotkey.ts';
import { useWorkspaceState } from './tab-context.tsx';
import classes from './tab-strip.module.css';
import type { Tab, Workspace } from './workspace.ts';

/** The console's tabs, once there is more than one. Sub-tabs stand behind their tab; a dot marks unsaved changes. */
export function TabStrip({ workspace }: { workspace: Workspace }) {
  const { tabs, active } = useWorkspaceState(workspace);
  useHotkey(']', () => workspace.step(1));
  useHotkey('[', () => workspace.step(-1));
  useHotkey('x', () => workspace.close(workspace.state.active));
  if (tabs.length < 2) return null;
  return (
    <div className={classes.row}>
      <nav className={classes.strip} aria-label="Open pages">
        {tabs.map((tab) => (
          <TabName key={tab.id} workspace={workspace} tab={tab} active={tab.id === active} />
        ))}
      </nav>
      <TabMenu workspace={workspace} tabs={tabs} active={active} />
    </div>
  );
}

function TabName({ workspace, tab, active }: { workspace: Workspace; tab: Tab; active: boolean }) {
  const title = tab.title || 'Page';
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (active) place.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [active, title]);
  return (
    <span
      ref={place}
      className={classes.tab}
      data-active={active || undefined}
      data-sub={tab.parent !== undefined || undefined}
    >
      <button
        type="button"
        className={classes.name}
        aria-current={active ? 'page' : undefined}
        onClick={() => workspace.activate(tab.id)}
        title={title}
        data-testid="workspace-tab"
      >
        {tab.pinned && <IconPin size={12} className={classes.pin} aria-label="pinned" />}
        {tab.dirty && <span className={classes.dot} role="img" aria-label="unsaved changes" />}
        <span className={classes.title}>{title}</span>
      </button>
      {!tab.pinned && (
        <CloseButton size="xs" aria-label={`Close ${title}`} onClick={() => workspace.close(tab.id)} />
      )}
    </span>
  );
}

/** All tabs by name, for who has more than fit; and what can be done with the one in front. */
function TabMenu({
  workspace,
  tabs,
  active,
}: {
  workspace: Workspace;
  tabs: readonly Tab[];
  active: string;
}) {
  const front = tabs.find((tab) => tab.id === active);
  const others = tabs.filter(
    (tab) => tab.id !== active && tab.id !== front?.parent && !tab.pinned && !tab.dirty,
  );
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          className={classes.menu}
          aria-label={`All ${tabs.length} tabs`}
          data-testid="tab-menu"
        >
          <IconChevronDown size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown className={classes.dropdown}>
        {front && front.parent === undefined && (
          <Menu.Item
            leftSection={front.pinned ? <IconPinnedOff size={14} /> : <IconPin size={14} />}
            onClick={() => workspace.pin(front.id, !front.pinned)}
          >
            {front.pinned ? 'Unpin this tab' : 'Pin this tab'}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconX size={14} />}
          disabled={others.length === 0}
          onClick={() => {
            for (const tab of others) workspace.close(tab.id);
          }}
        >
          Close the other tabs
        </Menu.Item>
        <Menu.Divider />
        {tabs.map((tab) => (
          <Menu.Item
            key={tab.id}
            className={classes.entry}
            data-sub={tab.parent !== undefined || undefined}
            fw={tab.id === active ? 650 : undefined}
            onClick={() => workspace.activate(tab.id)}
          >
            {tab.title || 'Page'}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
