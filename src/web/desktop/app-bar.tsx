import { ActionIcon, Indicator, Menu, Tooltip } from '@mantine/core';
import { IconHeadset, IconRecordMail, IconPlus, IconSettings } from '@tabler/icons-react';
import type { MouseEvent, ReactNode } from 'react';
import { KeyHint } from '../ui/key-hint.tsx';
import { Logo } from '../ui/logo.tsx';
import { SchemeSwitch } from '../ui/scheme-switch.tsx';
import { UserMenu } from '../ui/user-menu.tsx';
import { useHotkey } from '../ui/use-hotkey.ts';
import tools from '../ui/bar-tools.module.css';
import classes from './app-bar.module.css';
import { useMe } from '../ui/me-context.ts';
import { HelpSheet } from './help-sheet.tsx';
import { ObjectIcon } from './object-icon.tsx';
import { useObjects } from './objects-context.tsx';
import { SearchBox } from './search-box.tsx';
import { useWorkspaceState } from './tab-context.tsx';
import { useVoicemails } from './voicemail-page.tsx';
import type { Workspace } from './workspace.ts';

/** `g a` goes to the accounts and so on: the key of each kind of record. */
const GO_KEYS: Record<string, string> = { Account: 'a', Contact: 'c', Lead: 'l', Case: 's', Task: 't' };

/** The bar at the top: where one is, where one can go, search, new, and who one is. */
export function AppBar({ workspace }: { workspace: Workspace }) {
  const objects = useObjects();
  const { tabs, active } = useWorkspaceState(workspace);
  const here = tabs.find((tab) => tab.id === active)?.path.split(/[/?]/)[1] ?? '';
  const go = (path: string) => workspace.navigate(workspace.state.active, path);
  useHotkey('g h', () => go('/'));
  return (
    <header className={classes.bar}>
      <BarLink path="/" go={go} className={classes.home} label="Crosspoint, home" current={here === ''}>
        <Logo size={25} />
      </BarLink>
      <nav className={classes.nav} aria-label="Records">
        {objects.map((meta) => (
          <span key={meta.name}>
            <BarLink
              path={`/${meta.name}`}
              go={go}
              className={classes.link}
              current={here === meta.name}
              hotkey={GO_KEYS[meta.name]}
            >
              {meta.labelPlural}
            </BarLink>
          </span>
        ))}
      </nav>
      <SearchBox go={go} />
      <div className={classes.tools}>
        <NewMenu go={go} />
        <VoicemailLink go={go} current={here === 'voicemail'} />
        <HelpSheet className={tools.tool} />
        <SchemeSwitch className={tools.tool} />
        <FloorLink />
        <SetupLink />
        <UserMenu className={tools.user} />
      </div>
    </header>
  );
}

interface BarLinkProps {
  path: string;
  go: (path: string) => void;
  className?: string;
  current: boolean;
  label?: string;
  hotkey?: string;
  children: ReactNode;
}

/** A link of the bar, which stands outside the tabs: it moves the active one. */
function BarLink({ path, go, className, current, label, hotkey, children }: BarLinkProps) {
  useHotkey(`g ${hotkey}`, () => go(path), hotkey !== undefined);
  const link = (
    <a
      href={path}
      className={className}
      aria-current={current ? 'page' : undefined}
      aria-label={label}
      onClick={goHere(go, path)}
    >
      {children}
    </a>
  );
  return hotkey ? <Tooltip label={<KeyHint keys={`g ${hotkey}`} />}>{link}</Tooltip> : link;
}

/** A plain click moves the active tab; any other is the browser's, such as one that asks for a tab of its own. */
function goHere(go: (path: string) => void, path: string) {
  return (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(path);
  };
}

/** To the live floor: for who leads. Beside the softphone, which stays here. */
function FloorLink() {
  if (useMe().roles.every((role) => role === 'agent')) return null;
  return (
    <AppLink label="Live floor" path="/supervisor" testId="floor-link">
      <IconHeadset size={18} stroke={1.8} />
    </AppLink>
  );
}

/** To where users, queues and numbers are set up: for administrators. */
function SetupLink() {
  if (!useMe().roles.includes('administrator')) return null;
  return (
    <AppLink label="Setup" path="/setup" testId="setup-link">
      <IconSettings size={18} stroke={1.8} />
    </AppLink>
  );
}

interface AppLinkProps {
  label: string;
  path: string;
  testId: string;
  children: ReactNode;
}

/** To another app, in a tab of its own, so that a call goes on. */
function AppLink({ label, path, testId, children }: AppLinkProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        component="a"
        href={path}
        target="_blank"
        className={tools.tool}
        aria-label={`${label}, in a new tab`}
        data-testid={testId}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

/** To the messages that callers left, with how many nobody has heard. */
function VoicemailLink({ go, current }: { go: (path: string) => void; current: boolean }) {
  const unread = (useVoicemails().data?.pages[0]?.boxes ?? []).reduce((sum, box) => sum + box.unread, 0);
  const label = unread === 0 ? 'Voicemail' : `Voicemail, ${unread} new`;
  return (
    <Tooltip label={label}>
      <Indicator label={unread} size={15} disabled={unread === 0} offset={4}>
        <ActionIcon
          component="a"
          href="/voicemail"
          className={tools.tool}
          aria-label={label}
          aria-current={current ? 'page' : undefined}
          data-testid="voicemail-link"
          onClick={goHere(go, '/voicemail')}
        >
          <IconRecordMail size={18} stroke={1.8} />
        </ActionIcon>
      </Indicator>
    </Tooltip>
  );
}

function NewMenu({ go }: { go: (path: string) => void }) {
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon className={tools.tool} aria-label="New record" data-testid="new-menu">
          <IconPlus size={18} stroke={1.8} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {useObjects().map((meta) => (
          <Menu.Item
            key={meta.name}
            leftSection={<ObjectIcon object={meta.name} size={13} />}
            onClick={() => go(`/${meta.name}/new`)}
          >
            New {meta.label.toLowerCase()}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
