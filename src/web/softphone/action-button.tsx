import { Tooltip, UnstyledButton } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import type { Action } from '../../protocol/softphone.ts';
import classes from './action-button.module.css';

interface ActionButtonProps {
  label: string;
  icon: ReactNode;
  action: Action;
  onClick(): void;
  pending?: boolean;
  tone?: 'ok' | 'stop' | 'on' | 'plain';
  wide?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  shortcut?: string;
  testId: string;
}

/**
 * A button of the softphone. A disabled one can still be reached, and says why it is disabled: as a tooltip for the eye
 * and as a description for a screen reader.
 */
export function ActionButton(props: ActionButtonProps) {
  const {
    label,
    icon,
    action,
    onClick,
    pending,
    tone = 'plain',
    wide,
    pressed,
    expanded,
    shortcut,
    testId,
  } = props;
  const reasonId = useId();
  const reason = action.enabled ? undefined : action.text;
  const usable = action.enabled && !pending;
  return (
    <Tooltip
      label={reason ?? (shortcut ? `${label} (${shortcut})` : label)}
      disabled={!reason && !shortcut}
      multiline
      maw={260}
    >
      <UnstyledButton
        className={classes.button}
        data-tone={tone}
        data-wide={wide || undefined}
        data-pending={pending || undefined}
        data-testid={testId}
        aria-disabled={!usable}
        aria-busy={pending || undefined}
        aria-pressed={pressed}
        aria-expanded={expanded}
        aria-describedby={reason ? reasonId : undefined}
        aria-keyshortcuts={shortcut}
        onClick={() => usable && onClick()}
      >
        <span className={classes.icon} aria-hidden>
          {icon}
        </span>
        <span className={classes.label}>{label}</span>
        {reason && (
          <span id={reasonId} className="cp-visually-hidden">
            {reason}
          </span>
        )}
      </UnstyledButton>
    </Tooltip>
  );
}
