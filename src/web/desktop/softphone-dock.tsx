import { ActionIcon, Tooltip } from '@mantine/core';
import { IconLayoutSidebarRightCollapse, IconPhone } from '@tabler/icons-react';
import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useState } from 'react';
import classes from './softphone-dock.module.css';

const KEY = 'crosspoint.softphone-dock';
const WIDTH = { min: 300, max: 520, usual: 348 };

interface Dock {
  width: number;
  collapsed: boolean;
}

interface SoftphoneDockProps {
  frame: RefObject<HTMLIFrameElement | null>;
  /** A call rings: the dock opens and says so. */
  ringing: boolean;
  /** The person has turned to the softphone. */
  onSeen: () => void;
}

/** The softphone at the right edge: collapsible and of any width, both remembered. The page inside is never unloaded. */
export function SoftphoneDock({ frame, ringing, onSeen }: SoftphoneDockProps) {
  const [dock, setDock] = useState(readDock);
  const change = (next: Partial<Dock>) =>
    setDock((now) => {
      const changed = { ...now, ...next };
      writeDock(changed);
      return changed;
    });
  const [rang, setRang] = useState(ringing);
  if (rang !== ringing) {
    setRang(ringing);
    if (ringing) setDock({ ...dock, collapsed: false });
  }
  useFrameFocus(frame, onSeen);
  return (
    <aside
      className={classes.dock}
      data-collapsed={dock.collapsed || undefined}
      style={{ width: dock.collapsed ? 44 : dock.width }}
      aria-label="Softphone"
    >
      {!dock.collapsed && <Resizer width={dock.width} onChange={(width) => change({ width })} />}
      {dock.collapsed ? (
        <Tooltip label="Show the softphone" position="left">
          <ActionIcon
            className={classes.rail}
            size="lg"
            aria-label="Show the softphone"
            aria-expanded={false}
            onClick={() => change({ collapsed: false })}
          >
            <IconPhone size={20} stroke={1.7} />
            {ringing && <span className={classes.badge} />}
          </ActionIcon>
        </Tooltip>
      ) : (
        <header className={classes.header} data-ringing={ringing || undefined}>
          <span className={classes.title}>
            {ringing && <span className={classes.pulse} aria-hidden />}
            {ringing ? 'Incoming call' : 'Phone'}
          </span>
          <Tooltip label="Hide the softphone" position="left">
            <ActionIcon
              size="sm"
              aria-label="Hide the softphone"
              aria-expanded
              onClick={() => change({ collapsed: true })}
            >
              <IconLayoutSidebarRightCollapse size={17} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        </header>
      )}
      <iframe
        ref={frame}
        className={classes.frame}
        style={dock.collapsed ? { width: dock.width } : undefined}
        title="Softphone"
        src="/softphone?host=desktop"
        allow="microphone; autoplay"
        data-testid="softphone-frame"
      />
    </aside>
  );
}

/** Calls `onFocus` when the person clicks or tabs into the iframe: the only thing that the outer page can see of it. */
function useFrameFocus(frame: RefObject<HTMLIFrameElement | null>, onFocus: () => void): void {
  useEffect(() => {
    const look = () => {
      if (document.activeElement === frame.current) onFocus();
    };
    addEventListener('blur', look);
    return () => removeEventListener('blur', look);
  }, [frame, onFocus]);
}

/** The edge that is dragged, or moved with the arrow keys. */
function Resizer({ width, onChange }: { width: number; onChange: (width: number) => void }) {
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons === 1) onChange(clamp(innerWidth - event.clientX));
  };
  const key = (event: KeyboardEvent) => {
    const step = { ArrowLeft: 16, ArrowRight: -16 }[event.key];
    if (step) onChange(clamp(width + step));
  };
  return (
    <div
      className={classes.resizer}
      role="separator"
      tabIndex={0}
      aria-label="Width of the softphone"
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={WIDTH.min}
      aria-valuemax={WIDTH.max}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={key}
    />
  );
}

function clamp(width: number): number {
  return Math.round(Math.min(WIDTH.max, Math.max(WIDTH.min, width)));
}

function readDock(): Dock {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Dock>;
    return { width: clamp(Number(stored.width) || WIDTH.usual), collapsed: stored.collapsed === true };
  } catch {
    return { width: WIDTH.usual, collapsed: false };
  }
}

function writeDock(dock: Dock): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(dock));
  } catch {
    // Without storage the width is not remembered, nothing else.
  }
}
