import { ActionIcon, Alert, Button, Loader, Tooltip } from '@mantine/core';
import { IconLayoutSidebarRightCollapse } from '@tabler/icons-react';
import type { RefObject } from 'react';
import type { AdapterDesk } from '../opencti/host/adapter-desk.ts';
import classes from './adapter-dock.module.css';
import { AdapterIcon } from './adapter-icon.tsx';
import { useAdapterState } from './use-adapter.ts';

/** What an adapter may use: a telephone needs the microphone, and some a headset's buttons or the screen. */
export const ADAPTER_FEATURES = [
  'microphone',
  'camera',
  'autoplay',
  'hid',
  'clipboard-write',
  'display-capture',
  'speaker-selection',
].join('; ');

interface AdapterDockProps {
  desk: AdapterDesk;
  frame: RefObject<HTMLIFrameElement | null>;
}

/** An adapter at the right edge, with the size, label and icon that it chooses; hidden, its item stays. Its page is never unloaded. */
export function AdapterDock({ desk, frame }: AdapterDockProps) {
  const { leading, place, address, load, starting, standby, panel } = useAdapterState(desk);
  const { visible, width, height, label, icon, itemLabel, itemIcon } = panel;
  return (
    <aside
      className={classes.dock}
      data-hidden={!visible || undefined}
      style={{ width: visible ? width : 44 }}
      aria-label="Softphone"
      data-testid="adapter"
      data-leading={leading}
    >
      {visible ? (
        <header className={classes.header}>
          <span className={classes.title}>
            <AdapterIcon name={icon} size={16} />
            <span data-testid="adapter-label">{label}</span>
          </span>
          <Tooltip label="Hide the softphone" position="left">
            <ActionIcon size="sm" aria-label="Hide the softphone" onClick={() => desk.setVisible(false)}>
              <IconLayoutSidebarRightCollapse size={17} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        </header>
      ) : (
        <button
          type="button"
          className={classes.rail}
          aria-label={`Show ${itemLabel}`}
          onClick={() => desk.setVisible(true)}
        >
          <AdapterIcon name={itemIcon} size={20} />
          <span className={classes.item} data-testid="adapter-item">
            {itemLabel}
          </span>
        </button>
      )}
      {standby && visible && (
        <Alert color="ring" variant="light" p="xs" data-testid="adapter-standby">
          The softphone did not start in time. This is its stand-by page.
        </Alert>
      )}
      {leading && address ? (
        <div className={classes.body} style={{ width, height }}>
          <iframe
            key={load}
            ref={frame}
            className={classes.frame}
            title="Softphone"
            src={address}
            allow={ADAPTER_FEATURES}
            referrerPolicy="origin"
            data-testid="adapter-frame"
          />
          {starting && (
            <div className={classes.starting}>
              <Loader aria-label="The softphone is starting" />
            </div>
          )}
        </div>
      ) : (
        visible && <Elsewhere browser={place === 'other-browser'} onTake={() => desk.take()} />
      )}
    </aside>
  );
}

export function Elsewhere({ browser, onTake }: { browser: boolean; onTake: () => void }) {
  return (
    <div className={classes.elsewhere} data-testid="adapter-elsewhere">
      <span>
        {browser
          ? 'Your softphone runs in another browser, where you are signed in, too.'
          : 'Your softphone runs in another tab of this browser. Numbers that you click here are dialled there.'}
      </span>
      <Button variant="default" onClick={onTake}>
        Bring it here
      </Button>
      <span style={{ color: 'var(--cp-muted)' }}>A call that is going on there may end.</span>
    </div>
  );
}
